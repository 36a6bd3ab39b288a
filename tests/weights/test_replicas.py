"""Several language servers that serve one model: places, retries, servers that are left alone, waits that end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.errors import ModelAway, ModelError, SettingsError
from assistant.settings import Settings, load_settings
from assistant.weights.chat_server import ChatServerModel, Patience
from assistant.weights.replicas import Replicas
from tests.fakes import FakeChatHost

PATIENCE = Patience(connect=1, first=0.4, further=0.4)


@pytest.fixture
def hosts() -> Iterator[Callable[[], FakeChatHost]]:
    made: list[FakeChatHost] = []

    def make() -> FakeChatHost:
        made.append(FakeChatHost())
        return made[-1]

    yield make
    for host in made:
        host.close()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def on(*hosts: FakeChatHost, at_once: int = 4, patience: Patience = PATIENCE, clock: Clock | None = None) -> Replicas:
    servers = [ChatServerModel("small", host.url, patience=patience) for host in hosts]
    return Replicas(servers, at_once=at_once, pause_s=30, clock=clock or Clock())


def said(model: Replicas, words: str, cancel: Callable[[], bool] | None = None) -> str:
    pieces = model.generate([{"role": "user", "content": words}], max_tokens=50, cancel=cancel)
    return "".join(pieces).strip()


def test_eight_questions_at_once_each_get_their_own_answer(hosts: Callable[[], FakeChatHost]) -> None:
    one, other = hosts(), hosts()
    one.pause_s = other.pause_s = 0.05
    model = on(one, other, at_once=2)
    asked = [f"question {number} has the answer {number * 7}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda words: said(model, words), asked)) == asked
    assert one.asked + other.asked == 8 and min(one.asked, other.asked) > 1
    assert max(one.most, other.most) == 2  # as many as a server takes, and no more


def test_a_server_that_is_down_costs_no_answer(hosts: Callable[[], FakeChatHost]) -> None:
    down, up = hosts(), hosts()
    down.close()
    model = on(down, up)
    for _ in range(4):
        assert said(model, "all is well") == "all is well"
    assert up.asked == 4


@pytest.mark.parametrize("fault", ["silent_before", "status"])
def test_before_the_first_token_another_server_is_asked(hosts: Callable[[], FakeChatHost], fault: str) -> None:
    bad, good = hosts(), hosts()
    setattr(bad, fault, 503 if fault == "status" else True)
    assert said(on(bad, good), "all is well") == "all is well"
    assert bad.asked == good.asked == 1


@pytest.mark.parametrize(("fault", "why"), [("dies", "cannot be reached|broke off"), ("silent_after", "in time")])
def test_after_the_first_token_nothing_is_begun_anew(hosts: Callable[[], FakeChatHost], fault: str, why: str) -> None:
    bad, good = hosts(), hosts()
    setattr(bad, fault, True)
    pieces = on(bad, good).generate([{"role": "user", "content": "one two three"}], max_tokens=9)
    assert next(iter(pieces)) == "one "
    with pytest.raises(ModelAway, match=why):
        list(pieces)
    assert good.asked == 0


def test_a_request_that_is_refused_is_not_asked_elsewhere(hosts: Callable[[], FakeChatHost]) -> None:
    one, other = hosts(), hosts()
    one.status = other.status = 400
    with pytest.raises(ModelError, match="400") as caught:
        said(on(one, other), "too long")
    assert not isinstance(caught.value, ModelAway) and one.asked + other.asked == 1


def test_a_server_that_fails_twice_is_left_alone_and_then_tried_once(hosts: Callable[[], FakeChatHost]) -> None:
    host, clock = hosts(), Clock()
    model = on(host, clock=clock)
    host.status = 503
    for _ in range(2):
        with pytest.raises(ModelAway, match="503"):
            said(model, "hello")
    with pytest.raises(ModelAway, match="tried again"):
        said(model, "hello")
    assert host.asked == 2  # the third was spared
    clock.now = 31
    with pytest.raises(ModelAway, match="tried again"):
        said(model, "hello")
    assert host.asked == 2  # only whether it is back was asked, and it was not
    host.status = 200
    with pytest.raises(ModelAway):
        said(model, "hello")  # the pause began anew
    clock.now = 62
    assert said(model, "hello again") == said(model, "hello again") == "hello again"


def test_one_question_alone_tries_whether_a_server_is_back(hosts: Callable[[], FakeChatHost]) -> None:
    host, clock = hosts(), Clock()
    model = on(host, clock=clock)
    host.status = 503
    for _ in range(2):
        with pytest.raises(ModelAway):
            said(model, "hello")
    clock.now, host.status, host.pause_s = 31, 200, 0.2
    tried = model.generate([{"role": "user", "content": "is back"}], max_tokens=9)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(next, tried)
        while host.asked < 3:
            time.sleep(0.01)
        with pytest.raises(ModelAway):
            said(model, "too early")
        assert first.result() == "is " and host.asked == 3
    assert said(model, "all may ask") == "all may ask"
    assert list(tried) == ["back "]


def test_waits_for_the_first_and_for_further_tokens_are_of_their_own_length(hosts: Callable[[], FakeChatHost]) -> None:
    host = hosts()
    host.pause_s = 0.5
    with pytest.raises(ModelAway, match="in time"):
        said(on(host, patience=Patience(1, first=0.2, further=5)), "one two")
    assert said(on(host, patience=Patience(1, first=5, further=2)), "one two") == "one two"
    with pytest.raises(ModelAway, match="in time"):
        said(on(host, patience=Patience(1, first=5, further=0.2)), "one two")


def test_a_reader_who_takes_long_over_a_token_is_no_silence_of_the_server(hosts: Callable[[], FakeChatHost]) -> None:
    pieces = on(hosts()).generate([{"role": "user", "content": "one two"}], max_tokens=9)
    assert next(iter(pieces)) == "one "
    time.sleep(2 * PATIENCE.further)
    assert list(pieces) == ["two "]


def test_stop_does_not_wait_for_the_first_token(hosts: Callable[[], FakeChatHost]) -> None:
    host = hosts()
    host.silent_before = True
    stop = threading.Event()
    model = on(host, patience=Patience(1, first=60, further=60))
    threading.Timer(0.2, stop.set).start()
    assert said(model, "one two", stop.is_set) == ""
    host.silent_before = False
    assert said(model, "one two") == "one two"  # it was no failure, and its place is free


def test_the_prompt_is_read_by_every_server_that_is_up(hosts: Callable[[], FakeChatHost]) -> None:
    down, up = hosts(), hosts()
    down.close()
    on(down, up).warm_up([{"role": "user", "content": "one two"}])
    assert up.asked == 1


def test_addresses_are_a_list_in_any_form(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = "http://127.0.0.1:8001/", "http://127.0.0.1:8002/"
    monkeypatch.setenv("ASSISTANT_LANGUAGE_SERVER", f"{one}, {two},{one}")
    for settings in (load_settings(), Settings(language_server=[one, two])):  # type: ignore[arg-type]
        assert [str(each) for each in settings.language_server] == [one, two]
    assert load_settings(model_concurrency=3).answers_at_once == 6
    monkeypatch.setenv("ASSISTANT_LANGUAGE_SERVER", "")
    assert load_settings(model_concurrency=3).answers_at_once == 1  # the model that runs here
    with pytest.raises(SettingsError, match="language_server"):
        load_settings(language_server="localhost:8000")
