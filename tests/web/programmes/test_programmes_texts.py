from __future__ import annotations

import ast
import re
from pathlib import Path

from assistant.web import programmes
from assistant.web.programmes.firm import SORTS
from assistant.web.programmes.texts import EXAMPLES, TEXTS

FOLDER = Path(programmes.__file__).parent
#: Keys that are put together.
BUILT = {f"{part}_{name}" for part in ("verdict", "short") for name in ("eligible", "depends", "not", "unknown")}
BUILT |= {f"state_{name}" for name in ("met", "assumed", "open", "failed", "gone")} | {f"sort_{name}" for name in SORTS}
BUILT |= {f"bad_{name}" for name in ("won", "count", "percent", "choice")}


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


def test_examples_are_as_many_in_both_languages_each_in_its_own() -> None:
    assert len(EXAMPLES["ko"]) == len(EXAMPLES["en"])
    for language, examples in EXAMPLES.items():
        assert all(bool(re.search("[가-힣]", each)) is (language == "ko") for each in examples)
