"""`assistant check` as a user types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from assistant.cli import cli
from assistant.errors import AssistantError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments])


def test_options_and_pairs_say_the_same() -> None:
    first = run("share", "--size", "sme", "--total", "10억")
    second = run("share", "size=sme", "total=10억")
    assert first.exit_code == second.exit_code == 0 and first.stdout == second.stdout
    assert "정부지원금: 연구개발비 10억 원 × 정부지원 한도 75% = 최대 7억 5,000만 원 [1]" in first.stdout
    assert "rules/government-share-and-cash.ko.md › 기업 규모별 한도" in first.stdout


def test_english() -> None:
    done = run("--lang", "en", "share", "--size", "mid-size", "--total", "1.5 billion won")
    assert "R&D cost KRW 1.5 billion × government ceiling 70% = at most KRW 1.05 billion" in done.stdout
    assert done.stdout == run("share", "--size", "mid-size", "--total", "1.5 billion won", "--lang", "en").stdout


def test_json() -> None:
    for arguments in (("--json", "share"), ("share", "--json")):
        value = json.loads(run(*arguments, "size=sme", "total=10억").stdout)
        assert {entry["name"]: entry["value"] for entry in value["amounts"]} == {
            "grant": 750_000_000, "own": 250_000_000, "cash": 25_000_000, "in_kind": 225_000_000,
        }  # fmt: skip
        assert value["inputs"] == {"size": "sme", "total": 1_000_000_000} and value["outcome"] == "computed"
        clauses = {clause["id"] for clause in value["clauses"]}
        assert all(set(line["clauses"]) <= clauses for line in value["lines"])


def test_missing_inputs_are_asked_for() -> None:
    done = run("share", "--total", "10억")
    assert done.exit_code == 0 and "? 중소기업, 중견기업, 대기업 중 어디에 해당합니까? --size:" in done.stdout
    assert json.loads(run("share", "--total", "10억", "--json").stdout)["missing"][0]["name"] == "size"


def test_as_of_chooses_the_version() -> None:
    assert (
        "1억 5,000만 원" in run("programme-support", "programme=general", "total=3억", "--as-of", "2023-06-30").stdout
    )
    assert "확인된 자료가 없습니다" in run("share", "size=sme", "total=1억", "--as-of", "2020-01-01").stdout


def test_the_list_shows_every_rule_with_its_clauses() -> None:
    done, listed = run("--list"), json.loads(run("--list", "--json").stdout)
    assert len(listed) == 17 and all(rule["clauses"] and rule["inputs"] for rule in listed)
    for rule in listed:
        assert f"{rule['rule']}: {rule['title']['ko']}" in done.stdout
    assert "국가연구개발혁신법 제14조제6항 (rules/objections-and-limits.ko.md › 이의신청과 검토 요청)" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "technology-fee"),
        (("share", "--size", "tiny"), "sme (SME)"),
        (("share", "price=1억"), "Inputs: size, total"),
        (("share", "total"), "Inputs: size, total"),
        (("share", "total=lots"), "an amount in won"),
        (("share", "total=1억", "--as-of", "soon"), "2026-11-22"),
    ],
)
def test_bad_input_names_what_is_accepted(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 1 and done.stdout == "" and words in done.stderr
    assert not isinstance(done.exception, AssistantError)


def test_help_comes_from_the_rule_files() -> None:
    assert "technology-fee" in run("--help").stdout
    assert "--owner-stake" in run("company-size", "--help").stdout
