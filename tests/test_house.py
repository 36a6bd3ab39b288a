"""The rules of the house: who may import whom, and what must not be imported at the top of a module."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "assistant"

#: One way only: a module imports from its own row or an earlier one.
ROWS = [
    {"schema", "errors"},
    {"settings", "language", "quantities"},
    {"weights", "ingest", "index", "retrieval", "access", "conversations"},
    {"answering", "programmes"},
    {"evaluation", "web", "api", "cli", "doctor", "__main__"},
]
HEAVY = {"torch", "sentence_transformers", "llama_cpp", "chromadb", "gradio", "kiwipiepy", "pdfplumber", "pypdfium2",
         "transformers", "numpy"}  # fmt: skip

MODULES = sorted(PACKAGE.rglob("*.py"))


def row_of(part: str) -> int:
    return next(number for number, row in enumerate(ROWS) if part in row)


def imports(tree: ast.AST) -> list[tuple[str, ast.AST]]:
    found: list[tuple[str, ast.AST]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.module, node))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if part == "__init__":
        return
    for name, _ in imports(ast.parse(path.read_text(encoding="utf-8"))):
        if name.startswith("assistant.") and name != "assistant":
            assert row_of(name.split(".")[1]) <= row_of(part), f"{path.name} must not import {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_imports_stay_inside(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top: list[ast.stmt] = []
    for node in tree.body:  # `if TYPE_CHECKING:` is not run
        top += node.body if isinstance(node, ast.Try) else [node]
    for node in top:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name, _ in imports(ast.Module([node], [])):
                assert name.split(".")[0] not in HEAVY, f"{path.name} imports {name} at the top"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from assistant.cli import cli\n"
        "for arguments in ([], ['ask'], ['search'], ['ingest'], ['documents'], ['serve'], ['doctor'], ['weights']):\n"
        "    try: cli.main([*arguments, '--help'], prog_name='assistant')\n"
        "    except SystemExit as exc: assert exc.code == 0\n"
        "print('LOADED', sorted({name.split('.')[0] for name in sys.modules} & set(sys.argv[1].split(','))))\n"
    )
    heavy = ",".join([*HEAVY, "pydantic", "langchain_core"])
    done = subprocess.run([sys.executable, "-c", code, heavy], capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED []"
