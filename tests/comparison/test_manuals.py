"""The two revisions of the manuals: the truth is the difference of their sources, to the last value."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from assistant.comparison.compare import changes_of, compare
from assistant.comparison.values import Comparison
from assistant.index import Visible
from assistant.index.store import write_index
from assistant.ingest import ingest
from tests.conftest import FAKE_FINGERPRINT, PROJECT
from tests.fakes import FakeEmbedder

SOURCES = PROJECT / "corpus" / "_sources"
MANUALS = PROJECT / "corpus" / "manuals"
MACHINES = ("cnc-lathe", "hydraulic-press")
CHANGED_VALUE = re.compile(r"⟦(.+?)⟧")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def manuals(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visible]:
    """An index of the manuals that have two revisions."""
    with write_index(tmp_path_factory.mktemp("manuals") / "index", FAKE_FINGERPRINT) as index:
        report = ingest(sorted(MANUALS.glob("*-rev-*.pdf")), index, FakeEmbedder(), roots=[PROJECT / "corpus"])
        assert not report.failed and not report.incomplete
        yield index.seen_by(["public"])


class Source:
    """A manual's sources in one language, as the tool that builds the manuals reads them."""

    def __init__(self, machine: str, language: str) -> None:
        from pdf_build import blocks, manual_body, manual_source

        self._blocks, self._body, self._source = blocks, manual_body, manual_source
        self.machine = manual_source.load_machine(SOURCES / "manuals" / machine)
        self.language = language
        self.old, self.new = self.machine.revisions
        self.words = self.wording(self.new).words

    def wording(self, revision: Any) -> Any:
        """Sets values in; those that the revisions give differently in ⟦brackets⟧."""

        class Marked(self._source.Wording):  # type: ignore[name-defined]
            def value(self, name: str, version: str | None = None) -> str:
                found = super().value(name, version)
                return f"⟦{found}⟧" if isinstance(self.machine.values.get(name), dict) else found

        return Marked(self.machine, revision, self.language)

    def lines(self, revision: Any) -> list[str]:
        """Every piece of text below the chapters, as it is printed, with marked values."""
        wording, found = self.wording(revision), []
        for number, chapter in enumerate(self.machine.chapters, 1):
            reader = self._body.BodyReader(wording, number)
            for section in chapter.sections:
                for block in reader.read(section):
                    found += [html.unescape(re.sub("<[^>]+>", "", text)) for text in self.printed(block)]
        return found

    def printed(self, block: Any) -> list[str]:
        """The pieces of a block."""
        kinds = self._blocks
        match block:
            case kinds.Table():
                return [block.caption, *(" | ".join(row) for row in (block.header, *block.rows))]
            case kinds.Figure():
                return [block.caption, *(part for shape in block.shapes for part in shape if isinstance(part, str))]
            case kinds.Step():
                return [f"{block.number}. {block.markup}"]
            case kinds.Bullet():
                return [f"• {block.markup}"]
            case kinds.Heading() | kinds.Notice():
                return [block.markup]
            case _:
                return re.split(r"(?<=[.다]\.) ", block.markup) if ". " in block.markup else [block.markup]

    def changed(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """What differs: both texts, and the values in them."""
        cover = {
            (f"{self.words[name]} | {before}", f"{self.words[name]} | {after}"): [(before, after)]
            for name, before, after in (
                (
                    "document",
                    f"{self.machine.document}-{self.old.version}",
                    f"{self.machine.document}-{self.new.version}",
                ),
                ("revision", self.old.version, self.new.version),
                ("effective", self.old.effective.isoformat(), self.new.effective.isoformat()),
            )
        }
        pairs = zip(self.lines(self.old), self.lines(self.new), strict=True)
        return cover | {
            (plain(old), plain(new)): list(zip(CHANGED_VALUE.findall(old), CHANGED_VALUE.findall(new), strict=True))
            for old, new in pairs
            if old != new
        }

    def history(self) -> set[str]:
        """The rows of the new revision's table of changes."""
        wording, rows = self.wording(self.new), set()
        for line in self.machine.changes:
            key, item, section, reason = (cell.strip() for cell in line.split(" | "))
            before, after = (wording.value(key, revision.version) for revision in (self.old, self.new))
            rows.add(
                plain(
                    " | ".join(
                        (wording.text(item), wording.value(f"ref:{section}"), before, after, wording.text(reason))
                    )
                )
            )
        return rows


def plain(text: str) -> str:
    return re.sub("[⟦⟧]", "", text)


@pytest.fixture(params=[(machine, language) for machine in MACHINES for language in ("en", "ko")], ids="-".join)
def pair(
    request: pytest.FixtureRequest, manuals: Visible, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Comparison, Source]]:
    machine, language = request.param
    monkeypatch.syspath_prepend(str(SOURCES))
    (found,) = [each for each in manuals.documents() if each.document_id == f"manuals/{machine}-rev-b.{language}.pdf"]
    comparison = changes_of(found, manuals)
    assert comparison is not None and comparison.old.document_id == f"manuals/{machine}-rev-a.{language}.pdf"
    yield comparison, Source(machine, language)
    for name in [name for name in sys.modules if name.partition(".")[0] == "pdf_build"]:
        del sys.modules[name]


