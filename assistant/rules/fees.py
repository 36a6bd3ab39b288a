"""The government technology fee: amount, cap and period."""

from __future__ import annotations

from datetime import date

from assistant.rules.case import Case
from assistant.rules.values import Term


def technology_fee(case: Case) -> None:
    """Work out the fee on collected fees or on revenue from own use, and the cap from the government grant."""
    if case.want("size"):
        return
    size = case.choice("size")
    if not any(case.has(name) for name in ("fees", "revenue", "grant")):
        case.want("fees")
        return
    if case.has("revenue") and case.want("contribution"):
        return
    rate, share = case.value("fee_rate", size), case.value("fee_cap", size)
    due = _due(case, rate)
    room = _room(case, share)
    if due is not None and room is not None:
        case.smaller("fee", due, room)
    elif due is not None:
        case.warn("cap_of_grant", *share.clauses, share=share)


def _due(case: Case, rate: Term) -> Term | None:
    """The fee at the rate, before the cap; it is the fee itself where no grant is given."""
    name = "uncapped" if case.has("grant") else "fee"
    parts = []
    if case.has("fees"):
        parts.append(("fees", case.input("fees"), "licence"))
    if case.has("revenue"):
        base = case.share("base", case.input("revenue", "own-use"), case.input("contribution", "contribution"))
        parts.append(("revenue", base, "own-use"))
    if not parts:
        return None
    if len(parts) == 1:
        return case.share(name, parts[0][1], _resting_on(rate, parts[0][2]))
    both = [case.share(name, base, _resting_on(rate, clause)) for _, base, clause in parts]
    return case.plus(name, *both)


def _resting_on(rate: Term, clause: str) -> Term:
    return Term(rate.name, rate.label, rate.amount, rate.unit, rate.bound, (*rate.clauses, clause))


def _room(case: Case, share: Term) -> Term | None:
    """The cap, less what has been paid."""
    if not case.has("grant"):
        return None
    cap = case.share("cap", case.input("grant"), share, bound="max")
    return case.less("left", cap, case.input("paid")) if case.has("paid") else cap


def fee_period(case: Case) -> None:
    """Find the earlier of 5 years from the year after the first fee or revenue and 7 years after the project."""
    if case.want("first", "end"):
        return
    first, end = case.input("first"), case.input("end")
    assert isinstance(first.amount, date)
    years = case.value("first_years")
    last = date(first.amount.year + int(years.number), 12, 31)
    words = case.words("from_year", year=first.amount.year + 1, years=years)
    by_first = case.result("by_first", last, "date", words, years.clauses, "exact")
    by_end = case.after("by_end", end, case.value("end_years"))
    assert isinstance(by_end.amount, date)
    earlier = case.words("earlier", first=by_first, second=by_end)
    case.result("until", min(last, by_end.amount), "date", earlier, years.clauses, "exact")
