"""Text boxes of Word documents: what lies behind their words, and where these stand in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from assistant.ingest.formats.docx_styles import is_white

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

#: "none": the box has no ground of its own.
Ground = Literal["white", "coloured", "none"]

_FILLS = ("solidFill", "gradFill", "blipFill", "pattFill", "grpFill")
_VML_SHAPES = ("shape", "rect", "roundrect", "oval", "line", "polyline", "group")
_NO = ("f", "false", "0")


def ground_of_box(content: Node) -> Ground:
    """Tell what lies behind the words of a box (`w:txbxContent`)."""
    for node in content.iterancestors():
        name = _local(node)
        if name == "wsp":
            return _ground(node)
        if name in _VML_SHAPES:
            return _ground_in_vml(node)
    return "coloured"  # nobody knows


def lift(root: Node, w: str) -> None:
    """Put the paragraphs and tables of each box behind the paragraph that it hangs on, box after box.

    Boxes of one drawing would be one paragraph otherwise, and what stands in two of them one sentence.
    """
    last: dict[Node, Node] = {}
    for box in list(root.iter(f"{w}txbxContent")):
        anchor = next(box.iterancestors(f"{w}p"), None)
        if anchor is None:
            continue
        behind = last.get(anchor, anchor)
        for block in [*box.iterchildren(f"{w}p", f"{w}tbl", f"{w}sdt")]:
            block.tail = None
            behind.addnext(block)
            behind = block
        last[anchor] = behind


def has_coloured_shapes(root: Node) -> bool:
    """Tell whether a part has shapes or pictures that may lie behind a box."""
    for node in root.iter():
        name = _local(node)
        if name == "wsp" and _ground(node) == "coloured":
            return True
        if name in ("pic", "imagedata", "chart", "wpc", "wgp"):
            return True
        if name in _VML_SHAPES and _ground_in_vml(node) == "coloured":
            return True
    return False


def _ground(shape: Node) -> Ground:
    properties = next((child for child in shape if _local(child) == "spPr"), None)
    for fill in properties if properties is not None else ():
        name = _local(fill)
        if name == "noFill":
            return "none"
        if name in _FILLS:
            color = next((each for each in fill), None)
            plain = name == "solidFill" and color is not None and len(color) == 0
            white = plain and color is not None and (
                is_white(color.get("val", "")) if _local(color) == "srgbClr" else color.get("val") in ("bg1", "lt1")
            )  # fmt: skip
            return "white" if white else "coloured"
    reference = next((each for each in shape.iter() if _local(each) == "fillRef"), None)
    return "coloured" if reference is not None and reference.get("idx", "0") != "0" else "none"


def _ground_in_vml(shape: Node) -> Ground:
    fill = next((child for child in shape if _local(child) == "fill"), None)
    if shape.get("filled", "t").lower() in _NO or (fill is not None and fill.get("on", "t").lower() in _NO):
        return "none"
    if fill is not None and fill.get("type", "solid") != "solid":
        return "coloured"
    color = shape.get("fillcolor") or (fill.get("color", "") if fill is not None else "") or "white"
    color = color.partition(" ")[0].lower()
    if color in ("white", "window", "#fff") or is_white(color.lstrip("#")):
        return "white"
    return "coloured"


def _local(node: Node) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
