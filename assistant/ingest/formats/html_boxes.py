"""Whether a box of a page can be seen at all: drawn, with a size, not transparent, not outside the window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from bs4 import Tag
from tinycss2.ast import Node

from assistant.ingest.formats.css_values import number, pixels, words
from assistant.ingest.formats.html_styles import HEIGHT, WIDTH

BOX_PROPERTIES = frozenset({
    "display", "opacity", "filter", "content-visibility", "position", "left", "right", "top", "bottom", "inset",
    "text-indent", "margin", "margin-left", "margin-top", "transform", "scale", "translate", "clip",
    "clip-path", "width", "height", "max-width", "max-height", "overflow", "overflow-x", "overflow-y",
})  # fmt: skip

#: So far outside, in pixels, nothing is drawn on a page on purpose.
_FAR = 500.0
#: Nobody pushes a page so far to the side or down to find something.
_TOO_FAR = 5000.0
_OUT = ("absolute", "fixed")

_Values = Mapping[str, list[Node]]
#: "closed": not drawn, as what a button opens is not; "always": nothing opens it.
Unseen = Literal["", "closed", "always"]


def box_unseen(element: Tag, values: _Values, font: float) -> Unseen:
    """Tell whether an element and all in it cannot be seen; `font` is the size of its text in pixels."""
    display = words(values.get("display", ()))
    if "none" in display:
        return "closed"
    if element.has_attr("hidden") and not display and element.get("hidden") != "until-found":
        return "closed"
    if _without_size(values, font):
        return "closed"
    return "always" if _transparent(values) or _outside(values, font) or _cut_away(values) else ""


def _transparent(values: _Values) -> bool:
    for token in values.get("opacity", ()):
        share = number(token)
        if share is not None and share <= 0.05:
            return True
    for inside in _arguments(values, "filter", ("opacity",)):
        share = number(inside[0])
        if share is not None and share <= 0.05:
            return True
    return "hidden" in words(values.get("content-visibility", ()))


def _outside(values: _Values, font: float) -> bool:
    """Moved out of the window by its place, its indent, a margin or a transformation."""
    place = words(values.get("position", ()))
    if any(each in place for each in (*_OUT, "relative")):
        for name in ("left", "right", "top", "bottom", "inset"):
            whole = HEIGHT if name in ("top", "bottom") else WIDTH
            for token in values.get(name, ()):
                at = pixels(token, font, whole)
                if at is not None and (at <= -_FAR or at >= _TOO_FAR):
                    return True
    indent = next((float(token.value) for token in values.get("text-indent", ()) if token.type == "percentage"), 0.0)
    if abs(indent) >= 100 and (indent < 0 or "hidden" in words(values.get("overflow", ()))):
        return True
    margin = values.get("margin", [])
    pushed = [*margin[:1], *(margin[3:] or margin[1:2])]  # down from the top and in from the left
    for name in ("text-indent", "margin-left", "margin-top", "translate"):
        pushed += values.get(name, [])
    for token in pushed:
        at = pixels(token, font)
        if at is not None and (at <= -_FAR or at >= _TOO_FAR):
            return True
    for inside in _arguments(values, "transform", ("translate", "translatex", "translatey", "translate3d")):
        if any(at is not None and abs(at) >= _FAR for at in (pixels(token, font) for token in inside)):
            return True
    for inside in [*_arguments(values, "transform", ("scale", "scalex", "scaley", "scale3d")), values.get("scale", [])]:
        if any(size is not None and abs(size) <= 0.02 for size in map(number, inside)):
            return True
    return False


def _cut_away(values: _Values) -> bool:
    if any(each in words(values.get("position", ())) for each in _OUT):
        for inside in _arguments(values, "clip", ("rect",)):
            sides = [pixels(token, 16) for token in inside]
            known = [side for side in sides if side is not None]
            if len(known) == 4 and (abs(known[2] - known[0]) <= 1 or abs(known[1] - known[3]) <= 1):
                return True
    for inside in _arguments(values, "clip-path", ("inset",)):
        share = number(inside[0]) if inside[0].type == "percentage" else None
        if share is not None and share >= 0.5:
            return True
    for inside in _arguments(values, "clip-path", ("circle", "ellipse")):
        if inside[0].type in ("number", "dimension", "percentage") and not inside[0].value:
            return True
    for inside in _arguments(values, "clip-path", ("polygon",)):
        if all(token.type != "ident" and not token.value for token in inside):
            return True
    return False


def _without_size(values: _Values, font: float) -> bool:
    """No height or width, and what does not fit is not shown."""
    cut = [
        *words(values.get("overflow", ())),
        *words(values.get("overflow-x", ())),
        *words(values.get("overflow-y", ())),
    ]
    if not any(each in ("hidden", "clip") for each in cut):
        return False
    for name in ("width", "height", "max-width", "max-height"):
        size = next((pixels(token, font) for token in values.get(name, ()) if token.type != "percentage"), None)
        if size is not None and size <= 1:
            return True
    return False


def _arguments(values: _Values, name: str, functions: Sequence[str]) -> Iterator[list[Node]]:
    """What stands in the brackets of these functions in a value, if anything does."""
    for token in values.get(name, ()):
        if token.type == "function" and token.lower_name in functions:
            inside = [each for each in token.arguments if each.type not in ("whitespace", "comment") and each != ","]
            if inside:
                yield inside
