"""The embedder: batches, the 8-bit form, and when it is used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import ModelError
from assistant.settings import Settings
from assistant.weights import embedder, fast_embedder
from assistant.weights.store import folder_of

NAME = "embeddinggemma-300m"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model's folder in an empty cache, on a machine that is fit for int8."""
    monkeypatch.setattr(fast_embedder, "_machine_fits", lambda: True)
    found = folder_of(NAME, tmp_path)
    found.mkdir(parents=True)
    return found


def two_layers() -> Any:
    """What `convert` takes: a sequence whose first module holds linear layers."""
    import torch

    torch.manual_seed(1)
    layers = torch.nn.Sequential(
        torch.nn.Linear(96, 64, bias=False), torch.nn.RMSNorm(64), torch.nn.Linear(64, 32, bias=False)
    )
    return torch.nn.ModuleList([layers, torch.nn.Linear(32, 16, bias=False)])


def encoder(model: Any, inputs: Any) -> Any:
    """An `encode` that ignores its texts: unit rows of the first module."""
    import torch

    def encode(_: Sequence[str]) -> np.ndarray:
        with torch.inference_mode():
            return torch.nn.functional.normalize(model[0](inputs), dim=-1).numpy()

    return encode


# ---- batches


def test_batches_hold_every_text_once_within_the_budget() -> None:
    lengths = [5, 900, 40, 41, 39, 300, 310, 2000, 1]
    groups = embedder.batches(lengths, budget=1000)
    assert sorted(position for group in groups for position in group) == list(range(len(lengths)))
    for group in groups:
        assert len(group) == 1 or len(group) * max(lengths[position] for position in group) <= 1000
    assert [7] in groups and {5, 6} <= set(next(group for group in groups if 5 in group))


def test_batches_of_nothing() -> None:
    assert embedder.batches([]) == []


