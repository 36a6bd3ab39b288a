"""A server with documents, an office and two companies, made with the fakes. The page writes the index it reads."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from assistant.answering import Assistant
from assistant.index.store import open_index, write_index
from assistant.ingest import ingest
from assistant.retrieval import HybridRetriever
from tests.conftest import FAKE_FINGERPRINT, LAUNCH, LOCKOUT, SECRET
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader
from tests.web.site import Browser, Site, kept_in, serve

#: User names with their groups.
PEOPLE = {
    "mina": ["staff"],
    "gaon": ["member", "company:gaon"],
    "haneul": ["member", "company:haneul"],
    "plain": ["member"],
}
NOTICE = (
    "# 접수 공고\n\n2027년 자율제조 공모의 접수 마감은 2027년 3월 31일입니다.\n\n"
    "| 항목 | 값 |\n|---|---|\n| 한도 | 5억 원 |\n"
)
NEWER = NOTICE.replace("3월 31일", "4월 15일").replace("5억 원", "7억 원")


@contextmanager
def open_office(folder: Path) -> Iterator[Site]:
    """The server; what is uploaded lies in `folder`."""
    given = folder / "in"
    given.mkdir(parents=True)
    for name, text in {"launch.ko.md": LAUNCH, "lockout.en.md": LOCKOUT, "proposal.ko.md": SECRET}.items():
        (given / name).write_text(text, encoding="utf-8")
    (given / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    embedder = FakeEmbedder()
    with write_index(folder / "index", FAKE_FINGERPRINT) as index:
        ingest([given], index, embedder, roots=[given])
    settings = kept_in(folder, index=folder / "index", corpus=given, uploads=folder / "uploads")
    with open_index(folder / "index", FAKE_FINGERPRINT) as reading:
        retriever = HybridRetriever(reading, embedder)
        assistant = Assistant(reading, retriever, FakeReader(), FakeLanguageModel(), embedder, settings)
        with serve(assistant, settings, PEOPLE) as site:
            site.assistant = assistant  # type: ignore[attr-defined]
            yield site


class Desk:
    """What the page's scripts send for one signed-in user."""

    def __init__(self, site: Site, user: str) -> None:
        self.site = site
        self.browser: Browser = site.browser(user)
        self.mark = ""
        page = self.browser.http.get("/staff")
        if page.status_code == 200:
            self.mark = page.text.split('"mark": "')[1].split('"')[0]

    def get(self, path: str, **params: str | int) -> httpx.Response:
        """Ask."""
        return self.browser.http.get(f"/staff/{path}", params=params or None)

    def post(self, path: str, **body: Any) -> httpx.Response:
        """Send."""
        return self.browser.http.post(f"/staff/{path}", json=body, headers={"x-form": self.mark})

    def upload(self, name: str, content: str | bytes) -> httpx.Response:
        """Send a file."""
        body = content.encode() if isinstance(content, str) else content
        return self.browser.http.post(
            "/staff/upload", params={"name": name}, content=body, headers={"x-form": self.mark}
        )

    def raw_upload(self, *headers: str) -> bytes:
        """Begin to send a file with these headers; what the server says to that."""
        where = urlsplit(self.site.base)
        cookies = "; ".join(f"{name}={value}" for name, value in self.browser.http.cookies.items())
        lines = ["POST /staff/upload?name=a.md HTTP/1.1", f"host: {where.netloc}", f"cookie: {cookies}"]
        with socket.create_connection((where.hostname or "", where.port or 0), timeout=60) as raw:
            raw.sendall("\r\n".join([*lines, f"x-form: {self.mark}", *headers, "", "x"]).encode())
            return raw.recv(2000)

    def read(self, name: str, content: str | bytes) -> dict[str, Any]:
        """Send a file and wait until it is read: what the list says of it."""
        made = self.upload(name, content)
        assert made.status_code == 201, made.text
        return self.until(
            lambda: next(
                (
                    each
                    for each in self.get("uploads").json()["uploads"]
                    if each["id"] == made.json()["id"] and each["state"] != "reading"
                ),
                None,
            )
        )

    def publish(self, name: str, content: str, **facts: str) -> dict[str, Any]:
        """Add a document: how the change ended."""
        upload = self.read(name, content)
        given = {"title": name, "effective_date": "2026-11-30", "audience": "public", **facts}
        answer = self.post(f"uploads/{upload['id']}/publish", **given)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.json()["id"])

    def change(self, action: str, key: str, **more: str) -> dict[str, Any]:
        """Change a document: how that ended."""
        answer = self.post("changes", action=action, key=key, **more)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.json()["id"])

    def ended(self, job: str) -> dict[str, Any]:
        """A change, when it has ended."""
        return self.until(
            lambda: next(
                (each for each in self.get("state").json()["jobs"] if each["id"] == job and each["state"] in ENDED),
                None,
            )
        )

    def rows(self) -> dict[str, dict[str, Any]]:
        """The list, by key."""
        return {row["key"]: row for row in self.get("documents").json()["rows"]}

    def found(self, query: str) -> list[str]:
        """The documents that a search of this user finds."""
        labels = self.browser.visitor().labels
        return [hit.document.document_id for hit in self.site.assistant.search(query, labels=labels)]  # type: ignore[attr-defined]

    @staticmethod
    def until(look: Any) -> Any:
        """Wait for something."""
        for _ in range(1200):
            if (seen := look()) is not None:
                return seen
            time.sleep(0.05)
        raise AssertionError("it did not happen")


ENDED = ("done", "failed")
