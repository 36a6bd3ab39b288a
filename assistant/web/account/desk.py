"""What the account routes share: who comes, in which language, and how pages, cookies and errors are given back."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from assistant.accounts.attempts import WINDOW_S
from assistant.accounts.passwords import SHORTEST
from assistant.accounts.visitors import Visitor
from assistant.errors import (
    AccountError,
    AccountsUnusable,
    LinkExpired,
    PasswordRefused,
    SignInRefused,
    SignOnFailed,
    TooManyTries,
)
from assistant.schema import Language
from assistant.web.account.forms import Forms
from assistant.web.account.rendering import View
from assistant.web.account.texts import error_key, text
from assistant.web.texts import LANGUAGES
from assistant.web.visitors import Visitors, cookie_name

if TYPE_CHECKING:
    from assistant.accounts.store import Accounts
    from assistant.settings import Settings

LANGUAGE_COOKIE = "assistant-language"
_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'self'"
)


class Desk:
    """Answers for all account routes."""

    def __init__(self, accounts: Accounts, visitors: Visitors, settings: Settings) -> None:
        self.accounts = accounts
        self.visitors = visitors
        self.settings = settings
        self.forms = Forms(accounts.signing_key())

    def secure(self, request: Request) -> bool:
        """Whether cookies are for HTTPS only."""
        return self.visitors.is_secure(request.url.scheme)

    def secret(self, request: Request) -> str:
        """The session's secret that the browser brings."""
        return self.visitors.secret(request.cookies, request.url.scheme)

    def visitor(self, request: Request) -> Visitor:
        """Who comes."""
        return self.visitors.of(request.cookies, request.url.scheme)

    def language(self, request: Request) -> Language:
        """The language to answer in."""
        return language_of(request)

    def view(self, request: Request, session: str | None = None) -> tuple[View, str]:
        """What a page needs, and the browser's part of its forms. `session`: the one that begins with this answer."""
        browser = self.forms.begin(request, self.secure(request))
        mark = self.forms.mark(browser, self.secret(request) if session is None else session)
        root, groups = request.scope["root_path"], self.visitor(request).labels
        return View(self.language(request), request.url.path, mark, root, theme_of(request), groups), browser

    def lead_to(self, request: Request, path: str) -> RedirectResponse:
        """A redirect to a page of this server; `path` is the one without the root path."""
        return RedirectResponse(request.scope["root_path"] + path, 303)

    def page(self, request: Request, browser: str, html: str, status: int = 200) -> HTMLResponse:
        """A page that nobody keeps, frames or scripts."""
        response = HTMLResponse(
            html, status, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store", "X-Frame-Options": "DENY"}
        )
        self.forms.keep(response, browser, self.secure(request))
        if request.query_params.get("lang") in LANGUAGES:
            self.remember_language(response, self.language(request))
        return response

    def remember_language(self, response: Response, language: Language) -> None:
        """Keep the choice of language; the page's own switch writes the same cookie."""
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86_400, samesite="lax", path="/")

    def fits(self, request: Request, mark: str) -> bool:
        """Whether a form is one of ours."""
        return self.forms.fits(request, self.secure(request), self.secret(request), mark)

    def enter(self, request: Request, response: Response, secret: str) -> Response:
        """Give the browser its session."""
        secure = self.secure(request)
        response.set_cookie(
            cookie_name(secure),
            secret,
            max_age=self.accounts.sessions.longest_s,
            httponly=True,
            secure=secure,
            samesite="lax",
            path="/",
        )
        return response

    def leave(self, request: Request, response: Response) -> Response:
        """Take the session from the browser, with what its tabs keep."""
        secure = self.secure(request)
        response.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="lax")
        return response

    def sentence(self, request: Request, error: AccountError, key: str = "") -> str:
        """What a reader is told about `error`."""
        left = error.left if isinstance(error, SignInRefused) else 0
        minutes = WINDOW_S // 60
        return text(self.language(request), key or error_key(error), left=left, minutes=minutes, shortest=SHORTEST)


def language_of(request: Request) -> Language:
    """The language asked for, else the one chosen earlier, else the browser's first that we speak, else Korean."""
    accepted = [part.strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    wanted = [request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE), *accepted]
    return next((one for name in wanted for one in LANGUAGES if one == name), "ko")


def theme_of(request: Request) -> str:
    """The reader's choice of dark or light; '' where none was made."""
    chosen = request.cookies.get("assistant-theme", "")
    return chosen if chosen in ("dark", "light") else ""


def address_of(request: Request) -> str:
    """Whom tries to sign in are counted for."""
    return request.client.host if request.client else ""


def here_only(path: str) -> str:
    """`path` if it leads to a page of this server, else '/'."""
    parts = urlsplit(path)
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if inside and path.isprintable() and "\\" not in path else "/"


def status_of(error: AccountError) -> int:
    """The HTTP status that tells a program what a sentence tells a reader."""
    kinds = {
        TooManyTries: 429,
        SignOnFailed: 502,
        SignInRefused: 401,
        LinkExpired: 404,
        PasswordRefused: 422,
        AccountsUnusable: 503,
    }
    return next((status for kind, status in kinds.items() if isinstance(error, kind)), 400)
