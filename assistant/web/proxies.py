"""What a proxy in front says about a request: taken from a trusted one, thrown away from everybody else.

Below this a request looks as its reader sent it: scheme, host and address are the reader's, and the path begins with
the root path, whether the proxy cut it off or not. Nobody further down reads a forwarded header.
"""

from __future__ import annotations

import ipaddress
import logging
from typing import TYPE_CHECKING

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from assistant.web.addresses import Address

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from assistant.settings import Settings

#: Headers that only a proxy sets. The page's library believes them, whoever sends them.
_FORWARDED = (b"x-forwarded-", b"forwarded", b"x-real-ip", b"x-gradio-")

_log = logging.getLogger(__name__)


class Proxies:
    """ASGI, for HTTP: hands on requests as the reader sent them."""

    def __init__(self, app: ASGIApp, settings: Settings, address: Address) -> None:
        self._app = app
        self._address = address
        self._trusted = [ipaddress.ip_network(each) for each in settings.trusted_proxies]
        self._told = ProxyHeadersMiddleware(self._cleaned, list(settings.trusted_proxies))  # type: ignore[arg-type]
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        scope = {**scope, "headers": [(name.lower(), value) for name, value in scope["headers"]]}
        if self._trusts(scope):
            if self._address.netloc:  # a proxy need not hand the reader's host on
                host = (b"host", self._address.netloc.encode())
                scope["headers"] = [host, *(pair for pair in scope["headers"] if pair[0] != b"host")]
            await self._told(scope, receive, send)  # type: ignore[arg-type]
        else:
            self._warn(scope)
            await self._cleaned(scope, receive, send)

    def _trusts(self, scope: Scope) -> bool:
        try:
            peer = ipaddress.ip_address((scope.get("client") or ("",))[0])
        except ValueError:
            return False
        return any(peer in network for network in self._trusted)

    def _warn(self, scope: Scope) -> None:
        if not self._warned and any(name.startswith(_FORWARDED[:2]) for name, _ in scope["headers"]):
            self._warned = True
            _log.warning(
                "%s sends forwarded headers and is no trusted proxy: they are ignored. If it is your proxy, "
                "name it in trusted_proxies.",
                (scope.get("client") or ("an unknown address",))[0],
            )

    async def _cleaned(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Without forwarded headers, with the public scheme and the root path."""
        headers = [pair for pair in scope["headers"] if not pair[0].startswith(_FORWARDED)]
        host = next((value.decode("latin-1") for name, value in headers if name == b"host"), "")
        root, path, raw = self._address.root, scope["path"], scope.get("raw_path") or b""
        if path != root and not path.startswith(f"{root}/"):
            path, raw = root + path, root.encode() + raw
        scheme = self._address.scheme if host and host == self._address.netloc else scope["scheme"]
        there = {"headers": headers, "scheme": scheme, "path": path, "raw_path": raw, "root_path": root}
        await self._app({**scope, **there}, receive, send)
