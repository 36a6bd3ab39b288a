"""How project money may be spent, and what comes back at settlement."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_FLOOR, Decimal

from assistant.rules.case import Case, shifted
from assistant.rules.values import LANGUAGES, Term, Text


def indirect_cost(case: Case) -> None:
    """Work out the most indirect cost on adjusted direct cost, and by how much a plan oversteps it."""
    if case.want("direct"):
        return
    most = case.share("indirect_max", case.input("direct"), case.value("indirect_share"), bound="max")
    if case.has("planned"):
        _compare(case, case.input("planned"), most)


def research_allowance(case: Case) -> None:
    """Work out the most research allowance on adjusted personnel cost, and the most for one person."""
    if not case.has("personnel") and not case.has("allowance"):
        case.want("personnel")
        return
    total = case.input("allowance") if case.has("allowance") else None
    if case.has("personnel"):
        most = case.share("allowance_max", case.input("personnel"), case.value("allowance_share"), bound="max")
        if total is not None:
            _compare(case, total, most)
        total = total or most
    assert total is not None
    case.share("person_max", total, case.value("person_share"), bound="max")


def _compare(case: Case, planned: Term, most: Term) -> None:
    """Says whether a plan stays within its cap."""
    if planned.number > most.number:
        case.less("over", planned, most)
    else:
        case.say("within", *most.clauses, planned=planned)


def entrusted_cost(case: Case) -> None:
    """Say that the cap is 40 %, but that of what was not found: nothing is computed."""
    share = case.value("entrusted_share")
    case.stop("base_not_found", *share.clauses, share=share)


def in_kind(case: Case) -> None:
    """Work out what an item counts for in kind, and whether it was bought recently enough."""
    if case.want("item", "price"):
        return
    item = case.choice("item")
    years = case.value("in_kind_years", item)
    if case.has("bought"):
        bought = case.input("bought")
        until = case.after("bought_until", bought, years)
        if _day(until) < case.as_of:
            case.say("too_old", *years.clauses)
            return
    else:
        case.warn("must_be_recent", *years.clauses, years=years)
    case.share("accepted", case.input("price"), case.value("in_kind_share", item), bound="max")


def equipment(case: Case) -> None:
    """Decide whether equipment needs the joint-use check, and until when it can be bought."""
    if case.want("price"):
        return
    price, limit = case.input("price"), case.value("check_from")
    if price.number < limit.number:
        case.say("no_check", *limit.clauses, price=price, limit=limit)
        return
    case.say("check", *limit.clauses, price=price, limit=limit)
    months = case.value("last_months")
    if case.has("end"):
        _months_before(case, "last_day", case.input("end"), months)
    else:
        case.warn("not_at_the_end", *months.clauses, months=months)


def new_staff(case: Case) -> None:
    """Decide whether a person is a new hire, hired from six months before the call on, whose pay may be cash."""
    if case.want("call", "hired"):
        return
    hired, months = case.input("hired"), case.value("months_before")
    first = _months_before(case, "from", case.input("call"), months)
    case.say("new_hire" if _day(hired) >= first else "existing", *months.clauses, hired=hired)


def _months_before(case: Case, name: str, start: Term, months: Term) -> date:
    day = shifted(_day(start), -int(months.number), "month")
    words = Text(*(f"{start.label.of(lang)} {start.text(lang)} - {months.text(lang)}" for lang in LANGUAGES))
    case.result(name, day, "date", words, months.clauses, "exact")
    return day


def settlement(case: Case) -> None:
    """Add up what is taken back: unused direct cost, a company's unused indirect cost, misused and excess money."""
    given = [name for name in ("direct_budget", "indirect_budget", "misused") if case.has(name)]
    if not given:
        case.want("direct_budget", "direct_spent")
        return
    pairs = [(f"{kind}_budget", f"{kind}_spent") for kind in ("direct", "indirect")]
    if any([case.want(spent) for budget, spent in pairs if case.has(budget)]):
        return
    if any(case.has(budget) and case.input(spent).number > case.input(budget).number for budget, spent in pairs):
        case.stop("more_than_budget")
        return
    back = [
        case.less(budget.replace("budget", "left"), case.input(budget, "taken-back"), case.input(spent))
        for budget, spent in pairs
        if case.has(budget)
    ]
    if case.has("direct_budget", "indirect_budget"):
        back += _excess(case)
    if case.has("misused"):
        back.append(case.input("misused", "taken-back"))
    if len(back) > 1:
        case.plus("back", *back)
    elif case.has("misused"):
        misused = case.input("misused", "taken-back")
        case.say("misused_all", "taken-back", misused=misused)


def _excess(case: Case) -> list[Term]:
    """Indirect cost spent beyond the execution rate of direct cost, when that rate is 50 % or less."""
    direct, spent = case.input("direct_budget").number, case.input("direct_spent").number
    indirect, used = case.input("indirect_budget").number, case.input("indirect_spent").number
    limit = case.value("execution_limit")
    if not direct or spent * 100 > limit.number * direct or used * direct <= spent * indirect:
        return []
    allowed = (indirect * spent / direct).to_integral_value(ROUND_FLOOR)
    label = case.rule.labels["indirect_allowed"]
    words = case.words(
        "excess",
        limit=limit,
        used=case.input("indirect_spent"),
        allowed=Term("indirect_allowed", label, allowed, "KRW"),
    )
    return [case.result("indirect_over", max(used - allowed, Decimal(0)), "KRW", words, limit.clauses, "exact")]


def _day(term: Term) -> date:
    assert isinstance(term.amount, date)
    return term.amount
