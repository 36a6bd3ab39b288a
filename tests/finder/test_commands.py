"""`assistant programmes` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import icalendar
import pytest
from click.testing import CliRunner, Result

from assistant.cli import cli
from assistant.finder.definition import load_programmes
from assistant.finder.fields import fields
from assistant.index import Index


@pytest.fixture(autouse=True)
def opened(documents: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index of the tests, which commands do not close."""
    monkeypatch.setattr("assistant.ingest.opened.open_set_index", lambda *_: documents)
    monkeypatch.setattr(Index, "__exit__", lambda *_: None)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["programmes", *arguments])


def test_list_shows_programmes_and_fields() -> None:
    shown = run("list").output
    assert all(name in shown for name in (*load_programmes(), *fields()))
    listed = json.loads(run("list", "--json", "--lang", "en").output)
    assert len(listed["programmes"]) == len(load_programmes()) and len(listed["fields"]) == len(fields())


def test_match_prints_verdicts_with_their_quotes(tmp_path: Path) -> None:
    arguments = ["match", "--field", "sales=90억", "--field", "money=4억", "--as-of", "2026-11-30"]
    shown = run(*arguments)
    assert shown.exit_code == 0, shown.output
    assert "O 국가연구개발과제 참여 - 신청할 수 있음" in shown.output and "최대 3억 원" in shown.output
    assert (
        "“기업, 중소기업, 대학, 국공립·정부출연 연구기관, 비영리법인은 국가연구개발사업에 참여할 수 있습니다.”"
        in shown.output
    )
    found = json.loads(run(*arguments, "--json", "--ics", str(tmp_path / "days.ics")).output)
    assert found["profile"] == {"sales": 9_000_000_000, "money": 400_000_000} and found["as_of"] == "2026-11-30"
    verdicts = {each["programme"]: each["verdict"] for each in found["programmes"]}
    assert verdicts["national-rnd"] == "eligible" and verdicts["autonomous-factory-2026"] == "not"
    assert icalendar.Calendar.from_ical((tmp_path / "days.ics").read_bytes()).walk("VEVENT")


def test_english_words_for_english() -> None:
    shown = run("match", "--field", "size=sme", "--lang", "en").output
    assert "National R&D projects - eligible" in shown and "“Companies, SMEs, universities" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["match"], "Nothing is said about the firm"),
        (["match", "--field", "sales"], "has no value"),
        (["match", "--field", "colour=red"], "no field 'colour'"),
        (["match", "--field", "size=sme", "--as-of", "soon"], "is no date"),
        (["match", "--field", "size=sme", "--ics", "/nowhere/days.ics"], "cannot be written"),
    ],
)
def test_slips_are_told_in_a_sentence(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1 and said in result.output
