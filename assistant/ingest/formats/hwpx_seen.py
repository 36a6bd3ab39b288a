"""An HWPX document as a person sees it, before dochan reads it.

What lies white on white or is too small to be read is taken out, bookmarks too, and the automatic numbers and bullets
of lists, which Hancom Office computes when it shows a document, are written before the text of their paragraphs.
(What is struck out, raised or lowered dochan tells of each run; `office_runs` sees to that.)
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.formats.docx import parsed, replaced, serialised
from assistant.ingest.formats.docx_styles import is_white
from assistant.ingest.formats.hwp_lists import DEEPEST, FORMS, RAISED_BY, Numbering, bullet, marker

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_PART = re.compile(r"Contents/(?:header|section\d+|masterpage\d+)\.xml")
#: Text of at most this height (hundredths of a point) cannot be read.
_TINY = 200
#: What is counted in captions; the numbers of pages and notes are none of the text.
_COUNTED = ("TABLE", "PICTURE", "EQUATION")
#: Objects whose own colour may lie under their text.
_SHAPES = ("rect", "ellipse", "polygon", "container", "curve", "arc", "textart")


def as_seen(content: bytes) -> tuple[bytes, bool]:
    """The container with what a person sees of its texts; unchanged where it cannot be understood.

    Also whether a tracked deletion has no end, so that deleted words may be left.
    """
    endless = False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist() if _PART.fullmatch(name)}
    except Exception:  # noqa: BLE001 - a damaged container may raise anything; dochan says what is wrong with it
        return content, False
    roots = {name: root for name, data in parts.items() if (root := parsed(data)) is not None}
    header = roots.get("Contents/header.xml")
    if header is None:
        return content, False
    try:
        seen = _Seen.of(header)
        changed: dict[str, bytes] = {}
        if _place(header):
            changed["Contents/header.xml"] = serialised(header)
        for name in sorted(roots, key=lambda name: (len(name), name)):
            if "section" in name:
                deleted, left = _drop_deleted(roots[name])
                endless = endless or left
                if seen.rewrite(roots[name]) or deleted:
                    changed[name] = serialised(roots[name])
    except ValueError:  # a number that is none: dochan may still make something of the document
        return content, endless
    return (replaced(content, changed) if changed else content), endless


def _place(header: Node) -> bool:
    """Call looks raised or lowered that stand well above or below the line; whether there are any."""
    changed = False
    for look in header.iter("{*}charPr"):
        offset = look.find("{*}offset")
        if offset is None or look.find("{*}supscript") is not None or look.find("{*}subscript") is not None:
            continue
        places = sorted(int(each) for each in offset.attrib.values() if re.fullmatch(r"-?\d{1,3}", str(each)))
        place = places[len(places) // 2] if places else 0
        if abs(place) >= RAISED_BY:
            name = "supscript" if place < 0 else "subscript"
            look.append(look.makeelement(f"{look.tag.removesuffix('charPr')}{name}", None, None))
            changed = True
    return changed


def _drop_deleted(root: Node) -> tuple[bool, bool]:
    """Drop what tracked changes have deleted; whether there was any, and whether a deletion has no end."""
    from lxml import etree

    begun, ended = ({node.get("Id", "") for node in root.iter(f"{{*}}delete{which}")} for which in ("Begin", "End"))
    within: set[str] = set()
    for event, node in etree.iterwalk(root, events=("start", "end")) if begun else ():
        name = _local(node)
        if event == "start" and name == "deleteBegin" and node.get("Id", "") in ended:
            within.add(node.get("Id", ""))
        elif event == "start" and name == "deleteEnd":
            within.discard(node.get("Id", ""))
        elif event == "start" and within:
            node.text = None
        if event == "end" and within:
            node.tail = None
    for node in list(root.iter("{*}insertBegin", "{*}insertEnd", "{*}deleteBegin", "{*}deleteEnd")):
        _cut_out(node)
    return bool(begun), bool(begun - ended)


def _cut_out(node: Node) -> None:
    """Take a node out and leave the text behind it."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None:
        return
    if node.tail and before is not None:
        before.tail = (before.tail or "") + node.tail
    elif node.tail:
        parent.text = (parent.text or "") + node.tail
    parent.remove(node)


def _local(node: Node) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


