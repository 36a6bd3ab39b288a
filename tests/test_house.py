"""The rules of the house: who may import whom, and what must not be imported at the top of a module."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "assistant"

#: One way only: a package imports from those before it. The order is that of the design.
ORDER = [
    "schema", "quoting", "errors", "settings", "database", "access", "tuning", "text", "weights", "index", "ingest",
    "retrieval", "reading", "rules", "comparison", "answering", "evaluation", "conversations", "shelf", "accounts",
    "audit", "finder", "floor", "staff", "web", "api", "mcp", "programs", "operations", "doctor", "cli", "reference",
    "__main__",
]  # fmt: skip
HEAVY = {"torch", "sentence_transformers", "llama_cpp", "chromadb", "gradio", "kiwipiepy", "pdfplumber", "pypdfium2",
         "transformers", "numpy"}  # fmt: skip

#: Packages that put documents into an index, with the labels of each.
WRITING = {"ingest", "evaluation"}

#: Learning is a tool of its own: the product imports none of it.
TRAINING = (PACKAGE / "reading" / "training", PACKAGE / "answering" / "training")
MODULES = sorted(PACKAGE.rglob("*.py"))


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
            assert ORDER.index(name.split(".")[1]) <= ORDER.index(part), f"{path.name} must not import {name}"


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if not set(TRAINING) & set(path.parents)],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
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
        "for arguments in ([], ['ask'], ['search'], ['ingest'], ['documents'], ['serve'], ['doctor'], ['weights'],\n"
        "  ['users'], ['mcp'], ['programmes'], ['programmes', 'match']):\n"
        "    try: cli.main([*arguments, '--help'], prog_name='assistant')\n"
        "    except SystemExit as exc: assert exc.code == 0\n"
        "print('LOADED', sorted({name.split('.')[0] for name in sys.modules} & set(sys.argv[1].split(','))))\n"
    )
    heavy = ",".join(
        [*HEAVY, "pydantic", "langchain_core", "sqlalchemy", "alembic", "argon2", "authlib", "mcp", "anyio"]
    )
    done = subprocess.run([sys.executable, "-c", code, heavy], capture_output=True, text=True, cwd=PROJECT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_the_product_imports_no_training() -> None:
    outside = [path for path in MODULES if not set(TRAINING) & set(path.parents)]
    for path in outside:
        names = [name for name, _ in imports(ast.parse(path.read_text(encoding="utf-8")))]
        assert not [name for name in names if re.match(r"assistant\.(reading|answering)\.training", name)], path


def test_who_reads_an_index_takes_what_its_asker_may_see() -> None:
    """`index.seen_by(labels)` travels as one value: labels beside an index could be forgotten."""
    for path in MODULES:
        if path.relative_to(PACKAGE).parts[0] in WRITING:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                assert not {"index", "labels"} <= {each.arg for each in arguments}, f"{path}: {node.name}"
