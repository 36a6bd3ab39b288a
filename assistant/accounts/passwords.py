"""Passwords: argon2id with the parameters of RFC 9106 (64 MiB, 3 passes), and what a new one must be like."""

from __future__ import annotations

import threading
import unicodedata
from typing import TYPE_CHECKING

from assistant.errors import PasswordRefused

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: Shortest and longest password, in characters (NIST SP 800-63B: length counts, mixtures of signs do not).
SHORTEST, LONGEST = 12, 200
#: Each costs 64 MiB and most of a core while it runs; the others wait.
_AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords. Safe for several threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        """`hasher`: cheaper parameters for tests."""
        from argon2 import PasswordHasher

        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = self._hasher.hash("a password that opens nothing")

    def hash(self, password: str) -> str:
        """The argon2id hash of `password`, with its salt and parameters."""
        with self._turn:
            return self._hasher.hash(_normal(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one of `stored`. Takes as long for None, so nobody learns which names exist."""
        from argon2.exceptions import Argon2Error, InvalidHashError

        if len(password) > LONGEST:
            password = ""
        with self._turn:
            try:
                return self._hasher.verify(stored or self._nobodys, _normal(password)) and stored is not None
            except (Argon2Error, InvalidHashError):
                return False

    def outdated(self, stored: str) -> bool:
        """Whether `stored` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)


def check_password(password: str, name: str) -> None:
    """Check a new password of the user `name`. Raises PasswordRefused."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(
            f"A password has {SHORTEST} to {LONGEST} characters.", "Several words are easy to remember."
        )
    beside = _normal(password).casefold().replace(name, "")
    if len(beside) < SHORTEST // 2 or len(set(beside)) < 4:
        raise PasswordRefused("That password is too easy to guess.", "Take several words that do not name you.")


def _normal(password: str) -> str:
    """The same bytes from every keyboard: Hangul is typed composed or in parts."""
    return unicodedata.normalize("NFKC", password)
