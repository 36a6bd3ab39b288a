"""The address that readers use, and the names that requests may carry. Knows nothing of requests."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from assistant.settings import Settings

_WRITTEN = re.compile(r"(?:[a-z0-9_.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.ASCII | re.IGNORECASE)


class Address:
    """The public address: `scheme` and `netloc` ('' when there is none), and `root`, what all paths begin with."""

    def __init__(self, settings: Settings) -> None:
        public = urlsplit(str(settings.public_url or ""))
        self.scheme, self.netloc = public.scheme, public.netloc
        self.root = public.path.rstrip("/")
        self._names = {name for name in (public.hostname, settings.host.lower()) if name}
        self._strict = bool(self.netloc) or _is_loopback(settings.host)

    def answers_to(self, host: str) -> bool:
        """Whether a request may carry `host` as its Host header.

        A page elsewhere can have its own name point at this machine and would then be of the same origin (DNS
        rebinding). It cannot do so with an address, nor with a name without a dot. A server on all addresses that was
        not told its public one cannot know its names.
        """
        if not host:  # no browser leaves it out
            return True
        if not _WRITTEN.fullmatch(host):
            return False
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        return not self._strict or name in self._names or "." not in name or _is_address(name)

    def is_ours(self, origin: str, scheme: str, host: str) -> bool:
        """Whether a page of `origin` is one that this server sent: to `scheme`://`host`, or at the public address."""
        return origin in (f"{scheme}://{host}", f"{self.scheme}://{self.netloc}")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)
