from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

from assistant.schema import Language
from assistant.web import programmes
from assistant.web.programmes.firm import SORTS
from assistant.web.programmes.page import LOOK
from assistant.web.programmes.texts import EXAMPLES, TEXTS, text

FOLDER = Path(programmes.__file__).parent
#: Keys that are put together.
BUILT = {f"{part}_{name}" for part in ("verdict", "short") for name in ("eligible", "depends", "not", "unknown")}
BUILT |= {f"state_{name}" for name in ("met", "assumed", "open", "failed", "gone")} | {f"sort_{name}" for name in SORTS}
BUILT |= {f"bad_{name}" for name in ("won", "count", "percent", "choice")}


def places(value: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name}


def test_both_languages_have_every_text_with_the_same_places() -> None:
    assert TEXTS["ko"].keys() == TEXTS["en"].keys()
    assert len(EXAMPLES["ko"]) == len(EXAMPLES["en"])
    for key in TEXTS["ko"]:
        assert TEXTS["ko"][key].strip() and TEXTS["en"][key].strip(), key
        assert places(TEXTS["ko"][key]) == places(TEXTS["en"][key]), key


@pytest.mark.parametrize(("language", "expected"), [("ko", True), ("en", False)])
def test_each_text_is_in_its_language(language: Language, expected: bool) -> None:
    values = {**TEXTS[language], **dict(enumerate(EXAMPLES[language]))}
    for key, value in values.items():
        if key != "percent_unit":
            assert any("가" <= letter <= "힣" for letter in value) is expected, f"{key}: {value}"


def test_every_text_is_used() -> None:
    said = {
        node.value
        for path in FOLDER.glob("*.py")
        if path.name != "texts.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    elsewhere = {"privacy"}  # a line of the notice
    assert sorted(TEXTS["ko"].keys() - said - BUILT - elsewhere) == []
    assert sorted(BUILT - TEXTS["ko"].keys()) == []


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("ko", "days_left")


def test_the_script_holds_no_words_and_writes_no_markup() -> None:
    for path in LOOK.glob("*.js"):
        code = re.sub(r"^\s*//.*$|\s//.*$", "", path.read_text(encoding="utf-8"), flags=re.M)
        assert re.findall(r"[가-힣]", code) == []
        assert "innerHTML" not in code and "insertAdjacentHTML" not in code and "eval(" not in code
