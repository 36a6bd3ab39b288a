"""Names and terms of the field in both languages, to compare an answer with a source in the other language.

A small hand-made list: a name that is not in it cannot be confirmed across languages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from assistant.answering.slots import tokens
from assistant.schema import Language

#: Korean spellings = English spellings. Names of organisations and programmes first, terms below.
_NAMES = """
산업통상자원부|산업부 = Ministry of Trade, Industry and Energy|MOTIE
산업통상부|산업통상자원부 = Ministry of Trade, Industry and Resources|MOTIR
중소벤처기업부|중기부 = Ministry of SMEs and Startups|MSS
과학기술정보통신부|과기정통부 = Ministry of Science and ICT|MSIT
고용노동부 = Ministry of Employment and Labor|Ministry of Employment and Labour|MOEL
한국무역보험공사|무역보험공사 = Korea Trade Insurance Corporation|K-SURE
한국산업기술진흥원|산업기술진흥원 = Korea Institute for Advancement of Technology|KIAT
한국산업기술기획평가원|산업기술기획평가원 = Korea Planning & Evaluation Institute of Industrial Technology|KEIT
한국자동차연구원 = Korea Automotive Technology Institute|KATECH
한국전기연구원 = Korea Electrotechnology Research Institute|KERI
중소벤처기업진흥공단|중진공 = Korea SMEs and Startups Agency|KOSME
한국로봇산업진흥원 = Korea Institute for Robot Industry Advancement|KIRIA
대한상공회의소 = Korea Chamber of Commerce and Industry|KCCI
세계경제포럼 = World Economic Forum|WEF
신한은행 = Shinhan Bank
기업은행 = Industrial Bank of Korea|IBK
하나은행 = Hana Bank
현대자동차|현대차 = Hyundai Motor|Hyundai
기아 = Kia
삼성전자 = Samsung Electronics
삼성중공업 = Samsung Heavy Industries
삼성SDI = Samsung SDI
LG전자 = LG Electronics
LG에너지솔루션 = LG Energy Solution
SK온 = SK On
SK하이닉스 = SK hynix
포스코홀딩스 = POSCO Holdings
포스코 = POSCO
HD한국조선해양 = HD KSOE|HD Korea Shipbuilding
HD현대중공업 = HD Hyundai Heavy Industries
HD현대미포 = HD Hyundai Mipo
한화오션 = Hanwha Ocean
한화로보틱스 = Hanwha Robotics
두산로보틱스 = Doosan Robotics
두산에너빌리티 = Doosan Enerbility
에코프로 = EcoPro|Ecopro
GS칼텍스 = GS Caltex
DN솔루션즈 = DN Solutions
하나마이크론 = Hana Micron
한국항공우주산업|KAI = Korea Aerospace Industries|KAI
LS일렉트릭 = LS Electric
AI 자율제조 얼라이언스|자율제조 얼라이언스 = AI Autonomous Manufacturing Alliance
제조 AX 얼라이언스|M.AX 얼라이언스|M.AX = Manufacturing AX Alliance|M.AX Alliance|M.AX
산업 AI 얼라이언스 = Industrial AI Alliance
AI 팩토리 = AI Factory|AI factory
AI 자율제조 = AI autonomous manufacturing|AI Autonomous Manufacturing
국민성장펀드 = Public Growth Fund|National Growth Fund
국가연구개발혁신법 = National R&D Innovation Act|National Research and Development Innovation Act
산업 디지털 전환 촉진법 = Industrial Digital Transformation Promotion Act
중대재해처벌법 = Serious Accidents Punishment Act
중소기업기본법 = Framework Act on Small and Medium Enterprises
시행령 = Decree
고시 = Notice
경상남도|경남 = South Gyeongsang|Gyeongnam
경상북도|경북 = North Gyeongsang|Gyeongbuk
전라남도|전남 = South Jeolla|Jeonnam
전라북도|전북 = North Jeolla|Jeonbuk
충청남도|충남 = South Chungcheong|Chungnam
충청북도|충북 = North Chungcheong|Chungbuk
경기도|경기 = Gyeonggi
강원 = Gangwon
서울 = Seoul
부산 = Busan
대구 = Daegu
대전 = Daejeon
광주 = Gwangju
울산 = Ulsan
인천 = Incheon
창원 = Changwon
포항 = Pohang
천안 = Cheonan
구미 = Gumi
싱가포르 = Singapore
테네시 = Tennessee
독일 = Germany|German
미국 = United States|US
한국|국내 = Korea|Korean
"""
_TERMS = """
중소기업 = SME|SMEs|small and medium enterprises
중견기업 = mid-size firm|mid-size firms|mid-size companies|mid-size
대기업 = large company|large companies|large
소기업 = small enterprise|small enterprises|small
그 밖의 기업 = other companies
수요기업 = demand company
공급기업 = supply company
앵커기업 = anchor|anchors|anchor company
간사 = secretariat
분과 = division|divisions
정부 = government|state
정부지원금 = government support|grant|government money
지방자치단체|지방비 = local government|local governments
민간 = private
국비 = state money|state
자부담|기관부담금 = own contribution|own share
현금 = cash
현물 = in kind
간접비 = indirect cost
직접비 = direct cost
기술료 = technology fee
매출액|매출 = sales|revenue
총사업비 = total cost
투자 = investment|invested
대출 = loan|loans
보험 = insurance
보증 = guarantee
금리 = interest
한도 = limit
상한 = cap|ceiling
하한 = floor
기간 = period|length
기한 = deadline
목표 = goal|target
생산성 = productivity
불량률 = defect rate
도입률|확산율 = adoption|diffusion
부가가치 = value added
선도프로젝트|선도사업 = lead project|lead projects
과제 = project|projects
협약 = agreement
공고 = call|notice
이의신청 = objection
제재 = sanction
토크 = torque
압력 = pressure
온도 = temperature
속도 = speed
유량 = flow
전류 = current
전압 = voltage
간격|간극 = gap|clearance
무게|질량 = mass|weight
높이 = height
길이 = length
시간 = hours|time
자동차 = automotive|car
전자 = electronics
조선 = shipbuilding
철강 = steel
이차전지 = secondary batteries|batteries
반도체 = semiconductors|semiconductor
디스플레이 = displays|display
로봇 = robot|robots
항공 = aerospace|aircraft
방산 = defence
석유화학 = petrochemicals
섬유 = textiles
식품 = food
전문기업 = specialist companies|specialist
전문인력 = specialists
신규 = new
연간|해마다 = a year|annual
매월 = month
첫해 = first year
"""


def _pairs(text: str) -> list[tuple[list[str], list[str]]]:
    sides = [line.split(" = ") for line in text.strip().splitlines()]
    return [(korean.split("|"), english.split("|")) for korean, english in sides]


@lru_cache(maxsize=2)
def translations(language: Language) -> Mapping[str, frozenset[str]]:
    """Words of `language`, in the form that `binding.tokens` gives them, with those of the other language."""

    def keys(spellings: list[str]) -> set[str]:
        return {token.key for spelling in spellings for token in tokens(spelling) if token.kind != "figure"}

    found: dict[str, frozenset[str]] = {}
    for korean, english in _pairs(_NAMES) + _pairs(_TERMS):
        own, other = (korean, english) if language == "ko" else (english, korean)
        for key in keys(own):
            found[key] = found.get(key, frozenset()) | keys(other)
    return found


_NAME_EN = re.compile(
    r"(?<![A-Za-z])[A-Z][A-Za-z&.]*[A-Za-z](?:(?: |-| of | and |, (?=[A-Z]\w+ and ))[A-Z][A-Za-z&.]*[A-Za-z])*"
)
#: Capitalised words that are no names of anyone.
_COMMON = frozenset(
    """KRW USD EUR AI IT SME SMEs R&D January February March April May June July August September October November
    December Article Articles Act Section Table Source Decree Notice Q RMS CNC AGV PC
    """.split()  # noqa: SIM905 - a list of words reads better than a list of quotes
)


def names_of(sentence: str, language: Language, source: str) -> list[str]:
    """Names in the sentence that the source, in the other language, does not hold under either spelling."""
    missing: list[str] = []
    rest = sentence
    pairs = sorted(_pairs(_NAMES), key=lambda pair: -max(map(len, pair[0] if language == "ko" else pair[1])))
    for korean, english in pairs:
        own, other = (korean, english) if language == "ko" else (english, korean)
        for spelling in sorted(own, key=len, reverse=True):
            if _holds(rest, spelling):
                rest = rest.replace(spelling, " ")
                if not any(_holds(source, name) for name in (*other, spelling)):
                    missing.append(spelling)
    folded = source.casefold()
    for match in _NAME_EN.finditer(rest):
        name = match.group()
        opening = not rest[: match.start()].strip() or re.search(r"[.!?:]\s+$", rest[: match.start()])
        if opening and not name.isupper():
            name = name.partition(" ")[2]  # the first word of a sentence
        if name and not all(
            word in _COMMON or word.casefold() in folded for word in re.findall(r"[A-Za-z&.]+[A-Za-z]", name)
        ):
            missing.append(name)
    return missing


def _holds(text: str, spelling: str) -> bool:
    if spelling.isascii():
        return re.search(rf"(?<![A-Za-z]){re.escape(spelling)}(?![A-Za-z])", text) is not None
    return re.sub(r"\s", "", spelling) in re.sub(r"\s", "", text)
