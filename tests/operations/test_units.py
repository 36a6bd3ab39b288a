"""systemd understands the units, and the service tells it when it is ready."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from assistant.settings import Settings
from tests.conftest import PROJECT

UNITS = sorted(file for file in (PROJECT / "deploy").iterdir() if file.suffix in (".service", ".timer"))


@pytest.mark.server
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/alliance-assistant/bin/assistant", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and not done.stderr.strip(), done.stderr


def test_it_waits_longer_than_the_answers_have() -> None:
    text = (PROJECT / "deploy" / "alliance-assistant.service").read_text(encoding="utf-8")
    assert "Type=notify" in text
    seconds = int(text.partition("TimeoutStopSec=")[2].split()[0])
    assert seconds > Settings.model_fields["stop_seconds"].default + 5
