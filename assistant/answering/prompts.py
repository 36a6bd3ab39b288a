"""Prompts are files: `prompts/<name>.<language>.md`, chat turns under `## system`, `## user`, `## assistant`.

`$name` marks a variable (string.Template); one that is not given is an error, never an empty place.
"""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from assistant.errors import PromptError
from assistant.schema import Language

_TURN = re.compile(r"^## (system|user|assistant)\s*$", re.M)


def load_prompt(folder: Path, name: str, language: Language, **variables: str) -> list[dict[str, str]]:
    """The chat messages of a prompt with its variables filled in. Raises PromptError."""
    path = folder / f"{name}.{language}.md"
    try:
        parts = _TURN.split(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise PromptError(f"The prompt {path} cannot be read ({exc.strerror}).", "Restore the file.") from exc
    if len(parts) < 3 or parts[0].strip():
        raise PromptError(f"The prompt {path.name} has no turns.", "Begin it with '## system' or '## user'.")
    try:
        return [
            {"role": role, "content": Template(text.strip()).substitute(variables)}
            for role, text in zip(parts[1::2], parts[2::2], strict=True)
        ]
    except (KeyError, ValueError) as exc:
        raise PromptError(f"The prompt {path.name} needs the variable {exc}.", "Give it, or write $$ for $.") from exc
