"""The question of a turn and how it was answered, beside its record; what lists are ordered and chosen by."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_turns = sa.table("turns", *(sa.column(name) for name in ("conversation", "number", "record", "question", "status")))


def upgrade() -> None:
    """Add the columns, and fill them from the records."""
    for name in ("question", "status"):
        op.add_column("turns", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_index("ix_turns_asked_at", "turns", ["asked_at"])
    op.create_index("ix_conversations_user", "conversations", ["user"])
    bind = op.get_bind()
    for conversation, number in bind.execute(sa.select(_turns.c.conversation, _turns.c.number)).all():
        mine = (_turns.c.conversation == conversation) & (_turns.c.number == number)
        record = json.loads(bind.execute(sa.select(_turns.c.record).where(mine)).scalar_one())
        status = (record.get("answer") or {}).get("status", "")
        bind.execute(_turns.update().where(mine).values(question=record["question"], status=status))
