"""A machine becomes its manuals: one PDF for each revision and language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from . import blocks
from .errors import SourceError
from .flowables import to_flowables
from .manual_body import BodyReader
from .manual_source import Machine, Revision, Wording, bold, load_machine
from .page import PageText, build_pdf
from .sources import LANGUAGES, MANUALS, BuiltDocument

WRITTEN = date(2026, 11, 22)


def _cover(wording: Wording, name: str) -> blocks.Cover:
    words, machine, revision = wording.words, wording.machine, wording.revision
    return blocks.Cover(
        title=name,
        subtitle=f"{machine.model} · {words['manual']}",
        mark=words["mark"],
        rows=(
            (words["model"], machine.model),
            (words["document"], f"{machine.document}-{revision.version}"),
            (words["revision"], revision.version),
            (words["effective"], revision.effective.isoformat()),
            (words["language"], words["language_name"]),
            (words["maker"], words["maker_name"]),
        ),
        remarks=(words["remark"],),
    )


def _history(wording: Wording) -> Iterator[blocks.Block]:
    words, machine, revision = wording.words, wording.machine, wording.revision
    known = [issue for issue in machine.revisions if issue.version <= revision.version]
    rows = [
        (
            issue.version,
            issue.effective.isoformat(),
            words["changed"].format(count=len(machine.changes)) if position else words["first"],
        )
        for position, issue in enumerate(known)
    ]
    yield blocks.Heading(1, words["history"])
    yield blocks.Table(tuple(words["history_head"]), tuple(rows), widths=(1, 1.4, 5))
    if len(known) < 2:
        return
    names = {
        "old": known[-2].version,
        "new": revision.version,
        "day": revision.effective.isoformat(),
    }
    yield blocks.Heading(2, words["changes"].format(**names))
    yield blocks.Paragraph(words["changes_intro"].format(**names))
    yield blocks.Notice("caution", bold(words["old_manual"].format(**names)))
    changed = []
    for line in machine.changes:
        key, item, section, reason = (cell.strip() for cell in line.split(" | "))
        before, after = wording.value(key, names["old"]), wording.value(key, names["new"])
        if before == after:
            raise SourceError(f"{machine.folder}: {key} is listed as changed but is not")
        texts = (wording.text(item), wording.value(f"ref:{section}"), before, after)
        changed.append((*texts, wording.text(reason)))
    head = tuple(cell.format(**names) for cell in words["change_head"])
    yield blocks.Table(head, tuple(changed), widths=(2.6, 0.7, 1.3, 1.3, 3))


def manual_blocks(wording: Wording) -> list[blocks.Block]:
    """The whole manual of one revision in one language."""
    name = wording.sentence(wording.machine.name)
    document: list[blocks.Block] = [
        _cover(wording, name),
        blocks.Contents(wording.words["contents"]),
        *_history(wording),
    ]
    for number, chapter in enumerate(wording.machine.chapters, 1):
        document.append(blocks.Heading(1, f"{number}. {wording.sentence(chapter.title)}"))
        reader = BodyReader(wording, number)
        for section_number, section in enumerate(chapter.sections, 1):
            title = f"{number}.{section_number} {wording.sentence(section.title)}"
            document.append(blocks.Heading(2, title))
            document.extend(reader.read(section))
    return document


def _document_id(machine: Machine, revision: Revision | None, language: str) -> str | None:
    if revision is None:
        return None
    return f"{MANUALS}/{machine.revision_slug(revision)}.{language}.pdf"


def _metadata(wording: Wording, title: str) -> dict[str, Any]:
    machine, revision, language = wording.machine, wording.revision, wording.language
    place = machine.revisions.index(revision)
    before = machine.revisions[place - 1] if place else None
    after = machine.revisions[place + 1] if place + 1 < len(machine.revisions) else None
    return {
        "title": title,
        "language": language,
        "collection": MANUALS,
        "pair": machine.revision_slug(revision),
        "version": revision.version,
        "date": WRITTEN,
        "effective_date": revision.effective,
        "supersedes": _document_id(machine, before, language),
        "superseded_by": _document_id(machine, after, language),
        "labels": ["public"],
        "source": [wording.words["source"]],
        "sample": True,
        "model": machine.model,
        "document_number": f"{machine.document}-{revision.version}",
    }


def _build(wording: Wording) -> BuiltDocument:
    machine, revision, language = wording.machine, wording.revision, wording.language
    words = wording.words
    name = wording.sentence(machine.name)
    title = f"{name} {machine.model} {words['manual']}, {words['revision']} {revision.version}"
    path = _document_id(machine, revision, language)
    assert path is not None
    document = manual_blocks(wording)
    text = PageText(
        title=title,
        subject=words["mark"],
        author=words["maker_name"],
        language=language,
        header_left=f"{name} {machine.model} · {words['revision']} {revision.version}",
        header_right=words["mark"],
        footer_left=f"{machine.document}-{revision.version} · {revision.effective.isoformat()}",
        page_word=words["page"],
    )
    pdf = build_pdf(to_flowables(document, path), text)
    return BuiltDocument(path, _metadata(wording, title), pdf)


def build_manuals(folder: Path) -> list[BuiltDocument]:
    """Build every revision and language of the machine in ``folder``.

    Raises SourceError when a value of ``machine.yaml`` is used in no revision.
    """
    machine = load_machine(folder)
    built, used = [], set[str]()
    for revision in machine.revisions:
        for language in LANGUAGES:
            wording = Wording(machine, revision, language)
            built.append(_build(wording))
            used |= wording.used
    unused = sorted(set(machine.values) - used)
    if unused:
        raise SourceError(f"{folder}: values that no text uses: {', '.join(unused)}")
    return built
