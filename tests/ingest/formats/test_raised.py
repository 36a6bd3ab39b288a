"""Raised and lowered text as characters, and the numbers of lists."""

from __future__ import annotations

import pytest

from assistant.ingest.formats.list_numbers import number
from assistant.ingest.formats.office_symbols import shown
from assistant.ingest.formats.raised import formula, lowered, raised


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("1)", "¹⁾"), ("6", "⁶"), ("-3", "⁻³"), ("1, 2)", "¹, ²⁾"), ("*", "*"), ("n", "ⁿ"), ("a)", "ᵃ⁾"),
        ("주1)", " 주1)"),
        ("-6.5", "^-6.5"), ("th", "th"), ("TM", "TM"), (" ", " "), ("", ""),
    ],
)  # fmt: skip
def test_raised(text: str, written: str) -> None:
    assert raised(text) == written


def test_lowered() -> None:
    assert lowered("2") == "₂" and lowered("max") == "max"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("A=π{r}^{2}", "A=πr²"),
        ("3×{10}^{6}", "3×10⁶"),
        ("10^{-3}", "10⁻³"),
        ("{H}_{2}O", "H₂O"),
        (r"\sqrt{ax}^{2}", r"\sqrt{ax}^{2}"),
        (r"\sum_{0}^{2} x", r"\sum_{0}^{2} x"),
        ("{(1+x)}^{n}", "{(1+x)}^{n}"),
    ],
)
def test_formula(text: str, written: str) -> None:
    assert formula(text) == written


@pytest.mark.parametrize(
    ("value", "form", "written"),
    [
        (3, "", "3"), (3, "syllable", "다"), (15, "syllable", "가"), (2, "jamo", "ㄴ"), (21, "circled", "㉑"),
        (60, "circled", "60"),
        (4, "ROMAN", "IV"), (1999, "roman", "mcmxcix"), (28, "upper", "AB"), (12, "hangul", "십이"),
        (20, "ideograph", "二十"),
        (7, "padded", "07"), (0, "syllable", "0"),
    ],
)  # fmt: skip
def test_numbers_of_lists(value: int, form: str, written: str) -> None:
    assert number(value, form) == written


def test_symbol_fonts() -> None:
    assert shown("\uf0b3 5 \uf06d\uf0b0", "Symbol") == "≥ 5 μ°"
    assert shown("\uf0fe\uf0a8", "Wingdings") == "☑□"
    assert shown("\uf0fe", "Malgun Gothic") == "\uf0fe"
