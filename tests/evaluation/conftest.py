"""A tiny question set in BEIR form, in both languages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PASSAGES = [
    ("p/1", "선도프로젝트", "선도프로젝트 하나에는 최대 100억 원이 지원됩니다."),
    ("p/2", "회원", "2024년 7월 출범 당시 얼라이언스에는 153개 기업과 기관이 참여하였습니다."),
    ("p/3", "Lockout", "# Lockout\n\nRelease all stored pressure before the guard is opened."),
    ("p/4", "Alarms", "SV0401 servo drive not ready: check the cable."),
    ("p/5", "", "  "),
]
QUERIES = [
    ("q1", "선도프로젝트 지원 한도는 얼마인가요?"),
    ("q2", "How is stored pressure released?"),
    ("q3", "SV0401"),
    ("q4", "점심은 몇 시입니까?"),
]
QRELS = "query-id\tcorpus-id\tscore\nq1\tp/1\t1\nq2\tp/3\t2\nq3\tp/4\t1\nq3\tp/2\t0\n"


@pytest.fixture
def tiny_set(tmp_path: Path) -> Path:
    """The folder of the set; q4 has no relevant passage."""
    folder = tmp_path / "tiny_dev"
    folder.mkdir()
    passages = [{"_id": name, "title": title, "text": text} for name, title, text in PASSAGES]
    queries = [{"_id": name, "text": text} for name, text in QUERIES]
    for name, entries in (("corpus.jsonl", passages), ("queries.jsonl", queries)):
        lines = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
        (folder / name).write_text(lines, encoding="utf-8")
    (folder / "qrels.tsv").write_text(QRELS, encoding="utf-8")
    return folder
