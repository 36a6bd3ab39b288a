"""What the styles of an OpenDocument file say: struck out, hidden, white, raised, the numbers of lists.

Automatic styles belong to one file of the package (content.xml or styles.xml) and may bear the same names in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.ingest.formats.docx_styles import is_white
from assistant.ingest.formats.list_numbers import number

if TYPE_CHECKING:
    from lxml.etree import _Element as Node

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
SLIDES = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
FORM = "{urn:oasis:names:tc:opendocument:xmlns:form:1.0}"
_FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"

#: Smaller text (points) cannot be read.
_TINY = 2.0
_NUMBER_FORMS = {"A": "upper", "a": "lower", "I": "ROMAN", "i": "roman", "①": "circled", "一": "ideograph"}


@dataclass
class Look:
    """What is said of a text; None: nothing."""

    struck: bool | None = None
    hidden: bool | None = None
    white: bool | None = None
    filled: bool | None = None
    tiny: bool | None = None
    place: str | None = None

    def over(self, below: Look) -> Look:
        """This, and where it says nothing what is below it."""
        names = ("struck", "hidden", "white", "filled", "tiny", "place")
        return Look(
            **{name: getattr(self, name) if getattr(self, name) is not None else getattr(below, name) for name in names}
        )


@dataclass
class Level:
    """A level of a numbered list: form, what stands before and after, where it starts, how many levels are shown."""

    form: str
    prefix: str
    suffix: str
    start: int
    shown: int


@dataclass
class Styles:
    """The styles that hold for one file of the package."""

    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    lists: dict[str, dict[int, Level]] = field(default_factory=dict)
    outline: dict[int, Level] = field(default_factory=dict)
    _looks: dict[tuple[str, str], Look] = field(default_factory=dict)

    @classmethod
    def of(cls, *roots: Node | None) -> Styles:
        """Collect styles; those of later files win."""
        found = cls()
        for root in roots:
            for style in root.iter(f"{STYLE}style") if root is not None else ():
                found.nodes[style.get(f"{STYLE}family", ""), style.get(f"{STYLE}name", "")] = style
            for style in root.iter(f"{TEXT}list-style") if root is not None else ():
                found.lists[style.get(f"{STYLE}name", "")] = _levels(style, f"{TEXT}list-level-style-number")
            for style in root.iter(f"{TEXT}outline-style") if root is not None else ():
                found.outline = _levels(style, f"{TEXT}outline-level-style")
        return found

    def chain(self, family: str, name: str | None) -> Iterator[Node]:
        """A style and its parents."""
        seen: set[str] = set()
        while name and name not in seen:
            seen.add(name)
            style = self.nodes.get((family, name), self.nodes.get(("", name)))
            if style is None:
                return
            yield style
            name = style.get(f"{STYLE}parent-style-name")

    def look(self, family: str, name: str | None) -> Look:
        """What a style says, with its parents."""
        key = (family, name or "")
        if key not in self._looks:
            found = Look()
            for style in self.chain(family, name):
                found = found.over(_look(style))
            self._looks[key] = found
        return self._looks[key]

    def says(self, family: str, name: str | None, attribute: str) -> str:
        """The first value of an attribute of any property of a style."""
        for style in self.chain(family, name):
            for properties in style:
                value = properties.get(attribute) if isinstance(properties.tag, str) else None
                if value is not None:
                    return str(value)
        return ""


def _look(style: Node) -> Look:
    found = Look()
    for properties in style:
        if not isinstance(properties.tag, str):
            continue
        background = properties.get(f"{_FO}background-color")
        if background is not None:
            found.filled = background != "transparent" and not is_white(background.lstrip("#"))
        if properties.get(f"{DRAW}fill", "none") != "none":
            found.filled = True
        if properties.tag != f"{STYLE}text-properties":
            continue
        line = properties.get(f"{STYLE}text-line-through-style") or properties.get(f"{STYLE}text-line-through-type")
        if line is not None:
            found.struck = line != "none"
        shown = properties.get(f"{TEXT}display")
        if shown is not None:
            found.hidden = shown == "none"
        color = properties.get(f"{_FO}color")
        if color is not None:
            found.white = is_white(color.lstrip("#")) and properties.get(f"{STYLE}use-window-font-color") != "true"
        size = properties.get(f"{_FO}font-size", "")
        if size.endswith("pt"):
            found.tiny = _points(size) <= _TINY
        position = properties.get(f"{STYLE}text-position", "").split()
        if position:
            raised = position[0] == "super" or (position[0] not in ("sub", "0%") and not position[0].startswith("-"))
            lowered = position[0] == "sub" or position[0].startswith("-")
            found.place = "superscript" if raised else "subscript" if lowered else ""
    return found


def _points(size: str) -> float:
    try:
        return float(size.removesuffix("pt"))
    except ValueError:
        return 10.0


def _levels(style: Node, tag: str) -> dict[int, Level]:
    levels: dict[int, Level] = {}
    for level in style.iter(tag):
        form = level.get(f"{STYLE}num-format", "")
        if form:
            levels[whole(level.get(f"{TEXT}level"), 1)] = Level(
                form=form,
                prefix=level.get(f"{STYLE}num-prefix", ""),
                suffix=level.get(f"{STYLE}num-suffix", ""),
                start=whole(level.get(f"{TEXT}start-value"), 1),
                shown=whole(level.get(f"{TEXT}display-levels"), 1),
            )
    return levels


def marker(at: int, levels: dict[int, Level], counts: dict[int, int]) -> str:
    """The number of a list's level as it is shown ("제2조", "1.3.", "가)"), with a space behind it."""
    level = levels[at]
    parts = [
        _number(counts.get(each, levels[each].start), levels[each].form)
        for each in range(max(1, at - level.shown + 1), at + 1)
        if each in levels
    ]
    return f"{level.prefix}{'.'.join(parts)}{level.suffix} "


def _number(value: int, form: str) -> str:
    if form.startswith("가") or form.startswith("ㄱ"):
        return number(value, "syllable" if form[0] == "가" else "jamo")
    if form.startswith(("㉮", "㉠")):
        return number(value, "circled syllable" if form[0] == "㉮" else "circled jamo")
    return number(value, _NUMBER_FORMS.get(form[:1], ""))


def whole(text: str | None, otherwise: int) -> int:
    """The whole number that a text writes, else another."""
    return int(text) if text and text.isdecimal() and len(text) < 9 else otherwise
