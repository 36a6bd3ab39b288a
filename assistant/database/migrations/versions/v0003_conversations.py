"""Conversations, operators' notes and the staff's journal; files of before these migrations get what they lack."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = None
branch_labels = ("conversations",)

_ordered = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_counted = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _later(name: str, kind: sa.types.TypeEngine[str] | type[sa.Text] = sa.Text) -> sa.Column[str]:
    """A column that some of the files lack."""
    return sa.Column(name, kind, nullable=False, server_default="")


def upgrade() -> None:
    """Make the tables, or bring those of a file in step."""
    there = set(sa.inspect(op.get_bind()).get_table_names())
    if "conversations" in there:
        _bring_in_step()
    else:
        _make_conversations()
    if "floor_notes" not in there:
        op.create_table(
            "floor_notes",
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("received_at", _ordered, nullable=False),
            sa.Column("written_at", _ordered, nullable=False),
            *_texts("machine", "document_id", "version", "query", "kind", "reason", "note", "language", "user"),
            *_texts("labels"),
            sqlite_with_rowid=False,
        )
        op.create_index("floor_notes_machine", "floor_notes", ["machine", "received_at"])
    if "staff_history" not in there:
        op.create_table(
            "staff_history",
            sa.Column("number", _counted, primary_key=True),
            sa.Column("at", _ordered, nullable=False),
            *_texts("who", "action", "document_id", "file", "root", "title", "labels", "reason"),
        )
        op.create_index("staff_history_document", "staff_history", ["document_id", "number"])
    if "staff_marks" not in there:
        op.create_table(
            "staff_marks",
            sa.Column("kind", sa.Text, primary_key=True),
            sa.Column("key", sa.Text, primary_key=True),
            *_texts("state", "who"),
            sa.Column("at", _ordered, nullable=False),
            sqlite_with_rowid=False,
        )


def _make_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", _ordered, primary_key=True),
        *_texts("user"),
        _later("begun_at", _ordered),
        _later("title"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "turns",
        sa.Column("conversation", _ordered, sa.ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("asked_at", _ordered, nullable=False),
        *_texts("record"),
        *(_later(name) for name in ("rating", "note", "reason")),
        sqlite_with_rowid=False,
    )


def _bring_in_step() -> None:
    """0.1.0 did not note when a conversation was begun: those are as if begun now. Later ones had no names."""
    for table, column in (("conversations", "begun_at"), ("conversations", "title"), ("turns", "reason")):
        if column in {each["name"] for each in sa.inspect(op.get_bind()).get_columns(table)}:
            continue
        op.add_column(table, _later(column))
        if column == "begun_at":
            begun = sa.table("conversations", sa.column("begun_at"))
            op.execute(begun.update().values(begun_at=datetime.now(UTC).isoformat(timespec="milliseconds")))