def test_every_change_is_listed_and_no_other(pair: tuple[Comparison, Source]) -> None:
    comparison, source = pair
    listed = {
        (change.old.quote, change.new.quote): change.values
        for change in comparison.changes
        if change.old is not None and change.new is not None
    }
    truth = source.changed()
    assert len(truth) > 30 and listed.keys() == truth.keys()
    for texts, values in truth.items():
        found = [(value.old.text, value.new.text) for value in listed[texts] if value.old and value.new]
        if all(any(char.isdigit() for char in side) for value in values for side in value):
            assert len(found) == len(listed[texts]) == len(values), (texts, found)
            for (old, new), (before, after) in zip(found, values, strict=True):
                # a unit may stand beside the value in the text; a code may be told without its first word
                assert (old in before or before in old) and (new in after or after in new)


def test_what_was_added_is_the_table_of_changes(pair: tuple[Comparison, Source]) -> None:
    comparison, source = pair
    assert comparison.count("removed") == 0 and comparison.moved == ()
    added = [change.new for change in comparison.changes if change.kind == "added" and change.new is not None]
    assert all(source.words["history"] in quote.heading_path for quote in added)
    assert {quote.quote for quote in added if quote.quote.count(" | ") == 4 and quote.table_header} == source.history()


def test_each_value_of_the_sources_that_differs_is_named(pair: tuple[Comparison, Source]) -> None:
    comparison, source = pair
    named = {
        (value.old.text, value.new.text)
        for change in comparison.changes
        for value in change.values
        if value.old and value.new
    }
    differ = [tuple(map(str, each.values())) for each in source.machine.values.values() if isinstance(each, dict)]
    assert len(differ) > 10
    for before, after in differ:
        assert any(old.startswith(before) and new.startswith(after) for old, new in named), (before, after)


def test_quotes_are_the_documents_own_text(pair: tuple[Comparison, Source], manuals: Visible) -> None:
    comparison, _ = pair
    for document, side in ((comparison.old, "old"), (comparison.new, "new")):
        found = manuals.document_text(document.document_id)
        assert found is not None
        quotes = [quote for change in comparison.changes if (quote := getattr(change, side))]
        assert len({quote.id for quote in quotes}) == len(quotes) > 30
        for quote in quotes:
            assert quote.document_id == document.document_id and found[1][quote.start : quote.end] == quote.quote
        for value in [getattr(value, side) for change in comparison.changes for value in change.values]:
            assert value is None or found[1][value.start : value.end] == value.text


def test_nothing_differs_from_itself(manuals: Visible) -> None:
    for found in manuals.documents():
        same = compare(found.document_id, found.document_id, manuals)
        assert same is not None and not same.changes and not same.moved and same.unchanged > 300
