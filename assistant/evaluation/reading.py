"""How well documents are read: outcome of every file, recall against known texts, damaged files, speed.

`python -m assistant.evaluation.reading SAMPLES [--part …] [--json]`. SAMPLES is a folder of real documents; what is
known about them is found by its name there (`hwp_twins/`, `pdf_ko_truth/`, `ocr/`), and what is not there is left out.
Files are read in a sandbox, as ingestion reads them. Times are CPU seconds: the machine may be busy.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click

from assistant.errors import ReadError, ReaderStopped
from assistant.evaluation.reading_recall import recalls
from assistant.ingest.formats import read
from assistant.ingest.sandbox import Limits, Sandbox
from assistant.schema import Draft

#: Samples are mutated if they are no larger (bytes), so that 500 readings take minutes.
_MUTABLE = 400_000
_PARTS = ("outcomes", "recall", "mutations", "speed")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: what was found in it, or why it was not read. `seconds` of wall time."""

    path: str
    media_type: str = ""
    characters: int = 0
    blocks: int = 0
    pages: int = 0
    table_rows: int = 0
    seconds: float = 0.0
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Damage:
    """What readers made of damaged files. `broken`: crashed, hung, or silently empty; must stay empty."""

    tried: int = 0
    read: int = 0
    refused: int = 0
    broken: list[str] = field(default_factory=list)


# --- outcomes -----------------------------------------------------------------------------------------------------


