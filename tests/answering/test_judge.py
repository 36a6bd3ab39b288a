"""The judge: thresholds, gates that code can prove, and what is told beside the best passage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.answering.judge import judge
from assistant.schema import Document, Found, Hit, Passage, Question, Reading, Span, Verdict
from assistant.tuning import tuning

TUNING = replace(
    tuning(), near=0.3, answer={"ko": 0.5, "en": 0.6}, weight=1.0, offered=0.6, quoted=0.5, unknown=0.5, doubt=0.0
)  # fmt: skip
ASKED = Question("값이 얼마입니까?", "값이 얼마입니까?", "ko", date(2026, 11, 29))


def found(
    text: str, answers: float, *, name: str = "a.md", marked: str = "", unknown: float = 0.0, **document: str
) -> Found:
    owner = Document(name, name, document.pop("title", name), document.pop("language", "ko"), ("public",), "", "")  # type: ignore[arg-type]
    owner = replace(owner, **document)
    passage = Passage(f"{name}@{text[:8]}", name, 0, 0, len(text), text)
    at = text.index(marked or text)
    reading = Reading(answers, unknown, (Span(at, at + len(marked or text), 0.9),))
    return Found(Hit(passage, owner, 1.0), reading, 1.0 + answers)


def told(verdict: Verdict) -> list[str]:
    return [each.hit.passage.text for each in verdict.told]


@pytest.mark.parametrize(
    ("language", "answers", "kind"), [("ko", 0.55, "answer"), ("en", 0.55, "refuse"), ("ko", 0.45, "refuse")]
)
def test_each_language_has_its_threshold(language: str, answers: float, kind: str) -> None:
    verdict = judge(replace(ASKED, language=language), [found("4만 원입니다.", answers)], TUNING)  # type: ignore[arg-type]
    assert verdict.kind == kind and verdict.probability == pytest.approx(answers)


def test_nothing_found_is_a_refusal() -> None:
    assert judge(ASKED, [], TUNING).kind == "refuse"


def test_what_is_said_to_be_unknown_is_its_own_verdict() -> None:
    assert judge(ASKED, [found("값은 확인된 자료가 없습니다.", 0.9, unknown=0.8)], TUNING).kind == "unknown"


def test_what_speaks_for_unknown_takes_from_the_probability() -> None:
    numbers, doubtful = replace(TUNING, doubt=0.5), found("4만 원은 정해지지 않았습니다.", 0.7, unknown=0.48)
    assert judge(ASKED, [doubtful], TUNING).kind == "answer"
    assert judge(ASKED, [doubtful], numbers).kind == "refuse"
    assert judge(ASKED, [found("4만 원입니다.", 0.7, unknown=0.1)], numbers).probability == pytest.approx(0.7)


def test_an_operand_needs_less_than_a_second_fact() -> None:
    numbers = replace(TUNING, offered=0.95)
    first, second = found("2025년 100억 원", 0.9, marked="100억 원"), found("2026년 70억 원", 0.7, marked="70억 원")
    assert told(judge(ASKED, [first, second], numbers)) == ["2025년 100억 원"]
    first = replace(first, reading=replace(first.reading, operation="difference"))
    assert told(judge(ASKED, [first, second], numbers)) == ["2025년 100억 원", "2026년 70억 원"]


def test_a_code_must_stand_in_what_is_told() -> None:
    asked = replace(ASKED, text="TA0108 조치는?", codes=("ta0108",))
    other, own = found("TA0109: 공구를 바꿉니다.", 0.95), found("TA0108: 공구를 조입니다.", 0.7)
    assert told(judge(asked, [other, own], TUNING)) == ["TA0108: 공구를 조입니다."]
    assert judge(asked, [other], TUNING).kind == "refuse"
    machine = found("전원을 끕니다.", 0.9, title="VMC-3T 안내")
    assert judge(replace(ASKED, codes=("vmc-3t",)), [machine], TUNING).kind == "answer"
    assert judge(replace(ASKED, codes=("m10s",)), [found("M10 볼트: 45 N·m", 0.9)], TUNING).kind == "answer"


def test_a_second_passage_is_told_when_it_adds_something() -> None:
    first = found("한도는 4억 원입니다.", 0.9, marked="4억 원")
    again = found("그 한도는 4억 원이라고 합니다.", 0.9, name="b.md", marked="4억 원")
    more = found("마감은 5월 3일입니다.", 0.8, name="c.md", marked="5월 3일")
    unsure = found("기타는 3건입니다.", 0.55, name="d.md", marked="3건")
    english = found("The limit is KRW 500 million.", 0.9, name="e.md", language="en")
    verdict = judge(ASKED, [first, again, more, unsure, english], TUNING)
    assert told(verdict) == ["한도는 4억 원입니다.", "마감은 5월 3일입니다."]


def test_the_version_in_force_is_told_unless_the_past_is_named() -> None:
    old = found("조임 토크는 90 N·m입니다.", 0.95, name="rev-a", marked="90 N·m", superseded_by="rev-b")
    new = found("조임 토크는 95 N·m입니다.", 0.9, name="rev-b", marked="95 N·m", effective_date="2025-03-01")
    assert told(judge(ASKED, [old, new], TUNING)) == ["조임 토크는 95 N·m입니다."]
    past = judge(replace(ASKED, years=(2024,)), [old, new], TUNING)
    assert told(past)[0] == "조임 토크는 90 N·m입니다."
    assert told(judge(ASKED, [old], TUNING)) == ["조임 토크는 90 N·m입니다."]


def test_a_twin_in_the_questions_language_is_told_first() -> None:
    english = found("The limit is KRW 400 million.", 0.95, name="a.en.md", marked="KRW 400 million", language="en")
    korean = found("한도는 4억 원입니다.", 0.7, marked="4억 원")
    assert told(judge(ASKED, [english, korean], TUNING))[0] == "한도는 4억 원입니다."
    unsure = found("한도는 따로 정합니다.", 0.52)
    assert told(judge(ASKED, [english, unsure], TUNING))[0] == "The limit is KRW 400 million."


def test_what_is_far_from_every_document_is_refused_however_sure_the_reader_is() -> None:
    plant = found("LG 스마트파크는 경남 창원에 있습니다.", 0.95)
    far = replace(plant, hit=replace(plant.hit, similarity=0.25))
    assert judge(ASKED, [far], TUNING).kind == "refuse"
    assert judge(ASKED, [replace(plant, hit=replace(plant.hit, similarity=0.5))], TUNING).kind == "answer"
    coded = found("TA0108: 공구를 조입니다.", 0.9)
    assert (
        judge(replace(ASKED, codes=("ta0108",)), [replace(coded, hit=replace(coded.hit, similarity=0.2))], TUNING).kind
        == "answer"
    )
