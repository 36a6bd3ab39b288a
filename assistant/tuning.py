"""Numbers that were calibrated: read once from `tuning.toml`, each with the set and the day that it was measured on.

`assistant eval --calibrate` writes the file. Nothing else in the package holds a number that was tuned on questions.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from assistant.errors import SettingsError

FILE = Path(__file__).with_name("tuning.toml")


@dataclass(frozen=True, slots=True)
class Tuning:
    """All calibrated numbers.

    `near`: cosine of the nearest passage below which all documents speak of something else. `answer`: probability
    from which a question is answered, by language. `weight`: what a probability of 1 is worth beside the search's
    score when passages are ordered. `further`: probability from which a passage beside the best one is told in its
    own words too, `offered`: from which the language model may tell it. `quoted`: share of the best piece's
    probability from which another piece of a passage is quoted. `unknown`: probability from which "the documents
    say that it is not known" is the answer. `pieces`: the share of a passage's surest piece in the log odds that it
    answers. `doubt`: how much of the log odds of `unknown` is taken from them. `supports`: probability from which
    the reader says that a sentence follows from another. `doubtful`, `sure`: between these probabilities the
    language model is asked whether the quotes answer, and `weighing` times its log odds decide with the reader's: from
    `needed` on the quotes are told. `holds`: log odds from which a
    sentence is confirmed, those of the language model and `backing` times those of the reader. `rule`: from which a
    rule computes the answer. `taken`: from which an input of a rule counts as stated, `chosen`: from which the
    asker's words support a choice. `compare_card`: from which the card of comparisons is worth a search for what to
    compare; `compare`: from which the question is answered with it (the log odds of the card and half of those that
    the comparison answers). `whom`: from which words say whom to ask.
    """

    near: float
    answer: Mapping[str, float]
    weight: float
    further: float
    offered: float
    quoted: float
    unknown: float
    pieces: float
    doubt: float
    supports: float
    doubtful: float
    sure: float
    weighing: float
    needed: float
    holds: float
    rule: float
    taken: float
    chosen: float
    backing: float
    compare_card: float
    compare: float
    whom: float


@lru_cache(maxsize=1)
def tuning() -> Tuning:
    """The numbers of `tuning.toml`. Raises SettingsError when the file cannot be read or lacks one."""
    try:
        raw = tomllib.loads(FILE.read_text(encoding="utf-8"))
        return Tuning(**{name: entry["value"] for name, entry in raw.items()})
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise SettingsError(f"{FILE.name} cannot be read ({exc}).", "Restore the file.") from exc
