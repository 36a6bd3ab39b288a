"""Is a firm an SME, a mid-size firm or neither, as far as the documents say."""

from __future__ import annotations

from assistant.rules.case import Case
from assistant.rules.values import Term


def company_size(case: Case) -> None:
    """Decide what a firm is: one failed test settles that it is no SME; to be one it must pass them all."""
    failed = any([_too_many_assets(case), _owned(case), _too_many_sales(case)])
    if failed:
        case.wanted.clear()
        case.unknown = False
        _not_sme(case)
    elif not case.wanted and not case.unknown and not case.want("sales", "assets"):
        owner, stake = case.value("owner_assets_limit"), case.value("owner_stake_limit")
        settled = case.has("owner_assets", "owner_stake")
        case.say("sme" if settled else "size_rule_met", *stake.clauses, assets_limit=owner, stake_limit=stake)


def _too_many_assets(case: Case) -> bool:
    if not case.has("assets"):
        return False
    assets, limit = case.input("assets"), case.value("assets_limit")
    below = assets.number < limit.number
    case.say("assets_below" if below else "assets_above", *limit.clauses, assets=assets, limit=limit)
    return not below


def _owned(case: Case) -> bool:
    """A large corporation is the largest shareholder."""
    if not case.has("owner_assets") and not case.has("owner_stake"):
        return False
    if case.want("owner_assets", "owner_stake"):
        return False
    owner, stake = case.input("owner_assets"), case.input("owner_stake")
    assets_limit, stake_limit = case.value("owner_assets_limit"), case.value("owner_stake_limit")
    reaches = owner.number >= assets_limit.number and stake.number >= stake_limit.number
    if reaches and case.want("owner_largest"):
        return False
    owned = reaches and case.flag("owner_largest") is True
    case.say(
        "owned" if owned else "not_owned",
        *assets_limit.clauses,
        owner=owner,
        stake=stake,
        assets_limit=assets_limit,
        stake_limit=stake_limit,
    )
    return owned


def _too_many_sales(case: Case) -> bool:
    given = [case.input(name) for name in ("sales", "group_sales") if case.has(name)]
    if not given:
        return False
    sales = max(given, key=lambda term: term.number)
    if case.knows("sales_limit", case.choice("industry")):
        return _above(case, sales, case.value("sales_limit", case.choice("industry")))
    low, high = case.value("lowest_limit"), case.value("highest_limit")
    if sales.number <= low.number:
        return _above(case, sales, low)
    if sales.number > high.number:
        return _above(case, sales, high)
    if "sales_limit" in case.version.values:
        case.want("industry")
    else:
        case.stop("between", *low.clauses, "table-not-found", sales=sales, low=low, high=high)
    return False


def _above(case: Case, sales: Term, limit: Term) -> bool:
    above = sales.number > limit.number
    case.say("above" if above else "at_or_below", *limit.clauses, sales=sales, limit=limit, which=limit.label)
    return above


def _not_sme(case: Case) -> None:
    case.say("not_sme", *(clause for line in case.lines for clause in line.clauses))
    if case.knows("grace_years") and (case.has("sales") or case.has("assets")):
        years = case.value("grace_years")
        case.warn("grace", *years.clauses, years=years)
    excluded = case.flag("excluded")
    if excluded is None:
        case.warn("midsize_if", "midsize", "never-midsize")
    else:
        case.say("not_midsize" if excluded else "midsize", "midsize", "never-midsize")
