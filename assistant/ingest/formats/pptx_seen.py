"""A PowerPoint presentation as a person sees it, before dochan reads it.

Hidden slides and shapes, struck-out and invisible words go; raised figures become characters; a footer that stands on
every slide stays on the first; speaker notes are marked as such, paragraph by paragraph; what the master slide says is
said once more by its layouts, because dochan reads no masters.
"""

from __future__ import annotations

import copy
import io
import posixpath
import re
import zipfile
from typing import TYPE_CHECKING

from assistant.ingest.formats import pptx_ground
from assistant.ingest.formats.docx import parsed, replaced, serialised
from assistant.ingest.formats.office_runs import alternative
from assistant.ingest.formats.raised import lowered, raised

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_PART = re.compile(r"ppt/(slides|notesSlides|slideLayouts|slideMasters)/[^/]+\.xml")
_LINKS = re.compile(r"ppt/slideLayouts/_rels/[^/]+\.rels")
#: Text of at most this height (hundredths of a point) cannot be read.
_TINY = 200
_RUNNING = ("ftr", "hdr", "dt")
_SHAPES = ("sp", "pic", "graphicFrame", "grpSp", "cxnSp")


def as_seen(content: bytes) -> bytes:
    """The package with what a person sees of it; unchanged where it cannot be understood."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            parts = {name: archive.read(name) for name in names if _PART.fullmatch(name) or _LINKS.fullmatch(name)}
            main = archive.read("ppt/presentation.xml")
    except Exception:  # noqa: BLE001 - a damaged container may raise anything; dochan says what is wrong with it
        return content
    roots = {name: root for name, data in parts.items() if (root := parsed(data)) is not None}
    presentation = parsed(main)
    if presentation is None:
        return content
    size = _slide_size(presentation)
    behind = [root for name, root in roots.items() if name.startswith(("ppt/slideLayouts/", "ppt/slideMasters/"))]
    white_paper = not any(pptx_ground.has_colour(root) for root in behind if _local(root) in ("sldLayout", "sldMaster"))
    written: set[str] = set()
    empty: dict[str, bytes] = {}
    for name in sorted(roots, key=lambda name: (len(name), name)):
        kind = name.split("/")[1] if _PART.fullmatch(name) else ""
        root = roots[name]
        if kind == "slides" and root.get("show") in ("0", "false"):
            for shape in list(root.iter("{*}spTree")):
                for child in [*shape]:
                    shape.remove(child)
            empty[f"ppt/slides/_rels/{posixpath.basename(name)}.rels"] = _NO_LINKS
        elif kind:
            if kind == "slides" and white_paper and not pptx_ground.has_colour(root):
                pptx_ground.drop_white(root)
            _rewrite(root, size)
            if kind == "slides":
                _running_once(root, written)
            elif kind == "notesSlides":
                _mark_notes(root)
    for name, root in roots.items():
        if _LINKS.fullmatch(name):
            _from_master(name, root, roots)
    changed = {name: serialised(root) for name, root in roots.items() if _PART.fullmatch(name)}
    return replaced(content, changed | {name: data for name, data in empty.items() if name in names})


_NO_LINKS = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'


def _slide_size(presentation: Node) -> tuple[int, int]:
    size = presentation.find("{*}sldSz")
    return (_whole(size.get("cx")), _whole(size.get("cy"))) if size is not None else (0, 0)


def _whole(text: str | None) -> int:
    try:
        return int(text or "0")
    except ValueError:
        return 0


def _rewrite(root: Node, size: tuple[int, int]) -> None:
    for name in list(root.iter("{*}cNvPr")):
        shape = next((each for each in name.iterancestors() if _local(each) in _SHAPES), None)
        if shape is not None and (name.get("hidden") in ("1", "true") or _is_outside(shape, size)):
            _cut(shape)
        name.set("descr", alternative(name.get("descr", "")).strip(" []"))
        if shape is not None and _local(shape) == "pic":
            name.set("name", "")  # "Picture 3"; what it shows is in "descr"
    for run in list(root.iter("{*}r", "{*}fld")):
        look = run.find("{*}rPr")
        for text in run.iterchildren("{*}t") if look is not None else ():
            text.text = seen_text(text.text or "", look)


def seen_text(text: str, look: Node) -> str:
    """Give what a person sees of a run's text in a drawing; `look` are its properties."""
    size = look.get("sz", "")
    if look.get("strike", "noStrike") != "noStrike" or (size.isdecimal() and int(size) <= _TINY):
        return ""
    if look.find("{*}noFill") is not None and look.find("{*}ln") is None:
        return ""
    clear = look.find("{*}solidFill/*/{*}alpha")
    if clear is not None and _whole(clear.get("val", "100000").rstrip("%")) == 0:
        return ""
    place = _whole(look.get("baseline", "0").rstrip("%"))
    return raised(text) if place > 0 else lowered(text) if place < 0 else text


