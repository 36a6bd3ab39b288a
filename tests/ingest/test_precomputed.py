"""Vectors that come with the corpus: complete, right, and never more than a saving of time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.ingest.pipeline import passage_text, passage_title
from assistant.ingest.precomputed import PrecomputedEmbedder, key_of, load_vectors, save_vectors, vectors_file
from assistant.settings import Settings
from tests.fakes import FakeEmbedder


def test_stored_vectors_are_used_and_the_rest_is_computed(tmp_path: Path) -> None:
    fake = FakeEmbedder()
    file = tmp_path / "_vectors" / "fake.npz"
    first = PrecomputedEmbedder(fake, {})
    made = first.encode_passages(["a", "b"], ["하나", "둘"])
    save_vectors(file, fake.fingerprint, first.used)
    fake.passages.clear()
    again = PrecomputedEmbedder(fake, load_vectors(file, fake.fingerprint))
    found = again.encode_passages(["b", "a", "a"], ["둘", "하나", "셋"])
    assert fake.passages == ["셋"]
    assert np.allclose(found[:2], made[::-1], atol=1e-3)


def test_vectors_of_another_embedder_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "v.npz"
    save_vectors(file, "one/prompt-1", {key_of("a", "b"): np.ones(4, dtype=np.float32)})
    assert load_vectors(file, "another/prompt-1") == {} == load_vectors(tmp_path / "none.npz", "one/prompt-1")


@pytest.mark.model
@pytest.mark.slow
def test_the_corpus_has_its_vectors_and_they_are_right(corpus_index: Path) -> None:
    """Every passage has a stored vector (else run `make vectors`), and a sample agrees with the embedder."""
    from assistant.index.catalog import Catalog
    from assistant.weights.embedder import SentenceEmbedder

    settings = Settings()
    embedder = SentenceEmbedder(settings.embedder, settings.cache)
    stored = load_vectors(vectors_file(settings.corpus, settings.embedder), embedder.fingerprint)
    catalog = Catalog(corpus_index / "catalog.sqlite3", create=False)
    states = catalog.chunk_states()
    found = catalog.chunks(list(states), list({access for access, _ in states.values()}))
    inputs = [(passage_title(chunk, document), passage_text(chunk)) for chunk, document in found.values()]
    missing = [title for title, text in inputs if key_of(title, text) not in stored]
    assert not missing, f"{len(missing)} passages have no stored vector: run `make vectors`"
    sample = sorted(inputs)[:: max(1, len(inputs) // 12)]
    fresh = embedder.encode_passages([title for title, _ in sample], [text for _, text in sample])
    kept = np.stack([stored[key_of(title, text)] for title, text in sample])
    assert (fresh * kept).sum(axis=1).min() > 0.99
