"""One file from the Hugging Face hub, resumable. Knows nothing of the cache or of what the bytes should be.

`huggingface_hub` names the address and the token (so HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE hold); the
bytes are read with httpx, because the decision that the hub cannot be reached has to fall in seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import DownloadError
from assistant.weights.registry import WeightFile

if TYPE_CHECKING:
    import httpx

_HEAD_SECONDS = 10.0
_CONNECT_SECONDS = 4.0
_READ_SECONDS = 60.0
_REDIRECTS = 3
_ATTEMPTS = 5  # per file; each goes on where the one before stopped


class Hub:
    """The hub during one run. Once it could not be reached, it is not asked again."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._transport = transport
        self._client: httpx.Client | None = None
        self.unreachable = ""

    def __enter__(self) -> Hub:
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.close()

    def published(self, repo: str, path: str) -> WeightFile:
        """Size and SHA-256 as the hub publishes them; None each for small files kept outside LFS.

        Raises DownloadError with the reason when the hub or the file cannot be had.
        """
        import httpx
        from huggingface_hub import hf_hub_url

        url = httpx.URL(hf_hub_url(repo, path))
        quick = httpx.Timeout(_HEAD_SECONDS, connect=_CONNECT_SECONDS)
        try:
            answer = self._ready().head(url, follow_redirects=False, timeout=quick)
            # A renamed repository or a small file points elsewhere on the hub. The storage behind it is not
            # asked: the published values come before it.
            for _ in range(_REDIRECTS):
                url = url.join(answer.headers.get("location", ""))
                if not answer.is_redirect or "x-linked-etag" in answer.headers or url.host != answer.url.host:
                    break
                answer = self._ready().head(url, follow_redirects=False, timeout=quick)
        except httpx.HTTPError as exc:
            raise self._lost(str(exc) or type(exc).__name__) from exc
        _refuse_errors(answer, repo, path)
        digest = answer.headers.get("x-linked-etag", "").strip('"')
        size = answer.headers.get("x-linked-size", "")
        return WeightFile(path, int(size) if size.isdigit() else None, digest if len(digest) == 64 else None)

    def fetch(self, repo: str, path: str, target: Path, count: Callable[[int], None]) -> None:
        """Write the file to `target`, going on after the bytes that are already there.

        `count` is called with the number of bytes that came in. Raises DownloadError; `target` then holds
        what arrived.
        """
        import httpx

        for attempt in range(_ATTEMPTS):
            try:
                return self._stream(repo, path, target, count)
            except httpx.HTTPError as exc:
                broken = exc
            time.sleep(attempt)
        raise DownloadError(f"{repo}: the connection broke off ({broken})") from broken

    def _stream(self, repo: str, path: str, target: Path, count: Callable[[int], None]) -> None:
        from huggingface_hub import hf_hub_url

        have = target.stat().st_size if target.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._ready().stream("GET", hf_hub_url(repo, path), headers=headers) as answer:
            if answer.status_code == 416:  # nothing is left to send
                return
            _refuse_errors(answer, repo, path)
            if have and answer.status_code != 206:
                count(-have)
                have = 0
            with target.open("ab" if have else "wb") as stream:
                for block in answer.iter_bytes():
                    stream.write(block)
                    count(len(block))

    def _ready(self) -> httpx.Client:
        if self.unreachable:
            raise DownloadError(self.unreachable)
        if self._client is None:
            import httpx
            from huggingface_hub import get_token
            from huggingface_hub.constants import HF_HUB_OFFLINE

            if HF_HUB_OFFLINE:
                raise self._lost("HF_HUB_OFFLINE is set")
            # Compressed answers would make byte ranges meaningless.
            headers = {"Accept-Encoding": "identity"}
            if token := get_token():
                headers["Authorization"] = f"Bearer {token}"
            self._client = httpx.Client(
                headers=headers,
                timeout=httpx.Timeout(_READ_SECONDS, connect=_CONNECT_SECONDS),
                follow_redirects=True,
                transport=self._transport,
            )
        return self._client

    def _lost(self, why: str) -> DownloadError:
        self.unreachable = f"the Hugging Face hub cannot be reached ({why})"
        return DownloadError(self.unreachable)


def _refuse_errors(answer: httpx.Response, repo: str, path: str) -> None:
    if answer.status_code in (401, 403):
        raise DownloadError(f"{repo} asks for a login and for acceptance of its terms")
    if answer.status_code == 404:
        raise DownloadError(f"{repo} has no {path}")
    if answer.status_code >= 400:
        raise DownloadError(f"{repo} answered {answer.status_code}")
