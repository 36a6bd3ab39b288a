"""Names of users and groups. A user's labels are `public` and the user's groups, nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from assistant.access import PUBLIC
from assistant.errors import AccountError

#: Groups that exist without being made; beside them `company:<name>` for each member company.
GROUPS = (PUBLIC, "member", "operator", "staff", "admin")

_COMPANY = re.compile(r"company:[a-z0-9가-힣](?:[a-z0-9가-힣-]{0,61}[a-z0-9가-힣])?")
_NAME = re.compile(r"[a-z0-9가-힣](?:[a-z0-9가-힣._@+-]{0,62}[a-z0-9가-힣])?")


def is_group(name: str) -> bool:
    """Whether `name` is a group that a user can be in."""
    return name in GROUPS or _COMPANY.fullmatch(name) is not None


def checked_groups(names: Iterable[str]) -> tuple[str, ...]:
    """The groups without `public`, which everyone is in, sorted. Raises AccountError for one that does not exist."""
    wanted = sorted(set(names) - {PUBLIC})
    for name in wanted:
        if not is_group(name):
            raise AccountError(
                f"'{name}' is not a group.", f"Groups are {', '.join(GROUPS)} and company:<name> (small letters, -)."
            )
    return tuple(wanted)


def labels_of_groups(groups: Iterable[str]) -> frozenset[str]:
    """The labels that members of `groups` hold."""
    return frozenset({PUBLIC, *groups})


def normal_name(typed: str) -> str:
    """A user name as it is stored: Mina and ＭＩＮＡ are mina."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def checked_name(typed: str) -> str:
    """The name for a new user. Raises AccountError when it cannot be one."""
    name = normal_name(typed)
    if not _NAME.fullmatch(name):
        raise AccountError(
            f"'{typed}' cannot be a user name.", "Use 1 to 64 letters (a-z, 가-힣), digits and . _ @ + - between them."
        )
    return name
