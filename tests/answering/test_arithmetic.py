from __future__ import annotations

import re

import pytest

from assistant.answering.arithmetic import operation, reckon
from assistant.schema import Evidence, Language

STAGES = "기초 | 4,200만 원\n고도화1 | 1억 2천만 원\n고도화2 | 2억 4천만 원"
NEEDS = "Humanoids | KRW 6.6 trillion\nAI semiconductors | KRW 1.5 trillion\nAI Factory | KRW 1.3 trillion"
LEADS = "The leads of the 26 lead projects of 2024 were 9 large companies and 17 mid-size companies and SMEs."
SIZES = "참여 기업은 대기업이 21%, 중견기업이 23%, 중소기업이 56%입니다."
CENTRES = "It supports 3 AI centres with up to KRW 12 billion each for about 31 months."
REGION = "국비 60억 원과 지방비 104억 5천만 원으로 진행되었습니다. 비용의 50~80%를 지원합니다."


def piece(quote: str, header: str = "", name: str = "k3v") -> Evidence:
    return Evidence(name, "d.md", "T", "d.md", "1", "2026-01-01", 1, ("H",), quote, 0, len(quote), table_header=header)


@pytest.mark.parametrize(
    ("question", "language", "quote", "header", "formula"),
    [
        (
            "상생형에서 기초하고 고도화2는 한도 차이가 얼마인가요?",
            "ko",
            STAGES,
            "단계 | 한도",
            "2억 4천만 원 − 4,200만 원 = 1억 9,800만 원",
        ),
        (
            "기초 단계 한도와 고도화2 한도를 더하면?",
            "ko",
            STAGES,
            "단계 | 한도",
            "4,200만 원 + 2억 4천만 원 = 2억 8,200만 원",
        ),
        (
            "by how much does the need for humanoids exceed that for AI factories?",
            "en",
            NEEDS,
            "Field | Need",
            "KRW 6.6 trillion − KRW 1.3 trillion = KRW 5.3 trillion",
        ),
        (
            "how many more came from mid-size firms than from large companies?",
            "en",
            LEADS,
            "",
            "17 mid-size companies − 9 large companies = 8",
        ),
        ("국비하고 지방비를 합치면 얼마예요?", "ko", REGION, "", "= 164억 5,000만 원"),
        ("2025년 지역형, 국비하고 지방비 합치면 총 얼마인가요?", "ko", REGION, "", "= 164억 5,000만 원"),
        (
            "예산을 업체 수로 나누면 얼마꼴이에요?",
            "ko",
            "규모는 267개 기업, 534억 원이었습니다.",
            "",
            "534억 원 ÷ 267개 기업 = 2억 원",
        ),
        ("what could the three centres get altogether?", "en", CENTRES, "", "KRW 12 billion × 3 = KRW 36 billion"),
        (
            "Z가 X보다 분당 몇 미터 더 빠른지",
            "ko",
            "X축 / Z축 급속 이송 | 24 m/min / 30 m/min",
            "항목 | 값",
            "30 m/min − 24 m/min = 6 m/min",
        ),
        ("고도화2는 기초의 몇 배인가요", "ko", STAGES, "단계 | 한도", "= 5.71배"),
        (
            "로봇, 대차, 서버 값을 다 더하면 얼마예요?",
            "ko",
            "로봇(500 kg) | 12대 | 4억 2,000만 원\n대차 | 2대 | 1억 1,000만 원\n관제 서버 | 1대 | 6,000만 원",
            "장비 | 수량 | 금액",
            "= 5억 9,000만 원",
        ),
        ("중소기업이 대기업보다 몇 퍼센트포인트 많았나요?", "ko", SIZES, "", "56% − 21% = 35%포인트"),
        ("what share of the members were not SMEs?", "en", "56% were SMEs, 21% large firms.", "", "100% − 56% = 44%"),
        ("몇 배로 늘어난 셈인가요?", "ko", "2022년에 10개에서 25개로 늘었습니다.", "", "25개 ÷ 10개 = 2.5배"),
        (
            "by how many per cent did the highest limit climb?",
            "en",
            "The highest limit rose from KRW 150 billion to KRW 180 billion.",
            "",
            "= 20%",
        ),
        ("안 오르고 남은 업종은 몇 개예요?", "ko", "44개 업종 가운데 16개 업종이 올랐습니다.", "", "= 28"),
        (
            "시간계에 6,400이 찍혔는데 베어링 점검까지 몇 시간 남았나요?",
            "ko",
            "10,000 | 주축 베어링 점검 | 2.8 mm/s 이하",
            "간격(시간) | 점검 항목 | 기준",
            "10,000 − 6,400 = 3,600",
        ),
        (
            "현금하고 현물 합치면 얼마예요?",
            "ko",
            "가온 | 99,000 | 561,000",
            "기업 | 현금(천 원) | 현물(천 원)",
            "= 6억 6,000만 원",
        ),
    ],
)
def test_what_the_evidence_states_is_reckoned(
    question: str, language: Language, quote: str, header: str, formula: str
) -> None:
    found = reckon(question, language, [piece(quote, header)])
    assert found is not None and formula in found.text
    assert [each.id for each in found.pieces] == ["k3v"]


