"""What counts as a change and what does not, on small documents; and that nobody learns of a document by comparing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.comparison.compare import changes_of, compare, earlier_version
from assistant.comparison.values import Comparison
from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.ingest.formats import read
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder, FakeStore

BEFORE = """# Press manual

## 1. Pressures

The supply pressure is set in section 2. Keep it below 7 MPa.

| Item | Limit |
|---|---|
| Food press | KRW 100 billion or less |
| Wood press | KRW 100 billion or less |
| Oil pressure | 3.5 MPa |

## 2. Lockout

> **Warning:** Oil left at 3.5 MPa can pierce the skin.

1. Shut the machine down in the set way.
2. Open every energy-isolating device, see section 3.
3. Apply a lock to each device.

## 3. Alarms

| Code | Meaning | Remedy |
|---|---|---|
| TH0401 | Pressure low | Top up the oil and set 3.5 MPa. |
| TH0402 | Filter clogged | Replace the filter after 1,000 h. |
"""


@pytest.fixture
def compared(tmp_path: Path) -> Callable[..., Comparison]:
    """Compares two texts as the reader of files stores them."""

    def run(old: str, new: str) -> Comparison:
        for name, text in {"old.md": old, "new.md": new}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        stored = FakeStore({name: read(tmp_path / name) for name in ("old.md", "new.md")})
        found = compare("old.md", "new.md", stored)
        assert found is not None
        return found

    return run


def told(comparison: Comparison) -> list[tuple[str, str, str]]:
    return [
        (each.kind, each.old.quote if each.old else "", each.new.quote if each.new else "")
        for each in comparison.changes
    ]


def figures(comparison: Comparison) -> list[tuple[str | None, str | None]]:
    values = [value for change in comparison.changes for value in change.values]
    return [(each.old.text if each.old else None, each.new.text if each.new else None) for each in values]


Compares = Callable[..., Comparison]


def test_a_changed_value_is_shown_on_both_sides(compared: Compares) -> None:
    found = compared(BEFORE, BEFORE.replace("| Oil pressure | 3.5 MPa |", "| Oil pressure | 4.0 MPa |"))
    assert told(found) == [("changed", "Oil pressure | 3.5 MPa", "Oil pressure | 4.0 MPa")]
    assert figures(found) == [("3.5 MPa", "4.0 MPa")]
    (change,) = found.changes
    assert change.new is not None and change.new.heading_path[-1] == "1. Pressures"


def test_a_bound_and_a_word_are_changes_too(compared: Compares) -> None:
    found = compared(BEFORE, BEFORE.replace("below 7 MPa", "at 7 MPa or more").replace("Apply a lock", "Apply a tag"))
    assert [kind for kind, _, _ in told(found)] == ["changed", "changed"]
    first, second = found.changes
    assert [(value.old and value.old.bound, value.new and value.new.bound) for value in first.values] == [
        ("less", "min")
    ]
    assert second.values == ()


def test_an_inserted_step_and_section_renumber_without_a_change(compared: Compares) -> None:
    new = BEFORE.replace("## 3. Alarms", "## 4. Alarms").replace("see section 3", "see section 4")
    new = new.replace("## 2. Lockout", "## 2. Oil\n\nUse only ISO VG 46.\n\n## 3. Lockout").replace(
        "in section 2", "in section 3"
    )
    new = new.replace("3. Apply a lock", "3. Discharge the accumulator.\n4. Apply a lock")
    assert told(compared(BEFORE, new)) == [
        ("added", "", "2. Oil"),
        ("added", "", "Use only ISO VG 46."),
        ("added", "", "3. Discharge the accumulator."),
    ]


def test_a_reference_to_another_section_is_a_change(compared: Compares) -> None:
    found = compared(BEFORE, BEFORE.replace("see section 3", "see section 1"))
    assert figures(found) == [("section 3", "section 1")]


def test_a_removed_step_stands_where_it_stood(compared: Compares) -> None:
    new = BEFORE.replace("2. Open every energy-isolating device, see section 3.\n3. Apply", "2. Apply")
    new = new.replace("set 3.5 MPa", "set 3.6 MPa")
    assert [kind for kind, _, _ in told(compared(BEFORE, new))] == ["removed", "changed"]


def test_moved_pieces_are_listed_apart(compared: Compares) -> None:
    rows = "| Food press | KRW 100 billion or less |\n", "| Wood press | KRW 100 billion or less |\n"
    new = BEFORE.replace("".join(rows), "".join(reversed(rows)))
    lines = "Apply a lock to each device.", "Shut the machine down in the set way."
    new = new.replace(lines[0], "_").replace(lines[1], lines[0]).replace("_", lines[1])
    found = compared(BEFORE, new)
    assert told(found) == [] and 2 <= len(found.moved) <= 3
    assert {each.old.quote.lstrip("123. ") for each in found.moved} & {*lines}


def test_another_row_in_its_place_is_no_changed_row(compared: Compares) -> None:
    new = BEFORE.replace("Food press", "Glass press")
    assert sorted(told(compared(BEFORE, new))) == [
        ("added", "", "Glass press | KRW 100 billion or less"),
        ("removed", "Food press | KRW 100 billion or less", ""),
    ]


def test_a_row_is_known_by_its_code_whatever_else_changes(compared: Compares) -> None:
    new = BEFORE.replace("Filter clogged | Replace the filter after 1,000 h.", "Valve stuck | Call the maker.")
    (change,) = compared(BEFORE, new).changes
    assert change.kind == "changed" and change.new and change.new.quote == "TH0402 | Valve stuck | Call the maker."


def test_spelling_and_spacing_are_no_changes(compared: Compares) -> None:
    new = BEFORE.replace("1,000 h", "1000 hours").replace("3.5 MPa can", "3.5MPa can").replace("set way.", "set  way")
    assert told(compared(BEFORE, new)) == []
    assert told(compared("# 규정\n\n회원사는 설비를 쓸 수 있다.\n", "# 규정\n\n회원사는 설비를 쓸수 있다.\n")) == []


def test_rows_in_a_counted_column_may_be_counted_anew(compared: Compares) -> None:
    table = "# T\n\n| No. | Firm |\n|---|---|\n| 1 | Saebyeok |\n| 2 | Noeul |\n"
    new = table.replace("| 1 | Saebyeok |\n| 2 |", "| 1 | Gureum |\n| 2 | Saebyeok |\n| 3 |")
    assert told(compared(table, new)) == [("added", "", "1 | Gureum")]


def test_sentences_may_change_paragraphs(compared: Compares) -> None:
    new = BEFORE.replace("section 2. Keep", "section 2.\n\nKeep")
    assert told(compared(BEFORE, new)) == []


def test_clauses_of_a_korean_text(compared: Compares) -> None:
    old = (
        "# 운영 규정\n\n## 제1장 총칙\n\n제1조(목적) 이 규정은 지원에 필요한 사항을 정한다.\n\n"
        "제2조(한도) 과제당 최대 100억 원을 지원한다. 다만, 중소기업은 현금을 10% 이상 부담한다.\n"
    )
    new = old.replace("제2조(한도)", "제2조(정의) 이 규정에서 기업은 회원사를 말한다.\n\n제3조(한도)").replace(
        "최대 100억", "최대 120억"
    )
    found = compared(old, new)
    assert told(found) == [
        ("added", "", "제2조(정의) 이 규정에서 기업은 회원사를 말한다."),
        ("changed", "제2조(한도) 과제당 최대 100억 원을 지원한다.", "제3조(한도) 과제당 최대 120억 원을 지원한다."),
    ]
    assert figures(found) == [("100억 원", "120억 원")]


def test_figures_of_another_sort_are_not_paired(compared: Compares) -> None:
    old = "# Firms\n\n| Firm | Aim |\n|---|---|\n| Noeul | flexible work (2024-10-28) |\n"
    found = compared(old, old.replace("flexible work (2024-10-28)", "a rise of 30%"))
    assert figures(found) == [("2024-10-28", None), (None, "30%")]


def test_the_same_result_every_time(compared: Compares) -> None:
    new = BEFORE.replace("3.5 MPa", "4.0 MPa").replace("Food", "Glass")
    assert compared(BEFORE, new).to_json() == compared(BEFORE, new).to_json()


# --- versions, and who may see them ----------------------------------------------------------------------------------


@pytest.fixture
def versions(tmp_path: Path) -> Iterator[Index]:
    """Three versions; the middle one only for staff."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, labels, extra in (
        ("one.md", "public", ""),
        ("two.md", "staff", "supersedes: one.md\n"),
        ("three.md", "staff, public", "supersedes: two.md\n"),
    ):
        (folder / name).write_text(
            f"---\ntitle: {name}\nlabels: [{labels}]\n{extra}---\n\n# Terms\n\nThe limit is {len(name)} million won.\n",
            encoding="utf-8",
        )
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([folder], index, FakeEmbedder())
        yield index


def test_the_version_before_is_found(versions: Index) -> None:
    by_id = {each.document_id: each for each in versions.seen_by(["staff", "public"]).documents()}
    for labels, newer, older in (
        (("staff", "public"), "two.md", "one.md"),
        (("staff",), "three.md", "two.md"),
        (("public",), "three.md", None),
        (("staff", "public"), "one.md", None),
    ):
        found = earlier_version(by_id[newer], versions.seen_by(labels))
        assert (found and found.document_id) == older, (labels, newer)
        assert (changes_of(by_id[newer], versions.seen_by(labels)) is None) == (older is None)


def test_a_hidden_document_is_the_same_as_none(versions: Index) -> None:
    for pair in (("one.md", "two.md"), ("two.md", "three.md"), ("one.md", "nothing.md"), ("nothing.md", "three.md")):
        assert compare(*pair, versions.seen_by(["public"])) is None
    assert compare("one.md", "three.md", versions.seen_by(["public"])) is not None
    assert compare("one.md", "three.md", versions.seen_by([])) is None
