"""Collections on a Chroma server, one of our own or Chroma Cloud: the same client API, and what a network needs.

Every request of ours can be made twice without harm, so one that meets a broken connection or a busy server is made
again, later each time. Files are the server's own affair: nothing is overwritten or rebuilt here. Several indexes may
share a server; the names of an index's collections begin with a name that only this index has.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.errors import AssistantError, IndexCorrupt, VectorsAway

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from assistant.settings import Settings

#: Where Chroma Cloud answers; there a request may have this many rows.
_CLOUD, _CLOUD_ROWS = "trychroma.com", 300
#: Rows of one request elsewhere: 3 MB for 768 dimensions.
_ROWS = 1000
#: Collections of one listing.
_LISTED = 100
#: Longest waits in seconds: to connect, for an answer.
_CONNECT_S, _ANSWER_S = 5.0, 60.0
#: A request is made at most so often, and no more once so many seconds have passed.
_ATTEMPTS, _RETRIED_S = 5, 20.0
#: What a server or a proxy before it says when it is busy or just starting.
_BUSY = (429, 502, 503, 504)
_SHUT = (401, 403)
_CORRECT = "Correct chroma_url, or remove it to keep vectors in the index folder."


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """Where a Chroma server is and what it wants to see. `tenant` and `database`: empty for those it uses itself."""

    url: str
    key: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tenant: str = ""
    database: str = ""

    @property
    def is_cloud(self) -> bool:
        """Whether it is Chroma's own service."""
        return (urlsplit(self.url).hostname or "").endswith(_CLOUD)

    def sent(self) -> dict[str, str]:
        """Give the headers of every request: the key as Chroma Cloud wants it, or as proxies do."""
        key = {"x-chroma-token": self.key} if self.is_cloud else {"Authorization": f"Bearer {self.key}"}
        return {**(key if self.key else {}), **self.headers}


def server_of(settings: Settings) -> ChromaServer | None:
    """Read which server the settings name; None: vectors lie in the index folder."""
    if settings.chroma_url is None:
        return None
    return ChromaServer(
        str(settings.chroma_url).rstrip("/"),
        settings.chroma_key.get_secret_value(),
        {name: value.get_secret_value() for name, value in settings.chroma_headers.items()},
        settings.chroma_tenant,
        settings.chroma_database,
    )


def version_of(server: ChromaServer) -> str:
    """Ask a server for its version. Raises VectorsAway."""
    store = ServerStore(server, "")
    with store.held():
        version = str(store.client.get_version())
        store.close()
    return version


class ServerStore:
    """The collections of the index `name` on `server`; nothing is sent before the first use."""

    def __init__(self, server: ChromaServer, name: str) -> None:
        self.server = server
        self.prefix = f"{name}-"
        self.batch = _CLOUD_ROWS if server.is_cloud else _ROWS
        self._opened: Any = None

    @property
    def client(self) -> Any:
        """Chroma's client, whose requests are made again when that may help."""
        if self._opened is None:
            self._opened = _Patient(_patiently(_connected, self.server))
        return self._opened

    def close(self) -> None:
        """Forget the connection."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def reopen(self) -> None:
        """Do nothing: a server shows what others have written."""

    def is_made(self) -> bool:
        """Say yes: a server is not made by opening it."""
        return True

    def collections(self) -> Sequence[Any]:
        """List the collections of this index."""
        found: list[Any] = []
        while part := self.client.list_collections(limit=_LISTED, offset=len(found)):
            found += part
        return [each for each in found if each.name.startswith(self.prefix)]

    @contextmanager
    def held(self) -> Iterator[None]:
        """Translate errors; a server needs no lock. Raises VectorsAway, IndexCorrupt."""
        try:
            yield
        except AssistantError:
            raise
        except Exception as exc:  # chromadb raises its own, httpx's and plain errors
            raise _translated(exc, self.server) from exc

    def writing(self) -> AbstractContextManager[None]:
        """Nothing more is needed."""
        return nullcontext()

    def delete(self, collection: Any, ids: Sequence[str]) -> None:
        """Remove vectors."""
        collection.delete(ids=list(ids))

    def purge(self) -> None:
        """Do nothing: the server erases what was removed, `chroma vacuum` its files."""

    def erase(self) -> None:
        """Remove the collections of this index."""
        from chromadb.errors import NotFoundError

        for collection in self.collections():
            try:
                self.client.delete_collection(collection.name)
            except NotFoundError:  # an earlier try has done it
                continue


class _Patient:
    """Something of Chroma's client whose calls are made again when the connection breaks or the server is busy."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found
        return lambda *arguments, **options: _wrapped(_patiently(found, *arguments, **options))


