"""Units and counters in Korean and English, and the factor of each to its canonical unit.

Factors: kgf = 9.80665 N and inch = 25.4 mm are exact by definition; psi and lbf follow from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """canonical value = written value × factor + offset."""

    name: str
    factor: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    system: str = "si"

    def convert(self, value: Decimal) -> Decimal:
        """Give the value in the canonical unit; a tenth of a billionth is noise of the division, not meaning."""
        if self.factor == 1 and not self.offset:
            return value
        converted = value * self.factor + self.offset
        return converted if self.system == "si" else round(converted, 10)


_KGF = Decimal("9.80665")
_LBF = Decimal("4.4482216152605")
_MINUTE = Decimal(60)

# canonical → system → factor → spellings. Order within a line has no meaning.
_MEASURES: list[tuple[str, str, Decimal | str | int, str]] = [
    (
        "%p",
        "si",
        1,
        "%p|%P|%포인트|% 포인트|퍼센트포인트|퍼센트 포인트|percentage points|percentage point|"
        "percentage-point|percentage-points|pp|p.p.|%p.",
    ),
    ("%", "si", 1, "%|퍼센트|프로|percent|per cent|pct"),
    ("‰", "si", 1, "‰|퍼밀"),
    ("ppm", "si", 1, "ppm|PPM"),
    ("x", "si", 1, "배|fold|times|x|X|배수"),
    # durations
    ("s", "si", "0.001", "ms|msec|밀리초|milliseconds|millisecond"),
    ("s", "si", "0.000001", "μs|마이크로초|microseconds|microsecond"),
    ("s", "si", 1, "s|sec|secs|초간|초|seconds|second"),
    ("s", "si", 60, "min|mins|분간|분|minutes|minute"),
    ("s", "si", 3600, "h|hr|hrs|시간|hours|hour"),
    ("day", "si", 1, "일간|일|days|day|calendar days|calendar day"),
    ("business day", "si", 1, "영업일|근무일|business days|business day|working days|working day"),
    ("week", "si", 1, "주일|주간|주|weeks|week"),
    ("month", "si", 1, "개월간|개월|달|months|month"),
    ("year", "si", 1, "년간|개년|년|years|year|yrs|yr|세|살|years old|years of age"),
    # the shop floor
    ("N·m", "si", 1, "N·m|N.m|N-m|Nm|N m|N*m|뉴턴미터|뉴턴 미터"),
    ("N·m", "si", 1000, "kN·m|kN.m|kNm"),
    ("N·m", "kgf", _KGF, "kgf·m|kgf.m|kgf-m|kgf m|kgfm|kg·m|kg.m|kgm|킬로그램힘미터"),
    ("N·m", "kgf", _KGF / 100, "kgf·cm|kgf.cm|kgf-cm|kgfcm|kg·cm"),
    ("N·m", "lbf", _LBF * Decimal("0.3048"), "lbf·ft|lbf ft|lbf-ft|lb-ft|lb·ft|ft-lb|ft·lb|ft-lbf|ft·lbf|ft-lbs"),
    ("N·m", "lbf", _LBF * Decimal("0.0254"), "lbf·in|in-lb|in·lb|in-lbf|lb-in|in-lbs"),
    ("MPa", "si", 1, "MPa|Mpa|메가파스칼|N/mm²|N/mm2"),
    ("MPa", "si", "0.001", "kPa|KPa|kpa|킬로파스칼"),
    ("MPa", "si", "0.000001", "Pa|파스칼"),
    ("MPa", "si", 1000, "GPa"),
    ("MPa", "si", "0.1", "bar|bars|Bar|바"),
    ("MPa", "si", "0.0001", "mbar"),
    ("MPa", "kgf", _KGF / 100, "kgf/cm²|kgf/cm2|kg/cm²|kg/cm2|kgf/㎠|㎏f/㎠|㎏/㎠|kg/㎠"),
    ("MPa", "psi", _LBF / Decimal("645.16"), "psi|psig|PSI"),
    ("MPa", "atm", "0.101325", "atm|기압"),
    ("mm", "si", 1, "mm|㎜|밀리미터|밀리|millimetres|millimeters|millimetre|millimeter"),
    ("mm", "si", 10, "cm|㎝|센티미터|센티|centimetres|centimeters|centimetre|centimeter"),
    ("mm", "si", 1000, "m|미터|metres|meters|metre|meter"),
    ("mm", "si", 1000000, "km|㎞|킬로미터|kilometres|kilometers|kilometre|kilometer"),
    ("mm", "si", "0.001", "μm|um|㎛|마이크로미터|마이크론|micrometres|micrometers|microns|micron"),
    ("mm", "si", "0.000001", "nm|나노미터|나노|nanometres|nanometers|nanometer"),
    ("mm", "inch", "25.4", "inch|inches|인치|in.|″"),
    ("mm", "inch", "304.8", "ft|feet|foot|피트"),
    ("m²", "si", "0.000001", "mm²|㎟|mm2|제곱밀리미터"),
    ("m²", "si", "0.0001", "cm²|㎠|cm2|제곱센티미터"),
    ("m²", "si", 1, "m²|㎡|m2|제곱미터|square metres|square meters|sq m"),
    ("m³", "si", "0.000001", "cm³|㎤|cm3|세제곱센티미터"),
    ("m³", "si", 1, "m³|㎥|m3|세제곱미터|cubic metres|cubic meters"),
    ("mm/m", "si", 1, "mm/m"),
    ("mm/s", "si", 1, "mm/s|mm/sec|㎜/s|mm/초"),
    ("mm/s", "si", 1000, "m/s|m/sec|㎧|m/초"),
    ("mm/s", "inch", "25.4", "in/s|inch/s|ips"),
    ("mm/min", "si", 1, "mm/min|mm/분"),
    ("mm/min", "si", 1000, "m/min|m/분"),
    ("mm/rev", "si", 1, "mm/rev|mm/r"),
    ("km/h", "si", 1, "km/h|kph|㎞/h"),
    ("m/s²", "si", 1, "m/s²|m/s2"),
    ("rpm", "si", 1, "rpm|RPM|r/min|rev/min|min-1|min-¹|/min|회전/분"),
    ("W", "si", 1, "W|와트|watts|watt"),
    ("W", "si", 1000, "kW|KW|kw|㎾|킬로와트|kilowatts|kilowatt"),
    ("W", "si", 1000000, "MW|메가와트|megawatts|megawatt"),
    ("W", "si", 1000000000, "GW|기가와트|gigawatts"),
    ("W", "hp", "745.699872", "hp|HP|마력|horsepower"),
    ("VA", "si", 1, "VA"),
    ("VA", "si", 1000, "kVA|KVA"),
    ("kWh", "si", 1, "kWh|KWh|kwh"),
    ("kWh", "si", 1000, "MWh"),
    ("V", "si", 1, "V|볼트|volts|volt|VAC|VDC|Vac|Vdc|V AC|V DC"),
    ("V", "si", 1000, "kV"),
    ("V", "si", "0.001", "mV"),
    ("A", "si", 1, "A|암페어|amperes|amps|amp"),
    ("A", "si", "0.001", "mA"),
    ("A", "si", 1000, "kA"),
    ("Ω", "si", 1, "Ω|옴|ohms|ohm"),
    ("Ω", "si", 1000, "kΩ"),
    ("Ω", "si", 1000000, "MΩ|메가옴"),
    ("Hz", "si", 1, "Hz|HZ|hz|㎐|헤르츠|hertz"),
    ("Hz", "si", 1000, "kHz|KHz|㎑"),
    ("Hz", "si", 1000000, "MHz|㎒"),
    ("Hz", "si", 1000000000, "GHz|㎓"),
    ("kg", "si", 1, "kg|KG|Kg|㎏|킬로그램|kilograms|kilogram|킬로"),
    ("kg", "si", "0.001", "g|그램|grams|gram"),
    ("kg", "si", "0.000001", "mg|㎎|밀리그램"),
    ("kg", "si", 1000, "t|톤|tonnes|tonne|tons|ton|metric tons"),
    ("kg", "lb", "0.45359237", "lb|lbs|파운드|pounds|pound"),
    ("N", "si", 1, "N|뉴턴|newtons|newton"),
    ("N", "si", 1000, "kN|킬로뉴턴"),
    ("N", "kgf", _KGF, "kgf"),
    ("L", "si", 1, "L|l|ℓ|리터|litres|liters|litre|liter"),
    ("L", "si", "0.001", "mL|ml|㎖|cc|밀리리터"),
    ("L/min", "si", 1, "L/min|l/min|ℓ/min|lpm|LPM"),
    ("m³/h", "si", 1, "m³/h|m3/h|㎥/h"),
    ("°", "si", 1, "°|degrees|degree|deg|도"),
    ("K", "si", 1, "K|켈빈"),
    ("°C", "si", 1, "°C|℃|° C|도씨|degrees Celsius|degrees C|deg C|degC"),
    ("dB", "si", 1, "dB|dB(A)|dBA|데시벨|decibels"),
    ("dBm", "si", 1, "dBm"),
    ("px", "si", 1, "px|픽셀"),
    ("Ah", "si", 1, "Ah"),
    ("bit/s", "si", 10**6, "Mbit/s|Mbps"),
    ("bit/s", "si", 10**9, "Gbit/s|Gbps"),
    ("lx", "si", 1, "lx|lux|럭스"),
    ("HRC", "si", 1, "HRC"),
    ("J", "si", 1, "J|줄|joules|joule"),
    ("J", "si", 1000, "kJ"),
    ("%RH", "si", 1, "%RH|% RH"),
    ("mm²/s", "si", 1, "cSt|mm²/s|mm2/s"),
    ("B", "si", 1000, "kB|KB"),
    ("B", "si", 10**6, "MB|메가바이트|megabytes"),
    ("B", "si", 10**9, "GB|기가바이트|gigabytes"),
    ("B", "si", 10**12, "TB|테라바이트|terabytes"),
    ("bit", "si", 1, "bits|bit|비트"),
    ("fps", "si", 1, "fps|FPS"),
]

MEASURES: dict[str, Unit] = {
    spelling: Unit(name, Decimal(factor), system=system)
    for name, system, factor, spellings in _MEASURES
    for spelling in spellings.split("|")
}
for _spelling in ("°F", "℉", "° F", "degrees Fahrenheit", "deg F", "화씨 도"):
    MEASURES[_spelling] = Unit("°C", Decimal(5) / 9, Decimal(-160) / 9, "°F")

#: Shop floors write MPA, Kw and mpa alike; only where lower case does not make two units one (mW, MW).
_lowered: dict[str, set[Unit]] = {}
for _spelling, _unit in MEASURES.items():
    _lowered.setdefault(_spelling.lower(), set()).add(_unit)
MEASURES_ANY_CASE = {s: next(iter(u)) for s, u in _lowered.items() if len(u) == 1 and len(s) > 1}

CURRENCIES: dict[str, str] = {
    "KRW": "KRW",
    "₩": "KRW",
    "￦": "KRW",
    "원": "KRW",
    "won": "KRW",
    "krw": "KRW",
    "Korean won": "KRW",
    "Won": "KRW",
    "USD": "USD",
    "US$": "USD",
    "$": "USD",
    "달러": "USD",
    "dollars": "USD",
    "dollar": "USD",
    "미국 달러": "USD",
    "US dollars": "USD",
    "U.S. dollars": "USD",
    "usd": "USD",
    "미달러": "USD",
    "EUR": "EUR",
    "€": "EUR",
    "유로": "EUR",
    "euros": "EUR",
    "euro": "EUR",
    "JPY": "JPY",
    "¥": "JPY",
    "엔": "JPY",
    "yen": "JPY",
    "CNY": "CNY",
    "RMB": "CNY",
    "위안": "CNY",
    "yuan": "CNY",
    "GBP": "GBP",
    "£": "GBP",
    "pounds sterling": "GBP",
    "SGD": "SGD",
    "S$": "SGD",
}

_COUNTERS: list[tuple[str, str]] = [
    (
        "company",
        "개사|개 사|기업|업체|회사|기관|조직|회원사|협력사|중소기업|대기업|중견기업|법인|연구소|대학|company|"
        "companies|"
        "firm|firms|enterprise|enterprises|business|businesses|SME|SMEs|corporation|corporations|institution|"
        "institutions|organisation|organisations|organization|organizations|institute|institutes|supplier|"
        "suppliers|manufacturer|manufacturers|agency|agencies|university|universities",
    ),
    (
        "person",
        "명|인|사람|people|person|persons|participant|participants|employee|employees|worker|workers|"
        "specialist|specialists|expert|experts|professional|professionals|engineer|engineers|student|"
        "students|official|officials|operator|operators|staff|researcher|researchers|trainee|trainees",
    ),
    (
        "division",
        "분과|업종|부문|분야|영역|division|divisions|subcommittee|subcommittees|sector|sectors|industry|"
        "industries|field|fields|area|areas",
    ),
    ("project", "과제|프로젝트|사업|project|projects|programme|programmes|program|programs"),
    ("case", "건|case|cases"),
    ("proposal", "제안|제안서|신청|proposal|proposals|application|applications"),
    ("spot", "개소|곳|군데|place|places|location|locations|site|sites"),
    ("factory", "공장|사업장|factory|factories|plant|plants"),
    ("region", "지역|시도|시·도|광역지자체|지자체|지방자치단체|region|regions|province|provinces|governments"),
    ("country", "개국|국가|나라|country|countries"),
    ("machine", "설비|로봇|장비|machine|machines|robot|robots|vehicle|vehicles"),
    ("sheet", "장|매|sheet|sheets|GPUs|GPU"),
    ("page", "쪽|페이지|page|pages"),
    ("stage", "단계|stage|stages|step|steps|phase|phases|level|levels"),
    ("occurrence", "회|번|차례|회차"),
    ("ordinal", "번째|차|위|st|nd|rd|th"),
    ("type", "가지|종류|종|유형|type|types|kind|kinds|category|categories"),
    ("team", "팀|컨소시엄|team|teams|consortium|consortia"),
    ("axis", "축|axis|axes|axle"),
    ("count", "개|대|items|item|units|unit|points|pieces|ea|EA"),
    ("patent", "특허|patent|patents"),
]
COUNTERS: dict[str, str] = {s: name for name, spellings in _COUNTERS for s in spellings.split("|")}
COUNTS = frozenset(COUNTERS.values()) | {""}

# A one-syllable Korean unit is also the beginning of longer words: "5분기", "12개 분과", "3차원", "3대 기업".
_NOT_BEFORE = {
    "개": "월|년|발|선|별|요|인|방|체|최|막|통|념|편|정",
    "개 사": "업|례|람|용|고|건|항|진|물|유|이|전|무|회|상|내|원",
    "분": "과|기|야|류|석",
    "일": "본|반|정|상|괄|차리|자리",
    "명": "령|시|칭|세|확",
    "건": "설|물|강|조",
    "장": "비|치|관|애|기|소|착",
    "주": "년|체|요|최|력|제|관|기|축|식|행|변|말|문|조|파|입|소",
    "회": "사|원|복|의록|전",
    "대": "한|상|기업|학|표|응|형|중|전|책|비|구",
    "초": "기|과|안|점",
    "차": "원|량|세|이|체|별|지",
    "위": "원|험|치|반|조|탁|임",
    "배": "터|출|분|송|포|경|치|관|선",
    "축": "소|적|제|산",
    "세": "기|부|계|대|금|액|종|미|션|트",
    "원": "격|칙|료|자|천|활",
    "번": "호|역|대",
    "인": "공|증|력|정|터|용|건",
    "종": "합|료|사|결|류",
    "년": "도별|생",
    "달": "성|러",
    "바": "로|탕|꾸",
    "도": "입|구|면|움|시|전|로|급",
    "매": "출|우|년|월|일",
    "팀": "장",
    "줄": "이|어|임|였",
    "프로": "젝|그|세|필|토",
    "사업": "자|장|비|화|계",
    "리터": "러",
    "기업": "부설",
    "로봇": "용",
    "밀리": "는|지",
    "옴": "부",
    "엔": "진|드|지",
    "과제": "책",
    "살": "펴",
}


def _alternatives(spellings: list[str]) -> str:
    parts = []
    for spelling in sorted(spellings, key=len, reverse=True):
        part = re.escape(spelling).replace(r"\ ", " ?" if not spelling.isascii() else r"[ -]")
        if spelling in _NOT_BEFORE:
            part += f"(?!{_NOT_BEFORE[spelling]})"
        if spelling[-1].isascii() and spelling[-1].isalnum():
            part += r"(?![A-Za-z0-9²³·*]|[/.][A-Za-z])"
        parts.append(part)
    return "|".join(parts)


MEASURE = re.compile(_alternatives([s for s in MEASURES if s not in ("°", "″")]) + "|″|°")
MEASURE_ANY_CASE = re.compile(_alternatives(list(MEASURES_ANY_CASE)), re.IGNORECASE)
CURRENCY_AFTER = re.compile(
    _alternatives([s for s in CURRENCIES if s not in ("$", "€", "¥", "£", "₩", "￦")]) + "|[$€¥£₩￦](?! ?\d)"
)
CURRENCY_BEFORE = re.compile(r"(?:KRW|krw|USD|usd|EUR|JPY|CNY|RMB|GBP|SGD|US\$|S\$|[$€¥£₩￦])\.? ?$")
COUNTER_KO = re.compile(_alternatives([s for s in COUNTERS if not s.isascii() and len(s) < 5]))
# "12개 업종 분과", "10개의 선도 프로젝트": the noun that 개 counts; a word with a particle ends the search.
NOUN_KO = re.compile(
    r"(?:의)? ?(?:(?! ?(?:이상|이하|이내|미만|초과|안팎|내외|가량|정도|까지|한도))"
    r"[가-힣A-Za-z·]*[가-힣A-Za-z](?<![을를은는에서로의]) ){0,2}?"
    r"(?! ?(?:이상|이하|이내|미만|초과|안팎|내외|가량|정도|까지|한도))[가-힣·]*?(?P<noun>"
    + "|".join(
        s for s in sorted(COUNTERS, key=len, reverse=True) if not s.isascii() and len(s) > 1 and s[0] not in "번회개"
    )
    + ")"
)
ORDINAL_EN = re.compile(r"(?:st|nd|rd|th)(?![A-Za-z])")
