"""Right answers pass, lies made of them are caught; and the figures that are reported add up."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from assistant.answering.say import Speaker
from assistant.errors import PathError
from assistant.evaluation.mutants import KINDS, all_mutants, mutants
from assistant.evaluation.mutation import (
    Wrong,
    as_pairs,
    given_answers,
    given_lies,
    measure,
    of_lies,
    texts_of,
    verifier,
)
from assistant.evaluation.rephrase import Right, Text, half_of, right_answers
from assistant.index import Index
from assistant.schema import Block, Document
from tests.conftest import PROJECT
from tests.fakes import FakeLanguageModel, FakeReader

LINES = {
    "ko": [
        "출범 당시 대기업이 21%, 중견기업이 23%, 중소기업이 56%입니다.",
        "산업통상자원부는 2024년 7월 22일 협의체를 출범하였고, 한국무역보험공사는 5년 동안 10조 원을 공급합니다.",
        "선도프로젝트 1개에는 최대 100억 원이 지원됩니다.",
        "위탁연구개발기관은 기관부담금을 면제받을 수 있습니다.",
        "지원금은 3년 이내에 사용하여야 합니다.",
        "현재의 조건은 공개 자료에서 확인되지 않습니다.",
    ],
    "en": [
        "By number, large companies are 21%, mid-size firms 23% and SMEs 56%.",
        "The alliance was launched by MOTIE on 22 July 2024, and K-SURE provides KRW 10 trillion over 5 years.",
        "A lead project can receive up to KRW 10 billion.",
        "A guard must not be removed while the machine is running.",
        "An objection must be filed within 10 days after the notice.",
        "The project lasts 4 years and is led by Hyundai Motor.",
    ],
}


def text_of(language: str, name: str = "a") -> Text:
    lines = LINES[language]
    text = "\n".join(lines)
    blocks, start = [], 0
    for line in lines:
        blocks.append(Block("list_item" if line is lines[0] else "paragraph", start, start + len(line), ("제목",)))
        start += len(line) + 1
    document = Document(f"{name}.{language}.md", f"/{name}", "제목", language, ("public",), "0", "text/markdown")  # type: ignore[arg-type]
    return Text(document, text, tuple(blocks))


@pytest.fixture(scope="module")
def answers() -> list[Right]:
    return right_answers([text_of("ko"), text_of("en", "b")], 7, most=60)


def fake(*doubts: str) -> Wrong:
    model = FakeLanguageModel()
    model.doubts = set(doubts)
    return verifier(Speaker(model, FakeReader(), PROJECT / "prompts", 100, 0.0, 0.6, 0.8))


def test_lies_in_figures_are_caught_without_the_model(answers: list[Right]) -> None:
    outcome = measure(answers, fake())
    assert len(outcome.answers) >= 20 and len(outcome.mutants) >= 60
    assert [(right.text, why) for right, why in outcome.rejected] == []
    provable = ("digit", "scale", "unit", "date")
    assert [(m.kind, m.text) for m in outcome.missed if m.kind in provable] == []


def test_what_the_model_does_not_confirm_is_rejected(answers: list[Right]) -> None:
    outcome = measure(answers[:4], fake(""))
    assert len(outcome.rejected) == 4 and not outcome.missed


def test_pairs_to_learn_from_are_true_and_false(answers: list[Right]) -> None:
    pairs = list(as_pairs(answers[:6]))
    assert {pair["supported"] for pair in pairs} == {True, False}
    assert all(bool(pair["lie"]) != pair["supported"] and pair["quote"] for pair in pairs)


def test_lies_of_an_author_are_measured_by_kind(tmp_path: Path) -> None:
    row = {
        "document": "d.md",
        "title": "t",
        "heading": "h",
        "table_header": "",
        "quote": "중소기업이 56%입니다.",
        "lang": "ko",
    }
    lines = [
        {**row, "sentence": "중소기업이 56%입니다.", "supported": True},
        {**row, "sentence": "대기업이 56%입니다.", "supported": False, "lie": "role_swapped"},
    ]
    file = tmp_path / "lies.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    figures = of_lies(given_lies(file), fake("대기업"))
    assert figures["caught_share"] == 1.0 and figures["rejected_share"] == 0.0
    assert figures["caught_by_kind"] == {"role_swapped": [1, 1]}
    file.write_text("{}\n", encoding="utf-8")
    with pytest.raises(PathError, match="line 1"):
        given_lies(file)


def test_figures_add_up(answers: list[Right]) -> None:
    outcome = measure(answers[:8], fake())
    figures = outcome.figures()
    assert figures["right_answers"] == 8
    assert figures["mutants"] == sum(made for _, made in figures["caught_by_kind"].values())
    assert figures["caught"] == sum(caught for caught, _ in figures["caught_by_kind"].values())
    assert json.dumps({**figures, **outcome.examples()}, ensure_ascii=False)


def test_every_kind_of_lie_is_made_and_changes_the_text(answers: list[Right]) -> None:
    made = all_mutants(answers, 3)
    assert {mutant.kind for mutant in made} == set(KINDS)
    assert all(mutant.text != mutant.right.text for mutant in made)
    assert [m.text for m in made] == [m.text for m in all_mutants(answers, 3)]


def test_a_figure_is_exchanged_for_one_of_its_own_unit() -> None:
    (right,) = [r for r in right_answers([text_of("en")], 7, most=60) if r.how == "copied" and "SMEs" in r.text]
    lies = [m for m in mutants(right, random.Random(1)) if m.kind == "figure of another"]
    assert len(lies) == 1 and sorted(lies[0].change.split(" ↔ "))[0] in ("21", "23")


def test_a_document_its_translation_and_its_revision_are_in_one_half() -> None:
    names = ["manuals/press-rev-a.ko.pdf", "manuals/press-rev-b.en.pdf", "manuals/press.en.pdf"]
    assert len({half_of(name) for name in names}) == 1
    assert half_of("manuals/cnc-lathe-rev-a.ko.pdf") == "tune"
    assert half_of("manuals/injection-moulding-machine.en.pdf") == half_of("rules/who-may-apply.ko.md") == "check"


def test_answers_of_the_assistant_can_be_measured(tmp_path: Path) -> None:
    piece = {"id": "k3v", "document_id": "d.md", "title": "t", "path": "/d", "version": "", "effective_date": "",
             "page": None, "heading_path": ["h"], "quote": "중소기업이 56%입니다.", "start": 0, "end": 13}  # fmt: skip
    line = {"question": "비율은?", "language": "ko", "sentence": "중소기업이 56%입니다.", "citations": [piece]}
    file = tmp_path / "answers.jsonl"
    file.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")
    (right,) = given_answers(file)
    outcome = measure([right], fake())
    assert not outcome.rejected and outcome.mutants
    file.write_text('{"sentence": "x"}\n', encoding="utf-8")
    with pytest.raises(PathError, match="line 1"):
        given_answers(file)


def test_sentences_are_taken_from_an_index(index: Index) -> None:
    texts = texts_of(index.seen_by(("public",)))
    assert texts and all(text.text[block.start : block.end].strip() for text in texts for block in text.blocks)
    answers = right_answers(texts, 7, most=10)
    assert answers
    assert all(piece.quote in {t.text[piece.start : piece.end] for t in texts} for r in answers for piece in r.cited)
