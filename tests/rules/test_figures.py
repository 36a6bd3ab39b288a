"""Figures, days and years in an asker's words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.rules.figures import figures_of, periods_of
from assistant.rules.wording import won_text

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9억 4천짜리 과제", [("won", 940_000_000, "9억 4천")]),
        ("1억 8천인 회사", [("won", 180_000_000, "1억 8천")]),  # no 180 million people
        ("7억 주고 산 장비", [("won", 700_000_000, "7억")]),  # nor weeks
        ("자산 6,000억 법인", [("won", 600_000_000_000, "6,000억")]),
        ("12억과 20억", [("won", 1_200_000_000, "12억"), ("won", 2_000_000_000, "20억")]),
        ("10억 이상이면", [("won", None, "10억")]),
        ("3~5억 과제", [("won", None, "3~5억")]),
        ("3억에서 5억 사이", [("won", None, "3억에서 5억")]),
        ("4억에서 3억 6천만 원만 썼어요", [("won", 400_000_000, "4억"), ("won", 360_000_000, "3억 6천만 원")]),
        ("the cap on overheads for direct cost of 2 million won", [("won", 2_000_000, "2 million won")]),
        ("a cost of at most 2 million won", [("won", None, "2 million won")]),
        ("10만 달러", []),
        ("지원율 65퍼센트", [("percent", 65, "65퍼센트")]),
        ("4건 중 3건이 책임", [("count", 4, "4건"), ("count", 3, "3건")]),
        ("그중 하나는 하나은행", [("count", 1, "하나")]),
        ("four projects, PI of two", [("count", 4, "four projects"), ("count", 2, "two")]),
        ("KRW 300 million, used 31 million",
         [("won", 300_000_000, "KRW 300 million"), ("won", 31_000_000, "31 million")]),
        ("", []),
    ],
)  # fmt: skip
def test_figures(text: str, expected: list[tuple[str, int | None, str]]) -> None:
    found = [(figure.kind, figure.value, text[figure.start : figure.end]) for figure in figures_of(text)]
    assert found == [(kind, value if value is None else Decimal(value), words) for kind, value, words in expected]


@given(won=st.integers(10_000, 10**15))
def test_an_amount_is_found_whatever_stands_around_it(won: int) -> None:
    for text in (f"저희 예산은 {won_text(Decimal(won), 'ko')}인데요", f"about {won_text(Decimal(won), 'en')}, please"):
        assert [figure.value for figure in figures_of(text)] == [won]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11월 3일에 받은", [("2026-11-03", "2026-11-03", "11월 3일")]),
        ("작년 10월 1일에 입사", [("2025-10-01", "2025-10-01", "작년 10월 1일")]),
        ("내년 3월 31일", [("2027-03-31", "2027-03-31", "내년 3월 31일")]),
        ("어제 받은 통보", [("2026-11-21", "2026-11-21", "어제")]),
        ("재작년 기준", [("2024-01-01", "2024-12-31", "재작년")]),
        ("2025년 6월 기준", [("2025-06-01", "2025-06-30", "2025년 6월")]),
        ("the 2023 robot programme", [("2023-01-01", "2023-12-31", "2023")]),
        ("we got it today", [("2026-11-22", "2026-11-22", "today")]),
        ("2026-02-30", []),
    ],
)
def test_periods(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [(str(p.first), str(p.last), text[p.start : p.end]) for p in periods_of(text, TODAY)]
    assert found == expected
