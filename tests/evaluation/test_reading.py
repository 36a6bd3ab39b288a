"""The measures of reading: on documents made here; on the samples where they are."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from assistant.evaluation import reading, reading_recall
from assistant.ingest.formats import read
from assistant.ingest.sandbox import Limits, Sandbox

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not on this machine")
NOTICE = "# 공고\n\n지원 금액은 최대 3억원입니다.\n\n| 알람 | 조치 |\n|---|---|\n| SV0401 | 전원을 끕니다 |\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    documents = tmp_path / "documents"
    (documents / "아래").mkdir(parents=True)
    (documents / "공고.md").write_text(NOTICE, encoding="utf-8")
    (documents / "아래" / "글.txt").write_text("글입니다.\n\n둘째 글입니다.\n", encoding="utf-8")
    (documents / "x.exe").write_bytes(b"MZ\x90\0")
    return documents


def test_outcomes_name_every_file(folder: Path) -> None:
    result = CliRunner().invoke(reading.main, [str(folder), "--part", "outcomes", "--json"])
    assert result.exit_code == 0, result.output
    second, first, third = json.loads(result.output)["outcomes"]
    assert (first["path"], first["media_type"], first["table_rows"]) == ("공고.md", "text/markdown", 2)
    assert second["path"] == "x.exe" and "program" in second["reason"] and not second["characters"]
    assert third["path"] == "아래/글.txt" and third["blocks"] == 2


def test_outcomes_are_summed_up_by_kind_of_file() -> None:
    found = [
        {"path": "a/b.PDF", "reason": "", "pages": 3, "table_rows": 7},
        {"path": "c.pdf", "reason": "It is encrypted.", "pages": 0, "table_rows": 0},
        {"path": "LICENSE", "reason": "", "pages": 0, "table_rows": 0},
    ]
    rows = [line.split() for line in reading._table(found)]
    assert rows[1:] == [
        ["(none)", "1", "1", "0", "0", "0"],
        [".pdf", "2", "1", "1", "3", "7"],
        ["all", "3", "2", "1", "3", "7"],
    ]
    assert list(reading._table([])) == []


def test_recall_counts_what_is_missing(folder: Path) -> None:
    draft = read(folder / "공고.md")
    assert reading_recall.share(reading_recall.bigrams("지원 금액"), reading_recall.bigrams(draft.text)) == 1
    assert reading_recall.share(reading_recall.words("지원 없음"), reading_recall.words(draft.text)) == 0.5
    tables = [[["알람", "조치"], ["SV0401", "전원을 끕니다"]]]
    assert reading_recall.cells_in_order(tables, draft) == 1
    assert reading_recall.cells_in_order([[["조치", "알람"], ["x", "y"]]], draft) == 0.25


def test_mutations_are_the_same_for_a_seed() -> None:
    original = bytes(range(256)) * 8
    damaged = [reading.mutated(original, random.Random(seed), b"other" * 99) for seed in range(20)]
    assert damaged == [reading.mutated(original, random.Random(seed), b"other" * 99) for seed in range(20)]
    assert all(0 < len(each) <= len(original) for each in damaged) and sum(each != original for each in damaged) >= 19


def test_damaged_files_are_read_or_refused(folder: Path) -> None:
    with Sandbox(Limits(seconds=60), workers=1) as sandbox:
        found = reading.damage(reading.mutable(folder), 12, sandbox)
    assert not found.broken and found.read + found.refused == found.tried == 12


def test_a_crash_and_an_empty_text_are_found(folder: Path) -> None:
    (folder / "a.txt").write_text("crash", encoding="utf-8")
    with Sandbox(Limits(seconds=30), workers=1, reader="tests.fakes:unruly_read") as sandbox:
        (folder / "b.txt").write_text(" ", encoding="utf-8")
        outcomes = {each.path: each.reason for each in reading.outcomes(folder, sandbox)}
    assert "died" in outcomes["a.txt"]


@needs_samples
@pytest.mark.slow
def test_damaged_samples_never_break_a_reader() -> None:
    with Sandbox(Limits(seconds=120)) as sandbox:
        found = reading.damage(reading.mutable(SAMPLES), 60, sandbox, seed=2)
    assert not found.broken, found.broken


@needs_samples
@pytest.mark.slow
def test_twins_hold_the_same_words() -> None:
    measured = reading_recall._twins(SAMPLES)
    assert min(measured["twins hwp in hwpx"], measured["twins hwpx in hwp"]) >= 0.98, measured
