from __future__ import annotations

from datetime import date

import pytest

from assistant.text.relative_years import with_years

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("작년 지역형 사업은 얼마였나요?", "2025년 지역형 사업은 얼마였나요?"),
        ("지난해와 재작년의 차이", "2025년과 2024년의 차이"),
        ("내년에 또 하나요?", "2027년에 또 하나요?"),
        ("What did last year's call pay?", "What did 2025 call pay?"),
        ("Who won in the year before last?", "Who won in 2024?"),
        ("What changed last year?", "What changed in 2025?"),
        ("올해 기준이 뭔가요?", "올해 기준이 뭔가요?"),
        ("Tightened last, year in year out.", "Tightened last, year in year out."),
    ],
)
def test_years_are_counted_from_today(typed: str, meant: str) -> None:
    assert with_years(typed, TODAY) == meant
