from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from assistant import errors
from assistant.schema import Language
from assistant.web import texts
from assistant.web.documents import texts as documents
from assistant.web.texts import ERROR_TEXTS, EXAMPLES, LANGUAGE_NAMES, LANGUAGES, TEXTS, error_key, text

WEB = Path(texts.__file__).parent
STATUSES = (
    "answered",
    "evidence_only",
    "quotes_only",
    "computed",
    "asked_back",
    "refused",
    "stopped",
    "interrupted",
    "failed",
)
BUILT_KEYS = {f"status_{kind}" for kind in STATUSES} | {"rate_up", "rate_down"}


def places(value: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name}


def test_both_languages_have_every_text_with_the_same_places() -> None:
    assert set(TEXTS) == set(LANGUAGES) == set(EXAMPLES) == set(LANGUAGE_NAMES)
    assert TEXTS["ko"].keys() == TEXTS["en"].keys()
    for key in TEXTS["ko"]:
        assert TEXTS["ko"][key].strip() and TEXTS["en"][key].strip(), key
        assert places(TEXTS["ko"][key]) == places(TEXTS["en"][key]), key


@pytest.mark.parametrize(("language", "expected"), [("ko", True), ("en", False)])
def test_each_text_is_in_its_language(language: Language, expected: bool) -> None:
    for key, value in TEXTS[language].items():
        assert any("가" <= letter <= "힣" for letter in value) is expected, f"{key}: {value}"


def test_every_text_is_used_and_every_used_text_exists() -> None:
    strings = {
        node.value
        for path in WEB.glob("*.py")
        if not path.name.startswith("texts")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    used = strings | set(ERROR_TEXTS.values()) | BUILT_KEYS
    assert sorted(TEXTS["ko"].keys() - used) == []
    assert used >= BUILT_KEYS and BUILT_KEYS | set(ERROR_TEXTS.values()) <= TEXTS["ko"].keys()


def test_examples_are_equal_in_number_and_short_enough_for_a_phone() -> None:
    assert len(EXAMPLES["ko"]) == len(EXAMPLES["en"]) == 6
    assert all(len(question) < 80 for questions in EXAMPLES.values() for _, question in questions)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_of_the_documents_pages_are_complete(language: Language) -> None:
    for key, value in documents.TEXTS["ko"].items():
        other = documents.TEXTS[language][key]
        assert other.strip() and places(other) == places(value), key
        assert any("가" <= letter <= "힣" for letter in other) is (language == "ko"), f"{key}: {other}"
    assert documents.TEXTS[language].keys() == documents.TEXTS["ko"].keys()
    strings = {
        node.value
        for path in (WEB / "documents").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and path.name != "texts.py"
    }
    assert documents.TEXTS["ko"].keys() - strings == set()


def test_an_unknown_text_or_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("ko", "no such key")
    with pytest.raises(KeyError):
        text("en", "waiting")


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (errors.IndexMissing("x"), "error_index_missing"),
        (errors.WeightsCorrupt("x"), "error_weights"),
        (errors.IndexStateError("x"), "error_other"),
        (errors.QuestionError("x"), "error_question"),
        (ZeroDivisionError(), "error_other"),
    ],
)
def test_each_error_has_a_sentence(error: Exception, key: str) -> None:
    assert error_key(error) == key


def test_every_expected_error_resolves_to_a_text() -> None:
    tree = [errors.AssistantError]
    for kind in tree:
        tree += kind.__subclasses__()
        assert error_key(kind("message", "hint")) in TEXTS["ko"]
