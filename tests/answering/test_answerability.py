from __future__ import annotations

import pytest

from assistant.answering.answerability import certainty, decide, is_entry, states_absence
from assistant.answering.evidence import Selection
from assistant.schema import Evidence
from tests.fakes import FakeEmbedder


def piece(quote: str, name: str = "k3v", header: str = "", superseded_by: str = "") -> Evidence:
    return Evidence(
        name, "d.md", "T", "d.md", "1", "2026-01-01", 1, ("H",), quote, 0, len(quote),
        table_header=header, superseded_by=superseded_by or None,
    )  # fmt: skip


def decided(question: str, *pieces: Evidence, similarity: float = 0.6):  # type: ignore[no-untyped-def]
    return decide(question, Selection(pieces, 1, 1.0, similarity), FakeEmbedder())


JEJU = "제주 과제는 감귤을 연간 45억 개 검사하는 과제입니다. 제주 과제의 사업비는 확인된 자료가 없습니다."


def test_nothing_near_is_refused_unless_the_code_is_there() -> None:
    assert not decided("오늘 서울 날씨 어때요?", piece("펌프를 점검합니다."), similarity=0.2).answer
    assert decided("TA0108?", piece("TA0108 | 원점 복귀 안 됨", header="코드 | 뜻"), similarity=0.2).answer


def test_one_sentence_that_is_not_known_does_not_silence_the_sentence_beside_it() -> None:
    assert decided("제주 과제는 감귤을 연간 몇 개 검사합니까?", piece(JEJU)).answer
    assert not decided("제주 과제의 사업비는 얼마입니까?", piece(JEJU)).answer


def test_what_is_not_known_counts_only_when_it_is_about_as_near_as_what_is_stated() -> None:
    stated = piece("The old diagnosis of plants gave at most 1,000 points in 2015.")
    aside = piece("The full table of industries was not found.", "m2k")
    assert decided("how many points did the old diagnosis of plants give in 2015?", stated, aside).answer


@pytest.mark.parametrize(
    ("question", "quote", "answer"),
    [
        ("which project lowers CO2?", "It watches heat so that less CO₂ comes out.", True),
        ("the 3rd alarm today, may I clear it?", "If the same alarm comes again, call maintenance.", True),
        ("what does alarm SV0401 mean?", "SV0402 means that the amplifier is hot.", False),
        ("What was the budget in 2031?", "The budget of 2024 was KRW 10 billion.", False),
        ("what is the price of the pump?", "The pump moves 20 litres.", False),
    ],
)  # fmt: skip
def test_codes_years_and_prices_must_be_there(question: str, quote: str, answer: bool) -> None:
    assert decided(question, piece(quote)).answer is answer


def test_the_present_is_not_answered_from_a_superseded_document() -> None:
    assert not decided("지금 한도는 얼마입니까?", piece("한도는 5억 원입니다.", superseded_by="new.md")).answer
    assert decided("2024년 한도는 얼마였습니까?", piece("2024년 한도는 5억 원입니다.", superseded_by="new.md")).answer


def test_a_firm_that_is_not_the_one_asked_about_is_no_answer() -> None:
    kia = Selection((piece("현대자동차와 포스코가 전략을 발표하였습니다."),), 1, 1.0, 0.6, ("기아",))
    assert not decide("기아가 발표한 전략의 핵심은?", kia, FakeEmbedder()).answer
    chamber = Selection((piece("대한상공회의소에서 여덟 회사가 발표하였습니다."),), 1, 1.0, 0.6, ("대한상의",))
    assert decide("대한상의에서 누가 발표했나요?", chamber, FakeEmbedder()).answer
    everywhere = Selection((piece("전국의 중소기업이면 신청할 수 있습니다."),), 1, 1.0, 0.6, ("서울",))
    assert decide("서울에 있는 중소기업도 신청할 수 있나요?", everywhere, FakeEmbedder()).answer


def test_pieces_that_do_not_fit_the_budget_are_a_refusal_not_a_crash() -> None:
    assert not decide("척 압력은?", Selection((piece("척 압력은 2.0 MPa입니다."),), 0, 1.0, 0.6), FakeEmbedder()).answer


def test_nearness_counts_beside_the_models_odds_and_a_code_makes_up_for_it() -> None:
    near, far = (Selection((piece("척 압력은 2.0 MPa입니다."),), 1, 1.0, cosine) for cosine in (0.6, 0.4))
    assert certainty("척 압력은?", 1.0, near) > 1.0 > certainty("척 압력은?", 1.0, far)
    coded = Selection((piece("TL260 척 압력은 2.0 MPa입니다."),), 1, 1.0, 0.4)
    assert certainty("TL260 척 압력은?", 1.0, coded) > certainty("TL260 척 압력은?", 1.0, far)


def test_the_entry_of_a_code_needs_no_judgement() -> None:
    assert is_entry("what is TE0705?", [piece("TE0705 | Air pressure low", header="Code | Meaning")])
    assert not is_entry("what is TE0705?", [piece("See TE0705.")])


@pytest.mark.parametrize("text", ["확인된 자료가 없습니다", "The list was not published.", "not found"])
def test_absence_is_recognised(text: str) -> None:
    assert states_absence(text)
