"""Figures in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.rules.wording import date_text, direct_object, term_text, together, topic, won_text
from assistant.schema import Language
from assistant.text.quantities import quantities


@pytest.mark.parametrize(
    ("won", "ko", "en"),
    [
        (0, "0원", "KRW 0"),
        (750_000_000, "7억 5,000만 원", "KRW 750 million"),
        (1_500_000_000, "15억 원", "KRW 1.5 billion"),
        (2_500_000_000_000, "2조 5,000억 원", "KRW 2.5 trillion"),
        (7_020_000_000, "70억 2,000만 원", "KRW 7.02 billion"),
        (1_234_567_891, "12억 3,456만 7,891원", "KRW 1,234,567,891"),
        (9_999, "9,999원", "KRW 9,999"),
    ],
)
def test_won(won: int, ko: str, en: str) -> None:
    assert (won_text(Decimal(won), "ko"), won_text(Decimal(won), "en")) == (ko, en)


@settings(max_examples=30)
@given(won=st.integers(10_000, 10**15), language=st.sampled_from(["ko", "en"]))
def test_won_reads_back_as_the_same_amount(won: int, language: Language) -> None:
    found = quantities(won_text(Decimal(won), language))
    assert [(quantity.value, quantity.unit) for quantity in found] == [(won, "KRW")]


def test_bounds_dates_and_particles() -> None:
    assert term_text(Decimal(10), "%", "min", "ko") == "10% 이상"
    assert term_text(Decimal("2.50"), "%", "max", "en") == "at most 2.5%"
    assert term_text(Decimal(1), "month", "exact", "en") == "1 month"
    assert date_text(date(2026, 11, 30), "ko") == "2026년 11월 30일(월)"
    assert date_text(date(2026, 11, 30), "en") == "30 November 2026 (Mon)"
    assert topic("현금") == "현금은" and topic("10%") == "10%는" and topic("정부납부기술료") == "정부납부기술료는"
    assert direct_object("30% 이상") == "30% 이상을" and together("1억 원") == "1억 원과"
