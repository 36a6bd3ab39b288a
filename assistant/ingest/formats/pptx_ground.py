"""Whether white words of a slide lie on white: nothing on it, its layouts or masters has another colour or a picture.

A slide with one coloured shape keeps all its white words: where they stand is not known well enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.ingest.formats.docx_styles import is_white

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_PICTURES = ("pic", "blipFill", "gradFill", "pattFill", "graphicFrame", "oleObj")
_SCHEME_WHITE = ("bg1", "lt1")


def has_colour(root: Node) -> bool:
    """Tell whether a slide, layout or master has a ground, shape or picture that is not white."""
    mapped = next(root.iter("{*}clrMap"), None)
    if mapped is not None and mapped.get("bg1", "lt1") != "lt1":
        return True
    for node in root.iter():
        name = _local(node)
        if name in _PICTURES:
            return True
        if name == "fillRef" and node.get("idx", "0") != "0":
            return True
        if name == "bgRef" and not _is_white(node):
            return True
        if (
            name == "solidFill"
            and _local(node.getparent()) in ("spPr", "bgPr", "tcPr", "grpSpPr")
            and not _is_white(node)
        ):
            return True
    return False


def drop_white(root: Node) -> None:
    """Take the white words out of a slide."""
    for run in root.iter("{*}r", "{*}fld"):
        look = run.find("{*}rPr")
        fill = look.find("{*}solidFill") if look is not None else None
        marked = look is not None and look.find("{*}highlight") is not None
        if fill is not None and not marked and _is_white(fill):
            for text in run.iterchildren("{*}t"):
                text.text = ""


def _is_white(fill: Node) -> bool:
    color = next(iter(fill), None)
    if color is None or len(color):
        return False
    name = _local(color)
    if name == "srgbClr":
        return is_white(color.get("val", ""))
    return color.get("val") in (_SCHEME_WHITE if name == "schemeClr" else ("white",))


def _local(node: Node | None) -> str:
    return node.tag.rpartition("}")[2] if node is not None and isinstance(node.tag, str) else ""
