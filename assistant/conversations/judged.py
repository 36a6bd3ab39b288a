"""What the staff learns from all conversations: what was refused or rated bad, and how many answers show a document."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, or_, select

from assistant.conversations.turns import Rating, from_record, visible
from assistant.database.opening import Database
from assistant.database.tables import CONVERSATIONS, turns


@dataclass(frozen=True, slots=True)
class Judged:
    """A question that was refused or whose answer was rated bad, without a name."""

    question: str
    status: str
    rating: Rating
    note: str
    asked_at: str


def judged_in(where: Path | str, labels: Collection[str], days: int = 30) -> list[Judged]:
    """List what was refused or rated bad in the last `days`, newest first, as far as `labels` admit all its evidence.

    A question that was asked among hidden evidence may say again what stands there, so it is left out.
    """
    if isinstance(where, Path) and not where.is_file():
        return []
    since = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    wanted = (
        select(turns.c.number, turns.c.asked_at, turns.c.record, turns.c.rating, turns.c.note, turns.c.reason)
        .where(turns.c.asked_at >= since, or_(turns.c.rating == "down", turns.c.status == "refused"))
        .order_by(turns.c.asked_at.desc())
    )
    with closing(Database(where, CONVERSATIONS)) as database, database.begin() as connection:
        rows = connection.execute(wanted).all()
    found = [visible(from_record(*row), frozenset(labels)) for row in rows]
    return [
        Judged(one.standalone or one.question, one.answer.status, one.rating, one.note, one.asked_at)
        for one in found
        if one.answer and not one.hidden
    ]


def answers_citing(where: Path | str, document_id: str) -> int:
    """Count the stored answers that show a document."""
    if isinstance(where, Path) and not where.is_file():
        return 0
    named = f'"document_id": {json.dumps(document_id, ensure_ascii=False)}'
    with closing(Database(where, CONVERSATIONS)) as database, database.begin() as connection:
        place = func.strpos if connection.dialect.name == "postgresql" else func.instr
        wanted = select(func.count()).select_from(turns).where(place(turns.c.record, named) > 0)
        return int(connection.execute(wanted).scalar_one())
