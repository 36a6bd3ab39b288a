"""Marks of footnotes and powers at figures: they make no other number, neither in figures nor in search terms."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.text.quantities import quantities, unsupported
from assistant.text.tokens import terms

FIFTY_MILLION = ("50¹⁾백만원", "50¹⁾ 백만원", "50 ¹⁾백만원", "50¹백만원", "50⁽¹⁾백만원", "50¹⁾²⁾백만원",
                 "50¹⁾,²⁾백만원", "50¹,²백만원", "50*백만원", "50† 백만원", "50 주1)백만원", "5천³⁾만원",
                 "50¹⁾ million won", "50¹ million won")  # fmt: skip


@pytest.mark.parametrize("written", FIFTY_MILLION)
def test_a_mark_inside_a_figure(written: str) -> None:
    text = f"기업당 한도는 {written}으로 한다. 2027년²⁾ 3월"
    money, month = quantities(text)
    assert (money.value, money.unit) == (Decimal(50_000_000), "KRW")
    assert text[money.start : money.end] == money.text == written
    assert text[month.start : month.end] == month.text == "2027년²⁾ 3월"
    assert not unsupported("한도는 5천만원이다.", [text])
    assert unsupported("한도는 501백만원이다.", [text]) and unsupported("한도는 1백만원이다.", [text])


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [("10⁶ Pa", "1", "MPa"), ("10⁶개", "1000000", "count"), ("2 × 10⁵ Pa", "0.2", "MPa"), ("50 m²", "50", "m²"),
     ("30%²⁾ 이내", "30", "%"), ("10¹⁾억원", "1000000000", "KRW"), ("10³백만원", "10000000", "KRW")],
)  # fmt: skip
def test_powers_stay_and_marks_go(written: str, value: str, unit: str) -> None:
    (found,) = quantities(f"값은 {written}")
    assert (found.value, found.unit) == (Decimal(value), unit)


@pytest.mark.parametrize(
    "text", ["한도는 50¹⁾백만원", "한도는 50¹백만원", "지원 10⁶개", "제도²⁾ 3개", "50₁과 50⁻³", "5¹,² 개"]
)
def test_search_terms_hold_no_number_that_nobody_wrote(text: str) -> None:
    found = terms(text)
    written = {"50", "10", "6", "1", "3", "2", "5", "-3"}
    assert {word for word in found.words if word[0].isdigit()} <= written and not found.identifiers


def test_units_and_formulas_stay_words() -> None:
    assert terms("면적 m², H₂O").identifiers == ("m2", "h2o")
