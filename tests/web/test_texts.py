from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from typing import Any

import pytest

from assistant import errors
from assistant.web import texts
from assistant.web.account import texts as account
from assistant.web.documents import texts as documents
from assistant.web.floor import texts as floor
from assistant.web.programmes import texts as programmes
from assistant.web.staff import texts as staff
from assistant.web.texts import ERROR_TEXTS, EXAMPLES, LANGUAGES, TEXTS, error_key, text

WEB = Path(texts.__file__).parent
HANGUL = re.compile(r"[가-힣]")
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


#: The texts of every page, and those that are alike in both languages or in another one on purpose.
PAGES: dict[str, tuple[Any, set[str]]] = {
    "chat": (texts, set()),
    "account": (account, {"language"}),
    "documents": (documents, set()),
    "floor": (floor, {"language"}),
    "programmes": (programmes, {"percent_unit"}),
    "staff": (staff, {"language_of_page", "company_example"}),
}
#: Scripts that make no HTML of their own; those of the chat page put in what the server wrote.
SCRIPTS = [path for page in ("floor", "programmes", "staff") for path in (WEB / page / "look").glob("*.js")]


def places(value: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name}


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_every_text_with_the_same_places_in_its_own_words(page: str) -> None:
    module, others = PAGES[page]
    assert set(module.TEXTS) == set(LANGUAGES) and module.TEXTS["ko"].keys() == module.TEXTS["en"].keys()
    for key, korean in module.TEXTS["ko"].items():
        english = module.TEXTS["en"][key]
        assert korean.strip() and english.strip() and places(korean) == places(english), key
        if key not in others:
            assert HANGUL.search(korean) and not HANGUL.search(english), f"{key}: {korean} / {english}"


@pytest.mark.parametrize("module", [texts, floor, programmes, staff, documents])
def test_an_unknown_text_is_an_error(module: Any) -> None:
    with pytest.raises(KeyError):
        module.text("ko", "no such key")


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("en", "waiting")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_scripts_hold_no_words_of_their_own_and_make_no_html(path: Path) -> None:
    code = re.sub(r"^\s*//.*$|\s//\s.*$", "", path.read_text(encoding="utf-8"), flags=re.M)
    assert not re.search("[가-힣]{2,}", code)  # single letters are of the keyboard
    assert "innerHTML" not in code and "insertAdjacentHTML" not in code and "eval(" not in code


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


def test_every_text_of_the_documents_pages_is_used() -> None:
    strings = {
        node.value
        for path in (WEB / "documents").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and path.name != "texts.py"
    }
    assert documents.TEXTS["ko"].keys() - strings == set()


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