def outcomes(folder: Path, sandbox: Sandbox) -> Iterator[Outcome]:
    """The outcome of every file below a folder, by path."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    start = time.monotonic()
    for path, result in zip(paths, sandbox.read_all(paths), strict=True):
        seconds, start = time.monotonic() - start, time.monotonic()
        yield _outcome(path.relative_to(folder).as_posix(), result, round(seconds, 2))


def _outcome(path: str, result: Draft | ReadError, seconds: float) -> Outcome:
    if isinstance(result, ReadError):
        return Outcome(path, seconds=seconds, reason=result.message)
    return Outcome(
        path,
        media_type=result.metadata.get("media_type", ""),
        characters=len(result.text),
        blocks=len(result.blocks),
        pages=len({block.page for block in result.blocks if block.page}),
        table_rows=sum(block.kind == "table_row" for block in result.blocks),
        seconds=seconds,
        notes=tuple(f"{note['where']}: {note['reason']}" for note in result.metadata.get("notes", ())),
    )


# --- damaged files ------------------------------------------------------------------------------------------------


def mutated(content: bytes, chance: random.Random, other: bytes = b"") -> bytes:
    """A damaged copy: cut short, some bytes changed, or a piece replaced by one of `other`."""
    kind = chance.choice(("truncate", "flip", "splice"))
    if kind == "truncate":
        return content[: chance.randrange(1, max(2, len(content)))]
    changed = bytearray(content)
    if kind == "flip":
        for _ in range(chance.choice((1, 8, 64))):
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        return bytes(changed)
    length = min(len(changed), chance.choice((16, 256, 4096)))
    to, source = chance.randrange(len(changed)), other or content
    start = chance.randrange(len(source))
    changed[to : to + length] = source[start : start + length]
    return bytes(changed)


def damage(samples: Sequence[Path], count: int, sandbox: Sandbox, seed: int = 1) -> Damage:
    """Read `count` damaged copies of the samples in turn. The same seed damages them in the same way."""
    chance = random.Random(seed)
    originals = [path.read_bytes() for path in samples]
    found = Damage(tried=count)
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(count):
            at = number % len(samples)
            path = Path(folder) / f"{number:04}-{samples[at].stem[:40]}{samples[at].suffix}"
            path.write_bytes(mutated(originals[at], chance, chance.choice(originals)))
            paths.append(path)
        for path, result in zip(paths, sandbox.read_all(paths), strict=True):
            if isinstance(result, ReaderStopped) or (isinstance(result, Draft) and not result.text.strip()):
                found.broken.append(f"{path.name}: {result.message if isinstance(result, ReadError) else 'empty'}")
            elif isinstance(result, Draft):
                found.read += 1
            else:
                found.refused += 1
    return found


def mutable(folder: Path) -> list[Path]:
    """Samples worth damaging: a few of every format, none that takes long."""
    by_suffix: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and 0 < path.stat().st_size <= _MUTABLE and path.parent.name != "pdf_scanned":
            by_suffix.setdefault(path.suffix.lower(), []).append(path)
    return [path for group in by_suffix.values() for path in group[:: max(1, len(group) // 4)][:4]]


# --- speed --------------------------------------------------------------------------------------------------------


def speed(paths: Sequence[Path]) -> dict[str, float]:
    """Reading against plain text extraction by PDFium, in the same process: CPU time, ratios, peak memory (MB)."""
    import pypdfium2

    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "unruled.pdf"
        chosen = pypdfium2.PdfDocument.new()
        for path in paths:
            document = pypdfium2.PdfDocument(path)
            unruled = [number for number, page in enumerate(document) if not _draws_lines(page)]
            chosen.import_pages(document, unruled)
        pages = len(chosen)
        chosen.save(plain)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            everything = [pool.submit(_timed, path).result() for path in paths]
            unruled_only = pool.submit(_timed, plain).result()
    extract, reading = sum(each[0] for each in everything), sum(each[1] for each in everything)
    return {
        "everything: plain s": round(extract, 2),
        "everything: read s": round(reading, 2),
        "everything: ratio": round(extract / reading, 3),
        "pages without lines": pages,
        "pages without lines: plain s": round(unruled_only[0], 2),
        "pages without lines: read s": round(unruled_only[1], 2),
        "pages without lines: ratio": round(unruled_only[0] / unruled_only[1], 3),
        "peak memory MB": max(each[2] for each in (*everything, unruled_only)),
    }


def _draws_lines(page: Any) -> bool:
    import pypdfium2.raw as raw

    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=3))


def _timed(path: Path) -> tuple[float, float, float]:
    """CPU seconds of plain extraction and of reading (the better of two, imports done), and peak memory in MB."""
    import pypdfium2

    plain, reading = [], []
    for _ in range(2):
        start = time.process_time()
        document = pypdfium2.PdfDocument(path)
        for page in document:
            text_page = page.get_textpage()
            text_page.get_text_range()
            text_page.close()
            page.close()
        document.close()
        plain.append(time.process_time() - start)
        start = time.process_time()
        read(path)
        reading.append(time.process_time() - start)
    return min(plain), min(reading), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# --- the command --------------------------------------------------------------------------------------------------


@click.command()
@click.argument("samples", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--part", "parts", multiple=True, type=click.Choice(_PARTS), help="Only these; may be repeated.")
@click.option("--mutations", default=500, show_default=True, help="Damaged copies to read.")
@click.option("--seconds", default=300.0, show_default=True, help="Time limit of one file (wall time).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def main(samples: Path, parts: tuple[str, ...], mutations: int, seconds: float, as_json: bool) -> None:
    """Measure how well the documents below SAMPLES are read."""
    wanted = parts or _PARTS
    report: dict[str, Any] = {}
    with Sandbox(Limits(seconds=seconds)) as sandbox:
        if "outcomes" in wanted:
            report["outcomes"] = [asdict(outcome) for outcome in outcomes(samples, sandbox)]
        if "mutations" in wanted:
            report["mutations"] = asdict(damage(mutable(samples), mutations, sandbox))
    if "recall" in wanted:
        report["recall"] = recalls(samples)
    if "speed" in wanted:
        report["speed"] = speed(sorted((samples / "pdf").glob("LinuxCNC*.pdf")))
    click.echo(json.dumps(report, ensure_ascii=False, indent=1) if as_json else "\n".join(_lines(report)))
    sys.exit(1 if report.get("mutations", {}).get("broken") else 0)


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    """The tables, and each file that was refused; --json has what was found in the others."""
    yield from _table(report.get("outcomes", ()))
    for outcome in report.get("outcomes", ()):
        if outcome["reason"]:
            yield f"refused: {outcome['path']}: {outcome['reason']}"
    for part in ("recall", "mutations", "speed"):
        for name, value in report.get(part, {}).items():
            yield f"{part}: {name}: {value}"


def _table(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The outcomes by kind of file: how many files, read, refused with a reason, numbered pages, rows of tables."""
    sums: dict[str, list[int]] = {}
    for outcome in found:
        is_read = not outcome["reason"]
        for kind in (Path(outcome["path"]).suffix.lower() or "(none)", "all"):
            numbers = (1, is_read, not is_read, outcome["pages"], outcome["table_rows"])
            sums[kind] = [a + b for a, b in zip(sums.get(kind, [0] * 5), numbers, strict=True)]
    if sums:
        yield f"{'outcomes':12}" + "".join(f"{name:>9}" for name in ("files", "read", "refused", "pages", "rows"))
    for kind in sorted(sums, key=lambda kind: (kind == "all", kind)):
        yield f"{kind:12}" + "".join(f"{number:>9,}" for number in sums[kind])


if __name__ == "__main__":
    main()