@dataclass
class _Seen:
    """What the header says about runs, backgrounds and lists."""

    white: set[str] = field(default_factory=set)
    tiny: set[str] = field(default_factory=set)
    colored: set[str] = field(default_factory=set)
    colored_paragraphs: set[str] = field(default_factory=set)
    shapes: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    numberings: dict[str, Numbering] = field(default_factory=dict)
    outlines: dict[str, Numbering] = field(default_factory=dict)
    bullets: dict[str, tuple[str, str]] = field(default_factory=dict)
    checked: set[str] = field(default_factory=set)
    #: Whether the section has pictures or coloured shapes.
    has_objects: bool = False

    @classmethod
    def of(cls, header: Node) -> _Seen:
        """Read Contents/header.xml."""
        seen = cls()
        for fill in header.iter("{*}borderFill"):
            brush = fill.find("{*}fillBrush")
            if brush is not None and any(_has_color(each) for each in brush):
                seen.colored.add(fill.get("id", ""))
        for look in header.iter("{*}charPr"):
            name = look.get("id", "")
            on_color = look.get("borderFillIDRef") in seen.colored or not _is_paper(look.get("shadeColor", "none"))
            if is_white(look.get("textColor", "").lstrip("#")) and not on_color:
                seen.white.add(name)
            if look.get("height", "").isdecimal() and int(look.get("height", "0")) <= _TINY:
                seen.tiny.add(name)
        for shape in header.iter("{*}paraPr"):
            name = shape.get("id", "")
            border = shape.find(".//{*}border")
            if border is not None and border.get("borderFillIDRef") in seen.colored:
                seen.colored_paragraphs.add(name)
            heading = shape.find(".//{*}heading")
            if heading is not None and heading.get("type") in ("NUMBER", "BULLET", "OUTLINE"):
                level = min(int(heading.get("level", "0")) + 1, DEEPEST)
                seen.shapes[name] = (heading.get("type", ""), heading.get("idRef", ""), level)
                if shape.get("checked") == "1":
                    seen.checked.add(name)
        for each in header.iter("{*}numbering"):
            seen.numberings[each.get("id", "")] = Numbering(
                {
                    int(head.get("level", "1")): (
                        FORMS.get(head.get("numFormat", "DIGIT"), ""),
                        head.text or "",
                        int(head.get("start", "1")),
                    )
                    for head in each.iter("{*}paraHead")
                }
            )
        seen.bullets = {
            each.get("id", ""): (each.get("char", ""), each.get("checkedChar", "")) for each in header.iter("{*}bullet")
        }
        return seen

    def rewrite(self, root: Node) -> bool:
        """Leave in a section what a person sees of it; whether anything was changed."""
        changed = False
        for mark in list(root.iter("{*}bookmark")):
            parent = mark.getparent()
            if parent is not None:
                parent.remove(mark)
                changed = True
        for counted in list(root.iter("{*}autoNum")):
            if counted.get("numType") in _COUNTED:
                changed = _write_number(counted) or changed
        page_is_colored = next(root.iter("{*}masterPage"), None) is not None or any(
            fill.get("borderFillIDRef") in self.colored for fill in root.iter("{*}pageBorderFill")
        )
        if self.white or self.tiny:
            self.has_objects = next(root.iter("{*}pic", "{*}container"), None) is not None or any(
                _has_color(brush) for shape in root.iter(*(f"{{*}}{name}" for name in _SHAPES)) 
                for fill in shape.iterchildren("{*}fillBrush") for brush in fill
            )  # fmt: skip
            for run in root.iter("{*}run"):
                name = run.get("charPrIDRef", "")
                unseen = name in self.tiny or (name in self.white and not page_is_colored and not self._on_color(run))
                if unseen:
                    for node in [child for child in run if _local(child) in ("t", "compose", "dutmal")]:
                        run.remove(node)
                        changed = True
        return self._number(root) or changed

    def _on_color(self, run: Node) -> bool:
        for node in run.iterancestors():
            kind = _local(node)
            if kind in _SHAPES:
                brush = node.find("{*}fillBrush")
                # a box without a ground of its own may lie on another object
                return self.has_objects if brush is None or not len(brush) else any(_has_color(each) for each in brush)
            if kind in ("tc", "tbl") and node.get("borderFillIDRef") in self.colored:
                return True
            if kind == "tbl" and node.find("{*}cellzoneList") is not None:
                return True
            if kind == "p" and node.get("paraPrIDRef") in self.colored_paragraphs:
                return True
        return False

    def _list(self, kind: str, name: str) -> Numbering | None:
        """A list; the outline counts by itself, even where a list has the same numbering."""
        if kind == "OUTLINE" and name in self.numberings:
            return self.outlines.setdefault(name, Numbering(self.numberings[name].levels))
        return self.numberings.get(name)

    def _number(self, root: Node) -> bool:
        changed, outline = False, ""
        for paragraph in root.iter("{*}p"):
            section = paragraph.find("{*}run/{*}secPr")
            if section is not None:
                outline = section.get("outlineShapeIDRef", outline)
            kind, reference, level = self.shapes.get(paragraph.get("paraPrIDRef", ""), ("", "", 0))
            if not kind:
                continue
            texts = (node for run in paragraph if _local(run) == "run" for node in run if _local(node) == "t")
            text = next((node for node in texts if "".join(map(str, node.itertext())).strip()), None)
            if text is None:
                continue
            if kind == "BULLET":
                plain, ticked = self.bullets.get(reference, ("", ""))
                shown = bullet(ticked if ticked and paragraph.get("paraPrIDRef") in self.checked else plain)
            else:
                numbering = self._list(kind, outline if kind == "OUTLINE" else reference)
                shown = numbering.next(level) if numbering is not None else ""
            if shown:
                text.text = marker(shown, 1 if kind == "OUTLINE" else level) + (text.text or "")
                changed = True
        return changed


def _write_number(counted: Node) -> bool:
    """Write the number of a caption ("표 3") where the program would show it."""
    control = counted.getparent()
    run = control.getparent() if control is not None else None
    if control is None or run is None or _local(control) != "ctrl" or not counted.get("num", "").isdecimal():
        return False
    text = control.makeelement(control.tag.removesuffix("ctrl") + "t", None, None)
    text.text = counted.get("num")
    run.replace(control, text)
    return True


def _has_color(brush: Node) -> bool:
    kind = _local(brush)
    return kind in ("gradation", "imgBrush") or (kind == "winBrush" and not _is_paper(brush.get("faceColor", "none")))


def _is_paper(color: str) -> bool:
    """Whether a background is none, or white."""
    return color.lower() == "none" or is_white(color.lstrip("#")[-6:])
