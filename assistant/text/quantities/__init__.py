"""Numbers in running text as comparable values, and which figures of an answer no source holds.

    text → fold (one character for one) → dates, identifiers → numerals → units, ranges → bounds → Quantity

Knows Korean and English, money, shares, calendar dates, durations, counters and the units of a shop floor. Does
*not* know what a figure is about: that 56 % are the small companies and not the large ones is for others to check.
"""

from __future__ import annotations

from assistant.text.quantities.dates import YEAR
from assistant.text.quantities.identifiers import Identifier, identifiers
from assistant.text.quantities.reading import quantities
from assistant.text.quantities.support import unsupported, unsupported_identifiers
from assistant.text.quantities.values import Bound, Quantity

__all__ = [
    "YEAR",
    "Bound",
    "Identifier",
    "Quantity",
    "identifiers",
    "quantities",
    "unsupported",
    "unsupported_identifiers",
]
