"""The package of a Word document, rewritten part by part into what a person sees (see `docx_seen`)."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

from assistant.ingest.formats.docx_body import Body
from assistant.ingest.formats.docx_boxes import lift
from assistant.ingest.formats.docx_numbers import Numbers
from assistant.ingest.formats.docx_seen import Seen
from assistant.ingest.formats.docx_styles import Styles

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_PART = re.compile(r"word/[^/]+\.xml")
#: Namespaces of the two kinds of package (transitional, strict).
_WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)


def as_seen(content: bytes) -> bytes:
    """The package with what a person sees of its text; unchanged where it cannot be understood.

    Notes stand behind their paragraphs; headers and footers hold no page numbers.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist() if _PART.fullmatch(name)}
    except Exception:  # noqa: BLE001 - a damaged container may raise anything; dochan says what is wrong with it
        return content
    roots = {name: root for name, data in parts.items() if (root := parsed(data)) is not None}
    main = [root for root in roots.values() if _local(root) == "document"]
    if len(main) != 1 or not main[0].tag.startswith(_WORD):
        return content
    w = main[0].tag.removesuffix("document")
    changed = _rewritten(roots, w)
    return replaced(content, changed)


def _rewritten(roots: dict[str, Node], w: str) -> dict[str, bytes]:
    by_kind: dict[str, list[Node]] = {}
    for root in roots.values():
        if isinstance(root.tag, str) and root.tag.startswith(w):
            by_kind.setdefault(_local(root), []).append(root)
    styles = Styles(w)
    seen, body = Seen(w, styles), Body(w, styles, Numbers(w))
    for root in by_kind.get("styles", ()):
        styles.load(root)
    for root in by_kind.get("numbering", ()):
        body.numbers.load(root)
    for root in by_kind.get("settings", ()):
        body.even_headers = root.find(f"{w}evenAndOddHeaders") is not None
    for kind in ("footnote", "endnote"):
        for root in by_kind.get(f"{kind}s", ()):
            seen.rewrite(root)
            body.load_notes(kind, root)
    for root in [*by_kind.get("hdr", ()), *by_kind.get("ftr", ())]:
        seen.rewrite(root)
        lift(root, w)
        seen.running(root)
    for root in by_kind["document"]:
        seen.rewrite(root)
        lift(root, w)
        body.arrange(root)
    return {
        name: serialised(root)
        for name, root in roots.items()
        if _local(root) in ("document", "hdr", "ftr", "footnotes", "endnotes")
    }


def parsed(data: bytes) -> Node | None:
    """The root of a part; None where it is damaged, or declares a document type, as no office program does."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root.getroottree().docinfo.doctype else root


def serialised(root: Node) -> bytes:
    """The bytes of a part."""
    from lxml import etree

    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def replaced(content: bytes, changed: dict[str, bytes]) -> bytes:
    """The container with some of its members changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(entry, changed[entry.filename] if entry.filename in changed else old.read(entry))
    return target.getvalue()


def _local(root: Node) -> str:
    return root.tag.rpartition("}")[2] if isinstance(root.tag, str) else ""
