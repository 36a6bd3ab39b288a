"""Forty invented firms by an author who had seen neither code nor tests, with verdicts from the documents alone.

They were asked once before anything was mended for them; since then they are development data. `also`: verdicts that
the author would let pass where a clause is unclear. `clauses`: the sentence by which the author decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.finder.finding import find_programmes
from assistant.finder.values import Found, Match
from assistant.index import Index
from assistant.schema import Quote

FIRMS = [
    json.loads(line)
    for line in Path(__file__).with_name("profiles_by_another.jsonl").read_text(encoding="utf-8").splitlines()
]
#: What was reached.
STRICTLY, FAIRLY, AMOUNTS, SAME_CLAUSE = 213 / 238, 235 / 238, 51 / 54, 192 / 213


@pytest.fixture(scope="module")
def matches(documents: Index) -> dict[str, Match]:
    return {
        firm["id"]: find_programmes(
            documents.seen_by({"public"}),
            None,
            profile=firm["profile"],
            language=firm["language"],
            today=date.fromisoformat(firm["today"]),
        )
        for firm in FIRMS
    }


def decided(matches: dict[str, Match]) -> Iterator[tuple[dict[str, Any], Found, str]]:
    """Each verdict of the author beside the finder's."""
    for firm in FIRMS:
        by_name = {each.programme: each for each in matches[firm["id"]].programmes}
        for name, verdict in firm["expected"].items():
            yield firm, by_name[name], verdict


def test_verdicts_are_the_authors(matches: dict[str, Match]) -> None:
    rows = list(decided(matches))
    other = [(firm["id"], found.programme) for firm, found, verdict in rows if found.verdict != verdict]
    unfair = [
        (firm["id"], found.programme)
        for firm, found, verdict in rows
        if found.verdict not in (verdict, *firm.get("also", {}).get(found.programme, ()))
    ]
    assert len(FIRMS) == 40 and all(firm["invented"] for firm in FIRMS)
    assert len(rows) - len(other) >= STRICTLY * len(rows), other
    assert len(rows) - len(unfair) >= FAIRLY * len(rows), unfair
    for match in matches.values():
        assert all(reason.citations for found in match.programmes for reason in found.reasons)


def test_amounts_are_the_authors(matches: dict[str, Match]) -> None:
    wrong, count = [], 0
    for firm, found, _ in decided(matches):
        worked = {each.name: each.value for each in found.amounts if each.value is not None}
        for name, amount in firm.get("amounts", {}).get(found.programme, {}).items():
            count += 1
            if worked.get(name) != amount:
                wrong.append((firm["id"], found.programme, name, amount, worked.get(name)))
    assert count - len(wrong) >= AMOUNTS * count, wrong
    assert all(given is None for *_, given in wrong), "a figure that is given is right"


def test_sizes_are_the_authors(matches: dict[str, Match]) -> None:
    assert [(firm["id"], matches[firm["id"]].size) for firm in FIRMS if "size" in firm] == [
        (firm["id"], firm["size"] or "") for firm in FIRMS if "size" in firm
    ]


def test_most_verdicts_rest_on_the_very_clause_by_which_the_author_decided(matches: dict[str, Match]) -> None:
    same = [
        cites(found, matches[firm["id"]].quotes, *firm["clauses"][found.programme])
        for firm, found, verdict in decided(matches)
        if found.verdict == verdict
    ]
    assert sum(same) >= SAME_CLAUSE * len(same)


def cites(found: Found, quotes: dict[str, Quote], document: str, clause: str) -> bool:
    """Tell whether a quote of `found` holds the clause, or is a part of it."""
    held = [quotes[name] for part in (*found.reasons, *found.not_known, *found.amounts) for name in part.citations]
    words = clause.strip(" .")
    return any(
        quote.document_id == document and (words in quote.quote or quote.quote.strip(" .-") in words) for quote in held
    )
