"""The texts of the page for staff: complete in both languages, all used, and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from assistant.floor.notes import REASONS
from assistant.staff import changes, jobs
from assistant.staff.journal import Action
from assistant.staff.listing import Status
from assistant.staff.reach import AUDIENCES
from assistant.web.staff import page, uploads
from assistant.web.staff.page import LOOK, Me, render_page
from assistant.web.staff.texts import TEXTS

SCRIPTS = [path.read_text(encoding="utf-8") for path in LOOK.glob("*.js")]
ME = {
    user: Me(
        "mina", ("staff",), user == "staff", () if user == "staff" else ("company:gaon",), dict(AUDIENCES), "m", 2**20
    )  # type: ignore[arg-type]
    for user in ("staff", "member")
}
CHANGES = ("withdraw", "restore", "delete", "relabel")
#: Keys that a script puts together.
BUILT = {
    *(f"state_{each}" for each in (*get_args(Status), "ready", "reading", "sending")),
    *(f"job_{each}" for each in get_args(Action)),
    *(f"{word}_{each}" for word in ("ask", "sure") for each in CHANGES),
    *(f"do_{each}" for each in ("replace", "compare", "history", *CHANGES)),
    *(f"choose_{each}" for each in AUDIENCES),
    *(f"who_{each}" for each in (*AUDIENCES, "company")),
    *(f"relabel_{each}" for each in (*AUDIENCES, "company")),
    *(f"why_{each}" for each in REASONS if each),
    *(f"kind_{each}" for each in ("added", "removed", "changed", "value")),
    *(f"writer_{each}" for each in ("ingest", "watch", "page", "withdraw", "other")),
    *(f"{word}_{each}" for word in ("step", "dealt") for each in ("wrong", "asked")),
    *(f"group_{each}" for each in ("all", "current", "superseded", "failed", "withdrawn")),
    *(f"tab_{each}" for each in ("documents", "add", "compare", "questions", "notes")),
    "progress_read",
    "progress_embed",
}  # fmt: skip


def used() -> set[str]:
    found = set(re.findall(r'say\(\s*["\'](\w+)["\']', Path(page.__file__).read_text(encoding="utf-8")))
    found |= {"in_force", "collection", "status", "document_title", "version", "who_sees"}  # heads of columns
    for script in SCRIPTS:
        found |= {key for key in re.findall(r'"(\w+)"', script) if key in TEXTS["ko"]}
        found |= set(re.findall(r'\bsay\(\s*"(\w+)"', script))
    for module in (changes, jobs, uploads):
        found |= set(re.findall(r'"(error_\w+|duplicate|folder_binds)"', Path(module.__file__).read_text("utf-8")))
    return found | BUILT


def test_every_text_is_used_and_every_used_text_exists() -> None:
    assert sorted(TEXTS["ko"].keys() - used()) == []
    assert sorted(used() - TEXTS["ko"].keys()) == []


@pytest.mark.parametrize("user", ME)
def test_the_page_is_in_one_language_and_has_no_script_or_style_of_its_own(user: str) -> None:
    html = render_page("en", ME[user], "")
    body = re.sub(r'<script type="application/json".*?</script>', "", html, flags=re.S)
    assert set(re.findall(r"[가-힣]+", body)) <= {"한국어", "언어"}
    scripts = ["look/theme.js", "staff/look/main.js"]
    assert re.findall(r'<script(?: type="module")? src="([^"]+)">', body) == scripts and body.count("<script") == 2
    assert "style=" not in body and not re.search(r"\son\w+=", body)


def test_what_a_name_holds_stays_text() -> None:
    me = Me("</script><b>x", ("staff",), True, (), {}, "m", 1)
    html = render_page("ko", me, "")
    assert "</script><b>" not in html and "&lt;/script&gt;&lt;b&gt;x" in html
