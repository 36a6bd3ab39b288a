"""What a database server says of an error."""

from __future__ import annotations

from typing import Any


def fields_of(exc: BaseException) -> dict[str, str]:
    """Read what pg8000 reports as the server's fields; empty for other drivers."""
    return exc.args[0] if exc.args and isinstance(exc.args[0], dict) else {}


def reason_of(exc: BaseException) -> str:
    """Give the database's own words in a line, without statement and values, which may hold a digest."""
    cause: Any = getattr(exc, "orig", None) or exc
    said = fields_of(cause).get("M", "") or str(cause)
    return (said.splitlines() or [type(exc).__name__])[0][:200]
