"""Who pays what: government share and own contribution, programme support, K-SURE cover, preferential loans."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from assistant.rules.case import Case
from assistant.rules.values import Term, Text


def government_share(case: Case) -> None:
    """Work out the ceiling of government support, own contribution, minimum cash and the rest in kind.

    The support taken is the ceiling, unless the call's rate or the agreed amount is given and lies below it.
    """
    kind = case.choice("type") or "decree"
    if case.want("total") | (kind == "decree" and case.want("size")):
        return
    size = case.choice("size") or "sme"
    if kind == "decree":
        limit, floor, source = case.value("government_share", size), case.value("cash_share", size), "annex-1"
    else:
        limit, floor, source = case.value("energy_share", kind), case.value("energy_cash"), "energy"
        if size != "sme":
            case.stop("energy_only_sme", source)
            return
        case.warn("energy_field", source)
    total = case.input("total")
    grant = _grant(case, total, limit)
    if grant is None:
        return
    agreed = grant.bound == "exact"
    own = case.less("own", case.input("total", "bearers"), grant, bound="exact" if agreed else "min")
    cash = case.share("cash", own, floor, bound="min")
    case.less("in_kind", own, cash, bound="max")
    if not agreed:
        case.warn("at_ceiling", source)


def _grant(case: Case, total: Term, limit: Term) -> Term | None:
    """The support to count with: exact where it was given, the ceiling otherwise; None when it is above the ceiling."""
    if case.has("grant"):
        grant = case.input("grant")
        ceiling = case.share("ceiling", total, limit, bound="max")
        if grant.number > ceiling.number:
            case.say("grant_above", *ceiling.clauses, grant=grant, limit=ceiling)
            return None
        return grant
    if not case.has("rate"):
        return case.share("grant", total, limit, bound="max")
    rate = case.input("rate", "call")
    if rate.number > limit.number:
        case.say("rate_above", *limit.clauses, rate=rate, limit=limit)
        return None
    return case.share("grant", total, rate)


def programme_support(case: Case) -> None:
    """Work out the support of a programme: the rate of the cost, at most the limit; the rest is the company's."""
    if case.want("programme", "total"):
        return
    programme = case.choice("programme")
    kind = case.rule.kinds.get(programme, {})
    if not case.knows("rate", programme):
        if case.knows("cap", programme):
            _limit_only(case, programme)
            return
        name = case.rule.inputs["programme"].choices[programme].label
        clauses = [kind["not_found"]] if "not_found" in kind else []
        case.stop("not_found", *clauses, programme=name, year=case.as_of.year)
        return
    if "own_by_size" in kind and case.want("size"):
        return
    total = case.input("total")
    support = _supported(case, programme, total, kind.get("own_by_size", ""))
    if case.knows("host", programme):
        case.share("host_part", total, case.value("host", programme), bound="min")
        case.share("adopter_part", total, case.value("adopter", programme), bound="max")
        case.warn("tiers", *support.clauses)
    elif kind.get("rest_borne_by") != "host":
        case.less("own", total, support, bound="min")
    elif support.number * 2 == total.number:
        case.less("host_part", total, support)
        case.say("adopter_nothing", *support.clauses)
    else:
        case.warn("above_limit", *support.clauses)
    if case.knows("year_cap", programme) and not case.has("months"):
        limit = case.value("year_cap", programme)
        case.warn("year_limit", *limit.clauses, limit=limit)


def _supported(case: Case, programme: str, total: Term, own_by_size: str) -> Term:
    rate = case.value("rate", programme)
    if own_by_size:
        own = case.value(own_by_size, case.choice("size"))
        if own.number + rate.number > 100:
            rate = Term("rate", case.rule.labels["rest"], 100 - own.number, "%", "max", own.clauses)
    if not case.knows("cap", programme):
        return case.share("support", total, rate, bound="max")
    part = case.share("at_rate", total, rate, bound="max")
    return case.smaller("support", part, _limit(case, programme), bound="max")


def _limit_only(case: Case, programme: str) -> None:
    """Without a rate the limit is all that is known: no more is given, and the company bears at least the rest."""
    total, limit = case.input("total"), _limit(case, programme)
    support = case.smaller("support", total, limit, bound="max")
    if total.number > limit.number:
        case.less("own", total, support, bound="min")
    case.warn("limit_only", *limit.clauses)


def _limit(case: Case, programme: str) -> Term:
    """The limit for as many years or processes as the plan has, less what was received within a common limit."""
    cap = case.value("cap", programme)
    if case.has("processes") and case.rule.kinds.get(programme, {}).get("limit_per") == "process":
        return case.times("limit", cap, case.input("processes"), bound="max")
    if case.knows("year_cap", programme) and case.has("months"):
        count = -(-int(case.input("months").number) // 12)
        years = Term("years", case.rule.labels["years"], Decimal(count), "year", "exact", ())
        yearly = case.value("year_cap", programme)
        if yearly.number * count < cap.number:
            return case.times("limit", yearly, years, bound="max")
    if case.knows("within", programme) and case.has("received"):
        within, received = case.value("within", programme), case.input("received")
        if within.number - received.number < cap.number:
            return case.less("limit", within, received, bound="max")
    return cap


def ai_plus(case: Case) -> None:
    """Work out the greatest cover of a loan and the greatest discount on a premium."""
    if not case.has("loan") and not case.has("premium"):
        case.want("loan")
        return
    if case.has("loan"):
        case.share("covered", case.input("loan"), case.value("cover_ratio"), bound="max")
    if case.has("premium"):
        premium = case.input("premium")
        discount = case.share("discount", premium, case.value("discount_rate"), bound="max")
        case.less("premium_left", premium, discount, bound="min")


def bank_loan(case: Case) -> None:
    """Work out what the preferential rate saves in a year on an unchanged principal."""
    if case.want("loan"):
        return
    loan, cut = case.input("loan"), case.value("cut")
    saved = (loan.number * cut.number / 100).to_integral_value(ROUND_FLOOR)
    words = Text(*(f"{loan.label.of(lang)} {loan.text(lang)} × {cut.text(lang)}" for lang in ("ko", "en")))
    case.result("saved", saved, "KRW", words, cut.clauses, "exact")
