from __future__ import annotations

import re
import string

import pytest

from assistant.schema import Language
from assistant.web.floor.page import LOOK, render_page
from assistant.web.floor.texts import TEXTS, text

SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in LOOK.glob("*.js")}
#: Keys that a script puts together.
BUILT = {f"reason_{one}" for one in ("again", "part", "danger", "other")} | {"sent", "kept", "sent_hint", "kept_hint"}
BUILT |= {"nearest", "unsure", "nothing", "held_words", "failed"}
#: Keys of the manifest, and those that stand in the page by their function.
SERVED = {"short_name", "title", "machines", "language", "tab_code", "tab_words", "needs_script"}


def places(value: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(value) if name}


def used() -> set[str]:
    found = set(re.findall(r'data-(?:t|label)="(\w+)"', render_page("ko")))
    for script in SCRIPTS.values():
        found |= set(re.findall(r'\b(?:say|button)\(\s*"(\w+)"', script))
        found |= set(re.findall(r'showMachines\("(\w+)"', script))
    return found | BUILT | SERVED


def test_both_languages_have_every_text_with_the_same_places() -> None:
    assert TEXTS["ko"].keys() == TEXTS["en"].keys()
    for key in TEXTS["ko"]:
        assert TEXTS["ko"][key].strip() and TEXTS["en"][key].strip(), key
        assert places(TEXTS["ko"][key]) == places(TEXTS["en"][key]), key


@pytest.mark.parametrize(("language", "expected"), [("ko", True), ("en", False)])
def test_each_text_is_in_its_language(language: Language, expected: bool) -> None:
    for key, value in TEXTS[language].items():
        if key != "language":  # the name of the other one, in its own words
            assert any("가" <= letter <= "힣" for letter in value) is expected, f"{key}: {value}"


def test_every_text_is_used_and_every_used_text_exists() -> None:
    assert sorted(TEXTS["ko"].keys() - used()) == []
    assert sorted(used() - TEXTS["ko"].keys()) == []


def test_scripts_and_page_hold_no_words_of_their_own() -> None:
    for name, script in SCRIPTS.items():
        code = re.sub(r"^\s*//.*$|\s//.*$", "", script, flags=re.M)
        assert re.findall(r"[가-힣]{2,}", code) == [], name
        assert "innerHTML" not in code and "insertAdjacentHTML" not in code, name
    body = re.sub(r"<script.*?</script>", "", render_page("en"), flags=re.S)
    assert set(re.findall(r"[가-힣]+", body)) == {"한국어"}


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("ko", "hits")
