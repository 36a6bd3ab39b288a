"""Figures that the reader marked, computed by code: which are enough, and how the result is written."""

from __future__ import annotations

import pytest

from assistant.answering.calculate import calculate
from assistant.schema import Document, Found, Hit, Passage, Quote, Reading, Span


def _sureness(words: tuple[str, ...]) -> list[tuple[str, float]]:
    """Words as they are marked: with .9, those that end in a question mark with .7."""
    return [(word.removesuffix("?"), 0.7 if word.endswith("?") else 0.9) for word in words]


def marked(text: str, operation: str, *words: str, name: str = "a.md", found: str = "k3v") -> tuple[Quote, Found]:
    spans = tuple(Span(text.index(w), text.index(w) + len(w), sure) for w, sure in _sureness(words))
    document = Document(name, name, name, "ko", ("public",), "", "")
    passage = Passage(f"{name}@0", name, 0, 0, len(text), text)
    quote = Quote(found, name, name, name, "", "", None, (), text, 0, len(text))
    return quote, Found(Hit(passage, document, 1.0), Reading(0.9, 0.0, spans, "amount", operation), 1.0)


@pytest.mark.parametrize(
    ("text", "operation", "words", "formula"),
    [
        ("2024년 145억 원, 2025년 52억 원", "sum", ("145억 원", "52억 원"), "145억 원 + 52억 원 = 197억 원"),
        ("102개를 500개로", "difference", ("102개", "500개"), "500개 − 102개 = 398개"),
        ("빈 차 1.5 m/s, 실은 차 1.2 m/s", "difference", ("1.5 m/s", "1.2 m/s"), "1.5 m/s − 1.2 m/s = 0.3 m/s"),
        ("기초 45분, 고도화 12분", "difference", ("45분", "12분"), "45분 − 12분 = 33분"),
        ("400개 기업 가운데 20개", "percent_of", ("20개", "400개"), "20개 ÷ 400개 기업 = 5%"),
        ("56%, 나머지 23%", "difference", ("56%", "23%"), "56% − 23% = 33%p"),
        ("4,366억 원, 2,361억 원, 84.9% 늘었다", "difference", ("4,366억 원", "2,361억 원", "84.9%?"), "= 2,005억 원"),
        ("국비 90억 원, 지방비 18억 원, 전체 145억 원", "difference", ("90억 원", "18억 원", "145억 원?"), "= 72억 원"),
    ],
)
def test_formulas(text: str, operation: str, words: tuple[str, ...], formula: str) -> None:
    found = calculate([marked(text, operation, *words)], "ko")
    assert found is not None and formula in found.text and found.citations == ("k3v",)


def test_figures_of_two_quotes_are_cited_both() -> None:
    first = marked("2024년 26개", "sum", "26개")
    second = marked("2025년 76개", "none", "76개", name="b.md", found="m4x")
    found = calculate([first, second], "en")
    assert found is not None and "26개 + 76개 = 102개" in found.text and found.citations == ("k3v", "m4x")


@pytest.mark.parametrize(
    ("text", "operation", "words"),
    [
        ("102개를 500개로", "none", ("102개", "500개")),  # nothing is to be computed
        ("102개를 500개로", "difference", ("500개",)),  # one figure alone
        ("45분 동안 12개", "difference", ("45분", "12개")),  # units that do not go together
        ("45분, 2시간", "difference", ("45분", "2시간")),  # written in different units
        ("1개, 2개, 3개", "difference", ("1개", "2개", "3개")),  # more than two
        ("10개에서 20개, 30개", "sum", ("10개에서 20개", "30개")),  # a range
    ],
)
def test_nothing_is_computed_from_what_does_not_fit(text: str, operation: str, words: tuple[str, ...]) -> None:
    assert calculate([marked(text, operation, *words)], "ko") is None
