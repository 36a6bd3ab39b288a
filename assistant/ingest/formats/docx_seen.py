"""A Word document as a person sees it, before dochan reads it.

dochan keeps struck-out and hidden words and loses the place of raised ones. So the parts of the package are rewritten:
what was deleted, struck out or hidden is taken out, raised and lowered figures become characters, and signs of symbol
fonts what they show. The rest stays as it is (`docx_body` sees to numbers and notes).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.ingest.formats.docx_boxes import ground_of_box, has_coloured_shapes
from assistant.ingest.formats.docx_styles import Styles, is_tiny
from assistant.ingest.formats.office_symbols import shown
from assistant.ingest.formats.raised import lowered, raised

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_DELETED = ("del", "moveFrom", "commentRangeStart", "commentRangeEnd", "commentReference", "bookmarkStart")
#: Wrappers that dochan does not open, and one that it does.
_WRAPPERS, _KNOWN_WRAPPER = ("customXml", "dir", "bdo"), "smartTag"
#: Stands for a page number until its line is judged: a character that no text holds.
_PAGE_NUMBER = "\ufdd0"
_PAGE_FIELDS = ("PAGE", "NUMPAGES", "SECTIONPAGES")


@dataclass
class Seen:
    """Rewrites the parts of one document; `w` is the namespace of its elements."""

    w: str
    styles: Styles
    #: Whether the part has shapes or pictures that may lie behind a box without a ground of its own.
    coloured_shapes: bool = False

    def rewrite(self, root: Node) -> None:
        """Leave in a part what a person sees of it."""
        self._drop_deleted(root)
        self._open_wrappers(root)
        can_be_white = self._can_be_white(root)
        self.coloured_shapes = has_coloured_shapes(root)
        for paragraph in list(root.iter(f"{self.w}p")):
            self._fields(paragraph)
        for run in list(root.iter(f"{self.w}r")):
            self._run(run, can_be_white)
        for control in list(root.iter(f"{self.w}sdt")):
            if control.find(f"{self.w}sdtPr/{self.w}showingPlcHdr") is not None:
                for text in control.iter(f"{self.w}t"):
                    text.text = ""  # "Click here to enter text" is nobody's value
        for link in root.iter(f"{self.w}hyperlink"):
            link.attrib.pop(f"{self.w}anchor", None)
        for name in root.iter("{*}docPr"):
            name.attrib.pop("name", None)  # "Picture 1"; what it shows is in "descr"

    def running(self, root: Node) -> None:
        """Take page numbers out of a header or footer, and what stands beside them without saying anything.

        A table in it becomes a paragraph for each row: dochan reads no tables there.
        """
        for table in list(root.iter(f"{self.w}tbl")):
            if next(table.iterancestors(f"{self.w}tbl"), None) is None:
                self._rows_as_lines(table)
        for field_node in list(root.iter(f"{self.w}fldSimple")):
            if _instruction(field_node.get(f"{self.w}instr", "")) in _PAGE_FIELDS:
                for text in field_node.iter(f"{self.w}t"):
                    text.text = _PAGE_NUMBER
        for paragraph in root.iter(f"{self.w}p"):
            self._page_numbers(paragraph)
            texts = [node for node in paragraph.iter(f"{self.w}t", f"{self.w}tab", f"{self.w}br", f"{self.w}ptab")]
            for stretch in _stretches(texts, f"{self.w}t"):
                whole = "".join(node.text or "" for node in stretch)
                if _PAGE_NUMBER in whole:
                    says_something = any(char.isdigit() for char in whole) or len(whole) > 20
                    for node in stretch:
                        node.text = (node.text or "").replace(_PAGE_NUMBER, "") if says_something else ""

    def _rows_as_lines(self, table: Node) -> None:
        w = self.w
        for row in table.iter(f"{w}tr"):
            line = table.makeelement(f"{w}p", None, None)
            for cell in row.iterchildren(f"{w}tc"):
                if len(line):
                    gap = table.makeelement(f"{w}r", None, None)
                    gap.append(table.makeelement(f"{w}tab", None, None))
                    line.append(gap)
                for at, paragraph in enumerate(list(cell.iter(f"{w}p"))):
                    if at:
                        gap = table.makeelement(f"{w}r", None, None)
                        space = table.makeelement(f"{w}t", None, None)
                        space.text = " "
                        gap.append(space)
                        line.append(gap)
                    line.extend(child for child in [*paragraph] if child.tag != f"{w}pPr")
            table.addprevious(line)
        cut(table)

    def _drop_deleted(self, root: Node) -> None:
        w = self.w
        for row in list(root.iter(f"{w}tr")):
            properties = row.find(f"{w}trPr")
            if properties is not None and (
                properties.find(f"{w}del") is not None or properties.find(f"{w}hidden") is not None
            ):
                cut(row)
        for mark in list(root.iter(f"{w}cellDel")):
            cell = next(mark.iterancestors(f"{w}tc"), None)
            if cell is not None:
                for child in [*cell.iterchildren()]:
                    if child.tag != f"{w}tcPr":
                        cell.remove(child)
        for node in list(root.iter(*_names(w, *_DELETED))):
            cut(node)
        for table in list(root.iter(f"{w}tbl")):
            if next(table.iter(f"{w}tr"), None) is None:
                cut(table)

    def _open_wrappers(self, root: Node) -> None:
        for node in list(root.iter(*_names(self.w, *_WRAPPERS))):
            node.tag = f"{self.w}{_KNOWN_WRAPPER}"

    def _can_be_white(self, root: Node) -> bool:
        """Whether white words lie on white paper: neither the page nor a picture behind the text has a colour."""
        background = root.find(f"{self.w}background")
        colored = background is not None and background.get(f"{self.w}color", "auto").lower() not in ("auto", "ffffff")
        return not colored and not any(
            node.get("behindDoc") in ("1", "true") for node in root.iter("{*}anchor")
        )  # fmt: skip

    def _run(self, run: Node, can_be_white: bool) -> None:
        w = self.w
        paragraph = next(run.iterancestors(f"{w}p"), None)
        look = self.styles.of_run(run, paragraph)
        if (
            look.hidden
            or is_tiny(look.size)
            or (look.white and can_be_white and not self._on_color(run, bool(look.shaded)))
        ):
            for child in [*run.iterchildren()]:
                if child.tag not in (f"{w}rPr", f"{w}fldChar", f"{w}instrText"):
                    run.remove(child)
            return
        fonts = run.find(f"{w}rPr/{w}rFonts")
        font = (fonts.get(f"{w}ascii") or fonts.get(f"{w}hAnsi") or "") if fonts is not None else ""
        for child in [*run.iterchildren()]:
            if look.struck and child.tag in _names(w, "t", "tab", "sym", "footnoteReference", "endnoteReference"):
                run.remove(child)
                continue
            if child.tag == f"{w}sym":
                become_text(child, w, shown(_character(child.get(f"{w}char", "")), child.get(f"{w}font", "")))
            elif child.tag == f"{w}noBreakHyphen":
                become_text(child, w, "-")
            elif child.tag == f"{w}ruby":
                base = "".join(node.text or "" for node in child.iter(f"{w}t") if _inside(node, f"{w}rubyBase", child))
                above = "".join(node.text or "" for node in child.iter(f"{w}t") if _inside(node, f"{w}rt", child))
                become_text(child, w, f"{base}({above})" if above else base)
            if child.tag == f"{w}t" and child.text:
                text = shown(child.text, font)
                if look.place in ("superscript", "subscript"):
                    text = raised(text) if look.place == "superscript" else lowered(text)
                child.text = text

    def _on_color(self, run: Node, shaded: bool) -> bool:
        """Whether a background colour lies under a run, or may lie there: a shape, a table's style."""
        if shaded:
            return True
        w = self.w
        for node in run.iterancestors(f"{w}txbxContent", f"{w}tc", f"{w}tbl"):
            if node.tag == f"{w}txbxContent":
                ground = ground_of_box(node)
                return self.coloured_shapes if ground == "none" else ground != "white"
            if node.tag == f"{w}tc" and self.styles.is_shaded(node.find(f"{w}tcPr")):
                return True
            if node.tag == f"{w}tbl":
                properties = node.find(f"{w}tblPr")
                if self.styles.is_shaded(properties):
                    return True
                named = properties.find(f"{w}tblStyle") if properties is not None else None
                name = named.get(f"{w}val", "") if named is not None else ""
                if any(True for style in self.styles.chain(name) for _ in style.iter(f"{w}shd")):
                    return True
        return False

    def _fields(self, paragraph: Node) -> None:
        """The chosen entry of a form's list, which the text does not hold."""
        w = self.w
        for start in list(paragraph.iter(f"{w}fldChar")):
            choice = start.find(f"{w}ffData/{w}ddList")
            if choice is None:
                continue
            entries = [entry.get(f"{w}val", "") for entry in choice.iterchildren(f"{w}listEntry")]
            picked = choice.find(f"{w}result")
            at = picked.get(f"{w}val", "0") if picked is not None else "0"
            run = start.getparent()
            if run is not None and at.isdecimal() and int(at) < len(entries):
                text = run.makeelement(f"{w}t", None, None)
                text.text = entries[int(at)]
                start.addnext(text)

    def _page_numbers(self, paragraph: Node) -> None:
        w = self.w
        depth, instruction, shows = 0, "", False
        for node in paragraph.iter(f"{w}fldChar", f"{w}instrText", f"{w}t"):
            kind = node.get(f"{w}fldCharType")
            if kind == "begin":
                depth, instruction, shows = depth + 1, "", False
            elif kind == "separate":
                shows = True
            elif kind == "end":
                depth, shows = max(0, depth - 1), False
            elif node.tag == f"{w}instrText":
                instruction += node.text or ""
            elif depth and shows and _instruction(instruction) in _PAGE_FIELDS:
                node.text = _PAGE_NUMBER


def _names(w: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{w}{name}" for name in names)


def cut(node: Node) -> None:
    """Take a node out of its tree."""
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def become_text(node: Node, w: str, text: str) -> None:
    """Turn a node into text of its run."""
    for child in [*node.iterchildren()]:
        node.remove(child)
    node.attrib.clear()
    node.tag, node.text = f"{w}t", text


def _character(code: str) -> str:
    """The character of four hexadecimal digits; nothing for what XML does not allow."""
    try:
        char = chr(int(code, 16)) if len(code) <= 4 else ""
    except ValueError:
        return ""
    return char if char.isprintable() or "\ue000" <= char <= "\uf8ff" else ""


def _inside(node: Node, tag: str, stop: Node) -> bool:
    for ancestor in node.iterancestors():
        if ancestor.tag == tag:
            return True
        if ancestor is stop:
            return False
    return False


def _instruction(text: str) -> str:
    return (text.split() or [""])[0].upper()


def _stretches(nodes: Iterable[Node], text: str) -> list[list[Node]]:
    """Texts between tabs and line breaks."""
    found: list[list[Node]] = [[]]
    for node in nodes:
        if node.tag == text:
            found[-1].append(node)
        else:
            found.append([])
    return found
