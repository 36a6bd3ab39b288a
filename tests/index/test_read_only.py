"""An index that may not be written is served all the same, and nobody is told to build it again."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from assistant.errors import IndexNotWritten, PathError
from assistant.index.catalog import Catalog
from assistant.index.store import open_index, write_index
from assistant.ingest import ingest
from assistant.text.tokens import terms
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder


def test_a_read_only_index_is_served(
    corpus: Path, tmp_path: Path, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "index"
    with write_index(folder, FAKE_FINGERPRINT) as index:
        ingest([corpus], index, embedder)
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    real = os.access
    monkeypatch.setattr(
        os,
        "access",
        lambda path, mode: real(path, mode) and not (mode == os.W_OK and str(path).startswith(str(folder))),
    )
    with open_index(folder, FAKE_FINGERPRINT) as index:
        copy = index.folder
        assert index.seen_by(["public"]).search_words(terms("153개 기업"), 1)
        assert index.seen_by(["public"]).search_vectors(embedder.encode_query("153개 기업과 기관"), 1)
    assert not copy.exists(), "the copy goes with the reader"
    assert {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()} == before


def test_a_folder_that_may_not_be_written_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("filelock.FileLock.acquire", refused)
    with pytest.raises(PathError, match="may not be written"), write_index(tmp_path / "index", FAKE_FINGERPRINT):
        pass


def test_a_catalogue_that_may_not_be_opened_is_not_corrupt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IndexNotWritten) as caught:
        Catalog(tmp_path / "folder", create=False)  # SQLite cannot open a folder
    assert "rebuild" not in caught.value.hint and isinstance(caught.value.__cause__, sqlite3.OperationalError)
