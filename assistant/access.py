"""Who may see what. Documents carry labels; a user holds labels; one in common admits.

The access file (`access.toml`) lists users:

    [users]
    mina = ["staff", "company:gaon"]

Everyone holds `public`. A name that is not listed holds nothing else, so a typing error never opens anything.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from assistant.errors import AccessError

PUBLIC = "public"


def labels_of(user: str | None, access_file: Path) -> frozenset[str]:
    """The labels that `user` holds. Raises AccessError when the file exists and cannot be understood."""
    if user is None or not access_file.exists():
        return frozenset({PUBLIC})
    try:
        users = tomllib.loads(access_file.read_text(encoding="utf-8")).get("users", {})
        labels = users.get(user, [])
        if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
            raise ValueError(f"the labels of '{user}' are not a list of texts")
    except (OSError, ValueError, AttributeError) as exc:
        raise AccessError(
            f"The access file {access_file} cannot be read ({exc}).", 'Correct it: [users] then name = ["label", …].'
        ) from exc
    return frozenset({PUBLIC, *labels})
