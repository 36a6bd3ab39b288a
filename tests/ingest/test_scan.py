"""Which files are found, and under which id."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from assistant.errors import PathError
from assistant.ingest.scan import scan


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text", encoding="utf-8")


def ids(*paths: Path, roots: tuple[Path, ...] = ()) -> list[str]:
    return [found.document_id for found in scan(paths, roots)]


def test_folders_are_walked_in_order_and_some_files_skipped(tmp_path: Path) -> None:
    write(tmp_path, "b/2.md", "b/1.md", "a.pdf", "a.pdf.meta.yaml", ".hidden.md", ".git/x", "_drafts/x.md", "_keep.md")
    assert ids(tmp_path) == ["_keep.md", "a.pdf", "b/1.md", "b/2.md"]


def test_ignore_file(tmp_path: Path) -> None:
    write(tmp_path, "README.md", "x/README.md", "x/keep.md", "old/a.md", "x/old.txt")
    (tmp_path / ".assistantignore").write_text("# not documents\nREADME.md\nold/\n*.txt\n", encoding="utf-8")
    assert ids(tmp_path) == ["x/keep.md"]
    # a part of the corpus is read like the whole
    assert ids(tmp_path / "x", roots=(tmp_path,)) == ["x/keep.md"]


def test_ids_are_taken_below_the_root(tmp_path: Path) -> None:
    corpus, other = tmp_path / "corpus", tmp_path / "other"
    write(corpus, "rules/a.md")
    write(other, "b/c.md")
    assert ids(corpus, roots=(corpus,)) == ["rules/a.md"]
    assert ids(corpus / "rules", roots=(corpus,)) == ["rules/a.md"]
    assert ids(corpus / "rules" / "a.md", roots=(corpus,)) == ["rules/a.md"]
    assert ids(other / "b" / "c.md", roots=(corpus,)) == ["c.md"]
    assert ids(tmp_path, roots=(corpus,)) == ["rules/a.md", "other/b/c.md"]


def test_a_file_is_listed_once_and_names_are_composed(tmp_path: Path) -> None:
    name = unicodedata.normalize("NFD", "공고.md")
    write(tmp_path, name)
    assert ids(tmp_path, tmp_path / name, tmp_path) == ["공고.md"]


def test_links(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    write(inside, "a.md", "sub/b.md")
    write(outside, "secret.md")
    (inside / "file.md").symlink_to(outside / "secret.md")
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "nothing.md").symlink_to(inside / "gone.md")
    found = {each.document_id: each.failure for each in scan([inside])}
    assert sorted(found) == ["a.md", "file.md", "folder", "nothing.md", "sub/b.md"]
    assert found["a.md"] is None and found["sub/b.md"] is None
    for name in ("file.md", "folder", "nothing.md"):
        failure = found[name]
        assert failure is not None and failure.hint


def test_missing_path_is_an_error_before_anything_is_listed(tmp_path: Path) -> None:
    with pytest.raises(PathError, match="does not exist"):
        scan([tmp_path, tmp_path / "missing"])


def test_pipes_and_names_that_are_no_text_are_named(tmp_path: Path) -> None:
    write(tmp_path, "a.md")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / os.fsdecode(b"\xff.md")).write_text("text", encoding="utf-8")
    found = {each.document_id: each.failure for each in scan([tmp_path])}
    assert found.pop("a.md") is None and len(found) == 2
    assert all(failure and failure.hint for failure in found.values())
