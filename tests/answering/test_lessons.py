"""Lessons for the language model: the replies name quotes that are there, and learning reaches the adapter alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from assistant.answering.replies import NOTHING, opposite
from assistant.answering.training import export
from assistant.answering.training.lessons import Lesson, lessons
from assistant.answering.training.taught import Row, TaughtModel, padded
from assistant.reading.training.examples import DATA, rows


@pytest.fixture(scope="module")
def found() -> list[Lesson]:
    return lessons()


def test_each_reply_names_quotes_of_its_prompt(found: list[Lesson]) -> None:
    assert len(found) > 6000
    for lesson in found:
        ids = {quote.id for quote in lesson.quotes}
        assert ids and len(ids) == len(lesson.quotes), lesson.question
        named = {name for group in re.findall(r"\[([a-z0-9 ]+)\]", lesson.reply) for name in group.split()}
        assert (lesson.task in ("answer", "check")) == (lesson.holds is not None)
        assert named <= ids and bool(named) != (lesson.reply == NOTHING[lesson.language]), lesson


def test_quotes_are_those_that_were_offered_and_always_hold_the_answer(found: list[Lesson], tmp_path: Path) -> None:
    passages = {row["id"]: row for row in rows(DATA / "passages.jsonl")}
    pair = next(
        row for row in rows(DATA / "pairs.jsonl")
        if row["answers"] and row.get("reply") and "passage" in row and row["lang"] == "ko" and len(row["spans"]) == 1
    )  # fmt: skip
    elsewhere = next(row for row in passages.values() if row["document"].startswith("manuals/"))
    (start, end), passage = pair["spans"][0], passages[pair["passage"]]
    answering = passage["text"][start:end]
    wrong, same = ("컨베이어를 세우십시오.", f"다른 문서도 {answering}이라고 합니다.")
    offers = tmp_path / "offers.jsonl"
    quotes = [
        {"document": elsewhere["document"], "title": "", "headings": [], "date": "", "header": "", "text": text,
         "start": at, "end": at + 9}
        for at, text in ((10, wrong), (400, same))
    ]  # fmt: skip
    offers.write_text(json.dumps({"id": pair["id"], "quotes": quotes}), encoding="utf-8")
    (lesson,) = [
        each for each in lessons(offers) if each.question == pair["question"] and each.task == "answer"
    ]  # fmt: skip
    texts = [quote.quote for quote in lesson.quotes]
    assert wrong in texts and same not in texts and any(answering in text for text in texts)
    named = next(quote for quote in lesson.quotes if lesson.reply.startswith(f"[{quote.id}"))
    assert answering in named.quote


def test_the_other_one_of_yes_and_no_does_not_hold(found: list[Lesson]) -> None:
    assert opposite("[k3v] 네, 됩니다.", "ko") == "[k3v] 아니요, 됩니다."
    assert opposite("[k3v] It is.", "en") == "[k3v] It is."
    said = {(each.question, each.reply) for each in found if each.task == "answer"}
    turned = [
        each for each in found
        if each.task == "check" and (other := opposite(each.reply, each.language)) != each.reply
        and (each.question, other) in said
    ]  # fmt: skip
    assert len(turned) > 100 and not any(each.holds for each in turned)


def test_a_formula_holds_figures_of_its_quotes(found: list[Lesson]) -> None:
    calculations = [lesson for lesson in found if lesson.task == "calculation"]
    assert len(calculations) > 150
    for lesson in calculations:
        quotes = {quote.id: " ".join(quote.quote.split()) for quote in lesson.quotes}
        terms = re.findall(r"\[([a-z0-9]+)\] (.+?)(?= [-+/] \[|$)", lesson.reply.removeprefix("= "))
        assert len(terms) >= 2 and all(words in quotes[name] for name, words in terms), lesson.reply


def test_what_is_reported_is_not_learned(found: list[Lesson]) -> None:
    learned = {(lesson.question, lesson.quotes) for lesson in found if lesson.split == "train"}
    reported = [lesson for lesson in found if lesson.split == "report"]
    assert len(reported) > 300 and not [each for each in reported if (each.question, each.quotes) in learned]


def test_the_places_of_a_reply_are_those_before_its_tokens() -> None:
    ids, wanted, following = padded([Row([5, 6, 7, 8], ((2, 4, 3.0),)), Row([1, 2, 3], ((1, 3, 3.0),))])
    assert ids.tolist() == [[5, 6, 7, 8], [1, 2, 3, 0]]
    assert following.tolist() == [7, 8, 2, 3] and wanted.sum() == 4


@pytest.fixture(scope="module")
def small() -> TaughtModel:
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64,
    )  # fmt: skip
    network = Qwen2ForCausalLM(config)
    network.requires_grad_(False)
    return TaughtModel(network, 1)


def test_padding_changes_nothing_and_the_model_says_what_transformers_says(small: TaughtModel) -> None:
    import torch

    ids, wanted, _ = padded([Row([5, 6, 7, 8], ((2, 4, 3.0),)), Row([1, 2, 3], ((1, 3, 3.0),))])
    alone, place, _ = padded([Row([1, 2, 3], ((1, 3, 3.0),))])
    with torch.no_grad():
        both, one = small(ids, wanted), small(alone, place)
        whole = small.adapted.get_base_model()(input_ids=alone).logits[0, :2]
    assert torch.allclose(both[2:], one, atol=1e-5) and torch.allclose(one, whole, atol=1e-5)


def test_only_the_adapter_learns_and_its_file_names_the_blocks(small: TaughtModel, tmp_path: Path) -> None:
    gguf = pytest.importorskip("gguf")
    ids, wanted, following = padded([Row([5, 6, 7, 8], ((2, 4, 3.0),))])
    before = {name: value.clone() for name, value in small.named_parameters() if not value.requires_grad}
    import torch

    optimizer = torch.optim.Adam([value for value in small.parameters() if value.requires_grad], lr=0.02)
    losses = []
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(small(ids, wanted), following)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] - 0.2
    assert all(torch.equal(value, before[name]) for name, value in small.named_parameters() if name in before)
    export.write(small.adapter(), tmp_path / "a.gguf")
    names = {tensor.name: tuple(tensor.shape) for tensor in gguf.GGUFReader(tmp_path / "a.gguf").tensors}
    assert len(names) == 2 * 2 * 7 and names["blk.1.attn_q.weight.lora_a"] == (32, 16)
    assert names["blk.2.ffn_down.weight.lora_b"] == (16, 32)
    kept, again = small.adapter(), export.read(tmp_path / "a.gguf")
    assert kept.keys() == again.keys()
    assert all(torch.allclose(again[name], value, atol=1e-3) for name, value in kept.items())
