"""What is shown only in its own words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answering.wording import plain, verbatim, with_original
from tests.answering.test_conflicts import MAY


@pytest.mark.parametrize(
    "quote",
    ["1. 전원을 끄고 자물쇠를 채우십시오.", "경고: 표면이 뜨겁습니다.", "- 중소기업 75%\n- 중견기업 70%", "가" * 500],
)
def test_steps_warnings_lists_and_long_texts_are_shown_word_for_word(quote: str) -> None:
    assert verbatim(replace(MAY, quote=quote))


def test_of_a_row_its_name_and_the_marked_cells_are_said() -> None:
    row = replace(
        MAY, quote="중견기업 | 45% | 15% | 40%", table_header="구분 | 국비 | 지방비 | 민간부담", start=100, end=121
    )
    at = 100 + row.quote.index("40%")
    assert plain(replace(row, span=(at, at + 3))) == "구분 중견기업 – 민간부담: 40%"
    assert plain(row) == "구분: 중견기업; 국비: 45%; 지방비: 15%; 민간부담: 40%"
    assert plain(replace(row, span=(100, 104))) == plain(row)  # its name is asked for: all of it


@pytest.mark.parametrize(
    "quote",
    ["최종보고서는 협약이 끝난 뒤 60일 이내에 제출해야 합니다.", "The call of 29 April 2026 selects 32 projects."],
)
def test_a_plain_statement_may_be_phrased(quote: str) -> None:
    assert not verbatim(replace(MAY, quote=quote))


def test_a_translated_sentence_is_shown_with_its_original() -> None:
    korean = replace(MAY, quote="출범 때 153개 기업이 참여했습니다.", table_header="")
    shown = with_original("153 companies joined at the launch.", [korean], "en")
    assert shown == "153 companies joined at the launch. (Original: 출범 때 153개 기업이 참여했습니다.)"
    assert with_original("153개 기업이 참여했습니다.", [korean], "ko") == "153개 기업이 참여했습니다."
    code = replace(MAY, quote="SV0401", table_header="")
    assert with_original("SV0401", [code], "en") == "SV0401"
