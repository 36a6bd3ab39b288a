"""Who may see what. Documents carry labels; a user holds labels; one in common admits.

On the page and over the API a user's labels come from `accounts`. The access file (`access.toml`) is for the terminal
alone, where `--as NAME` chooses whose labels a command uses; who types there can read the index's files anyway:

    [users]
    mina = ["staff", "company:gaon"]

Everyone holds `public`. A name that is not listed holds nothing else, so a typing error never opens anything.
"""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path

from assistant.errors import AccessError

PUBLIC = "public"


def labels_of(user: str | None, access_file: Path) -> frozenset[str]:
    """Read the labels that `user` holds. Raises AccessError when the file exists and cannot be understood."""
    if user is None or not access_file.exists():
        return frozenset({PUBLIC})
    try:
        # a Mac writes Hangul decomposed: names and labels are compared in one form
        text = unicodedata.normalize("NFC", access_file.read_text(encoding="utf-8"))
        users = tomllib.loads(text).get("users", {})
        labels = users.get(unicodedata.normalize("NFC", user), [])
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise ValueError(f"the labels of '{user}' are not a list of texts")
    except (OSError, ValueError, AttributeError) as exc:
        raise AccessError(
            f"The access file {access_file} cannot be read ({exc}).", 'Correct it: [users] then name = ["label", …].'
        ) from exc
    return frozenset({PUBLIC, *labels})
