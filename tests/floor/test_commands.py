from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from assistant.cli import cli
from assistant.floor import commands
from assistant.floor.labels import address, label
from assistant.floor.pack import Floor


@pytest.fixture
def run(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    @contextmanager
    def opened(_: object) -> Iterator[Floor]:
        yield floor

    monkeypatch.setattr(commands, "_floor", opened)
    return CliRunner()


def test_a_code_is_looked_up_as_the_page_does_it(run: CliRunner, floor: Floor) -> None:
    done = run.invoke(cli, ["floor", "lookup", "cnc-lathe", "ta107", "--json"])
    found = json.loads(done.stdout)
    assert [each["code"] for each in found["alarms"]] == ["TA0107"]
    pack = floor.pack("cnc-lathe", frozenset({"public"}), "ko")
    assert pack and found["alarms"][0] in pack["alarms"] and set(found["sections"]) == {"5.7", "8.1", "5.2"}
    assert (found["version"], found["since"]) == ("B", "2026-02-02")


def test_at_the_terminal_warnings_come_before_the_remedy(run: CliRunner) -> None:
    shown = run.invoke(cli, ["floor", "lookup", "cnc-lathe", "TA-101", "--lang", "en"]).stdout
    assert shown.index("DANGER:") < shown.index("WARNING:") < shown.index("Remedy:") < shown.index("1. Prepare")
    several = run.invoke(cli, ["floor", "lookup", "cnc-lathe", "TS02"]).stdout
    assert len(several.splitlines()) == 8
    assert "zz" in run.invoke(cli, ["floor", "lookup", "cnc-lathe", "zz"]).stdout


@pytest.mark.parametrize(
    "arguments", [["lookup", "nothing", "ta107"], ["qr", "--machine", "secret-machine", "--out", "x"]]
)
def test_an_unknown_machine_is_said_with_those_that_are_known(run: CliRunner, arguments: list[str]) -> None:
    done = run.invoke(cli, ["floor", *arguments])
    assert done.exit_code == 1 and done.stderr.rstrip().endswith("Machines: cnc-lathe.")


def test_each_machine_gets_a_label_that_opens_it(run: CliRunner, tmp_path: Path) -> None:
    done = run.invoke(cli, ["floor", "qr", "--url", "https://floor.example/", "--out", str(tmp_path / "qr")])
    assert done.exit_code == 0 and done.stderr == "", done.output
    (file,) = (tmp_path / "qr").iterdir()
    text = " ".join(ElementTree.parse(file).getroot().itertext())
    assert "https://floor.example/floor?machine=cnc-lathe" in text
    assert "CNC 선반" in text and "CNC lathe" in text and "EXM-TL260" in text
    code = ElementTree.parse(file).getroot().find("{*}g/{*}svg")
    assert code is not None and int(code.attrib["width"]) == int(code.attrib["height"])  # else it fills the label
    scale = float(re.search(r"scale\(([\d.]+)\)", file.read_text())[1])  # type: ignore[index]
    assert 40 < scale * int(code.attrib["width"]) < 50, "in mm, beside the words"
    plain = run.invoke(cli, ["floor", "qr", "--url", "http://10.0.0.2:7860", "--out", str(tmp_path / "qr")])
    assert "HTTP" in plain.stderr


def test_what_stands_on_a_label_is_no_markup() -> None:
    made = label("m", {"ko": "<b>설비</b>", "en": "A & B"}, "<i>", "https://floor.example")
    assert ElementTree.fromstring(made) is not None and "<b>" not in made
    assert address("https://floor.example/", "설비 1") == "https://floor.example/floor?machine=%EC%84%A4%EB%B9%84%201"
