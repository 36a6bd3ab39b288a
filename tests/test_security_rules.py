"""What `pyproject.toml` says of the findings that bandit is told to skip, held to the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "assistant"
TREES = {str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}
#: What may be put into SQL beside question marks: names and numbers that the code itself lists, by file.
LISTED = {
    "database/opening.py": {"pragma"},
    "index/carrying.py": {"names", "number", "table"},
    "index/catalog.py": {"_WITHOUT_CHUNK", "_WITHOUT_WORDS", "name", "visible"},
    "index/database.py": {"names", "table"},
    "index/gin.py": {"', '.join([one] * len(wanted))", "matching", "visible"},
    "index/lexical.py": {"weights"},
    "index/server_database.py": {"', '.join([one] * len(part))", "names", "table"},
    "operations/backup.py": {"table"},
}


def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def calls(tree: ast.AST, *names: str) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) in names]


@pytest.mark.parametrize("path", TREES)
def test_only_placeholders_are_put_into_sql(path: str) -> None:
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.JoinedStr) and re.search(
            r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA)\b", ast.unparse(node)
        ):
            for part in node.values:
                if isinstance(part, ast.FormattedValue):
                    written = ast.unparse(part.value)
                    known = re.fullmatch(r"marks\(\w+\)", written) or written in LISTED.get(path, ())
                    assert known, f"{path}:{node.lineno}"


def test_secrets_come_from_no_random_numbers_that_can_be_foretold() -> None:
    allowed = ("evaluation/", "reading/training/", "answering/training/")
    assert [path for path, tree in TREES.items() if "random" in imported(tree) and not path.startswith(allowed)] == []


def test_programs_are_started_without_a_shell_and_in_few_places() -> None:
    starting = {path for path, tree in TREES.items() if "subprocess" in imported(tree)}
    assert starting <= {
        "evaluation/full_disk.py", "evaluation/crash.py", "ingest/sandbox.py", "ingest/formats/soffice.py",
        "weights/devices.py", "weights/parts.py",
    }  # fmt: skip
    for path in starting:
        for call in calls(TREES[path], "subprocess.run", "subprocess.Popen", "subprocess.check_output"):
            assert not [each for each in call.keywords if each.arg == "shell"], path


def test_what_a_worker_sends_is_read_by_one_unpickler() -> None:
    assert [path for path, tree in TREES.items() if "pickle" in imported(tree)] == ["ingest/sandbox.py"]
    assert calls(TREES["ingest/sandbox.py"], "pickle.load", "pickle.loads", "pickle.Unpickler") == []


def test_doors_check_by_errors_and_not_by_assertions() -> None:
    for path, tree in TREES.items():
        if path.startswith(("accounts/", "web/", "mcp/", "api.py", "access.py")):
            assert not [node for node in ast.walk(tree) if isinstance(node, ast.Assert)], path
