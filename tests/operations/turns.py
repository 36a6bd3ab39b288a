"""Turns put straight into a file of conversations, as if they had been asked on some day."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from assistant.schema import Answer, Quote, Sentence

OPEN = Quote("k7", "a.md", "공개 문서", "a.md", "1", "2024-07-22", 2, ("장",), "153개 기업", 3, 10, labels=("public",))
SAID = (Sentence("153개입니다.", ("k7",)),)
ANSWER = Answer("질문", "ko", "answered", "153개입니다.", SAID, (OPEN,), (), (), {"total": 12.5}, {"language": "m"})


def add_turn(file: Path, conversation: str, asked_at: datetime | None = None, note: str = "짧게") -> None:
    """Store a finished, rated turn after the others of `conversation`."""
    record = {"question": "얼마인가요?", "standalone": "", "answer": asdict(ANSWER), "shown": [asdict(OPEN)]}
    at = (asked_at or datetime.now(UTC)).isoformat(timespec="seconds")
    with closing(sqlite3.connect(file, timeout=60)) as db, db:
        db.execute(
            "INSERT INTO turns (conversation, number, asked_at, record, rating, note, question, status) "
            "SELECT ?, coalesce(max(number), 0) + 1, ?, ?, 'down', ?, ?, ? FROM turns "
            "WHERE conversation = ?",
            (
                conversation,
                at,
                json.dumps(record, ensure_ascii=False),
                note,
                record["question"],
                ANSWER.status,
                conversation,
            ),
        )
