"""What the values of style declarations come to: lengths in pixels, colours, numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinycss2 import color4
from tinycss2.ast import Node

from assistant.ingest.formats.html_styles import HEIGHT, WIDTH

#: Pixels of the units whose size depends on nothing.
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 9.6 / 2.54, "q": 2.4 / 2.54,
           "rem": 16.0, "vw": WIDTH / 100, "vh": HEIGHT / 100, "vmin": HEIGHT / 100, "vmax": WIDTH / 100}  # fmt: skip
_SIZES = {"xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0, "x-large": 24.0,
          "xx-large": 32.0, "xxx-large": 48.0}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green, blue and how far it covers what is behind, each from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def like(self, other: Colour) -> bool:
        """Tell whether nobody can tell one from the other."""
        pairs = ((self.red, other.red), (self.green, other.green), (self.blue, other.blue))
        return all(abs(mine - theirs) <= 0.05 for mine, theirs in pairs)


WHITE = Colour(1, 1, 1)
BLACK = Colour(0, 0, 0)
#: Browsers' own colour of links.
LINK = Colour(0, 0, 0.93)


def words(tokens: Sequence[Node]) -> list[str]:
    """Give the words of a value, lower case."""
    return [token.lower_value for token in tokens if token.type == "ident"]


def number(token: Node) -> float | None:
    """Give a number or a percentage (100% is 1)."""
    if token.type == "percentage":
        return float(token.value) / 100
    return float(token.value) if token.type == "number" else None


def pixels(token: Node, font: float, whole: float | None = None) -> float | None:
    """Give a length in pixels; `font` is the size of the text, `whole` what a percentage is of. None: not a length."""
    if token.type == "dimension":
        unit = token.lower_unit
        scale = font if unit == "em" else font / 2 if unit in ("ex", "ch") else _PIXELS.get(unit)
        return float(token.value) * scale if scale is not None else None
    if token.type == "percentage" and whole is not None:
        return float(token.value) / 100 * whole
    return float(token.value) if token.type == "number" else None


def font_size(tokens: Sequence[Node], above: float) -> float | None:
    """Give the size that `font-size` or `font` gives, in pixels; `above` is that of the element around."""
    for token in tokens:
        if token.type == "ident":
            if token.lower_value in _SIZES:
                return _SIZES[token.lower_value]
            if token.lower_value in ("smaller", "larger"):
                return above / 1.2 if token.lower_value == "smaller" else above * 1.2
        elif token.type in ("dimension", "percentage") or (token.type == "number" and not token.value):
            return pixels(token, above, above)
    return None


def colour(token: Node | str) -> Colour | None:
    """Give a colour; None for what is none, or depends on others."""
    try:
        found = color4.parse_color(token)
        if found is None:
            return None
        red, green, blue = (float(each) for each in found.to("srgb").coordinates)
        return Colour(red, green, blue, float(found.alpha))
    except (NotImplementedError, ValueError, TypeError, AttributeError):
        return None


def ground(tokens: Sequence[Node]) -> tuple[bool, Colour | None]:
    """Tell what a background is: whether it is a picture or a gradient, and its colour."""
    picture = any(
        token.type == "url" or (token.type == "function" and ("gradient" in token.lower_name or token.lower_name in
                                                              ("url", "image", "image-set", "var", "element")))
        for token in tokens
    )  # fmt: skip
    return picture, next((found for token in tokens if (found := colour(token))), None)
