"""The tables, the same in every database, and the parts they make up. Changes go into `migrations/versions`.

Times of accounts are seconds since 1970, all others ISO 8601 in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    true,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from assistant.errors import AccountsUnusable, AssistantError, PathError

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


class Words(TypeDecorator[str]):
    """Text of any length, less NUL characters, which PostgreSQL does not store.

    `ordered`: it is compared byte by byte, so that times and ids have the same order in every database.
    """

    impl = Text
    cache_ok = True

    def __init__(self, ordered: bool = False) -> None:
        super().__init__()
        self.ordered = ordered

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # noqa: D102 - SQLAlchemy's own hook
        collation = "C" if self.ordered and dialect.name == "postgresql" else None
        return Text(collation=collation)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: D102 - as above
        return value.replace("\0", "") if value else value


Ordered = Words(ordered=True)
#: A number that the database counts; SQLite counts plain integers alone.
Counted = BigInteger().with_variant(Integer(), "sqlite")

# --- accounts ---------------------------------------------------------------------------------------------------------


def _user() -> Column[str]:
    return Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True)


users = Table(
    "users",
    metadata,
    Column("id", String(32), primary_key=True),  # what a person owns hangs on it: a name can be given anew
    Column("name", String(64), nullable=False, unique=True),
    Column("password", String(255)),  # argon2id; NULL: cannot sign in with one
    Column("disabled", Boolean, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
memberships = Table(
    "memberships",
    metadata,
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("group_name", String(80), primary_key=True),
)
identities = Table(  # who a user is at a provider of single sign-on
    "identities",
    metadata,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    _user(),
)
sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True),
    _user(),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
links = Table(  # invitations and resets
    "links",
    metadata,
    Column("digest", String(64), primary_key=True),
    _user(),
    Column("purpose", String(16), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    _user(),
    Column("name", String(80), nullable=False),
    Column("scopes", String(200), nullable=False),  # with spaces between
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
)
attempts = Table(  # sign-ins that failed
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False, index=True),
    Column("address", String(64), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
)
firms = Table(  # what a user keeps for the programme finder
    "firms",
    metadata,
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("said", Text, nullable=False),
    Column("fields", Text, nullable=False),  # JSON
    Column("kept_at", BigInteger, nullable=False),
)
keys = Table(
    "keys", metadata, Column("name", String(32), primary_key=True), Column("value", String(255), nullable=False)
)

# --- conversations, and what operators and staff leave behind ---------------------------------------------------------

conversations = Table(
    "conversations",
    metadata,
    Column("id", Ordered, primary_key=True),
    Column("user", Words, nullable=False, index=True),  # '' for a reader without a name
    Column("begun_at", Ordered, nullable=False, server_default=""),
    Column("title", Words, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)
turns = Table(
    "turns",
    metadata,
    Column("conversation", Ordered, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("asked_at", Ordered, nullable=False, index=True),
    Column("record", Words, nullable=False),  # JSON
    Column("rating", Words, nullable=False, server_default=""),
    Column("note", Words, nullable=False, server_default=""),
    Column("reason", Words, nullable=False, server_default=""),
    # of the record, so that lists need not read it
    Column("question", Words, nullable=False, server_default=""),
    Column("status", Words, nullable=False, server_default=""),
    sqlite_with_rowid=False,
)
floor_notes = Table(
    "floor_notes",
    metadata,
    Column("id", Words, primary_key=True),
    Column("received_at", Ordered, nullable=False),
    Column("written_at", Ordered, nullable=False),
    *(
        Column(name, Words, nullable=False)
        for name in ("machine", "document_id", "version", "query", "kind", "reason", "note", "language", "user")
    ),
    Column("labels", Words, nullable=False),  # a line each
    Index("floor_notes_machine", "machine", "received_at"),
    sqlite_with_rowid=False,
)
staff_history = Table(
    "staff_history",
    metadata,
    Column("number", Counted, primary_key=True),
    Column("at", Ordered, nullable=False),
    *(
        Column(name, Words, nullable=False)
        for name in ("who", "action", "document_id", "file", "root", "title", "labels", "reason")
    ),
    Index("staff_history_document", "document_id", "number"),
)
staff_marks = Table(
    "staff_marks",
    metadata,
    Column("kind", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("state", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("at", Ordered, nullable=False),
    sqlite_with_rowid=False,
)

# --- the audit log ----------------------------------------------------------------------------------------------------

shown = Table(
    "shown",
    metadata,
    Column("number", Counted, primary_key=True),
    Column("at", Ordered, nullable=False),
    *(Column(name, Words, nullable=False) for name in ("user", "name", "door")),
    Column("documents", Words, nullable=False),  # JSON
    Index("shown_at", "at"),
)

# --- the waiting line of several web processes ------------------------------------------------------------------------

waiting = Table(  # questions that wait or are being answered; what was asked stands in `turns`
    "waiting",
    metadata,
    Column("number", Counted, primary_key=True),
    Column("conversation", Ordered, unique=True),  # NULL: a program's question, which its own process answers
    Column("turn", Integer, nullable=False, server_default="0"),
    *(Column(name, Words, nullable=False) for name in ("owner", "user", "name")),
    Column("labels", Words, nullable=False),  # JSON
    Column("process", BigInteger),  # which answers it; NULL: it waits for one
    Column("watched", Boolean, nullable=False, server_default=true()),
    Column("stopped", Boolean, nullable=False, server_default=false()),
    Column("ahead", Integer, nullable=False, server_default="0"),
    Column("changes", Integer, nullable=False, server_default="0"),  # how often its turn was written since
)
waiting_order = Table(
    "waiting_order",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("queue", Words, nullable=False),  # JSON
)


@dataclass(frozen=True)
class Part:
    """Tables that lie in one file. `name`: of its branch of migrations, and of the setting that names the file.

    `version`: the newest of the branch. `called`: in a sentence. `error`: what cannot be opened or used raises.
    """

    name: str
    version: str
    called: str
    error: type[AssistantError]
    tables: tuple[Table, ...]


ACCOUNTS = Part(
    "accounts",
    "0002",
    "accounts",
    AccountsUnusable,
    (users, memberships, identities, sessions, links, tokens, attempts, firms, keys),
)
CONVERSATIONS = Part(
    "conversations",
    "0004",
    "conversations",
    PathError,
    (conversations, turns, floor_notes, staff_history, staff_marks),
)
AUDIT = Part("audit", "0005", "audit log", PathError, (shown,))
#: What is kept, and in a backup.
PARTS = (ACCOUNTS, CONVERSATIONS, AUDIT)
#: What web processes share while they run, in PostgreSQL alone.
LINE = Part("line", "0010", "waiting line", PathError, (waiting, waiting_order))
