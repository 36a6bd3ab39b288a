"""LibreOffice, where it is installed: it turns formats of old programs into the new ones that our readers know.

It runs without a window, with a profile of its own that allows neither macros nor links nor the network, in a folder
that is removed afterwards, and for a limited time. The module knows nothing of what the files say.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

#: Seconds of a core, and by the wall clock, that one file may take; bytes of memory, and of the result.
_CORE_S, _WALL_S = 100, 200
_MEMORY, _RESULT = 4 * 2**30, 2**29

_SETTINGS = (
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "2"),
    ("Calc/Content/Update", "Link", "2"),
)
_PROFILE = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    + "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}'
        f"</value></prop>"
        "</item>"
        for path, name, value in _SETTINGS
    )
    + '<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2'
    "</value></prop>"
    '<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop><prop '
    'oor:name="ooInetHTTPProxyPort" '
    'oor:op="fuse"><value>9</value></prop><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1'
    "</value></prop>"
    '<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item></oor:items>'
)


def program() -> str:
    """The path of LibreOffice; empty where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice") or ""


def converted(content: bytes, suffix: str, reader: str, target: str) -> bytes:
    """The content of a file of format `suffix` ("doc") in the format `target` ("docx").

    `reader` is LibreOffice's name of the format that the content must have. Empty where LibreOffice cannot read it
    (damaged, encrypted) or takes too long. Call it only where `program` is found.
    """
    with tempfile.TemporaryDirectory(prefix="assistant-office-") as name:
        folder = Path(name)
        given, profile = folder / f"document.{suffix}", folder / "profile"
        given.write_bytes(content)
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_PROFILE, encoding="utf-8")
        command = [
            program(), f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
            f"--infilter={reader}", "--convert-to", target, "--outdir", str(folder / "out"), str(given),
        ]  # fmt: skip
        _run(command, folder)
        result = folder / "out" / f"document.{target}"
        if not result.is_file() or result.stat().st_size > _RESULT:
            return b""
        return result.read_bytes()


def _run(command: list[str], folder: Path) -> None:
    silent = subprocess.DEVNULL
    quiet = {"HOME": str(folder), "TMPDIR": str(folder), "http_proxy": "http://127.0.0.1:9", "SAL_USE_VCLPLUGIN": "svp"}
    process = subprocess.Popen(
        command, cwd=folder, stdin=silent, stdout=silent, stderr=silent, env={**os.environ, **quiet}
    )  # no session of its own: whoever ends this process's group ends it too
    _limit(process.pid)
    try:
        process.wait(_WALL_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        for pid in (*_below(process.pid), process.pid) if process.poll() is None else ():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def _limit(pid: int) -> None:
    """Bound what the program and those that it starts may use, where the system can (Linux)."""
    import resource

    if hasattr(resource, "prlimit"):
        for kind, limit in (
            (resource.RLIMIT_CPU, _CORE_S),
            (resource.RLIMIT_AS, _MEMORY),
            (resource.RLIMIT_FSIZE, _RESULT),
            (resource.RLIMIT_CORE, 0),
        ):
            with contextlib.suppress(OSError, ValueError):
                resource.prlimit(pid, kind, (limit, limit))


def _below(pid: int) -> list[int]:
    """Processes that a process has started, and those that they have; none where the system does not tell."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parents[int(entry.parent.name)] = int(entry.read_text(errors="replace").rpartition(")")[2].split()[1])
    found = [pid]
    for each in found:
        found += [child for child, parent in parents.items() if parent == each and child not in found]
    return found[1:]
