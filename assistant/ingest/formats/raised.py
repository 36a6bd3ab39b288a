"""Raised and lowered text as one line of characters: 50¹⁾, 10⁶, m², H₂O.

A footnote's mark or a power that loses its place becomes part of the number before it (501), and every later check
confirms the wrong number. Unicode has characters for what documents raise; the rest is set apart. The module knows
nothing of formats.
"""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_RAISED_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")
_LOWERED = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
_PLAIN_RAISED = re.compile(r"[0-9+\-−=()*,†‡§\s]+")
_ONE_LETTER = re.compile(r"[a-z][)*]?")
#: A base of one word, and a power or index of figures, or a power of one letter.
_INDEX = re.compile(
    r"(?:(?P<command>\\\w+)?(?<!\})\{(?P<braced>[\w.]+)\}|(?<![\\\w.])(?P<bare>[\w.]+))"
    r"(?:\^(?:\{(?P<power>[+\-−]?\d+|[a-z])\}|(?P<digit>\d))|_(?:\{(?P<index>\d+)\}|(?P<low>\d)))"
)
_DIGIT = re.compile(r"\d")


def raised(text: str) -> str:
    """Write raised text: figures and signs as ¹⁾, a single letter as ᵃ, other exponents as ^6.5.

    A word with a figure in it (주1) is set apart by a space; a word without one (5th, TM) stays as it is.
    """
    if _PLAIN_RAISED.fullmatch(text):
        return text.translate(_RAISED)
    shown = text.strip()
    if _ONE_LETTER.fullmatch(shown):
        return shown.translate(_RAISED_LETTERS).translate(_RAISED)
    if shown[:1].isdigit() or shown[:1] in ("-", "−", "+"):
        letters = shown.lstrip("+-−0123456789/.")
        return f"^{shown}" if not letters or letters.isascii() else f" {shown}"
    return f" {shown}" if _DIGIT.search(shown) else text


def formula(text: str) -> str:
    """Write the simple powers and indices of a formula ("{10}^{6}", "{H}_{2}O") as characters; the rest stays."""

    def one(found: re.Match[str]) -> str:
        if found["command"]:
            return found[0]
        base, power = found["braced"] or found["bare"], found["power"] or found["digit"]
        return base + (raised(power) if power else lowered(found["index"] or found["low"]))

    return _INDEX.sub(one, text)


def lowered(text: str) -> str:
    """Write lowered text: figures and signs as ₂; letters stay as they are."""
    return text.translate(_LOWERED)
