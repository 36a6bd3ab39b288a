"""`unsupported`: what an answer may change about a figure and what it may not, and a mutation test."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from assistant.text.quantities import quantities, unsupported, unsupported_identifiers

SUPPORTED = [
    ("0.69 MPa or less", "정격 압력 7 kgf/cm² 이하"), ("불량률 -30%", "불량률 30% 감소"), ("twice a month", "매월 2회"),
    ("above 60 °C", "60℃를 넘으면"), ("three to four weeks", "3~4주"), ("주 1회", "once a week"),
    ("200 projects", "200대 AI 자율제조 선도 프로젝트"), ("at least 40%", "5% -> 40%+"),
    ("50만 원부터 80만 원까지", "50만 원에서 80만 원까지"),
    ("at least 12 credits", "12학점 이상"),
    ("1,500만원", "15 million won"), ("KRW 300 million", "기업당 3억 원"), ("3억 원", "총 3억원을"),
    ("3억", "약 3억 원"), ("40%", "nearly 40%"),
    ("최대 3억 원", "up to KRW 300 million"), ("at most 30 days", "30일 이내"), ("30일까지", "within 30 days"),
    ("no more than 10 years", "최장 10년"),
    ("30% 이상", "at least 30 %"), ("30% or more", "30%+"), ("5% 미만", "under 5%"),
    ("more than 40 %", "40%를 초과하는"),
    ("2024년 7월", "2024-07-22"), ("2024", "22 July 2024"), ("7월 22일", "2024. 7. 22."),
    ("2024년 7월 22일", "July 22, 2024"),
    ("2025년 3월 31일까지", "2025. 3. 1. ~ 3. 31."), ("until 2028", "2024~2028년"), ("2024~2028", "from 2024 to 2028"),
    ("2024~2028", "2024년부터 2028년까지"), ("153", "153개 기업·기관"), ("153개", "153 companies and institutions"),
    ("153개 기업", "참여기업: 153"), ("12개 분과", "12 industry divisions"), ("26건", "26 projects"),
    ("26개 과제", "26건"),
    ("3~5억 원", "3억 원에서 5억 원 사이"), ("5%에서 40%로", "from 5 % to 40 %"), ("40%", "5%에서 40%로"),
    ("from 9 % to 30 %", "현재 9%, 목표 30%"),
    ("5 bar", "0.5 MPa"), ("490 N·m", "50 kgf·m"), ("약 50", "약 50명"), ("36개월", "3년"), ("three years", "3년"),
    ("over four years", "4년간"),
    ("20 °C", "68 °F"), ("100분의 30", "30%"), ("300백만 원", "3억 원"), ("cut by 12.5%", "시간 -12.5%"),
    ("12.5% 감소", "-12.5%"),
    ("3억 원", "구분 | 지원금(백만원)\n수요기업 | 300"), ("45 N·m", "볼트 | 토크(N·m) | 45"),
    ("KRW 300 million", "Grant (KRW million) | 300"),
    ("20%", "비율 | % | 20"), ("3배", "three times"), ("3회", "three times a year"), ("2.5 trillion", "2조 5천억 원"),
    ("between 3 and 5 years", "3~5년"),
    ("3억 이상", "3억~5억 원"), ("최대 5억 원", "3억~5억 원"), ("제12조에 따라 3억", "3억 원"),
    ("40+ companies", "40개 이상 기업"), ("two divisions", "2개 분과"),
    ("1. 밸브를 잠근다", "밸브를 잠근다"), ("오후 6시까지", "18:00까지"), ("2024 projects", "2024년 과제"),
    ("1.8m", "1800 mm"), ("80 degrees", "80 °C"),
    ("30% 이하", "30%를 초과할 수 없다"), ("50% 이상", "50% 미만이어서는 안 된다"), ("상한은 3억 원", "최대 3억 원"),
    ("limit is 20 %", "20% 이내"),
]  # fmt: skip

NOT_SUPPORTED = [
    ("불량률 -30%", "불량률 30% 상승"), ("0.70 MPa", "7 kgf/cm²"), ("three to five weeks", "3~4주"),
    ("3억", "3만"), ("3억 원", "최대 3억 원"), ("KRW 300 million", "up to KRW 300 million"), ("최대 3억 원", "3억 원"),
    ("약 3억", "3억"),
    ("30% 이상", "30% 초과"), ("30% 이하", "30% 미만"), ("30%", "30%p"), ("30%p", "30%"), ("30 %", "30명"),
    ("3개월", "3년"), ("30일", "30일 이내"),
    ("before 2028", "2028년 이후"), ("2024년 7월 22일", "2024년 7월"), ("2024년 7월", "2024년"),
    ("22 July 2025", "22 July 2024"),
    ("153명", "153개 기업"), ("12 companies", "12개 분과"), ("153", "153%"), ("45", "45 N·m"), ("45 N·m", "45 MPa"),
    ("5 bar", "5 MPa"),
    ("3~5억 원", "3~6억 원"), ("5억 원", "3~5억 원"), ("3 billion won", "30억 달러"), ("3억 원", "3억 달러"),
    ("200개", "20개"), ("2조 5천억", "2조 5억"),
    ("1.8 m", "1,805 mm"), ("495 N·m", "50 kgf·m"), ("10 °C", "-10 °C"), ("from 5 % to 30 %", "from 5 % to 40 %"),
    ("9명", "없다"),
    ("최소 3억", "최대 3억"), ("more than 30%", "30%를 초과할 수 없다"), ("18:30", "18:00"), ("Q2", "3분기"),
    ("10 business days", "10일"),
    ("3배", "3회"), ("300 원", "지원금(백만원) | 300"), ("12.5%", "-12.5%"), ("6축", "6개월"),
    ("within 30 days", "30일 이후"),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "source"), SUPPORTED)
def test_supported(answer: str, source: str) -> None:
    assert unsupported(answer, ["무관한 문장 77개.", source]) == []


@pytest.mark.parametrize(("answer", "source"), NOT_SUPPORTED)
def test_not_supported(answer: str, source: str) -> None:
    assert unsupported(answer, ["무관한 문장 77개.", source])


def test_without_sources_every_figure_is_unsupported_in_order() -> None:
    assert [q.text for q in unsupported("3억 원, 30% and 20 days", [])] == ["3억 원", "30%", "20 days"]


def test_identifiers() -> None:
    assert unsupported_identifiers("제12조와 SV0401", ["제12조제3항", "sv-0401"]) == []
    assert [i.text for i in unsupported_identifiers("Article 92(2), SV0402", ["제92조제1항, SV0401"])] == [
        "Article 92(2)",
        "SV0402",
    ]


# (a sentence as a document has it, the same figures said in another way)
SENTENCES = [
    ("정부는 2024년 7월 22일 153개 기업·기관이 참여하는 협의체를 출범했다.",
    "It was launched on 22 July 2024 with 153 companies and institutions."),
    ("협의체는 12개 분과로 구성된다.", "It consists of twelve divisions."),
    ("1차 연도 과제에는 약 2조 5,000억 원이 들어간다.", "KRW 2.5 trillion"),
    ("회원사의 매출은 제조업 전체의 40%에 육박한다.", "nearly 40 percent"),
    ("중소기업은 기업당 최대 1,500만원을 받는다.", "up to 15 million won"),
    ("국비는 과제당 100억 원 이내에서 지원한다.", "at most KRW 10 billion"),
    ("자부담은 총사업비의 30% 이상이어야 한다.", "at least 30 percent"),
    ("현금 부담은 10% 이상으로 한다.", "10 per cent or more"),
    ("간접비는 직접비의 5% 이하로 계상한다.", "no more than 5 %"),
    ("이의신청은 통보일부터 30일 이내에 한다.", "within 30 days"),
    ("협약 기간은 3년이며 1회 연장할 수 있다.", "three years"),
    ("참여 제한은 최장 10년을 넘지 못한다.", "at most 10 years"),
    ("기술료는 매출액의 100분의 20을 초과할 수 없다.", "no more than 20 %"),
    ("2030년까지 보급률을 5%에서 40%로 높인다.", "from 5 % to 40 % by 2030"),
    ("생산성은 20% 이상 오를 것으로 본다.", "20% or more"),
    ("전문인력 1만 3,000명을 양성한다.", "13,000 specialists"),
    ("전문기업을 250개 이상 육성한다.", "at least 250"),
    ("수요조사에는 213건이 접수되어 10개 과제를 뽑았다.", "213 proposals, 10 projects"),
    ("사업비 1,900억 원을 4년간 투입한다.", "KRW 190 billion over four years"),
    ("접수는 2025. 3. 1. ~ 3. 31. 18:00까지이다.", "2025년 3월 31일 오후 6시까지"),
    ("체결 토크는 120 N·m이며 24시간 뒤 다시 조인다.", "0.12 kN·m after 24 hours"),
    ("공급 압력은 0.5 MPa 이상이어야 한다.", "at least 5 bar"),
    ("그리스는 8,000시간마다 교체한다.", "8,000 hours"),
    ("주위 온도가 40 °C를 초과하면 멈춘다.", "above 40 °C"),
    ("주축은 최대 12,000 rpm으로 돈다.", "up to 12,000 r/min"),
    ("수동 조작 속도는 250 mm/s 이하이다.", "at most 0.25 m/s"),
    ("안전거리는 1.8 m 이상 둔다.", "at least 1,800 mm"),
    ("절연저항은 1 MΩ 이상이어야 한다.", "1 MΩ or more"),
    ("서보 모터의 정격은 7.5 kW, 220 V이다.", "7,500 W and 220 volts"),
    ("검사 시간이 12.5% 줄고 불량률은 0.7%p 낮아졌다.", "12.5 percent; 0.7 percentage points"),
    ("The strategy aims at 200 projects by 2028.", "2028년까지 200개 과제"),
    ("Total investment in the 26 projects is KRW 3.7 trillion.", "26건에 3조 7천억 원"),
    ("Government support is limited to KRW 300 million per company.", "최대 3억 원"),
    ("Small firms make up 56 % of the members.", "56퍼센트"),
    ("An objection must be filed within 10 days.", "10일 이내"),
    ("The grant may not exceed 70 % of the cost.", "70% 이하"),
    ("The own share is at least 30 %.", "30% 이상"),
    ("Under 5 % of factories used it in 2025.", "2025년 5% 미만"),
    ("The programme runs from 2024 to 2028.", "2024~2028년"),
    ("Between 3 and 5 years are allowed.", "3~5년"),
    ("The budget rose to KRW 436.6 billion.", "4,366억 원"),
    ("It needs more than 1,500 GPUs.", "1,500장 초과"),
    ("The goal moved from 9 % to 30 %.", "9%에서 30%로"),
    ("Tighten the bolt to 10 kgf·m.", "98.07 N·m"),
    ("Supply air at 5 kgf/cm² or more.", "0.49 MPa 이상"),
    ("Keep the oil between 20 and 60 °C.", "20~60℃"),
    ("Run the spindle at 1,500 rpm for 15 minutes.", "1,500 r/min, 15분"),
    ("The fence is 1,400 mm high.", "1.4 m"),
    ("Wait at least 5 minutes after power-off.", "5분 이상"),
    ("The gap must stay below 0.05 mm.", "50 μm 미만"),
    ("Leakage may be up to 30 mA.", "30 mA 이하"),
    ("Three months before the end, a report is due.", "3개월"),
    ("The call closes on 30 June 2025 at 18:00.", "2025년 6월 30일 18시"),
    ("The fee is 5 % of sales, capped at KRW 2 billion.", "5%, 최대 20억 원"),
    ("About 250 people attended.", "250명"),
    ("Members grew from 1,000 to 1,300 companies.", "1,000개사에서 1,300개사로"),
    ("The platform costs $5 million a year.", "500만 달러"),
    ("Lead time fell by 15 business days.", "15영업일"),
    ("Accuracy improved 1.5 times.", "1.5배"),
    ("Two thirds of the vote is needed.", "3분의 2"),
]  # fmt: skip

# Each pair changes the scale, the unit or the bound of a figure.
SWAPS = [
    ("억", "만"), ("억", "조"), ("만원", "억원"), ("만 ", "억 "), ("조 ", "억 "), ("billion", "million"),
    ("million", "billion"), ("trillion", "billion"),
    ("%p", "%"), (" %", " percentage points"), ("%", "%p"), ("개월", "년"), ("years", "months"), ("년이", "개월이"),
    ("10년", "10개월"), ("months", "weeks"),
    ("days", "weeks"), ("일 이내", "주 이내"), ("시간마다", "일마다"), ("minutes", "seconds"), ("hours", "minutes"),
    ("명", "개사"), ("건", "명"),
    ("개 분과", "개사"), ("개 기업", "명"), ("projects", "companies"), ("people", "companies"),
    ("business days", "days"),
    ("N·m", "kgf·m"), ("kgf·m", "N·m"), ("MPa", "bar"), ("kgf/cm²", "MPa"), ("mm/s", "m/s"), (" mm", " cm"),
    (" m ", " mm "), ("°C", "°F"),
    ("kW", "W"), (" V", " A"), ("mA", "A"), ("MΩ", "kΩ"), ("rpm", "Hz"), ("times", "%"), ("KRW", "USD"), ("$", "₩"),
    ("억 원", "억 달러"),
    ("이상", "이하"), ("이상", "초과"), ("이하", "미만"), ("이내", "이상"), ("미만", "이하"), ("최대 ", ""),
    ("최대", "최소"), ("초과하면", "미만이면"),
    ("초과할 수 없다", "초과한다"), ("넘지 못한다", "넘는다"), ("at least", "at most"), ("up to", "at least"),
    ("limited to ", ""), ("within", "after"),
    ("may not exceed", "may exceed"), ("Under", "Over"), ("more than", "less than"), ("more than ", ""),
    ("below", "above"), ("capped at ", ""),
    ("or more", "or less"), (" or more", ""), ("이상", ""), ("이하", ""), ("At least", "At most"), ("thirds", "fifths"),
    ("Three", "Four"),
]  # fmt: skip


def mutants(sentence: str) -> Iterator[str]:
    """The sentence with one digit, unit, scale or bound of a figure changed."""
    for quantity in quantities(sentence):
        for place in range(quantity.start, quantity.end):
            if sentence[place].isdecimal():
                for step in (1, 5):
                    digit = (int(sentence[place]) + step) % 10
                    yield sentence[:place] + str(digit or 1) + sentence[place + 1 :]
        digits = re.search(r"\d+(?:[.,]\d+)*", quantity.text)
        if digits and "." not in digits[0] and quantity.unit not in ("date", "calendar-year", "clock", "month-day"):
            yield sentence[: quantity.start + digits.end()] + "0" + sentence[quantity.start + digits.end() :]
    for old, new in SWAPS:
        if old in sentence:
            yield sentence.replace(old, new, 1)


def test_the_unchanged_and_the_reformatted_are_not_flagged() -> None:
    assert len(SENTENCES) >= 60
    for sentence, other in SENTENCES:
        assert quantities(sentence), sentence
        assert unsupported(sentence, [sentence]) == [], sentence
        assert unsupported(other, [sentence]) == [], (other, sentence)
        assert quantities(other), other


def test_changed_figures_are_flagged() -> None:
    tried = [(mutant, sentence) for sentence, _ in SENTENCES for mutant in {*mutants(sentence)} - {sentence}]
    missed = [pair for pair in tried if not unsupported(pair[0], [pair[1]])]
    caught = 1 - len(missed) / len(tried)
    assert len(tried) > 300
    assert caught >= 0.97, f"{caught:.1%} of {len(tried)}: {missed}"
