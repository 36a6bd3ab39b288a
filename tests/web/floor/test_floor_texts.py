from __future__ import annotations

import re

from assistant.web.floor.page import LOOK, render_page
from assistant.web.floor.texts import TEXTS

SCRIPTS = [path.read_text(encoding="utf-8") for path in LOOK.glob("*.js")]
#: Keys that a script puts together.
BUILT = {f"reason_{one}" for one in ("again", "part", "danger", "other")} | {"sent", "kept", "sent_hint", "kept_hint"}
BUILT |= {"nearest", "unsure", "nothing", "held_words", "failed"}
#: Keys of the manifest, and those that stand in the page by their function.
SERVED = {"short_name", "title", "machines", "language", "tab_code", "tab_words", "needs_script"}


def used() -> set[str]:
    found = set(re.findall(r'data-(?:t|label)="(\w+)"', render_page("ko")))
    for script in SCRIPTS:
        found |= set(re.findall(r'\b(?:say|button)\(\s*"(\w+)"', script))
        found |= set(re.findall(r'showMachines\("(\w+)"', script))
    return found | BUILT | SERVED


def test_every_text_is_used_and_every_used_text_exists() -> None:
    assert sorted(TEXTS["ko"].keys() - used()) == []
    assert sorted(used() - TEXTS["ko"].keys()) == []


def test_the_page_holds_no_words_of_its_own() -> None:
    body = re.sub(r"<script.*?</script>", "", render_page("en"), flags=re.S)
    assert set(re.findall(r"[가-힣]+", body)) == {"한국어"}
