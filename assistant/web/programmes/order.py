"""In which order programmes are shown: by verdict, by the next date ahead, or by the largest amount."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from assistant.finder.values import Amount, Found
from assistant.text.quantities import quantities
from assistant.web.programmes.firm import Sort


def ordered(programmes: Sequence[Found], sort: Sort) -> list[Found]:
    """Sort for a reader; what is equal, or has neither date nor amount, stays in the order of the verdicts."""
    if sort == "deadline":
        return sorted(programmes, key=_days)
    if sort == "amount":
        return sorted(programmes, key=lambda found: -largest(found))
    return list(programmes)


def _days(found: Found) -> tuple[int, int]:
    """Dates ahead first, the nearest first of all; then what has no date; what is over comes last."""
    ahead = [deadline.days_left for deadline in found.deadlines if not deadline.past]
    return (0, min(ahead)) if ahead else (2 if found.deadlines else 1, 0)


def largest(found: Found) -> Decimal:
    """Give the most won that a firm can get: computed, or stated as a maximum; 0 where neither is known."""
    return max((_won(amount) for amount in found.amounts if amount.role == "most"), default=Decimal(0))


def _won(amount: Amount) -> Decimal:
    if amount.value is not None:
        return amount.value
    # "KRW 200 billion in all" is no maximum for a firm
    stated = [each for each in quantities(amount.text) if each.unit == "KRW"]
    most = [each.high or each.value for each in stated if each.high is not None or each.bound in ("max", "less")]
    return max(most, default=Decimal(0))
