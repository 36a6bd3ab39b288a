"""The tables, the same in every database; times are seconds since 1970. Changes go into `migrations/versions`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


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
