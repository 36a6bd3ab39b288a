"""What `doctor` says of all that is kept beside the index; looking at it makes nothing."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from assistant.accounts.store import Accounts
from assistant.conversations import open_conversations
from assistant.operations import keeping
from assistant.operations.findings import Finding
from assistant.settings import Settings
from tests.fakes import cheap_passwords


def found(settings: Settings) -> dict[str, Finding]:
    return {finding.subject: finding for finding in keeping.examine_keeping(settings)}


def test_a_new_installation_is_sound_and_stays_empty(settings: Settings, tmp_path: Path) -> None:
    told = found(settings)
    assert all(finding.ok for finding in told.values())
    assert "365 days" in told["Conversations"].message and "--admin" in told["Accounts"].message
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_counted(settings: Settings) -> None:
    with closing(open_conversations(settings)) as store:
        store.begin("")
    with closing(Accounts(settings.accounts, passwords=cheap_passwords())) as accounts:
        accounts.users.add("mina")
        accounts.users.add("juno")
    told = found(settings.model_copy(update={"conversation_days": 0}))
    assert told["Conversations"].message.startswith("1,") and "until somebody deletes" in told["Conversations"].message
    assert told["Accounts"].message.startswith("2 users")


@pytest.mark.server
@pytest.mark.slow
def test_what_is_in_postgresql_is_counted(settings: Settings, postgresql: str) -> None:
    server = settings.model_copy(update={"database_url": SecretStr(postgresql)})
    with closing(open_conversations(server)) as store:
        store.begin("")
    told = found(server)
    assert told["Conversations"].message.startswith("1,") and told["Accounts"].message.startswith("0 users")
    told = found(settings.model_copy(update={"database_url": SecretStr("postgresql+pg8000://x@127.0.0.1:9/x")}))
    assert not told["Conversations"].ok and not told["Accounts"].ok
    assert "database_url" in told["Conversations"].message


def test_what_is_damaged_is_something_to_mend(settings: Settings) -> None:
    settings.conversations.write_bytes(b"these are no conversations, but of some length" * 99)
    settings.accounts.write_bytes(b"these are no accounts, but of some length" * 99)
    told = found(settings)
    assert not told["Conversations"].ok and "assistant restore" in told["Conversations"].message
    assert not told["Accounts"].ok


def test_a_full_disk_is_something_to_mend(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping.shutil, "disk_usage", lambda place: SimpleNamespace(free=10**6))
    told = found(settings)
    assert not told["Disk"].ok and "Make room" in told["Disk"].message


def test_what_reading_scans_lacks_is_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.ingest.formats import ocr, soffice

    monkeypatch.setattr(ocr, "problem", lambda: "no recognition data")
    monkeypatch.setattr(soffice, "program", lambda: "")
    said = found(settings)["Scans"].message
    assert "no recognition data" in said and "apt install" in said and "LibreOffice" in said
