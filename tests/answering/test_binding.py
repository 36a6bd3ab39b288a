"""Figures, names and words of degree in the place of another: sentences, table rows, lists, and across languages."""

from __future__ import annotations

import pytest

from assistant.answering.bilingual import names_of, translations
from assistant.answering.binding import exchanged
from assistant.schema import Evidence, Language


def piece(quote: str, header: str = "") -> Evidence:
    return Evidence(
        id="k3v", document_id="d.md", title="문서", path="/d.md", version="1", effective_date="", page=None,
        heading_path=(), quote=quote, start=0, end=len(quote), table_header=header,
    )  # fmt: skip


SIZES = piece("출범 당시 참여 기업을 수로 나누면 대기업이 21%, 중견기업이 23%, 중소기업이 56%입니다.")
SIZES_EN = piece("By number, large companies are 21%, mid-size firms 23% and SMEs 56%.")
ROWS = piece("중소기업 | 2.5% | 10%\n중견기업 | 5% | 20%\n대기업 | 10% | 40%", "기업 구분 | 요율 | 상한")
SHARES = piece("대기업 | 21%\n중견기업 | 23%\n중소기업 | 56%", "기업 규모 | 출범 당시 비중(기업 수 기준)")
ROWS_EN = piece("Nozzle | M40 | 180 N·m\nMould bolts | M16 | 120 N·m", "Joint | Thread | Torque")
LIST = piece("- 주관기업: 최대 3억 원\n- 참여기업: 최대 1억 원\n- 위탁기관: 최대 5,000만 원")
ROLES = piece("자동차 분과의 앵커기업은 현대자동차와 기아이고 간사는 한국자동차연구원입니다.")
ROLES_EN = piece("The anchors of the automotive division are Hyundai Motor and Kia, and its secretariat is KATECH.")
ORDER = piece("Lock the switch before the cover is opened, and test the machine after it is closed.")


@pytest.mark.parametrize(
    ("false", "true", "evidence"),
    [
        ("중소기업은 23%입니다.", "중소기업은 56%입니다.", SIZES),
        ("SMEs are 23%.", "SMEs are 56%.", SIZES_EN),
        ("중소기업의 상한은 2.5%입니다.", "중소기업의 상한은 10%입니다.", ROWS),
        ("중견기업의 상한은 10%입니다.", "중견기업의 상한은 20%입니다.", ROWS),
        (
            "대기업의 출범 당시 비중(기업 수 기준)은 56%입니다.",
            "대기업의 출범 당시 비중(기업 수 기준)은 21%입니다.",
            SHARES,
        ),
        ("The torque of the nozzle is 120 N·m.", "The torque of the nozzle is 180 N·m.", ROWS_EN),
        ("참여기업은 최대 3억 원을 받습니다.", "참여기업은 최대 1억 원을 받습니다.", LIST),
        ("자동차 분과의 간사는 현대자동차입니다.", "자동차 분과의 간사는 한국자동차연구원입니다.", ROLES),
        ("The secretariat is Kia.", "The secretariat is KATECH.", ROLES_EN),
        ("Test the machine before it is closed.", "Test the machine after it is closed.", ORDER),
    ],
)
def test_exchanged(false: str, true: str, evidence: Evidence) -> None:
    assert exchanged(false, [evidence])
    assert exchanged(true, [evidence]) == []


@pytest.mark.parametrize(
    ("false", "true", "language", "evidence"),
    [
        ("SMEs are 23%.", "SMEs are 56%.", "en", SIZES),
        ("중소기업은 23%입니다.", "중소기업은 56%입니다.", "ko", SIZES_EN),
    ],
)
def test_figures_of_another_thing_across_languages(
    false: str, true: str, language: Language, evidence: Evidence
) -> None:
    assert exchanged(false, [evidence], translations(language))
    assert exchanged(true, [evidence], translations(language)) == []


def test_names_across_languages() -> None:
    source = "산업통상자원부는 2024년 7월 22일 현대자동차와 협의체를 출범하였습니다."
    assert names_of("MOTIE launched it with Hyundai Motor.", "en", source) == []
    assert names_of("The Ministry of Trade, Industry and Energy launched it.", "en", source) == []
    assert names_of("K-SURE launched it with LG Electronics.", "en", source) == ["K-SURE", "LG Electronics"]
    assert names_of("한국무역보험공사가 공급합니다.", "ko", "K-SURE provides it.") == []
    assert names_of("한국산업기술진흥원이 공급합니다.", "ko", "K-SURE provides it.") == ["한국산업기술진흥원"]


def test_another_name_in_brackets_is_not_another_thing() -> None:
    source = piece("The Asset Administration Shell (AAS) describes an asset.")
    assert exchanged("The Asset Administration Shell describes an asset.", [source]) == []
    assert exchanged("AAS describes an asset.", [source]) == []
