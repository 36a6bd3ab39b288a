"""Hand-written figures in Korean and English: text → (value, unit, bound[, high]) of everything in it."""

from decimal import Decimal

import pytest

from assistant.text.quantities import quantities

# (text, figures); a figure is "value unit bound" with "low..high" for ranges; the bound is left out when exact,
# the unit of a bare number is "-".
CASES = [
    # money, Korean
    ("3억", "300000000 KRW"), ("3억원", "300000000 KRW"), ("100억 원", "10000000000 KRW"),
    ("2조 5,000억 원", "2500000000000 KRW"), ("2조5천억원", "2500000000000 KRW"), ("1,500만원", "15000000 KRW"),
    ("1천500만 원", "15000000 KRW"), ("1.5억", "150000000 KRW"), ("1억 2천만 원", "120000000 KRW"),
    ("3억 5000만 원", "350000000 KRW"), ("2천억 원", "200000000000 KRW"), ("5백만 원", "5000000 KRW"),
    ("50만 3,200원", "503200 KRW"), ("12,345원", "12345 KRW"), ("1조 1,347억 원", "1134700000000 KRW"),
    ("삼천만 원", "30000000 KRW"), ("오십억 원", "5000000000 KRW"), ("백만 원", "1000000 KRW"),
    ("2천 5백만 원", "25000000 KRW"), ("4억 8천짜리", "480000000 KRW"), ("2억 3천5백", "235000000 KRW"),
    ("1조 2천", "1200000000000 KRW"), ("1억 2,345원", "100002345 KRW"),
    ("30억여 원", "3000000000 KRW about"), ("300만 달러", "3000000 USD"),
    ("5천 유로", "5000 EUR"), ("총사업비는 436억 6천만 원이다", "43660000000 KRW"), ("３억원", "300000000 KRW"),
    # money, English
    ("KRW 10 billion", "10000000000 KRW"), ("10 billion won", "10000000000 KRW"), ("₩500,000", "500000 KRW"),
    ("KRW10bn", "10000000000 KRW"), ("KRW 2.5 trillion", "2500000000000 KRW"), ("15 million won", "15000000 KRW"),
    ("1.1347 trillion", "1134700000000 number"), ("$5M", "5000000 USD"), ("US$ 30 million", "30000000 USD"),
    ("EUR 2.4 million", "2400000 EUR"), ("two hundred million won", "200000000 KRW"),
    ("ten billion won", "10000000000 KRW"),
    ("KRW 190 billion over 4 years", "190000000000 KRW; 4 year"), ("a million won", "1000000 KRW"),
    # shares
    ("56%", "56 %"), ("56 percent", "56 %"), ("56 per cent", "56 %"), ("56퍼센트", "56 %"), ("0.7%p", "0.7 %p"),
    ("3퍼센트포인트", "3 %p"), ("0.7 percentage points", "0.7 %p"), ("a 0.7 percentage-point cut", "0.7 %p"),
    ("100분의 30", "30 %"), ("1000분의 5", "0.5 %"), ("two thirds", "0.6666666667 fraction"),
    ("3분의 2", "0.6666666667 fraction"), ("-12.5%", "-12.5 %"), ("5배", "5 x"), ("두 배", "2 x"),
    ("1.5 times", "1.5 x"),
    ("3-fold", "3 x"),
    # dates
    ("2024년 7월 22일", "20240722 date"), ("2024. 7. 22.", "20240722 date"), ("2024.07.22", "20240722 date"),
    ("22 July 2024", "20240722 date"), ("July 22, 2024", "20240722 date"), ("July 22nd, 2024", "20240722 date"),
    ("2024-07-22", "20240722 date"), ("2024/7/22", "20240722 date"), ("Oct. 28, 2024", "20241028 date"),
    ("July 2024", "202407 year-month"), ("2024년 7월", "202407 year-month"), ("2024. 7월", "202407 year-month"),
    ("2024-07", "202407 year-month"), ("2024", "2024 calendar-year"), ("2024년", "2024 calendar-year"),
    ("'24년 7월", "202407 year-month"), ("’24년", "2024 calendar-year"), ("7월 22일", "722 month-day"),
    ("28 October", "1028 month-day"), ("June 30", "630 month-day"), ("FY2025", "2025 calendar-year"),
    ("2024~2028년", "2024..2028 calendar-year"), ("2024-2028", "2024..2028 calendar-year"),
    ("from 2024 to 2028", "2024..2028 calendar-year min"), ("2030년까지", "2030 calendar-year max"),
    ("by 2030", "2030 calendar-year max"), ("until 30 June 2025", "20250630 date max"),
    ("2025년 3월 1일부터 3월 31일까지", "20250301 date min; 20250331 date max"),
    ("2025. 3. 1. ~ 3. 31.", "20250301 date min; 20250331 date max"),
    ("1-31 March 2025", "20250301 date min; 20250331 date max"),
    ("5 June to 30 June 2024", "20240605 date min; 20240630 date max"),
    ("3분기", "3 quarter"), ("Q3 2025", "3 quarter; 2025 calendar-year"), ("18:00까지", "1800 clock max"),
    ("오후 6시", "1800 clock"), ("6 p.m.", "1800 clock"), ("25 selected 2024 projects", "25 -; 2024 calendar-year"),
    # durations
    ("30일", "30 day"), ("20 days", "20 day"), ("3개월", "3 month"), ("three months", "3 month"), ("5년", "5 year"),
    ("5-year plan", "5 year"), ("10 business days", "10 business day"), ("10영업일", "10 business day"),
    ("2주", "2 week"), ("30분", "1800 s"), ("24시간", "86400 s"), ("8 hours", "28800 s"), ("500 ms", "0.5 s"),
    ("한 달", "1 month"), ("3년간", "3 year"),
    # ranges and changes
    ("3~5억 원", "300000000..500000000 KRW"), ("3억~5억 원", "300000000..500000000 KRW"), ("3~5", "3..5 -"),
    ("100–280 bar", "10..28 MPa"), ("5-10%", "5..10 %"), ("KRW 3-5 billion", "3000000000..5000000000 KRW"),
    ("between 3 and 5 years", "3..5 year"), ("3 to 5 days", "3..5 day"), ("3일에서 5일 사이", "3..5 day"),
    ("-10~40°C", "-10..40 °C"), ("from 5 % to 40 %", "5..40 % change"), ("9%->30%", "9..30 % change"),
    ("5%에서 40%로", "5..40 % change"), ("12개에서 8개로", "12..8 count change"),
    # bounds
    ("최대 3억 원", "300000000 KRW max"), ("30% 이상", "30 % min"), ("30% 이하", "30 % max"), ("30% 미만", "30 % less"),
    ("30% 초과", "30 % more"), ("30일 이내", "30 day max"), ("약 250명", "250 person about"),
    ("최소 2개 기업", "2 company min"),
    ("up to 30 %", "30 % max"), ("at least 2 companies", "2 company min"), ("at most 20%", "20 % max"),
    ("under 5%", "5 % less"), ("more than 40 %", "40 % more"), ("about 250 people", "250 person about"),
    ("within 30 days", "30 day max"), ("no more than 10 days", "10 day max"), ("not less than 30%", "30 % min"),
    ("30% or more", "30 % min"), ("30% or less", "30 % max"), ("30%+", "30 % min"), ("40+ candidates", "40 - min"),
    ("250+ specialist companies", "250 company min"), ("nearly 40%", "40 % about"),
    ("1,300여 개 기업", "1300 company about"),
    ("may not exceed 10 years", "10 year max"), ("30%를 초과할 수 없다", "30 % max"), ("30%를 넘지 못한다", "30 % max"),
    ("30%를 초과하는 경우", "30 % more"), ("50% 미만이어서는 안 된다", "50 % min"),
    ("3억 원 한도", "300000000 KRW max"),
    ("최대 지원금은 기업당 3억 원", "300000000 KRW max"), ("지원 한도는 3억 원", "300000000 KRW max"),
    ("The cap is KRW 300 million", "300000000 KRW max"), ("a maximum of 3 years", "3 year max"), ("≥ 40 %", "40 % min"),
    ("< 5 mm", "5 mm less"), ("±0.5 mm", "0.5 mm tolerance"), ("20명 안팎", "20 person about"),
    ("최장 10년", "10 year max"),
    # counters
    ("153개 기업·기관", "153 company"), ("153 companies and institutions", "153 company"), ("12개 분과", "12 division"),
    ("12개 업종 분과", "12 division"), ("12 industry divisions", "12 division"), ("26건", "26 case"),
    ("13,000명", "13000 person"), ("1만 3,000명", "13000 person"), ("13,000 specialists", "13000 person"),
    ("26 lead projects", "26 project"), ("10개 선도 프로젝트", "10 project"), ("세 가지", "3 type"),
    ("열두 개 분과", "12 division"), ("twelve divisions", "12 division"), ("twenty-five companies", "25 company"),
    ("로봇 5대", "5 count"), ("12학점 이상", "12 - min"), ("12 credits or more", "12 - min"),
    ("50만 원에서 80만 원까지", "500000..800000 KRW"),
    ("1710년", "1710 calendar-year"), ("KRW 800 billion to 2024", "800000000000 KRW; 2024 calendar-year"),
    ("5% -> 40%+ by 2030", "5 %; 40 % min; 2030 calendar-year max"),
    ("limit KRW 10 billion per firm", "10000000000 KRW max"), ("twice a year", "2 occurrence"),
    ("once the valve is shut", ""), ("three to four weeks", "3..4 week"),
    ("송나라를 구원하기", ""), ("19세기", "19 -"),
    ("GPU 5만 장", "50000 sheet"), ("3회", "3 occurrence"), ("6축 로봇", "6 axis"),
    ("40개사", "40 company"), ("5개 국가", "5 country"), ("2단계", "2 stage"), ("제3차", "3 ordinal"),
    ("1st", "1 ordinal"),
    # the shop floor
    ("120 N·m", "120 N·m"), ("120 Nm", "120 N·m"), ("10 kgf·m", "98.0665 N·m"), ("100 kgf.cm", "9.80665 N·m"),
    ("0.5 MPa", "0.5 MPa"), ("5 bar", "0.5 MPa"), ("5 kgf/cm²", "0.4903325 MPa"), ("500 kPa", "0.5 MPa"),
    ("2 inch", "50.8 mm"), ("2인치", "50.8 mm"), ("1.8 m", "1800 mm"), ("0.05mm", "0.05 mm"), ("20㎜", "20 mm"),
    ("50 μm", "0.05 mm"), ("80 °C", "80 °C"), ("80℃", "80 °C"), ("176 °F", "80 °C"), ("영하 10℃", "-10 °C"),
    ("섭씨 80도", "80 °"), ("1,500 rpm", "1500 rpm"), ("1,500 r/min", "1500 rpm"), ("250 mm/s", "250 mm/s"),
    ("1.5 m/s", "1500 mm/s"), ("7.5 kW", "7500 W"), ("7.5KW", "7500 W"), ("220 V", "220 V"), ("380VAC", "380 V"),
    ("15A", "15 A"), ("60Hz", "60 Hz"), ("12 kg", "12 kg"), ("1.2톤", "1200 kg"), ("40 L", "40 L"),
    ("8,000시간", "28800000 s"),
    ("85 dB", "85 dB"), ("1 MΩ", "1000000 Ω"),
    # not figures
    ("SV0401", ""), ("R-101 alarm", ""), ("제12조제3항", ""), ("제92조의2", ""), ("Article 92(2)", ""),
    ("ISO 10218", ""),
    ("29 CFR 1910.147", ""), ("IEC 62443-3-3", ""), ("M.AX 1.0", ""), ("KS B ISO 10218-1", ""), ("3D 도면", ""),
    ("5G 특화망", ""), ("02-1234-5678", ""), ("법률 제21065호", ""), ("별표 2", ""), ("Table 3", ""), ("No. 2", ""),
    ("H200", ""), ("알람 401", ""), ("1. 밸브를 잠근다", ""), ("(3) 다음 단계", ""), ("한 번 더 확인한다", ""),
    ("one of them", ""), ("the two", ""), ("수백만 원", ""), ("단위: 백만원", ""), ("v2.3.1", ""),
    ("https://a.kr/2024/07", ""),
    ("두산로보틱스", ""), ("이 명령은", ""), ("May I apply?", ""),
    ("5.4 금형 교체", ""), ("5.5 엔코더 전지 교환", ""), ("8.3 Slide alarms (PR)", ""), ("5.5절에 따라", ""),
    ("제4.8절", ""), ("section 5.6 and table 8-8", ""), ("표 10-1. 폐기물", ""), ("제2026-38호", ""),
    ("notice No. 2026-38", ""), ("제1부는", ""), ("제3자", ""), ("a third party", ""), ("세종타임즈", ""),
    ("한 주기", ""),
    # read wrongly before
    ("5% in 2025 to 40%", "5 %; 2025 calendar-year; 40 %"), ("10 minutes up to 30–50 °C", "600 s; 30..50 °C max"),
    ("the 4 feet", "4 -"), ("4 feet high", "1219.2 mm"), ("36개월 이상인 기업", "36 month min"),
    ("218개 사업", "218 project"), ("153개 사가", "153 company"), ("4주식 프레스", "4 -"),
    ("1,500 min⁻¹", "1500 rpm"), ("10⁶ cycles", "1000000 -"), ("2 × 10⁵ Pa", "0.2 MPa"), ("10 mm²", "0.00001 m²"),
    ("0.02 mm/m", "0.02 mm/m"), ("-65 dBm", "-65 dBm"), ("0.3 px", "0.3 px"),
    ("2.8mm/s를 넘고", "2.8 mm/s more"), ("3만 개가 넘습니다", "30000 count more"),
    ("9,600 lx 아래이면", "9600 lx less"),
    ("30분 안에", "1800 s max"), ("36개월보다 짧은 기업", "36 month less"), ("500 N보다 큰 힘", "500 N more"),
    ("may not last longer than 10 years", "10 year max"), ("No sanction can be imposed later than 10 years",
    "10 year max"), ("500 AI Factory lead projects", "500 project"), ("26 local governments", "26 region"),
    ("1.5 배로 늘었다", "1.5 x"),
]  # fmt: skip


def shown(text: str) -> str:
    """The figures of `text` in the notation of the table."""
    parts = []
    for q in quantities(text):
        value = plain(q.value) + (f"..{plain(q.high)}" if q.high is not None else "")
        parts.append(" ".join([value, q.unit or "-"] + ([q.bound] if q.bound != "exact" else [])))
    return "; ".join(parts)


def plain(value: Decimal) -> str:
    """Digits without exponent and trailing zeros."""
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


@pytest.mark.parametrize(("text", "figures"), CASES)
def test_reads_the_figures_of(text: str, figures: str) -> None:
    assert shown(text) == figures


@pytest.mark.parametrize(("text", "figures"), [case for case in CASES if case[1]])
@pytest.mark.parametrize("frame", ["지원 내용: {} (예정)", "This means {}, as stated."])
def test_spans_are_exact_inside_other_text(text: str, figures: str, frame: str) -> None:
    framed = frame.format(text)
    found = quantities(framed)
    assert found
    for quantity in found:
        assert framed[quantity.start : quantity.end] == quantity.text
