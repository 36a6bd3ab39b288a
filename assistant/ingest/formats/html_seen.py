"""What a reader sees of a page: what is hidden or struck out goes, what is raised or lowered is written so.

Hidden is what styles hide (not drawn, without size, transparent, outside the window, in the colour of what is behind
it), by attribute or by a style sheet of the page or beside it; but not what a visible button opens. The colour behind
a text is known only where the page says it, or all its style sheets can be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from tinycss2 import parse_component_value_list
from tinycss2.ast import Node

from assistant.ingest.formats.css_values import BLACK, LINK, WHITE, Colour, colour, font_size, ground, pixels, words
from assistant.ingest.formats.html_boxes import BOX_PROPERTIES, box_unseen
from assistant.ingest.formats.html_styles import Styles
from assistant.ingest.formats.raised import lowered, raised
from assistant.ingest.formats.source import Other

_WANTED = BOX_PROPERTIES | {
    "visibility", "font", "font-size", "color", "-webkit-text-fill-color", "background", "background-color",
    "background-image", "background-clip", "-webkit-background-clip", "text-decoration", "text-decoration-line",
    "vertical-align", "font-variant-position", "fill",
}  # fmt: skip
_STRUCK = {"del", "s", "strike"}
_CELLS = {"td", "th", "img", "tr", "table", "tbody", "thead", "tfoot", "input", "button", "svg"}
#: The largest text that nobody can read, in pixels (2 pt).
_TINY = 2.7

_Values = Mapping[str, list[Node]]


@dataclass(frozen=True, slots=True)
class _Look:
    """How text looks in an element. `ground` is the colour behind it, None when it is not known."""

    visible: bool = True
    font: float = 16.0
    colour: Colour = BLACK
    ground: Colour | None = WHITE
    through: bool = False

    @property
    def readable(self) -> bool:
        """Whether text that looks like this can be read."""
        if not self.visible or self.font <= _TINY:
            return False
        if self.through:  # the background shines through the letters
            return True
        return self.colour.alpha > 0.05 and not (self.ground and self.colour.like(self.ground))


def leave_seen(soup: BeautifulSoup, other: Other | None = None) -> None:
    """Take out of a page what nobody sees and what is struck out; write raised and lowered text as such.

    `other` gives the style sheets that the page refers to.
    """
    styles = Styles(soup, frozenset(_WANTED), other)
    known_ground = styles.complete
    boxes: dict[int, Tag] = {}
    closed: list[Tag] = []
    going: list[tuple[NavigableString, bool]] = []
    struck: list[Tag] = []
    moved: list[tuple[Tag, Callable[[str], str]]] = []
    waiting: list[tuple[Tag, _Look]] = [(soup, _Look(ground=WHITE if known_ground else None))]
    while waiting:
        element, above = waiting.pop()
        values = _of_drawing(element, styles.of(element)) if element is not soup else {}
        look = _look(element, values, above)
        unseen = box_unseen(element, values, look.font)
        if unseen or (above.visible and not look.visible and element.get("id")):
            if unseen:
                boxes[id(element)] = element
            if unseen != "always":
                closed.append(element)
        if element.name in _STRUCK or _line_through(values):
            struck.append(element)
        if move := _moved(element, values, look, above):
            moved.append((element, move))
        for child in element.children:
            if isinstance(child, Tag):
                waiting.append((child, look))
            elif isinstance(child, NavigableString) and not look.readable:
                going.append((child, replace(look, visible=True).readable))
    opened = _open(soup, boxes, closed)
    for hidden, only_closed in going:
        if not (only_closed and any(id(parent) in opened for parent in hidden.parents)):
            hidden.extract()
    for element in [*boxes.values(), *struck]:
        if not element.decomposed:
            _take_out(element, styles)
    for element, move in reversed(moved):
        if not element.decomposed and element.parent is not None and (text := element.get_text()).strip():
            element.replace_with(NavigableString(_written(text, move)))


def _take_out(element: Tag, styles: Styles) -> None:
    """Remove an element; a cell that takes its room stays, empty, so that its row keeps its columns."""
    drawn = "none" not in words(styles.of(element).get("display", ())) and not element.has_attr("hidden")
    if element.name in ("td", "th") and drawn:
        element.clear(decompose=True)
    else:
        element.decompose()


def _written(text: str, move: Callable[[str], str]) -> str:
    """Raised or lowered text with the white space around it; a mark in brackets stands apart as it is."""
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{move(inner)}{after}"


def hides(element: Tag, soup: BeautifulSoup) -> bool:
    """Tell whether an element alone, with the style sheets of `soup`, hides or strikes out what will stand in it."""
    values = Styles(soup, frozenset(_WANTED)).of(element)
    look = _look(element, values, _Look())
    return bool(
        element.name in _STRUCK or box_unseen(element, values, look.font) or not look.readable or _line_through(values)
    )


def _look(element: Tag, values: _Values, above: _Look) -> _Look:
    look = replace(above, font=above.font / 1.2) if element.name == "small" else above
    for name in ("font", "font-size"):
        size = font_size(values[name], above.font) if name in values else None
        look = replace(look, font=size) if size is not None else look
    seen = words(values.get("visibility", ()))
    if seen and seen[0] in ("hidden", "collapse", "visible"):
        look = replace(look, visible=seen[0] == "visible")
    look = _grounded(element, values, look)
    text = _attribute(element, "text" if element.name == "body" else "color")
    if element.name == "a" and element.get("href"):
        look = replace(look, colour=LINK)
    for found in (
        text if element.name in ("font", "body", "basefont") else None,
        _first_colour(values.get("color", ())) or _no_ink(values.get("color", ())),
        _first_colour(values.get("-webkit-text-fill-color", ())),
    ):
        look = replace(look, colour=found) if found else look
    return look


#: Parts of a drawing that may lie behind its words.
_INK = ["rect", "path", "polygon", "circle", "ellipse", "image", "use"]
_IN_DRAWINGS = ("svg", "g", "text", "tspan", "textpath", "switch", "a")


def _of_drawing(element: Tag, values: _Values) -> _Values:
    """The values of an element, with what the attributes of a drawing say: its ink is `fill`."""
    if element.name not in _IN_DRAWINGS or (element.name != "svg" and element.find_parent("svg") is None):
        return values
    found = dict(values)
    for name in ("fill", "visibility", "font-size", "opacity", "display"):
        if element.get(name) and name not in found:
            tokens = parse_component_value_list(str(element.get(name)), skip_comments=True)
            found[name] = [each for each in tokens if each.type != "whitespace"]
    if "fill" in found:
        found["color"] = found.pop("fill")
    return found


def _grounded(element: Tag, values: _Values, look: _Look) -> _Look:
    if found := _attribute(element, "bgcolor"):
        look = replace(look, ground=found)
    if element.get("background") or (element.name == "svg" and element.find(_INK) is not None):
        look = replace(look, ground=None)
    for name in ("background", "background-color", "background-image"):
        if name in values:
            picture, behind = ground(values[name])
            if picture:
                look = replace(look, ground=None)
            elif behind and behind.alpha > 0.5:
                look = replace(look, ground=behind)
            elif behind and behind.alpha > 0.05:
                look = replace(look, ground=None)
    clips = [*words(values.get("background-clip", ())), *words(values.get("-webkit-background-clip", ()))]
    return replace(look, through=True) if "text" in clips else look


def _attribute(element: Tag, name: str) -> Colour | None:
    given = element.get(name)
    return _first_colour(parse_component_value_list(str(given), skip_comments=True)) if given else None


def _first_colour(tokens: Iterable[Node]) -> Colour | None:
    return next((found for token in tokens if (found := colour(token))), None)


def _no_ink(tokens: Iterable[Node]) -> Colour | None:
    """Letters of a drawing whose fill is "none" are not drawn."""
    return Colour(0, 0, 0, 0) if [token.type == "ident" and token.lower_value for token in tokens] == ["none"] else None


def _line_through(values: _Values) -> bool:
    lines = (values.get("text-decoration-line"), values.get("text-decoration"))
    return "line-through" in words(lines[0] or lines[1] or ())


def _moved(element: Tag, values: _Values, look: _Look, above: _Look) -> Callable[[str], str] | None:
    """How raised or lowered text of an element is written; None where it stands on the line."""
    if element.name in ("sup", "sub"):
        return raised if element.name == "sup" else lowered
    if element.name in _CELLS:
        return None
    places = [*words(values.get("vertical-align", ())), *words(values.get("font-variant-position", ()))]
    if "super" in places or "sub" in places:
        return raised if "super" in places else lowered
    if look.font >= above.font:
        return None
    up = next((pixels(token, look.font, look.font) for token in values.get("vertical-align", ())), None) or 0.0
    if "relative" in words(values.get("position", ())):
        for side, sign in (("top", -1), ("bottom", 1)):
            up = up or sign * (next((pixels(token, look.font) for token in values.get(side, ())), None) or 0.0)
    least = 0.15 * look.font
    return raised if least <= up <= 2 * look.font else lowered if -2 * look.font <= up <= -least else None


def _open(soup: BeautifulSoup, boxes: dict[int, Tag], closed: list[Tag]) -> set[int]:
    """Take out of `boxes` what a button opens that can itself be seen; returns all that is opened."""
    controls: dict[str, list[Tag]] = {}
    for control in soup.find_all(True):
        for name in ("aria-controls", "data-bs-target", "data-target", "data-mdb-target"):
            for target in str(control.get(name) or "").split():
                controls.setdefault(target.removeprefix("#"), []).append(control)
        if control.name == "a" and (control.get("data-toggle") or control.get("data-bs-toggle")):
            controls.setdefault(str(control.get("href") or "").removeprefix("#"), []).append(control)
    scripted = soup.find("script") is not None or soup.find(onclick=True) is not None
    opened: set[int] = set()
    changed = True
    while changed:
        changed = False
        for box in closed:
            if id(box) in opened:
                continue
            openers = list(controls.get(str(box.get("id") or ""), []))
            before = box.find_previous_sibling()
            if scripted and isinstance(before, Tag) and is_button(before):
                openers.append(before)
            if any(_seen(opener, boxes) and opener.get_text(strip=True) for opener in openers):
                boxes.pop(id(box), None)
                opened.add(id(box))
                changed = True
    return opened


def is_button(element: Tag) -> bool:
    """Tell whether an element is a button, or a heading or term that is nothing else."""
    if element.name in ("button", "summary") or element.get("role") in ("button", "tab"):
        return True
    if element.name not in ("h1", "h2", "h3", "h4", "h5", "h6", "dt"):
        return False
    inside = element.find(["button", "a"])
    return isinstance(inside, Tag) and inside.get_text(strip=True) == element.get_text(strip=True)


def _seen(element: Tag, boxes: dict[int, Tag]) -> bool:
    return id(element) not in boxes and not any(id(parent) in boxes for parent in element.parents)
