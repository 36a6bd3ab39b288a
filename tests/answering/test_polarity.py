"""Denials and duties are read from both languages, and compared with the clause that is meant."""

from __future__ import annotations

import pytest

from assistant.answering.polarity import differing, differs_across, statements
from assistant.schema import Language


def shown(text: str, language: Language) -> set[str]:
    return {
        f"{'not ' if s.denied else ''}{s.mode} {s.word}".replace("  ", " ").strip() for s in statements(text, language)
    }


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("신청할 수 없습니다.", "ko", {"not can 신청"}),
        ("신청하여야 합니다.", "ko", {"must 신청"}),
        ("신청해서는 안 됩니다.", "ko", {"not must 신청"}),
        ("신청하지 않아도 됩니다.", "ko", {"not can 신청"}),
        ("제거하지 마십시오.", "ko", {"not do 제거"}),
        ("볼트를 조이십시오.", "ko", {"do 조이"}),
        ("지원 대상이 아닙니다.", "ko", {"not =대상"}),
        ("확인된 자료가 없습니다.", "ko", {"확인", "not +자료"}),
        ("지급 불가", "ko", {"not can 지급"}),
        ("The guard must not be removed.", "en", {"guard", "not must remov"}),
        ("It cannot be bought.", "en", {"not can bought"}),
        ("No list was found.", "en", {"not list", "found"}),
        ("The firm has to pay.", "en", {"firm", "must pay"}),
        ("It doesn't apply.", "en", {"not appli"}),
    ],
)
def test_statements(text: str, language: Language, found: set[str]) -> None:
    assert shown(text, language) == found


@pytest.mark.parametrize(
    ("answer", "source", "language"),
    [
        ("신청할 수 있습니다.", "신청할 수 없습니다.", "ko"),
        ("신청하여야 합니다.", "신청할 수 있습니다.", "ko"),
        ("지원합니다.", "지원하지 않습니다.", "ko"),
        ("중견기업은 중소기업입니다.", "중견기업은 중소기업이 아닙니다.", "ko"),
        ("The guard must be removed.", "The guard must not be removed.", "en"),
        ("The guard may be removed.", "The guard must be removed.", "en"),
        ("It is the same.", "It is not the same.", "en"),
        ("A list was found.", "No list was found.", "en"),
        # another sentence denies the same word of another thing
        ("기업은 신청할 수 있습니다.", "기업은 신청할 수 없습니다. 대학은 신청할 수 있습니다.", "ko"),
    ],
)
def test_what_differs(answer: str, source: str, language: Language) -> None:
    sources = [part.strip() for part in source.replace(". ", ".\n").splitlines()]
    assert differing(answer, sources, language)
    assert not any(differing(sentence, sources, language) for sentence in sources)


def test_a_clause_left_out_is_no_difference() -> None:
    assert not differing("지급됩니다.", ["초과분은 지급되지 않으며, 나머지는 지급됩니다."], "ko")
    assert not differing("The rest is paid.", ["The excess is not paid, and the rest is paid."], "en")


def test_across_languages() -> None:
    source = ["기업은 현금을 쓸 수 없습니다."]
    assert not differs_across("A company cannot use cash.", "en", source, "ko")
    assert differs_across("A company can use cash.", "en", source, "ko")
    assert differs_across("A company must use cash.", "en", ["기업은 현금을 씁니다."], "ko")