def _wrapped(given: Any) -> Any:
    from chromadb import Collection

    if isinstance(given, Collection):
        return _Patient(given)
    return [_wrapped(each) for each in given] if isinstance(given, list) else given


def _patiently(call: Any, *arguments: Any, **options: Any) -> Any:
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random_exponential

    retrying = Retrying(
        retry=retry_if_exception(_may_pass),
        stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(_RETRIED_S),
        wait=wait_random_exponential(multiplier=0.2, max=3.0),
        reraise=True,
    )
    return retrying(call, *arguments, **options)


def _connected(server: ChromaServer) -> Any:
    """A client of a server that answers. Chroma's own would wait for ever on one that does not."""
    import chromadb
    import httpx
    from chromadb.config import Settings as ChromaSettings

    logging.getLogger("chromadb.telemetry").setLevel(logging.CRITICAL)
    waits = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
    options: dict[str, Any] = {"anonymized_telemetry": False}
    if certificates := ssl.get_default_verify_paths().cafile:  # the machine's own: such servers are often internal
        options["chroma_server_ssl_verify"] = certificates
    headers, parts = server.sent(), urlsplit(server.url)
    answer = httpx.get(
        f"{server.url}/api/v2/heartbeat", headers=headers, timeout=_CONNECT_S, verify=certificates or True
    )
    if not answer.is_success and answer.status_code not in (*_BUSY, *_SHUT):
        raise VectorsAway(f"What answers at {server.url} is no Chroma server ({answer.status_code}).", _CORRECT)
    answer.raise_for_status()
    if not (server.tenant or server.database):
        options["chroma_overwrite_singleton_tenant_database_access_from_auth"] = True
    client = chromadb.HttpClient(
        server.url,
        parts.port or (443 if parts.scheme == "https" else 80),
        ssl=parts.scheme == "https",
        headers=dict(headers),
        settings=ChromaSettings(**options),
        **{name: value for name in ("tenant", "database") if (value := getattr(server, name))},
    )
    session = getattr(getattr(client, "_server", None), "_session", None)
    if session is not None:
        session.timeout = waits
    return client


def _causes(exc: BaseException | None) -> Iterator[BaseException]:
    while exc is not None:
        yield exc
        exc = exc.__cause__ or exc.__context__


def _status(exc: BaseException) -> int:
    """The HTTP status behind an error; 0 when there is none. Chroma raises plain errors for most."""
    import httpx

    return next((each.response.status_code for each in _causes(exc) if isinstance(each, httpx.HTTPStatusError)), 0)


def _broken(exc: BaseException) -> BaseException | None:
    import httpx

    return next((each for each in _causes(exc) if isinstance(each, httpx.TransportError)), None)


def _may_pass(exc: BaseException) -> bool:
    return isinstance(exc, Exception) and (_broken(exc) is not None or _status(exc) in _BUSY)


def _translated(exc: Exception, server: ChromaServer) -> AssistantError:
    parts = urlsplit(server.url)
    if broken := _broken(exc):
        start = f"start `chroma run --path FOLDER --host {parts.hostname} --port {parts.port or 8000}` there"
        return VectorsAway(
            f"The Chroma server cannot be reached at {server.url} ({broken or type(broken).__name__}).",
            f"If it is down, {start}. {_CORRECT}",
        )
    status = _status(exc)
    if status in _SHUT or type(exc).__name__ in ("ChromaAuthError", "AuthorizationError"):
        return VectorsAway(
            f"The Chroma server {server.url} does not let us in ({exc}).",
            "Give its key in the environment, ASSISTANT_CHROMA_KEY, and check chroma_tenant and chroma_database.",
        )
    if status in _BUSY:
        return VectorsAway(f"The Chroma server {server.url} is busy ({status}).", "Try again in a minute.")
    if isinstance(exc, ValueError) and "tenant" in str(exc):
        return VectorsAway(
            f"The Chroma server {server.url} has no such place ({exc}).", "Correct chroma_tenant and chroma_database."
        )
    return IndexCorrupt(
        f"The vectors on the Chroma server {server.url} cannot be used ({exc}).",
        "Run `assistant doctor --repair`, which makes the vectors again.",
    )
