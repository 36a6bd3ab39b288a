"""A firm's own sentence: the reader says what is stated and where, code says how much, and what is unclear is left."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assistant.finder.fields import fields, parse_profile, words_of
from assistant.finder.names import names_in
from assistant.finder.reading import Read, read_profile
from assistant.rules.given import Thresholds
from assistant.schema import Language
from tests.fakes import MarkingReader

FIRM = "창원에 있는 매출 90억 금속가공, 로봇 2대 넣으려고. 4억쯤 듭니다. 8년 됐습니다."
#: Parts of the fields' questions, and the words that answer them.
MARKS = {
    "3개 사업연도의 평균": "매출 90억",
    "로봇을 몇 대": "로봇 2대",
    "비용은 모두": "4억쯤",
    "몇 년": "8년 됐습니다",
}


def read(text: str, reader: MarkingReader, language: Language = "ko") -> Read:
    return read_profile(text, language, reader, Thresholds(), date(2026, 11, 30))


def test_a_sentence_gives_amounts_counts_places_and_industries() -> None:
    found = read(FIRM, MarkingReader(MARKS))
    assert found.profile == {
        "sales": Decimal(9_000_000_000),
        "industry": "fabricated-metal",
        "region": "gyeongnam",
        "years": Decimal(8),
        "money": Decimal(400_000_000),
        "robots": Decimal(2),
    }


def test_what_the_reader_does_not_mark_is_not_taken() -> None:
    found = read(FIRM, MarkingReader({}))
    assert set(found.profile) == {"industry", "region"}


def test_yes_no_and_none_are_what_the_words_support() -> None:
    robots, exports = fields()["robots"], fields()["exports"].entry
    assert robots.none is not None and exports.no is not None
    text = "수출은 하지 않고 로봇은 계획에 없습니다."
    marks = {"로봇을 몇 대": "로봇은 계획에 없습니다", "수출 실적이": "수출은 하지 않고"}
    found = read(text, MarkingReader(marks, [robots.none.ko, exports.no.ko]))
    assert found.profile == {"exports": False, "robots": Decimal(0)}
    assert read(text, MarkingReader(marks)).profile == {}


def test_a_day_without_a_year_on_which_something_was_filed_lies_behind() -> None:
    for words, day in (
        ("1월 8일에 접수했습니다.", date(2026, 1, 8)),
        ("11월 20일에 접수했습니다.", date(2026, 11, 20)),
    ):
        assert read(words, MarkingReader({"언제 접수": words[: words.index("에")]})).profile == {"filed": day}


def test_of_two_places_the_reader_says_which_one_or_it_is_asked() -> None:
    text = "본사는 서울이고 공장은 창원에 있습니다."
    assert read(text, MarkingReader({"시·도": "창원"})).profile == {"region": "gyeongnam"}
    unclear = read(text, MarkingReader({}))
    assert unclear.profile == {} and unclear.unsure == ("region",)


@pytest.mark.parametrize(
    ("field", "text", "keys"),
    [
        ("region", "고성의 조선소", ["gangwon", "gyeongnam"]),  # two towns of one name
        ("region", "a plant in Changwon, near Busan", ["gyeongnam", "busan"]),
        ("region", "동서울", []),
        ("industry", "자동차 부품을 만듭니다", ["motor-vehicles"]),
        ("industry", "steelmaking", ["primary-metals"]),
        ("industry", "seafood", []),
        ("region", "양산 라인에 이천만 원", []),
        ("region", "양산시의 공장", ["gyeongnam"]),
        ("industry", "유리한 조건, 제재 이력 없음", []),
    ],
)
def test_names_stand_for_regions_and_industries(field: str, text: str, keys: list[str]) -> None:
    assert [each.key for each in names_in(field, text)] == keys


def test_every_value_can_be_put_in_words_and_read_again() -> None:
    profile = parse_profile({"sales": "90억", "region": "gyeongnam", "ai": "예", "robots": 2, "owner_stake": "40%"})
    for language in ("ko", "en"):
        words = {name: words_of(name, value, language) for name, value in profile.items()}  # type: ignore[arg-type]
        assert parse_profile(words) == profile
