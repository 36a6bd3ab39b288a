"""Forms that only our own pages can send: a cookie of the browser and a signed field that fits it (CSRF)."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

#: Seconds that a form may stay open before it is sent.
LONGEST_S = 12 * 3600
FIELD = "form"


class Forms:
    """Marks forms and checks the marks. A mark fits one browser and one session."""

    def __init__(self, key: str) -> None:
        from itsdangerous import TimestampSigner

        self._signer = TimestampSigner(key, salt="form", digest_method=hashlib.sha256)

    def begin(self, request: Request, secure: bool) -> str:
        """The browser's part: the one that it brought, else a new one. Goes into `keep`."""
        return request.cookies.get(_cookie(secure)) or secrets.token_urlsafe(32)

    def keep(self, response: Response, browser: str, secure: bool) -> None:
        """Give the browser its part."""
        response.set_cookie(_cookie(secure), browser, httponly=True, secure=secure, samesite="lax", path="/")

    def mark(self, browser: str, session: str) -> str:
        """The hidden field of a form."""
        return self._signer.sign(_fitting(browser, session)).decode()

    def fits(self, request: Request, secure: bool, session: str, mark: str) -> bool:
        """Whether `mark` was made for this browser and session, not too long ago."""
        from itsdangerous import BadSignature

        browser = request.cookies.get(_cookie(secure), "")
        try:
            signed = self._signer.unsign(mark, max_age=LONGEST_S).decode()
        except BadSignature:
            return False
        return bool(browser) and secrets.compare_digest(signed, _fitting(browser, session))


def _cookie(secure: bool) -> str:
    return "__Host-assistant-form" if secure else "assistant-form"


def _fitting(browser: str, session: str) -> str:
    return hashlib.sha256(f"{browser} {session}".encode()).hexdigest()
