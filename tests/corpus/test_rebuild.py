"""The built files of the corpus say what their sources say."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.documents import CORPUS, PROJECT

BUILD = CORPUS / "_sources" / "build.py"


FONT = Path("/usr/share/fonts/truetype/nanum/NanumGothic.ttf")
LIBRARIES = ("reportlab", "docx", "openpyxl", "hwpx")


def what_is_missing() -> str:
    """Why nothing can be built on this machine; empty when it can."""
    lacking = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if lacking:
        return f"not installed: {', '.join(lacking)} (requirements-dev.lock)"
    return "" if FONT.is_file() else "the Debian package fonts-nanum is not installed"


@pytest.mark.slow
def test_built_files_are_up_to_date() -> None:
    if reason := what_is_missing():
        pytest.skip(reason)
    done = subprocess.run([sys.executable, str(BUILD), "--check"], capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stdout + done.stderr
