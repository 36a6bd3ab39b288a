"""How much of documents whose text is known arrives: the same document in two formats, Korean PDFs, scans."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingest.formats import read
from assistant.schema import Draft
from assistant.text.table_rows import cells_of


def squeezed(text: str) -> str:
    """The text without white space: what Korean line breaks cannot change."""
    return re.sub(r"\s", "", text)


def bigrams(text: str) -> Counter[str]:
    """Pairs of neighbouring characters, white space left out."""
    text = squeezed(text)
    return Counter(text[at : at + 2] for at in range(len(text) - 1))


def share(wanted: Counter[str], found: Counter[str]) -> float:
    """Part of `wanted` (a multiset) that was found."""
    return (wanted & found).total() / max(1, wanted.total())


def words(text: str) -> Counter[str]:
    """Words and numbers of a text."""
    return Counter(re.findall(r"\w+", text))


def cells_in_order(tables: Iterable[Sequence[Sequence[str]]], draft: Draft) -> float:
    """Part of the known cells that stand in the draft's table rows in the same order."""
    wanted = [squeezed(cell) for table in tables for row in table for cell in row]
    found = [
        squeezed(cell)
        for block in draft.blocks
        if block.kind == "table_row"
        for cell in cells_of(draft.text[block.start : block.end])
    ]
    matcher = difflib.SequenceMatcher(None, wanted, found, autojunk=False)
    return sum(match.size for match in matcher.get_matching_blocks()) / max(1, len(wanted))


def recalls(folder: Path) -> dict[str, float]:
    """Every measure that the samples allow, by name."""
    measured: dict[str, float] = {}
    measured |= _twins(folder)
    measured |= _known_pdfs(folder / "pdf_ko_truth")
    measured |= _known_scans(folder)
    return {name: round(value, 4) for name, value in measured.items()}


def _twins(folder: Path) -> dict[str, float]:
    """The same document in two formats: words of either that the other has, all pairs together."""
    places = (("hwp_twins", "hwp_twins"), ("hwp", "hwpx"))
    pairs = [
        (first, folder / right / f"{first.stem}.hwpx")
        for left, right in places
        for first in (folder / left).glob("*.hwp")
    ]
    forwards, backwards, total, worst = 0, 0, [0, 0], 1.0
    for first, second in sorted(pair for pair in pairs if pair[1].exists()):
        try:
            a, b = words(read(first).text), words(read(second).text)
        except ReadError:
            continue
        common = (a & b).total()
        forwards, backwards = forwards + common, backwards + common
        total = [total[0] + a.total(), total[1] + b.total()]
        worst = min(worst, share(a, b), share(b, a))
    if not total[0]:
        return {}
    return {"twins hwp in hwpx": forwards / total[0], "twins hwpx in hwp": backwards / total[1], "twins worst": worst}


def _known_pdfs(folder: Path) -> dict[str, float]:
    measured: dict[str, float] = {}
    for name, truth in (("ko_manual.pdf", "ko_gt.json"), ("ko_manual.docx", "ko_gt.json"),
                        ("ko_nospace.pdf", "ko_nospace_gt.json")):  # fmt: skip
        if not (folder / name).exists():
            continue
        known = json.loads((folder / truth).read_text(encoding="utf-8"))
        paragraphs = known["paras"] if isinstance(known, dict) else known
        draft = read(folder / name)
        measured[f"{name} bigrams"] = share(bigrams("\n".join(paragraphs)), bigrams(draft.text))
        if isinstance(known, dict):
            measured[f"{name} cells in order"] = cells_in_order(known["tables"], draft)
    return measured


def _known_scans(folder: Path) -> dict[str, float]:
    measured: dict[str, float] = {}
    known: list[tuple[Path, str]] = []
    if (folder / "ocr" / "ref.json").exists():
        pages = json.loads((folder / "ocr" / "ref.json").read_text(encoding="utf-8"))
        known += [(folder / "ocr" / name, pages[0]) for name in ("ko0.png", "koscan0.jpg")]
        known.append((folder / "pdf_ko_truth" / "ko_scan_3p.pdf", "\n".join(pages[:3])))
    for name, truth in (("linn.pdf", "linn.txt"), ("linn.png", "linn.txt"),
                        ("ko_assembly_p1-2_200dpi.pdf", "ko_assembly_p1-2.truth.txt"),
                        ("ko_assembly_p1-2_120dpi_skew.pdf", "ko_assembly_p1-2.truth.txt")):  # fmt: skip
        if (folder / "pdf_scanned" / truth).exists():
            known.append((folder / "pdf_scanned" / name, (folder / "pdf_scanned" / truth).read_text(encoding="utf-8")))
    for path, text in known:
        if path.exists():
            try:
                written = read(path).text.replace(" | ", " ")  # between cells, on no page
                measured[f"ocr {path.name}"] = share(bigrams(text), bigrams(written))
            except ReadError as exc:
                measured[f"ocr {path.name} ({exc.message})"] = 0.0
    return measured