def _is_outside(shape: Node, size: tuple[int, int]) -> bool:
    """Whether a shape lies wholly beside the slide."""
    parent = shape.getparent()
    if parent is None or _local(parent) != "spTree" or not all(size):
        return False
    place = shape.find("{*}spPr/{*}xfrm")
    if place is None:
        place = shape.find("{*}xfrm")
    start, extent = (place.find("{*}off"), place.find("{*}ext")) if place is not None else (None, None)
    if start is None or extent is None:
        return False
    x, y, width, height = (
        _whole(node.get(name)) for node, name in ((start, "x"), (start, "y"), (extent, "cx"), (extent, "cy"))
    )
    return x + width <= 0 or y + height <= 0 or x >= size[0] or y >= size[1]


def _placeholder(shape: Node) -> str | None:
    mark = next(shape.iterfind("*/{*}nvPr/{*}ph"), None)
    return mark.get("type", "obj") if mark is not None else None


def _running_once(root: Node, written: set[str]) -> None:
    for shape in list(root.iter("{*}sp")):
        kind = _placeholder(shape)
        if kind == "sldNum":
            _cut(shape)
        elif kind in _RUNNING:
            text = "".join(node.text or "" for node in shape.iter("{*}t"))
            if text in written:
                _cut(shape)
            written.add(text)


def _mark_notes(root: Node) -> None:
    for shape in list(root.iter("{*}sp", "{*}pic")):
        if _placeholder(shape) != "body":
            _cut(shape)
    whole = "".join(text.text or "" for text in root.iter("{*}t"))
    mark = "[발표자 노트] " if re.search("[가-힣]", whole) else "[Speaker notes] "
    for paragraph in root.iter("{*}p"):
        first = next((text for text in paragraph.iter("{*}t") if (text.text or "").strip()), None)
        if first is not None:
            first.text = mark + (first.text or "")


def _from_master(links_name: str, links: Node, roots: dict[str, Node]) -> None:
    """Give a layout the texts of its master that are no placeholders."""
    layout = roots.get(f"ppt/slideLayouts/{posixpath.basename(links_name).removesuffix('.rels')}")
    tree = next(layout.iter("{*}spTree"), None) if layout is not None else None
    if layout is None or tree is None or layout.get("showMasterSp") in ("0", "false"):
        return
    for link in links:
        if link.get("Type", "").endswith("/slideMaster"):
            master = roots.get(posixpath.normpath(posixpath.join("ppt/slideLayouts", link.get("Target", ""))))
            for shape in master.iterfind("{*}cSld/{*}spTree/{*}sp") if master is not None else ():
                if _placeholder(shape) is None and any((text.text or "").strip() for text in shape.iter("{*}t")):
                    said = copy.deepcopy(shape)
                    for target in list(said.iter("{*}hlinkClick", "{*}hlinkHover")):
                        _cut(target)  # it belongs to another part
                    tree.append(said)


def _local(node: Node) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _cut(node: Node) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)
