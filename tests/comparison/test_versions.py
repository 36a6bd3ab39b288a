"""Which two versions a question means, by what code can prove."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.comparison.versions import family_of, pair_in
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.schema import Document
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder


def version(name: str, year: str, number: str = "1.0") -> Document:
    return Document(name, name, name, "en", ("public",), name, "", version=number, effective_date=f"{year}-01-01")


LETTERED = [version("a", "2024", "A"), version("b", "2025", "B"), version("c", "2026", "C")]
DATED = [version("call-2024", "2024"), version("call-2025", "2025"), version("call-2026", "2026")]


@pytest.mark.parametrize(
    ("family", "text", "years", "pair"),
    [
        (LETTERED, "What changed?", (), "bc"),
        (LETTERED, "What changed in revision B?", (), "ab"),
        (LETTERED, "개정 B에서 뭐가 바뀌었나요?", (), "ab"),
        (LETTERED, "What changed in revision A?", (), "ab"),
        (LETTERED, "from A to C, what changed?", (), "ac"),
        (LETTERED, "What changed in the AB-Cell?", (), "bc"),
        (LETTERED[:2], "What changed in revision B?", (), "ab"),
        (DATED, "What is different from 2025?", (2025,), ("call-2025", "call-2026")),
        (DATED, "What is new in 2026?", (2026,), ("call-2025", "call-2026")),
        (DATED, "What changed between 2024 and 2026?", (2024, 2026), ("call-2024", "call-2026")),
        (DATED, "What changed in version 1.0?", (), ("call-2025", "call-2026")),
    ],
)
def test_the_pair(family: list[Document], text: str, years: tuple[int, ...], pair: tuple[str, str]) -> None:
    assert tuple(each.document_id for each in pair_in(family, text, years)) == tuple(pair)


def test_a_family_is_what_the_asker_may_see_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, labels, extra in (
        ("one.md", "staff", ""),
        ("two.md", "staff, public", "supersedes: one.md\n"),
        ("three.md", "staff, public", "supersedes: two.md\n"),
        ("other.md", "public", ""),
    ):
        (folder / name).write_text(f"---\nlabels: [{labels}]\n{extra}---\n\n# {name}\n\nWords.\n", encoding="utf-8")
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([folder], index, FakeEmbedder())
        for label, expected in (("staff", ["one.md", "two.md", "three.md"]), ("public", ["two.md", "three.md"])):
            seen = index.seen_by([label])
            for document in seen.documents():
                family = [each.document_id for each in family_of(document, seen.documents())]
                assert family == (["other.md"] if document.document_id == "other.md" else expected)
