from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from assistant.errors import DownloadError
from assistant.weights.hub import Hub


def hub_that_answers(*answers: httpx.Response | Exception) -> Hub:
    script = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        step = next(script)
        if isinstance(step, Exception):
            raise step
        return step

    return Hub(httpx.MockTransport(answer))


def test_a_renamed_repository_is_followed_on_the_hub_itself() -> None:
    linked = {"x-linked-etag": '"' + "a" * 64 + '"', "x-linked-size": "7", "location": "https://storage.example/x"}
    hub = hub_that_answers(
        httpx.Response(307, headers={"location": "/new/name/resolve/main/f"}), httpx.Response(302, headers=linked)
    )
    published = hub.published("old/name", "f")
    assert (published.size, published.sha256) == (7, "a" * 64)


def test_storage_elsewhere_is_not_asked_for_what_the_hub_publishes() -> None:
    hub = hub_that_answers(httpx.Response(302, headers={"location": "https://storage.example/x"}))
    assert hub.published("a/b", "f").sha256 is None


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ConnectTimeout(""), httpx.ProxyError("no")])
def test_no_connection_is_remembered(error: Exception) -> None:
    hub = hub_that_answers(error)
    with pytest.raises(DownloadError, match="cannot be reached"):
        hub.published("a/b", "f")
    with pytest.raises(DownloadError, match="cannot be reached"):  # the script has no second answer
        hub.published("a/b", "f")


@pytest.mark.parametrize(
    ("status", "says"), [(401, "acceptance"), (403, "acceptance"), (404, "has no f"), (503, "503")]
)
def test_refusals_are_explained(status: int, says: str) -> None:
    hub = hub_that_answers(httpx.Response(status))
    with pytest.raises(DownloadError, match=says):
        hub.published("a/b", "f")
    assert not hub.unreachable


def test_a_server_that_ignores_ranges_starts_again(tmp_path: Path) -> None:
    target = tmp_path / "f.part"
    target.write_bytes(b"abc")
    counted: list[int] = []
    hub_that_answers(httpx.Response(200, content=b"abcdef")).fetch("a/b", "f", target, counted.append)
    assert target.read_bytes() == b"abcdef"
    assert sum(counted) == 3  # three more than the three that were counted before


def test_the_token_goes_to_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "secret")
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("authorization"))
        if request.url.host == "storage.example":
            return httpx.Response(200, content=b"x")
        return httpx.Response(302, headers={"location": "https://storage.example/x"})

    Hub(httpx.MockTransport(answer)).fetch("a/b", "f", Path("/dev/null"), lambda count: None)
    assert seen == ["Bearer secret", None]  # and not to where the hub points


def test_offline_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match="HF_HUB_OFFLINE"):
        hub_that_answers().published("a/b", "f")
