"""The README of each collection names exactly its documents, and what it says of them is what they say themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.corpus.documents import CORPUS, Listed, documents

COLLECTIONS: dict[str, list[Listed]] = defaultdict(list)
for each in documents():
    COLLECTIONS[each.collection].append(each)
#: A row of a table: the document that its first cell names, and the other cells.
ROW = re.compile(r"(?m)^\| `?([a-z0-9][\w.-]*?)`?(?: \(PDF\))? \|(.*)\|$")
HEADERS = {"document", "Document"}


def readme(collection: str) -> str:
    return (CORPUS / collection / "README.md").read_text(encoding="utf-8")


def rows(collection: str) -> dict[str, list[str]]:
    found = ROW.findall(readme(collection))
    return {name: [cell.strip() for cell in rest.split("|")] for name, rest in found if name not in HEADERS}


def slug(listed: Listed) -> str:
    return listed.path.name if listed.collection == "proposals" else listed.path.name.split(".")[0]


@pytest.mark.parametrize("collection", sorted(COLLECTIONS))
def test_the_readme_names_each_document(collection: str) -> None:
    assert set(rows(collection)) == {slug(listed) for listed in COLLECTIONS[collection]}
    assert re.search("2026-11-22|22 November 2026", readme(collection)), "as of when"
    if collection != "proposals":
        languages = defaultdict(set)
        for listed in COLLECTIONS[collection]:
            languages[slug(listed)].add(listed.metadata["language"])
        assert all(both == {"ko", "en"} for both in languages.values())


def test_the_manuals_are_of_the_revision_and_date_that_the_readme_gives() -> None:
    table = rows("manuals")
    for listed in COLLECTIONS["manuals"]:
        _, revision, since, codes = table[slug(listed)]
        newer = "superseded by" in revision
        assert revision[0] == listed.metadata["version"] and newer == bool(listed.metadata["superseded_by"])
        assert since == listed.metadata["effective_date"]
        machine = slug(listed).split("-rev-")[0]
        listing = (CORPUS / "_sources" / "manuals" / machine / "alarms.yaml").read_text(encoding="utf-8")
        alarms = re.findall(r"(?m)^\s+([A-Z]{2})\d{4} \|", listing)
        assert set(alarms) == set(codes.split(", ")) and len(alarms) >= 40


def test_the_proposals_carry_the_labels_that_the_readme_gives() -> None:
    table = rows("proposals")
    for listed in COLLECTIONS["proposals"]:
        assert set(listed.metadata["labels"]) == {table[slug(listed)][-1].strip("`"), "staff"}


def test_what_supersedes_what_is_as_the_readmes_say() -> None:
    newer = {
        Path(listed.document_id).stem.split(".")[0]: Path(listed.metadata["superseded_by"]).stem.split(".")[0]
        for listed in documents()
        if listed.metadata["superseded_by"] and listed.metadata["language"] == "en"
    }
    assert newer == {
        "launch-2024": "max-alliance-2025",
        "lead-projects-2024": "ai-factory-2025",
        "ai-factory-2025": "ai-factory-2026-call",
        "smart-factory-earlier": "smart-factory-2026",
        "sme-definition-until-2025-08": "sme-definition",
        "cnc-lathe-rev-a": "cnc-lathe-rev-b",
        "hydraulic-press-rev-a": "hydraulic-press-rev-b",
    }
    assert "`max-alliance-2025` supersedes `launch-2024`" in readme("alliance")
    assert "`lead-projects-2024` → `ai-factory-2025` → `ai-factory-2026-call`" in readme("programmes")
    assert "`smart-factory-earlier` → `smart-factory-2026`" in readme("programmes")


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    programme = [each for each in documents() if each.collection not in ("manuals", "proposals")]
    assert len(programme) >= 90, "45 in each language"
    assert len({label for each in COLLECTIONS["proposals"] for label in each.metadata["labels"]}) >= 9
    built = sum(
        path.stat().st_size for path in CORPUS.glob("*/*") if path.suffix in (".pdf", ".docx", ".xlsx", ".hwpx")
    )
    assert built < 15_000_000
