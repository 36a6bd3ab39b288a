"""Every document of the corpus says completely what it is, of when and for whom.

That the PDF documents read well is shown by `tests/ingest/test_samples.py`; their wording is checked in the sources.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from tests.corpus.documents import CORPUS, Listed, documents, draft

ALL = documents()
BY_ID = {each.document_id: each for each in ALL}
SAMPLES = ("manuals", "proposals")
NEEDED = ("title", "language", "collection", "version", "date", "effective_date", "source", "labels")
#: Paths of a machine or a repository, and names of working papers, mean nothing to a reader.
UNFIT = re.compile(
    r"(?:^|[\s(\"'`])/(?:work|tmp|root|home|usr|mnt|opt)\b|\bshared/|corpus/|fact ?base|left_out|\.(?:md|pdf|ya?ml)\b",
    re.IGNORECASE,
)

each_document = pytest.mark.parametrize("listed", ALL, ids=lambda listed: listed.document_id)


@each_document
def test_metadata_is_complete(listed: Listed) -> None:
    metadata = listed.metadata
    assert [key for key in NEEDED if key not in listed.given or not metadata[key]] == []
    assert metadata["collection"] == listed.collection
    assert f".{metadata['language']}." in listed.path.name or listed.collection == "proposals"
    for key in ("date", "effective_date"):
        datetime.date.fromisoformat(metadata[key])  # a whole day
    assert all(source.strip() for source in metadata["source"])
    assert metadata["sample"] == (listed.collection in SAMPLES)


@each_document
def test_only_proposals_are_confidential(listed: Listed) -> None:
    labels = listed.metadata["labels"]
    if listed.collection == "proposals":
        assert "public" not in labels
        assert "staff" in labels and any(re.fullmatch(r"company:\S+", label) for label in labels)
    else:
        assert labels == ("public",)


@each_document
def test_versions_point_at_each_other(listed: Listed) -> None:
    for key, back in (("supersedes", "superseded_by"), ("superseded_by", "supersedes")):
        if other_id := listed.metadata[key]:
            other = BY_ID.get(other_id)
            assert other is not None, f"{key}: {other_id} does not exist"
            assert other.metadata[back] == listed.document_id, f"{other_id} does not name it as {back}"
            assert other.metadata["language"] == listed.metadata["language"]
            newer, older = (listed, other) if key == "supersedes" else (other, listed)
            assert newer.metadata["effective_date"] > older.metadata["effective_date"]


@each_document
def test_no_document_names_a_path(listed: Listed) -> None:
    metadata = listed.metadata
    found = [text for text in (metadata["title"], *metadata["source"]) if UNFIT.search(text)]
    if listed.path.suffix != ".pdf":
        found += UNFIT.findall(draft(listed.path).text)
    assert found == []


@pytest.mark.parametrize(
    "path",
    [path for path in sorted((CORPUS / "_sources").glob("*/**/*")) if path.suffix in (".md", ".yaml")],
    ids=lambda path: path.relative_to(CORPUS).as_posix(),
)
def test_no_source_names_a_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        text = text.split("\n---\n", 1)[1]  # `supersedes` holds ids
    else:
        text = "\n".join(line for line in text.splitlines() if not re.match(r"\s*(?:#|supersede)", line))
    assert UNFIT.findall(text) == []


def test_every_collection_says_what_it_holds() -> None:
    for collection in sorted({each.collection for each in ALL}):
        readme = CORPUS / collection / "README.md"
        assert readme.is_file(), f"{collection} has no README.md"
        assert not UNFIT.search(re.sub(r"`[^`]*`", "", readme.read_text(encoding="utf-8")))


def test_there_are_versions_and_both_languages() -> None:
    assert sum(bool(each.metadata["superseded_by"]) for each in ALL) >= 4
    texts = [each for each in ALL if each.collection not in SAMPLES]
    assert len(texts) >= 45
    assert {each.metadata["language"] for each in texts} == {"ko", "en"}
