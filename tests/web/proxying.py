"""Real proxies with the configurations of the guides."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

_GUIDES = Path(__file__).resolve().parents[2] / "docs"


def example(guide: str, kind: str) -> str:
    """The configuration in a guide."""
    found = re.search(rf"```{kind}\n(.*?)```", (_GUIDES / guide).read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def changed(text: str, changes: dict[str, str]) -> str:
    """The text with other ports, names and places; what is replaced must be there."""
    for before, after in changes.items():
        assert before in text, before
        text = text.replace(before, after)
    return text


@contextmanager
def running_nginx(configuration: str, folder: Path, port: int) -> Iterator[None]:
    """Have nginx run with what stands in its `http` block, listening on `port`. Skips the test where it is missing."""
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{configuration}}}\n",
        encoding="utf-8",
    )
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        pytest.skip("no nginx: install it with `apt-get install nginx-light`")
    with running([program, "-e", "stderr", "-c", str(folder / "nginx.conf")], folder, port):
        yield


@contextmanager
def running(arguments: list[str], folder: Path, port: int) -> Iterator[None]:
    """The program, as soon as it takes connections."""
    log = folder / "log"
    with log.open("wb") as said:
        environment = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
        process = subprocess.Popen(arguments, stdout=said, stderr=said, env=environment)
        try:
            while process.poll() is None:
                with closing(socket.socket()) as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            assert process.poll() is None, log.read_text(encoding="utf-8")
            yield
        finally:
            process.terminate()
            process.wait()