class CountingModel:
    """Two dimensions: the length of a text, and 1. `tokenizer` counts characters."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def get_embedding_dimension(self) -> int:
        return 2

    def tokenizer(self, texts: list[str]) -> dict[str, list[list[int]]]:
        return {"input_ids": [[0] * len(text) for text in texts]}

    def encode(self, texts: list[str], **options: Any) -> np.ndarray:
        assert options["prompt"] == "" and options["normalize_embeddings"]
        self.sizes.append(len(texts))
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)


def test_vectors_come_back_in_the_order_of_the_texts() -> None:
    model = CountingModel()
    texts = ["a" * length for length in (7, 600, 3, 500, 900)]
    assert embedder._vectors(model, texts)[:, 0].tolist() == [7, 600, 3, 500, 900]
    assert sorted(model.sizes) == [1, 1, 1, 2]
    assert embedder._vectors(model, []).shape == (0, 2)


# ---- questions


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[embedder.SentenceEmbedder, list[str]]:
    """An embedder without weights, and the texts that were computed."""
    computed: list[str] = []

    def encode(self: Any, texts: Sequence[str]) -> np.ndarray:
        computed.extend(texts)
        return np.array([[len(text), 1] for text in texts], dtype=np.float32)

    monkeypatch.setattr(embedder, "locate", lambda name, cache: cache)
    monkeypatch.setattr(embedder.SentenceEmbedder, "_prompt", lambda self, name: "query: ")
    monkeypatch.setattr(embedder.SentenceEmbedder, "_encode", encode)
    return embedder.SentenceEmbedder("all-minilm-l6-v2", tmp_path), computed


def test_a_question_is_computed_once(asked: tuple[embedder.SentenceEmbedder, list[str]]) -> None:
    made, computed = asked
    first = made.encode_query("누가 신청합니까?")
    assert made.encode_query("누가 신청합니까?") is first and computed == ["query: 누가 신청합니까?"]
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0  # it would be another vector for the next who asks
    assert made.encode_query("언제?")[0] != first[0]


def test_only_the_last_questions_are_kept(asked: tuple[embedder.SentenceEmbedder, list[str]]) -> None:
    made, computed = asked
    for number in range(embedder._KEPT_QUESTIONS + 1):
        made.encode_query(f"{number}?")
    made.encode_query("1?")
    assert len(computed) == embedder._KEPT_QUESTIONS + 1
    made.encode_query("0?")
    assert computed[-1] == "query: 0?"


def test_a_failure_is_not_kept(
    asked: tuple[embedder.SentenceEmbedder, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, computed = asked
    with monkeypatch.context() as broken:
        broken.setattr(made, "_encode", lambda texts: (_ for _ in ()).throw(ModelError("It broke.", "Again.")))
        with pytest.raises(ModelError):
            made.encode_query("왜?")
    assert made.encode_query("왜?").shape == (2,) and computed == ["query: 왜?"]


def test_questions_from_many_threads_get_their_own_vectors(
    asked: tuple[embedder.SentenceEmbedder, list[str]],
) -> None:
    made, _ = asked
    questions = ["?" * (number % 40) for number in range(4000)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(made.encode_query, questions))
    assert [vector[0] for vector in found] == [len("query: ") + len(question) for question in questions]


# ---- the 8-bit form


def test_int8_layers_are_near_fp32_and_independent_of_the_batch() -> None:
    import torch

    model = two_layers()
    inputs = torch.randn(7, 96)
    inputs[3] *= 1000  # a token with large values must not spoil its neighbours
    exact = encoder(model, inputs)([])
    fast_embedder.convert(model)
    rounded = encoder(model, inputs)([])
    assert (exact * rounded).sum(axis=1).min() > 0.999
    assert np.array_equal(encoder(model, inputs[:1])([]), rounded[:1])
    assert model[0][0].weight is None and model[1].weight is not None


def test_int8_linear_keeps_leading_dimensions_and_zero_rows() -> None:
    import torch

    weight = torch.tensor([[127, 0], [0, 127]], dtype=torch.int8)
    rows = torch.tensor([[[0.0, 0.0], [1.0, -0.5], [0.25, 1.0]]])
    out = fast_embedder.linear(rows, weight, torch.tensor([1 / 127, 2 / 127]))
    assert out.shape == (1, 3, 2)
    assert torch.allclose(out, rows * torch.tensor([1.0, 2.0]), atol=0.01)


# ---- when it is used


def test_first_load_compares_with_fp32_and_records_it(folder: Path, tmp_path: Path) -> None:
    import torch

    model = two_layers()
    encode = encoder(model, torch.randn(12, 96))
    assert fast_embedder.uses_int8(NAME, tmp_path)
    fast_embedder.settle(model, NAME, tmp_path, True, encode)
    record = json.loads((folder / fast_embedder.RECORD).read_text())
    assert record["use"] and record["form"] == fast_embedder.FORM and record["mean_cosine"] > 0.995

    calls: list[int] = []
    fast_embedder.settle(two_layers(), NAME, tmp_path, True, lambda texts: calls.append(len(texts)))  # type: ignore[arg-type, return-value]
    assert calls == []  # known: no comparison at the next start


def test_a_wrong_conversion_is_refused_and_fp32_is_used_from_then_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    model = two_layers()
    honest = fast_embedder.linear
    monkeypatch.setattr(fast_embedder, "linear", lambda *args, **kw: honest(*args, **kw).roll(1, -1))
    with pytest.raises(ModelError, match="run the command again"):
        fast_embedder.settle(model, NAME, tmp_path, True, encoder(model, torch.randn(12, 96)))
    assert not fast_embedder.uses_int8(NAME, tmp_path)


def test_a_machine_that_is_not_fit_stays_with_fp32(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_embedder, "_machine_fits", lambda: False)
    model = two_layers()
    assert not fast_embedder.uses_int8(NAME, tmp_path)
    fast_embedder.settle(model, NAME, tmp_path, False, lambda texts: np.empty((0, 0)))
    assert model[0][0].weight is not None and not (folder / fast_embedder.RECORD).exists()


@pytest.mark.parametrize(
    ("capabilities", "product", "fits"),
    [
        ({"avx512_vnni": True}, None, True),
        ({"avx_vnni": True, "avx512_vnni": False}, None, True),
        ({"avx2": True, "avx512_vnni": False}, None, False),
        ({}, None, False),
        ({"avx512_vnni": True}, lambda a, b: (a.int() @ b.int()) + 1, False),
    ],
)
def test_int8_needs_the_instructions_and_exact_sums(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], product: Any, fits: bool
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    monkeypatch.setattr(torch, "_int_mm", product or (lambda a, b: a.int() @ b.int()))
    assert fast_embedder._machine_fits.__wrapped__() is fits


def test_a_gpu_is_left_to_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert fast_embedder._machine_fits.__wrapped__() is False


@pytest.mark.parametrize("change", [{"form": "int8-0"}, {"torch": "0.1"}, {"machine": "other"}, {"use": "yes"}])
def test_a_record_of_something_else_is_not_believed(folder: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    fast_embedder._write(folder, {"use": False})
    assert not fast_embedder.uses_int8(NAME, tmp_path)
    record = json.loads((folder / fast_embedder.RECORD).read_text()) | change
    (folder / fast_embedder.RECORD).write_text(json.dumps(record))
    assert fast_embedder.uses_int8(NAME, tmp_path)


def test_a_damaged_or_unwritable_record_is_no_error(folder: Path, tmp_path: Path) -> None:
    (folder / fast_embedder.RECORD).write_text("{")
    assert fast_embedder.uses_int8(NAME, tmp_path)
    fast_embedder._write(tmp_path / "absent", {"use": True})


def test_other_models_stay_fp32(folder: Path, tmp_path: Path) -> None:
    assert not fast_embedder.uses_int8("all-minilm-l6-v2", tmp_path)


@pytest.mark.model
def test_the_real_model_in_8_bits_is_near_fp32() -> None:
    """Both forms of the real embedder on the twelve sentences, and the order of the passages for each question."""
    cache = Settings().cache
    if not fast_embedder.uses_int8(NAME, cache):
        pytest.skip("this machine computes in fp32")
    from sentence_transformers import SentenceTransformer

    texts = list(fast_embedder.CHECK_SENTENCES)
    model = SentenceTransformer(str(folder_of(NAME, cache)), local_files_only=True)
    exact = embedder._vectors(model, texts)
    del model
    ready = embedder.SentenceEmbedder(NAME, cache)
    rounded = ready._encode(texts)
    cosines = (exact * rounded).sum(axis=1)
    assert cosines.mean() > 0.995 and cosines.min() > 0.99
    assert ((exact[8:] @ exact[:8].T).argmax(axis=1) == (rounded[8:] @ rounded[:8].T).argmax(axis=1)).all()
    assert ready.encode_passages(["", "표"], ["짧은 글", "긴 글 " * 200]).shape == (2, 768)
    assert ready.fingerprint == embedder.embedder_fingerprint(NAME)
