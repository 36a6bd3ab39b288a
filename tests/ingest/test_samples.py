"""Real documents with known text: how much of it arrives. Skipped where the samples are not there."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from assistant.errors import ReadError
from assistant.ingest.chunking import chunk
from assistant.ingest.formats import read
from assistant.ingest.scan import scan

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / ".." / "shared" / "samples"
CORPUS = PROJECT / "corpus"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not on this machine")


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def bigrams(text: str) -> Counter[str]:
    return Counter(text[at : at + 2] for at in range(len(text) - 1))


@needs_samples
@pytest.mark.parametrize(
    ("name", "truth", "exact", "same_letters"),
    [("ko_manual.pdf", "ko_gt.json", 0.70, 0.97), ("ko_nospace.pdf", "ko_nospace_gt.json", 0.80, 0.90)],
)
def test_korean_paragraphs(name: str, truth: str, exact: float, same_letters: float) -> None:
    folder = SAMPLES / "pdf_ko_truth"
    known = json.loads((folder / truth).read_text(encoding="utf-8"))
    paragraphs = known["paras"] if isinstance(known, dict) else known
    draft = read(folder / name)
    texts = {draft.text[b.start : b.end] for b in draft.blocks}
    letters = {squeezed(text) for text in texts}
    assert sum(p in texts for p in paragraphs) >= exact * len(paragraphs)
    assert sum(squeezed(p) in letters for p in paragraphs) >= same_letters * len(paragraphs)
    wanted: Counter[str] = sum((bigrams(squeezed(p)) for p in paragraphs), Counter())
    assert (wanted & bigrams(squeezed(draft.text))).total() >= 0.995 * wanted.total()


@needs_samples
def test_korean_headings_and_tables() -> None:
    folder = SAMPLES / "pdf_ko_truth"
    known = json.loads((folder / "ko_gt.json").read_text(encoding="utf-8"))
    draft = read(folder / "ko_manual.pdf")
    headings = [(len(b.heading_path), b.heading_path[-1]) for b in draft.blocks if b.kind == "heading"]
    assert headings == [tuple(each) for each in known["heads"]]
    rows = Counter(draft.text[b.start : b.end] for b in draft.blocks if b.kind == "table_row")
    assert rows == Counter(" | ".join(row) for table in known["tables"] for row in table)


@needs_samples
@pytest.mark.slow
@pytest.mark.parametrize("folder", ["html", "md", "pdf", "docx", "hwp", "office_generated"])
def test_every_sample_is_read_or_refused_with_a_reason(folder: str) -> None:
    read_ones = 0
    for path in sorted((SAMPLES / folder).rglob("*")):
        if not path.is_file() or path.stat().st_size > 900_000:
            continue
        try:
            draft = read(path)
        except ReadError as exc:
            assert exc.message and exc.hint
            continue
        read_ones += 1
        chunks = chunk(path.name, "0" * 64, draft)
        assert chunks and all(each.text == draft.text[each.start : each.end] for each in chunks)
    assert read_ones or folder in ("docx", "hwp")


#: Reading all PDFs takes a minute; these two stand for them in the quick run.
QUICK = ("cnc-lathe-rev-a.ko.pdf", "lockout-tagout.en.pdf")
CORPUS_FILES = [
    pytest.param(path, marks=pytest.mark.slow if path.suffix == ".pdf" and path.name not in QUICK else ())
    for path in (each.path for each in scan([CORPUS], [CORPUS]))
]


@pytest.mark.parametrize("path", CORPUS_FILES, ids=lambda path: path.relative_to(CORPUS).as_posix())
def test_the_corpus_reads_well(path: Path) -> None:
    draft = read(path)
    assert draft.metadata["title"] and draft.metadata["language"] in ("ko", "en")
    assert draft.metadata["collection"] == path.relative_to(CORPUS).parts[0]
    assert "**" not in draft.text
    for each in chunk(path.name, "0" * 64, draft):
        assert each.text == draft.text[each.start : each.end]
        assert (each.page is None) == (path.suffix != ".pdf")
    if path.suffix == ".pdf":
        quotes = [b for b in draft.blocks if b.kind == "quote"]
        headers = {b.table_header for b in draft.blocks if b.table_header}
        assert quotes or "proposals" in path.parts
        assert headers or "manuals" not in path.parts
        assert not re.search(r"\S (?:경고|위험|WARNING|DANGER):", draft.text), "a warning inside another block"