@pytest.mark.parametrize(
    ("question", "quote", "header"),
    [
        ("상생형과 일반형은 차이가 뭔가요?", STAGES, "단계 | 한도"),  # no figure is asked for
        ("세 단계의 한도 차이가 얼마인가요?", STAGES, "단계 | 한도"),  # which two?
        (
            "우리 회사 현금에 남의 현금을 더하면 얼마가 돼요?",
            "정부는 45%, 기관은 15%를 냅니다.",
            "",
        ),  # neither is named
        ("한도가 얼마인가요?", STAGES, "단계 | 한도"),  # nothing is to be computed
        # a year in common names nothing, shares are not money, a rise of the past is not what is still to come
        ("2025년 과제하고 2026년 과제의 지원금을 더하면?", "2026년 예산은 9억 원, 2025년은 7억 원입니다.", ""),
        ("내 현금하고 네 현금을 더하면 얼마예요?", "가온 | 45% | 15%", "기업 | 지원 | 현금"),
        ("목표를 채우려면 앞으로 몇 개를 더 뽑아야 합니까?", "26개에서 102개로 늘었습니다.", ""),
        ("기초, 고도화1, 고도화2, 고도화3 한도를 합치면?", STAGES, "단계 | 한도"),  # one of four is not there
        ("두 값의 차이가 얼마인가요?", "한도는 2억 원입니다.", ""),  # there is only one
    ],
)
def test_nothing_is_reckoned_from_figures_that_are_not_plainly_meant(question: str, quote: str, header: str) -> None:
    assert reckon(question, "ko", [piece(quote, header)]) is None


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("회원사가 아닌 기업은 얼마를 내나요?", "회원사는 10만 원, 비회원사는 30만 원을 냅니다."),
        ("how many days are left to appeal?", "Appeals are filed within 30 days; decisions within 10 days."),
        ("중소기업이 아닌 곳의 자부담 비율은 얼마인가요?", "중소기업의 자부담 비율은 25% 이상입니다."),
        ("중소기업이 아닌 중견기업은 지원 비율이 몇 %인가요?", "중소기업 75%, 중견기업 50%를 지원합니다."),
        ("나머지 비율은 몇 %인가요?", "매출이 120% 늘었습니다."),
        ("예산이 몇 % 늘었나요?", "2026년 예산은 180억 원으로 2025년 150억 원보다 늘었습니다."),
        ("한 곳당 평균 얼마를 지원받았나요?", "267개 기업이 평균 2억 원을 지원받았습니다."),
        ("3년 동안 모두 합치면 얼마인가요?", "5개 과제에 매년 2억 원씩 3년간 지원합니다."),
        ("altogether how many firms?", "5 centres each get KRW 1 billion."),
        ("대기업과 중견기업의 한도 차이가 얼마인가요?", "중소기업 2억 원, 중견기업 1억 원까지입니다."),
        ("기간을 얼마나 더 연장할 수 있나요?", "기간은 12개월이며 3개월 연장할 수 있습니다."),
        (
            "how much longer than usual should we wait?",
            "Wait 5 minutes after switching off, 1 minute for small drives.",
        ),
    ],
)
def test_figures_that_only_stand_there_are_not_reckoned_with(question: str, quote: str) -> None:
    language: Language = "ko" if "가" <= question[0] <= "힣" else "en"
    assert reckon(question, language, [piece(quote)]) is None


@pytest.mark.parametrize(
    ("question", "quote", "header", "formula"),
    [
        ("what share were not large firms?", "SMEs made up 56% and large firms 21%.", "", "100% − 21% = 79%"),
        ("대기업이 아닌 비율은 몇 %인가요?", "21%가 대기업이고 56%가 중소기업입니다.", "", "100% − 21% = 79%"),
        ("how much hotter is oil than water?", "oil | 100 °F\nwater | 50 °F", "Item | Value", "100 °F − 50 °F = 50 °F"),
        ("대기하고 점검의 차이가 얼마인가요?", "대기 | 2시간\n점검 | 30분", "항목 | 값", ""),
        ("A사업과 B사업 예산 차이는?", "A사업 | 10억 원\nB사업 | 10억 원\nC사업 | 20억 원", "사업 | 예산", ""),
        (
            "서버, 대차 그리고 로봇 값을 합치면 얼마예요?",
            "로봇 | 4억 원\n대차 | 1억 원\n서버 | 6,000만 원",
            "장비 | 금액",
            "= 5억 6,000만 원",
        ),
        (
            "지원 결과 국비와 지방비를 합치면?",
            "한도 200억 원 가운데 국비 60억 원과 지방비 104억 원입니다.",
            "",
            "= 164억 원",
        ),
    ],
)
def test_terms_and_units_are_the_ones_that_are_named(question: str, quote: str, header: str, formula: str) -> None:
    language: Language = "ko" if re.search("[가-힣]", question) else "en"
    found = reckon(question, language, [piece(quote, header)])
    assert formula in found.text if found else not formula


def test_both_pieces_are_named_when_each_holds_one_figure() -> None:
    bearing = piece("Spindle bearing limit | 65 °C", "Item | Value", "a2b")
    winding = piece("Spindle motor winding limit | 120 °C", "Item | Value", "b3c")
    found = reckon("by how many degrees may the winding exceed the bearing?", "en", [bearing, winding])
    assert found is not None and "120 °C − 65 °C = 55 °C" in found.text
    assert {each.id for each in found.pieces} == {"a2b", "b3c"}


def test_operations_are_told_by_their_words() -> None:
    assert operation("몇 배나 큰가요") == "ratio"
    assert operation("업종 통틀어 제일 높은 데가 얼마") == ""
    assert operation("What is the difference between KC and CE?") == ""
    assert operation("How large is the difference in days?") == "difference"
