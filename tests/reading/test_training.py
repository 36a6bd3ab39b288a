"""The training data keep their promises, and a step of learning changes what it should."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("onnx")

from assistant.reading.training.batches import SILENT, encode, orders, padded
from assistant.reading.training.evaluate import auroc, fit_platt, span_f1
from assistant.reading.training.examples import (
    DATA,
    Example,
    answers,
    hits,
    invented,
    mined,
    own,
    pieces,
    rows,
    rules,
    supports,
)
from assistant.schema import Reading, Span
from tests.corpus.documents import CORPUS

#: Families that nothing is ever trained on, so that something remains which no training has seen.
APART = (
    "alliance/launch-2024", "alliance/max-alliance-2025", "alliance/max-assembly-and-2026", "finance/sme-definition",
    "manuals/injection-moulding-machine", "practice/aas-and-digital-twin", "practice/ot-security",
    "practice/predictive-maintenance", "practice/robot-safety", "programmes/ai-factory-2025",
    "programmes/smart-factory-earlier", "proposals/saegyeol", "proposals/yeoulmok", "rules/misconduct-and-sanctions",
    "rules/objections-and-limits", "rules/who-may-apply",
)  # fmt: skip


def test_no_passage_of_the_families_set_apart_is_learned_from() -> None:
    documents = {row["document"] for row in rows(DATA / "passages.jsonl")}
    assert documents and not [name for name in documents if name.startswith(APART)]
    assert all((CORPUS / name).is_file() for name in documents)


def test_passages_are_of_the_corpus_and_spans_of_their_passages() -> None:
    passages = {row["id"]: row for row in rows(DATA / "passages.jsonl")}
    pairs = rows(DATA / "pairs.jsonl")
    assert len(pairs) >= 10_000 and len({row["id"] for row in pairs}) == len(pairs)
    for row in pairs:
        assert ("passage" in row) != ("document" in row), row["id"]
        if "passage" in row:
            text = passages[row["passage"]]["text"]
            assert all(0 <= start < end <= len(text) for start, end in row.get("spans", ())), row["id"]
        else:  # of the sample documents only our own words are kept
            assert row["document"].startswith("samples/") and "text" not in row


def test_half_of_the_pairs_are_near_misses_in_both_languages() -> None:
    pairs = rows(DATA / "pairs.jsonl")
    for language in ("ko", "en"):
        found = [row["answers"] for row in pairs if row["lang"] == language]
        assert 0.4 < sum(found) / len(found) < 0.6


def test_what_is_reported_shares_no_passage_with_what_is_learned() -> None:
    found = [each for each in own(None) if each.text]
    learned = {each.text for each in found if each.split == "train"}
    reported = [each for each in found if each.split == "report"]
    assert len(reported) > 300 and not [each for each in reported if each.text in learned]
    assert all(each.split == "train" for each in mined(None))


def test_what_search_brought_shares_no_passage_with_what_is_reported() -> None:
    reported = {each.text for make in (own(None), answers()) for each in make if each.split == "report" and each.text}
    assert not [each for each in hits() if each.text in reported]
    assert sum(bool(each.answers) for each in hits()) > 1500


def test_a_false_premise_is_never_an_answer() -> None:
    for each in hits():
        if each.note == "false_premise":
            assert not each.answers and not each.spans
    assert any(each.unknown and not each.answers for each in hits())


def test_a_piece_says_what_its_passage_says_of_it() -> None:
    text = "It takes a while.\n- two days\n- or three\nPart | Time\nA | 4 h\nB | 5 h"
    at = text.index("5 h")
    whole = Example("how long?", "t | ", text, "own", "en", "train", answers=True, spans=((at, at + 3),))
    found = [each for seed in range(40) for each in pieces([whole], seed)]
    held = {(each.text, each.prefix, each.text[slice(*each.spans[0])]) for each in found if each.answers}
    assert held == {("B | 5 h", "t | Part | Time | ", "5 h")}
    beside = {each.text for each in found if not each.answers}
    assert beside == {"It takes a while.", "- two days\n- or three", "A | 4 h"}


@pytest.mark.parametrize("make", [answers, hits, invented, rules, lambda: supports(None)])
def test_marks_lie_in_the_text(make) -> None:  # type: ignore[no-untyped-def]
    for each in make():
        assert all(0 <= start < end <= len(each.text) for start, end in each.spans), each


class _Letters:
    """A tokenizer whose tokens are letters."""

    cls_token_id, sep_token_id, pad_token_id = 1, 2, 0

    def __call__(self, text: str, **_: object) -> dict[str, list]:  # type: ignore[type-arg]
        return {"input_ids": [ord(c) for c in text], "offset_mapping": [(n, n + 1) for n in range(len(text))]}


def test_an_answer_far_down_a_long_text_is_still_learned() -> None:
    text = "x" * 900 + "answer"
    found = encode(Example("q?", "t | ", text, "own", "en", "train", answers=True, spans=((900, 906),)), _Letters())
    assert found.marks is not None and sum(found.marks) == 6 and len(found.ids) <= 384
    silent = encode(Example("q?", "", "text", "squad", "en", "train", supports=True), _Letters())
    assert silent.judged == (SILENT, SILENT, 1) and silent.marks is None


def test_batches_hold_every_example_once_and_count_only_their_own_tokens() -> None:
    import random

    groups = orders([5, 9, 3, 7, 4], 2, random.Random(1))
    assert sorted(at for group in groups for at in group) == [0, 1, 2, 3, 4]
    one = encode(Example("q", "", "abc", "own", "en", "train", answers=True, spans=((0, 1),)), _Letters())
    other = encode(Example("q", "", "abcdef", "own", "en", "train", answers=False), _Letters())
    batch = padded([one, other], 0)
    assert batch["marked"].sum().item() == 9 and batch["marks"].sum().item() == 1
    assert batch["mask"][0].sum().item() == len(one.ids)


def test_measures() -> None:
    assert auroc([0.9, 0.8, 0.1], [True, False, False]) == 1.0
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    example = Example("q", "", "abcdef", "own", "en", "report", answers=True, spans=((0, 4),))
    assert span_f1(Reading(1, 0, (Span(2, 6, 0.9),)), example) == 0.5
    assert span_f1(Reading(1, 0, ()), example) == 0.0
    slope, offset = fit_platt([-2.0, -1.0, 1.0, 2.0] * 20, [False, True, False, True] * 20)
    assert 0 < slope < 1 and abs(offset) < 0.1


def test_the_trained_files_and_the_data_stay_out_of_the_wheel() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert "assistant.reading.training*" in project["tool"]["setuptools"]["packages"]["find"]["exclude"]
