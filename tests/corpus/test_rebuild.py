"""The built files of the corpus say what their sources say."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys

import pytest

from tests.corpus.documents import CORPUS, PROJECT

BUILD = CORPUS / "_sources" / "build.py"


def what_is_missing() -> str:
    """Why nothing can be built on this machine; empty when it can."""
    if importlib.util.find_spec("reportlab") is None:
        return "reportlab is not installed (requirements-dev.lock)"
    listed = shutil.which("fc-list") and subprocess.run(["fc-list"], capture_output=True, text=True).stdout
    return "" if listed and "Nanum" in listed else "the Debian package fonts-nanum is not installed"


@pytest.mark.slow
def test_built_files_are_up_to_date() -> None:
    if reason := what_is_missing():
        pytest.skip(reason)
    done = subprocess.run([sys.executable, str(BUILD), "--check"], capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr
