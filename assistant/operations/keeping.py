"""What is kept beside the index: conversations, accounts, room on the disk; and what reading scans needs."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from assistant.accounts.copying import count_users
from assistant.database.copying import count_rows
from assistant.database.opening import place_of
from assistant.database.tables import ACCOUNTS, CONVERSATIONS, conversations
from assistant.errors import AssistantError
from assistant.operations.findings import Finding
from assistant.settings import Settings, home

#: Less room than this and the next ingestion or backup may fail (bytes).
_ROOM = 2**30


def examine_keeping(settings: Settings) -> list[Finding]:
    """Findings about what is kept; nothing is made that is not there."""
    return [
        Finding("Home folder", True, f"{home()} (relative paths in the settings are taken from here)."),
        _room(settings),
        _conversations(settings),
        _accounts(settings),
        _scans(),
    ]


def _room(settings: Settings) -> Finding:
    place = next(folder for folder in (settings.index, *settings.index.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / 2**30:,.1f} GiB free where the index lies."
    return Finding("Disk", free >= _ROOM, said if free >= _ROOM else f"{said} Make room: a full disk stops ingestion.")


def _conversations(settings: Settings) -> Finding:
    subject, where = "Conversations", place_of(CONVERSATIONS, settings)
    days = settings.conversation_days
    kept = f"deleted {days} days after their last question" if days else "kept until somebody deletes them"
    if isinstance(where, str):
        try:
            return Finding(subject, True, f"{count_rows(CONVERSATIONS, where, conversations):,}, {kept}.")
        except AssistantError as exc:
            return Finding(subject, False, str(exc))
    return _file_of_conversations(where, kept)


def _file_of_conversations(file: Path, kept: str) -> Finding:
    subject = "Conversations"
    if not file.exists():
        return Finding(subject, True, f"none yet; {kept}.")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as db:
            number = db.execute("SELECT count(*) FROM conversations").fetchone()[0]
            damage = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as exc:
        return Finding(subject, False, f"{file} cannot be read ({exc}). Put a backup back: `assistant restore`.")
    if damage != "ok":
        return Finding(subject, False, f"{file} is damaged ({damage}). Put a backup back: `assistant restore`.")
    return Finding(subject, True, f"{number:,}, {kept}.")


def _accounts(settings: Settings) -> Finding:
    where = place_of(ACCOUNTS, settings)
    if isinstance(where, Path) and not where.exists():
        return Finding("Accounts", True, "none yet; the first: `assistant users add NAME --admin`.")
    try:
        return Finding("Accounts", True, f"{count_users(where):,} users.")
    except AssistantError as exc:
        return Finding("Accounts", False, str(exc))


def _scans() -> Finding:
    from assistant.ingest.formats import ocr, soffice

    lacking = ocr.problem()
    office = "" if soffice.program() else " LibreOffice is not installed: DOC, PPT and HWP 3 are listed as not read."
    scans = f"listed as not read: {lacking}. {ocr.INSTALL}" if lacking else "they can be read, and so can images."
    return Finding("Scans", True, scans + office)
