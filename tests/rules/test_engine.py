"""What the rules give: tables from the documents, and properties that hold for every amount."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import QuestionError
from assistant.rules.definition import load_rules
from assistant.rules.engine import evaluate
from assistant.rules.inputs import parse
from assistant.rules.values import Result

TODAY = date(2026, 11, 22)
WON = st.integers(min_value=0, max_value=10**13).map(Decimal)
SIZES = ("sme", "midsize", "large")


def check(rule: str, as_of: date = TODAY, **texts: str) -> Result:
    """A rule for inputs as a person types them."""
    entries = load_rules()[rule].inputs
    return evaluate(rule, {name: parse(entries[name], text) for name, text in texts.items()}, as_of)


def amounts(result: Result) -> dict[str, Any]:
    return {term.name: term.amount if isinstance(term.amount, date) else int(term.amount) for term in result.terms}


def says(result: Result) -> list[str]:
    return [line.name for line in result.lines]


@pytest.mark.parametrize(
    ("rule", "inputs", "expected"),
    [
        # the worked example of the document, and each row of its table
        ("share", {"size": "sme", "total": "10억"},
         {"grant": 750_000_000, "own": 250_000_000, "cash": 25_000_000, "in_kind": 225_000_000}),
        ("share", {"size": "중견기업", "total": "KRW 1 billion"},
         {"grant": 700_000_000, "own": 300_000_000, "cash": 39_000_000, "in_kind": 261_000_000}),
        ("share", {"size": "대기업", "total": "2조 5,000억"},
         {"grant": 1_250_000_000_000, "own": 1_250_000_000_000, "cash": 187_500_000_000, "in_kind": 1_062_500_000_000}),
        ("share", {"total": "10억", "type": "energy-product"},
         {"grant": 670_000_000, "own": 330_000_000, "cash": 33_000_000, "in_kind": 297_000_000}),
        ("share", {"size": "sme", "total": "10억", "rate": "60%"},
         {"grant": 600_000_000, "own": 400_000_000, "cash": 40_000_000, "in_kind": 360_000_000}),
        ("share", {"size": "sme", "total": "15억", "grant": "9억"},
         {"ceiling": 1_125_000_000, "own": 600_000_000, "cash": 60_000_000, "in_kind": 540_000_000}),
        ("technology-fee", {"size": "sme", "fees": "1억"}, {"fee": 2_500_000}),
        ("technology-fee", {"size": "midsize", "fees": "1억"}, {"fee": 5_000_000}),
        ("technology-fee", {"size": "large", "fees": "1억"}, {"fee": 10_000_000}),
        ("technology-fee", {"size": "sme", "revenue": "20억", "contribution": "40%", "grant": "1억"},
         {"base": 800_000_000, "uncapped": 20_000_000, "cap": 10_000_000, "fee": 10_000_000}),
        ("technology-fee", {"size": "large", "grant": "10억"}, {"cap": 400_000_000}),
        ("technology-fee", {"size": "midsize", "fees": "100억", "grant": "10억", "paid": "1억 5천만"},
         {"uncapped": 500_000_000, "cap": 200_000_000, "left": 50_000_000, "fee": 50_000_000}),
        ("fee-period", {"first": "2026-03-01", "end": "2025-12-31"},
         {"by_first": date(2031, 12, 31), "by_end": date(2032, 12, 31), "until": date(2031, 12, 31)}),
        ("fee-period", {"first": "2031-05-01", "end": "2025-12-31"},
         {"by_first": date(2036, 12, 31), "by_end": date(2032, 12, 31), "until": date(2032, 12, 31)}),
        ("indirect-cost", {"direct": "5억", "planned": "6천만 원"}, {"indirect_max": 50_000_000, "over": 10_000_000}),
        ("research-allowance", {"personnel": "2억"}, {"allowance_max": 40_000_000, "person_max": 28_000_000}),
        ("research-allowance", {"allowance": "3천만 원"}, {"person_max": 21_000_000}),
        ("in-kind", {"item": "equipment", "price": "1억"}, {"accepted": 20_000_000}),
        ("in-kind", {"item": "technology", "price": "1억"}, {"accepted": 50_000_000}),
        ("in-kind", {"item": "software", "price": "1억", "bought": "2020-01-01"}, {"bought_until": date(2025, 1, 1)}),
        ("equipment", {"price": "5천만 원", "end": "2027-12-31"}, {"last_day": date(2027, 10, 31)}),
        ("equipment", {"price": "29,999,999원", "end": "2027-12-31"}, {}),
        ("new-staff", {"call": "2026-04-29", "hired": "2025-10-29"}, {"from": date(2025, 10, 29)}),
        ("settlement", {"direct_budget": "3억", "direct_spent": "2억 8천만"}, {"direct_left": 20_000_000}),
        ("settlement",
         {"direct_budget": "3억", "direct_spent": "1억", "indirect_budget": "3천만 원", "indirect_spent": "2천만 원"},
         {"direct_left": 200_000_000, "indirect_left": 10_000_000, "indirect_over": 10_000_000, "back": 220_000_000}),
        ("sanctions", {"paid": "2억", "end": "2026-06-30"},
         {"levy_max": 1_000_000_000, "publish_from": 600_000_000, "last_day": date(2036, 6, 30)}),
        ("ai-plus", {"loan": "50억", "premium": "1천만 원"},
         {"covered": 5_000_000_000, "discount": 3_000_000, "premium_left": 7_000_000}),
        ("bank-loan", {"loan": "50억"}, {"saved": 35_000_000}),
        ("programme-support", {"programme": "autonomous", "total": "20억"},
         {"at_rate": 1_000_000_000, "support": 600_000_000, "own": 1_400_000_000}),
        ("programme-support", {"programme": "autonomous", "total": "8억", "months": "12"},
         {"at_rate": 400_000_000, "limit": 300_000_000, "support": 300_000_000, "own": 500_000_000}),
        # the rate is not known: the limit is a bound all the same
        ("programme-support", {"programme": "general", "total": "3억"}, {"support": 200_000_000, "own": 100_000_000}),
        ("programme-support", {"programme": "general", "total": "1억"}, {"support": 100_000_000}),
        ("programme-support", {"programme": "general", "total": "1억", "received": "2억 5천만"},
         {"limit": 0, "support": 0, "own": 100_000_000}),
    ],
)  # fmt: skip
def test_amounts(rule: str, inputs: dict[str, str], expected: dict[str, Any]) -> None:
    result = check(rule, **inputs)
    assert result.outcome == "computed"
    assert amounts(result) == expected
    assert all(line.clauses for line in result.lines), "every computed line rests on a clause"


@pytest.mark.parametrize(
    ("year", "inputs", "expected"),
    [
        (2021, {"programme": "process-model", "total": "1억"}, {"support": 70_000_000, "own": 30_000_000}),
        (2022, {"programme": "win-win-1", "total": "1억"},
         {"support": 30_000_000, "host_part": 30_000_000, "adopter_part": 40_000_000}),
        (2022, {"programme": "win-win-2", "total": "3천만 원"},
         {"at_rate": 15_000_000, "support": 15_000_000, "host_part": 15_000_000}),
        (2023, {"programme": "general", "total": "3억"},
         {"at_rate": 150_000_000, "support": 150_000_000, "own": 150_000_000}),
        (2023, {"programme": "robot", "total": "10억", "size": "sme"},
         {"at_rate": 500_000_000, "support": 280_000_000, "own": 720_000_000}),
        (2023, {"programme": "robot", "total": "3억", "size": "large"},
         {"at_rate": 90_000_000, "support": 90_000_000, "own": 210_000_000}),
        (2025, {"programme": "ai-track", "total": "5억"},
         {"at_rate": 250_000_000, "support": 200_000_000, "own": 300_000_000}),
    ],
)  # fmt: skip
def test_programmes_of_earlier_years(year: int, inputs: dict[str, str], expected: dict[str, int]) -> None:
    result = check("programme-support", date(year, 6, 30), **inputs)
    assert amounts(result) == expected
    assert result.since == date(year, 1, 1) and result.warnings[0].name in ("tiers", "version")


@pytest.mark.parametrize(
    ("event", "start", "last"),
    [
        ("objection", "2026-11-20", date(2026, 11, 30)),
        ("objection-decision", "2026-11-30", date(2026, 12, 30)),
        ("sanction-review", "2026-11-10", date(2026, 11, 30)),
        ("revised-plan", "2026-12-01", date(2026, 12, 21)),
        ("agreement", "2026-12-01", date(2026, 12, 31)),
        ("final-report", "2026-12-31", date(2027, 3, 1)),
        ("spending-report", "2026-12-31", date(2027, 1, 31)),
        ("settlement-papers", "2026-11-30", date(2027, 2, 28)),
        ("levy-payment", "2026-11-22", date(2026, 12, 22)),
        ("fee-payment", "2026-09-01", date(2026, 11, 30)),
        ("publication", "2027-03-01", date(2027, 6, 1)),
    ],
)
def test_deadlines(event: str, start: str, last: date) -> None:
    assert check("deadline", event=event, date=start).term("last_day").amount == last


@pytest.mark.parametrize(
    ("inputs", "verdict"),
    [
        ({"running": "4", "leading": "2", "role": "leading"}, "can_lead"),
        ({"running": "4", "leading": "3", "role": "leading"}, "cannot_lead"),
        ({"running": "5", "leading": "0", "role": "leading"}, "cannot_lead"),
        ({"running": "5", "leading": "2", "ending": "1", "role": "leading"}, "can_lead"),
        ({"running": "4", "leading": "3"}, "member_only"),
        ({"running": "4", "leading": "3", "role": "member"}, "can"),
        ({"running": "5", "leading": "3"}, "cannot"),
    ],
)
def test_number_of_projects(inputs: dict[str, str], verdict: str) -> None:
    assert says(check("project-limit", **inputs))[-1] == verdict


OWNER = {"owner_assets": "6,000억", "owner_stake": "35%"}


@pytest.mark.parametrize(
    ("as_of", "inputs", "outcome", "last"),
    [
        (TODAY, {**OWNER, "owner_largest": "예"}, "computed", "not_sme"),
        (TODAY, {**OWNER, "owner_largest": "yes", "sales": "100억", "assets": "10억"}, "computed", "not_sme"),
        (TODAY, {**OWNER, "owner_largest": "아니오", "sales": "100억", "assets": "10억"}, "computed", "sme"),
        (TODAY, {**OWNER, "owner_assets": "4,999억", "sales": "100억", "assets": "10억"}, "computed", "sme"),
        (TODAY, {"assets": "5,000억"}, "computed", "not_sme"),
        (TODAY, {"assets": "5,000억", "excluded": "yes"}, "computed", "not_midsize"),
        (TODAY, {"assets": "5,000억", "excluded": "no"}, "computed", "midsize"),
        (TODAY, {"sales": "400억", "assets": "4,999억"}, "computed", "size_rule_met"),
        (TODAY, {"sales": "1,801억", "assets": "10억"}, "computed", "not_sme"),
        (TODAY, {"sales": "900억", "assets": "10억", "industry": "fabricated-metal"}, "unknown", "between"),
        (date(2025, 8, 31), {"sales": "900억", "assets": "10억", "industry": "금속가공"}, "computed", "size_rule_met"),
        (date(2025, 8, 31), {"sales": "1,001억", "assets": "10억", "industry": "금속가공"}, "computed", "not_sme"),
        (date(2025, 8, 31), {"sales": "100억", "group_sales": "1,001억", "assets": "10억", "industry": "금속가공"},
         "computed", "not_sme"),
    ],
)  # fmt: skip
def test_company_size(as_of: date, inputs: dict[str, str], outcome: str, last: str) -> None:
    result = check("company-size", as_of, **inputs)
    assert (result.outcome, says(result)[-1]) == (outcome, last)


@pytest.mark.parametrize(
    ("rule", "as_of", "inputs", "needed"),
    [
        ("share", TODAY, {"total": "10억"}, ["size"]),
        ("share", TODAY, {}, ["total", "size"]),
        ("technology-fee", TODAY, {"size": "sme", "revenue": "10억"}, ["contribution"]),
        ("deadline", TODAY, {"event": "objection"}, ["date"]),
        ("company-size", TODAY, OWNER, ["owner_largest"]),
        ("company-size", TODAY, {"sales": "100억"}, ["assets"]),
        ("company-size", date(2025, 8, 31), {"sales": "900억", "assets": "10억"}, ["industry"]),
        ("settlement", TODAY, {"direct_budget": "3억"}, ["direct_spent"]),
        ("programme-support", date(2023, 6, 30), {"programme": "robot", "total": "3억"}, ["size"]),
    ],
)
def test_what_is_missing_is_asked_for(rule: str, as_of: date, inputs: dict[str, str], needed: list[str]) -> None:
    result = check(rule, as_of, **inputs)
    assert result.outcome == "incomplete" and not result.terms and not result.lines
    assert [entry.name for entry in result.missing] == needed
    assert all(entry.question.ko and entry.question.en and entry.accepted.ko for entry in result.missing)


@pytest.mark.parametrize(
    ("rule", "as_of", "inputs"),
    [
        ("share", date(2023, 12, 10), {"size": "sme", "total": "10억"}),
        ("technology-fee", TODAY, {"size": "sme", "fees": "1억", "agreement": "2024-12-30"}),
        ("programme-support", date(2024, 6, 30), {"programme": "general", "total": "3억"}),
        ("programme-support", TODAY, {"programme": "manufacturing-ai", "total": "3억"}),
        ("entrusted-cost", TODAY, {"amount": "5억"}),
        ("share", TODAY, {"size": "large", "total": "3억", "type": "energy-basic"}),
        ("settlement", TODAY, {"direct_budget": "1억", "direct_spent": "2억"}),
        ("project-limit", TODAY, {"running": "2", "leading": "3"}),
    ],
)
def test_what_the_documents_do_not_say_is_not_computed(rule: str, as_of: date, inputs: dict[str, str]) -> None:
    result = check(rule, as_of, **inputs)
    assert result.outcome == "unknown" and not result.terms
    assert any("확인할 곳" in line.text.ko for line in (*result.lines, *result.warnings))


def test_support_above_the_ceiling_is_said() -> None:
    assert says(check("share", size="sme", total="10억", grant="7억 5천만 1원")) == ["ceiling", "grant_above"]
    assert says(check("share", size="sme", total="10억", rate="75.1%")) == ["rate_above"]


def test_the_date_of_the_agreement_chooses_the_fee_rule() -> None:
    assert check("technology-fee", size="sme", fees="1억", agreement="2024-12-31").amount("fee") == 2_500_000
    assert (
        check("technology-fee", date(2020, 1, 1), size="sme", fees="1억", agreement="2025-01-02").outcome == "computed"
    )


def test_bad_inputs_name_what_is_accepted() -> None:
    with pytest.raises(QuestionError, match="sme"):
        check("share", size="tiny")
    with pytest.raises(QuestionError, match="Inputs"):
        evaluate("share", {"price": Decimal(1)}, TODAY)
    with pytest.raises(QuestionError, match="technology-fee"):
        evaluate("nothing", {}, TODAY)


@given(total=WON, size=st.sampled_from(SIZES), grant=st.none() | st.integers(0, 100))
def test_shares_add_up_and_no_limit_is_overstepped(total: Decimal, size: str, grant: int | None) -> None:
    inputs: dict[str, Any] = {"size": size, "total": total}
    ceiling, floor = {"sme": (75, 10), "midsize": (70, 13), "large": (50, 15)}[size]
    if grant is not None:
        inputs["grant"] = (total * ceiling / 100 * grant / 100).to_integral_value(rounding="ROUND_FLOOR")
    result = evaluate("share", inputs, TODAY)
    taken = inputs.get("grant") if grant is not None else result.amount("grant")
    own, cash, in_kind = (result.amount(name) for name in ("own", "cash", "in_kind"))
    assert taken + own == total and cash + in_kind == own
    assert taken * 100 <= total * ceiling and cash * 100 >= own * floor
    assert (cash - 1) * 100 < own * floor or cash == 0
    assert all(part == part.to_integral_value() and part >= 0 for part in (taken, own, cash, in_kind))


@settings(max_examples=40)
@given(a=WON, b=WON, size=st.sampled_from(SIZES))
def test_more_cost_never_means_less_money(a: Decimal, b: Decimal, size: str) -> None:
    low, high = (evaluate("share", {"size": size, "total": total}, TODAY) for total in sorted((a, b)))
    for name in ("grant", "own", "cash"):
        assert low.amount(name) <= high.amount(name)


@given(fees=WON, grant=WON, paid=WON, size=st.sampled_from(SIZES))
def test_the_fee_stays_under_its_cap(fees: Decimal, grant: Decimal, paid: Decimal, size: str) -> None:
    result = evaluate("technology-fee", {"size": size, "fees": fees, "grant": grant, "paid": paid}, TODAY)
    share = {"sme": 10, "midsize": 20, "large": 40}[size]
    assert (result.amount("fee") + paid) * 100 <= max(grant * share, paid * 100)
    assert result.amount("fee") <= result.amount("uncapped") <= fees


@settings(max_examples=40)
@given(a=WON, b=WON, programme=st.sampled_from([("autonomous", 2026), ("ai-track", 2025), ("general", 2023)]))
def test_support_grows_up_to_its_limit(a: Decimal, b: Decimal, programme: tuple[str, int]) -> None:
    name, year = programme
    results = [
        evaluate("programme-support", {"programme": name, "total": total}, date(year, 6, 1)) for total in sorted((a, b))
    ]
    low, high = (result.amount("support") for result in results)
    assert low <= high <= {"autonomous": 600_000_000, "ai-track": 200_000_000, "general": 200_000_000}[name]
    for result, total in zip(results, sorted((a, b)), strict=True):
        assert result.amount("support") + result.amount("own") == total


@given(budget=WON, spent=st.integers(0, 100), indirect=WON, used=st.integers(0, 100))
def test_clawback_is_never_more_than_the_budget(budget: Decimal, spent: int, indirect: Decimal, used: int) -> None:
    given_ = {
        "direct_budget": budget, "direct_spent": (budget * spent / 100).to_integral_value(),
        "indirect_budget": indirect, "indirect_spent": (indirect * used / 100).to_integral_value(),
    }  # fmt: skip
    result = evaluate("settlement", given_, TODAY)
    parts = [term.amount for term in result.terms if term.name != "back"]
    assert result.amount("back") == sum(parts) and 0 <= result.amount("back") <= budget + indirect


@given(day=st.dates(date(2015, 1, 1), date(2030, 12, 31)))
def test_the_version_of_the_day_is_chosen(day: date) -> None:
    result = evaluate("company-size", {"assets": Decimal(5 * 10**11)}, day)
    assert result.since is not None and result.since <= day and (result.until is None or day <= result.until)
    assert (result.since.year == 2015) == (day < date(2025, 9, 1))


@settings(max_examples=40)
@given(start=st.dates(date(2020, 1, 1), date(2035, 12, 31)), later=st.integers(0, 400))
def test_deadlines_move_with_their_start(start: date, later: int) -> None:
    for event in ("objection", "settlement-papers", "publication"):
        first = evaluate("deadline", {"event": event, "date": start}, TODAY).term("last_day").amount
        second = evaluate("deadline", {"event": event, "date": start + timedelta(later)}, TODAY).term("last_day").amount
        assert start < first <= second  # type: ignore[operator]


@given(running=st.integers(0, 9), leading=st.integers(0, 9))
def test_nobody_gets_a_sixth_or_a_fourth_project(running: int, leading: int) -> None:
    inputs = {"running": Decimal(running), "leading": Decimal(min(leading, running)), "role": "leading"}
    verdict = says(evaluate("project-limit", inputs, TODAY))[-1]
    assert (verdict == "can_lead") == (running < 5 and min(leading, running) < 3)
