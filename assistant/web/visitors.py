"""Who asks, told by the browser's cookie; and which browser session a tab of the page belongs to.

Gradio keys what a tab sees by a name that the tab chooses (`session_hash`). A tab that a signed-in user has used
answers only that user's session while it lasts: to everyone else it does not exist.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from assistant.accounts.visitors import ANYONE, Visitor

if TYPE_CHECKING:
    from assistant.accounts.store import Accounts

#: The cookie; browsers hold the second one to HTTPS, to this host and to the whole site.
COOKIE, SECURE_COOKIE = "assistant-session", "__Host-assistant-session"
#: Tabs remembered; the oldest are forgotten, which frees a name that nobody uses any more.
_TABS = 50_000


def cookie_name(secure: bool) -> str:
    """The name of the session's cookie. Over HTTPS the other one is not read: a neighbouring host could plant it."""
    return SECURE_COOKIE if secure else COOKIE


class Visitors:
    """Tells visitors. Without accounts everyone is anyone."""

    def __init__(self, accounts: Accounts | None = None, *, secure: bool = False) -> None:
        """`secure`: readers come over HTTPS, whatever the proxy in front of us speaks to us."""
        self.accounts = accounts
        self.secure = secure
        self._tabs: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def is_secure(self, scheme: str) -> bool:
        """Whether a request that came by `scheme` was sent over HTTPS."""
        return self.secure or scheme == "https"

    def secret(self, cookies: Mapping[str, str], scheme: str) -> str:
        """The session's secret that a request brings; '' for none."""
        return cookies.get(cookie_name(self.is_secure(scheme)), "")

    def of(self, cookies: Mapping[str, str], scheme: str) -> Visitor:
        """Who sent a request, with the labels of this moment. Raises AccountsUnusable."""
        if self.accounts is None:
            return ANYONE
        return self.accounts.sessions.visitor(self.secret(cookies, scheme))

    def claim(self, tab: str, visitor: Visitor) -> bool:
        """Note that `visitor` uses `tab`; False when the tab is another one's."""
        if not self.may_use(tab, visitor):
            return False
        with self._lock:
            if visitor.session:
                self._tabs[tab] = visitor.session
                self._tabs.move_to_end(tab)
                while len(self._tabs) > _TABS:
                    self._tabs.popitem(last=False)
            else:
                self._tabs.pop(tab, None)
        return True

    def may_use(self, tab: str, visitor: Visitor) -> bool:
        """Whether `visitor` may see and move what `tab` shows."""
        with self._lock:
            owner = self._tabs.get(tab, "")
        if not owner or owner == visitor.session or self.accounts is None:
            return True
        return not self.accounts.sessions.lives(owner)
