"""What is shown only in its own words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answering.wording import verbatim, with_original
from tests.answering.test_conflicts import MAY


@pytest.mark.parametrize(
    ("quote", "header"),
    [
        ("1. 전원을 끄고 자물쇠를 채우십시오.", ""),
        ("경고: 표면이 뜨겁습니다.", ""),
        ("Ball screw lock nut | M25 | 1 | 95 N·m", "Joint | Thread | Number | Torque"),
        ("유압유 | 35 L | ISO VG 32", "항목 | 값 | 비고"),
        ("- 중소기업 75%\n- 중견기업 70%", ""),
        ("Written rules must be set, the robot must stop at once, and the switch must be blocked.", ""),
        ("교시할 때에는 지침을 정하고, 곧바로 멈출 수 있게 하며, 스위치에 표시를 하여야 합니다.", ""),
        ("가" * 301, ""),
    ],
)
def test_steps_warnings_limits_lists_and_several_duties_are_shown_word_for_word(quote: str, header: str) -> None:
    assert verbatim(replace(MAY, quote=quote, table_header=header))


@pytest.mark.parametrize(
    "quote",
    ["최종보고서는 협약이 끝난 뒤 60일 이내에 제출해야 합니다.", "The call of 29 April 2026 selects 32 projects."],
)
def test_a_plain_statement_may_be_phrased(quote: str) -> None:
    assert not verbatim(replace(MAY, quote=quote))


def test_a_translated_sentence_is_shown_with_its_original() -> None:
    korean = replace(MAY, quote="출범 때 153개 기업이 참여했습니다.", table_header="")
    shown = with_original("153 companies joined at the launch.", korean, "en")
    assert shown == "153 companies joined at the launch. (Original: 출범 때 153개 기업이 참여했습니다.)"
    assert with_original("153개 기업이 참여했습니다.", korean, "ko") == "153개 기업이 참여했습니다."
    code = replace(MAY, quote="SV0401", table_header="")
    assert with_original("SV0401", code, "en") == "SV0401"
