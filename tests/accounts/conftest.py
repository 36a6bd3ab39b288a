"""Accounts in a file of the test, with cheap passwords and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.accounts.store import Accounts
from tests.fakes import cheap_passwords

GOOD = "correct horse battery"


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path, clock: Clock) -> Iterator[Accounts]:
    opened = Accounts(
        tmp_path / "accounts.sqlite3", idle_s=3600, longest_s=86_400, passwords=cheap_passwords(), clock=clock
    )
    with closing(opened):
        opened.users.add("mina", ["staff", "company:gaon"])
        opened.set_password("mina", GOOD)
        yield opened
