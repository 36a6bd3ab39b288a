"""A reader for the tests of the sandbox. In a module of its own, since every worker that is started imports it."""

from __future__ import annotations

import datetime
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from assistant.errors import ReadError
from assistant.ingest.more_time import more_time
from assistant.schema import Block, Draft


def read(path: Path) -> Draft:
    """Do what the first line says: hang, rest, recognise, eat, swallow, crash, flood, leave, spawn, raise, refuse, or
    strange.

    Any other file is one paragraph.
    """
    text = path.read_text(encoding="utf-8")
    order, _, amount = text.partition("\n")[0].partition(" ")
    held = []
    if order == "hang":
        time.sleep(600)
    elif order == "rest":
        time.sleep(float(amount))
    elif order == "recognise":
        for _ in range(int(amount)):
            more_time()
            end = time.process_time() + 1
            while time.process_time() < end:
                pass
    elif order == "eat":
        for _ in range(int(amount)):
            held.append(b"x" * 2**20)
            time.sleep(0.001)
    elif order == "swallow":  # asks for too much, hides the error and hands over half a text
        try:
            held.append(b"x" * (int(amount) * 2**20))
        except MemoryError:
            text = "half a text"
    elif order == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif order == "flood":
        text = "가" * (int(amount) * 2**20)
    elif order == "leave":
        sys.exit(3)
    elif order == "spawn":
        subprocess.Popen(["sleep", amount])
        time.sleep(600)
    elif order == "raise":
        raise ValueError("the reader has a defect")
    elif order == "refuse":
        raise ReadError("It is empty.", "Check it.")
    elif order == "strange":
        return Draft(text, (), {"when": datetime.date(2026, 1, 1)})
    sys.stdout.write("noise from a library\n")
    return Draft(text, (Block("paragraph", 0, len(text)),), {"title": path.stem, "pid": os.getpid()})
