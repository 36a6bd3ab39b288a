"""Random secrets that a browser, a letter or a program carries; only their digest is stored."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """256 random bits, safe in addresses and cookies."""
    return secrets.token_urlsafe(_BYTES)


def new_id() -> str:
    """128 random bits that name something; no secret."""
    return secrets.token_hex(16)


def digest(secret: str) -> str:
    """What is stored of a secret. Plain SHA-256 does: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
