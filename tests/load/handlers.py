"""Tells other programs under which numbers a page takes its events."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def noting(build: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    """Build a page as `build` does, and write the numbers of its handlers to handlers.json in `folder`."""

    def noted(*arguments: Any, **named: Any) -> Any:
        built = build(*arguments, **named)
        numbers = {fn.fn.__name__: number for number, fn in built.fns.items() if fn.fn is not None}
        (folder / "handlers.json").write_text(json.dumps(numbers), encoding="utf-8")
        return built

    return noted
