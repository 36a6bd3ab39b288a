"""What the styles of a Word document say about a run: struck out, hidden, tiny, white, raised or lowered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

_OFF = ("0", "false", "off", "none")
#: Each of red, green and blue at least this: white on paper.
_WHITE = 0xF2
#: Half points: smaller text cannot be read.
_TINY = 4


@dataclass
class Look:
    """What is set of a run; None: not said here."""

    struck: bool | None = None
    hidden: bool | None = None
    white: bool | None = None
    shaded: bool | None = None
    size: int | None = None
    place: str | None = None

    def over(self, below: Look) -> Look:
        """This, and where it says nothing what is below it."""
        names = ("struck", "hidden", "white", "shaded", "size", "place")
        return Look(
            **{name: getattr(self, name) if getattr(self, name) is not None else getattr(below, name) for name in names}
        )


@dataclass
class Styles:
    """The styles of one document; `w` is the namespace of its elements."""

    w: str
    nodes: dict[str, Node] = field(default_factory=dict)
    default: Look = field(default_factory=Look)
    paragraph: str = ""
    _looks: dict[str, Look] = field(default_factory=dict)

    def load(self, root: Node) -> None:
        """Read word/styles.xml."""
        w = self.w
        for style in root.iterchildren(f"{w}style"):
            name = style.get(f"{w}styleId", "")
            self.nodes[name] = style
            if style.get(f"{w}type") == "paragraph" and style.get(f"{w}default") in ("1", "true", "on"):
                self.paragraph = name
        defaults = root.find(f"{w}docDefaults/{w}rPrDefault/{w}rPr")
        self.default = self.look(defaults)

    def chain(self, name: str) -> Iterator[Node]:
        """A style and those it is based on."""
        seen: set[str] = set()
        while name in self.nodes and name not in seen:
            seen.add(name)
            style = self.nodes[name]
            yield style
            parent = style.find(f"{self.w}basedOn")
            name = parent.get(f"{self.w}val", "") if parent is not None else ""

    def of(self, name: str) -> Look:
        """What a style says, with those it is based on."""
        if name not in self._looks:
            found = Look()
            for style in self.chain(name):
                found = found.over(self.look(style.find(f"{self.w}rPr")))
                found = found.over(Look(shaded=self._is_shaded(style.find(f"{self.w}pPr"))))
            self._looks[name] = found
        return self._looks[name]

    def of_run(self, run: Node, paragraph: Node | None) -> Look:
        """The look of a run in its paragraph."""
        own = run.find(f"{self.w}rPr")
        found = self.look(own)
        if own is not None:
            found = found.over(self.of(self._value(own, "rStyle")))
        style = self.paragraph
        properties = paragraph.find(f"{self.w}pPr") if paragraph is not None else None
        if properties is not None:
            style = self._value(properties, "pStyle") or style
            found = found.over(Look(shaded=self._is_shaded(properties)))
        return found.over(self.of(style)).over(self.default)

    def look(self, properties: Node | None) -> Look:
        """What run properties say by themselves."""
        if properties is None:
            return Look()
        found = Look(
            struck=self._either(properties, "strike", "dstrike"),
            hidden=self._either(properties, "vanish"),
            place=self._value(properties, "vertAlign") or None,
        )
        if found.place is None:
            raised = self._value(properties, "position")
            if raised.lstrip("-").isdecimal() and abs(int(raised)) >= 4 and self._value(properties, "sz"):
                found.place = "superscript" if int(raised) > 0 else "subscript"
        size = self._value(properties, "sz")
        found.size = int(size) if size.isdecimal() and len(size) < 6 else None
        color = properties.find(f"{self.w}color")
        if color is not None:
            themed = color.get(f"{self.w}themeColor", "")
            shade = color.get(f"{self.w}themeShade")
            found.white = (
                themed in ("background1", "light1") and not shade if themed else is_white(color.get(f"{self.w}val", ""))
            )
        highlight = self._value(properties, "highlight")
        if highlight or properties.find(f"{self.w}shd") is not None:
            found.shaded = (bool(highlight) and highlight not in ("none", "white")) or self._is_shaded(properties)
        return found

    def is_shaded(self, node: Node | None) -> bool:
        """Whether properties (of a paragraph, cell or table) fill their background with a colour."""
        return bool(self._is_shaded(node))

    def _is_shaded(self, properties: Node | None) -> bool | None:
        shading = properties.find(f"{self.w}shd") if properties is not None else None
        if shading is None:
            return None
        fill, pattern = shading.get(f"{self.w}fill", "auto"), shading.get(f"{self.w}val", "clear")
        if shading.get(f"{self.w}themeFill") or pattern not in ("clear", "nil"):
            return True
        return fill.lower() != "auto" and not is_white(fill)

    def _either(self, properties: Node, *names: str) -> bool | None:
        found = [node for name in names for node in [properties.find(f"{self.w}{name}")] if node is not None]
        return any(node.get(f"{self.w}val", "1").lower() not in _OFF for node in found) if found else None

    def _value(self, properties: Node, name: str) -> str:
        node = properties.find(f"{self.w}{name}")
        return (node.get(f"{self.w}val") or "") if node is not None else ""


def is_white(color: str) -> bool:
    """Whether RRGGBB is white or nearly so."""
    try:
        return len(color) == 6 and all(int(color[at : at + 2], 16) >= _WHITE for at in (0, 2, 4))
    except ValueError:
        return False


def is_tiny(size: int | None) -> bool:
    """Whether a size in half points is too small for anybody to read."""
    return size is not None and size <= _TINY
