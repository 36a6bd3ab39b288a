from __future__ import annotations

from pathlib import Path

import pytest

from assistant.access import labels_of
from assistant.errors import AccessError


def test_everyone_holds_public_and_only_listed_users_more(tmp_path: Path) -> None:
    file = tmp_path / "access.toml"
    assert labels_of("anyone", file) == {"public"}
    file.write_text('[users]\nmina = ["staff", "company:gaon"]\n')
    assert labels_of("mina", file) == {"public", "staff", "company:gaon"}
    assert labels_of("Mina", file) == labels_of(None, file) == {"public"}


@pytest.mark.parametrize("text", ["[users", 'users = "x"', '[users]\nmina = "staff"', "[users]\nmina = [1]"])
def test_a_bad_file_is_an_error_not_an_open_door(tmp_path: Path, text: str) -> None:
    file = tmp_path / "access.toml"
    file.write_text(text)
    with pytest.raises(AccessError):
        labels_of("mina", file)
