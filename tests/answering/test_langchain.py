"""The whole assistant as a Runnable: answers, streams, chains, and labels that nothing widens."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from langchain_core.runnables import RunnableLambda

from assistant.answering import Assistant
from assistant.answering.langchain import AllianceAssistant
from assistant.errors import ModelError, QuestionError
from assistant.index import Index
from assistant.retrieval import HybridRetriever
from assistant.schema import Answer, Finished, Sentence, SentenceReady, Understood
from assistant.settings import Settings
from tests.fakes import FakeAssistant, FakeEmbedder, FakeLanguageModel, FakeReader

QUESTION = "2024년 7월 출범 당시 얼라이언스에 몇 개 기업이 참여하였습니까?"
SECRET = "가온정밀의 자율공장 제안 예산은 얼마입니까?"
ANSWER = Answer("질문?", "ko", "answered", "답.", (Sentence("답.", ()),))
SCRIPT = [Understood("질문?", "ko"), SentenceReady(Sentence("답.", ())), Finished(ANSWER)]


@pytest.fixture
def real(index: Index, embedder: FakeEmbedder, settings: Settings) -> Assistant:
    return Assistant(index, HybridRetriever(index, embedder), FakeReader(), FakeLanguageModel(), embedder, settings)


def steady(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("timings_ms", "event")}


def test_invoke_gives_the_answers_json(real: Assistant) -> None:
    answer = AllianceAssistant(real).invoke(QUESTION)
    finished = next(event for event in real.ask(QUESTION) if isinstance(event, Finished))
    assert steady(answer) == steady(finished.answer.to_json())
    assert answer["status"] == "answered" and "153개" in answer["answer"] and "event" not in answer


@pytest.mark.anyio
async def test_streams_give_the_events_and_end_with_the_answer(real: Assistant) -> None:
    runnable = AllianceAssistant(real)
    events = list(runnable.stream(QUESTION))
    assert [event["event"] for event in events] == ["understood", "evidence", "sentence", "finished"]
    assert events[1]["evidence"] == events[-1]["citations"] and events[2]["text"] == events[-1]["answer"]
    later = [event async for event in runnable.astream(QUESTION)]
    assert [steady(event) for event in later] == [steady(event) for event in events]
    assert steady(await runnable.ainvoke(QUESTION)) == steady(events[-1])


def test_several_questions_and_chains(real: Assistant) -> None:
    runnable = AllianceAssistant(real)
    assert [answer["status"] for answer in runnable.batch([QUESTION, "Which penguin won the chess prize?"])] == [
        "answered",
        "refused",
    ]
    chain = runnable | RunnableLambda(lambda answer: answer["answer"])
    assert list(chain.stream(QUESTION)) == [chain.invoke(QUESTION)]


def test_events_reach_callbacks(real: Assistant) -> None:
    from langchain_core.callbacks import BaseCallbackHandler

    class Recorder(BaseCallbackHandler):
        said: list[str] = []  # noqa: RUF012 - of this test alone

        def on_chain_start(self, serialized: Any, inputs: Any, **more: Any) -> None:
            self.said.append("start")

        def on_chain_end(self, outputs: Any, **more: Any) -> None:
            self.said.append(outputs["status"])

    recorder = Recorder()
    AllianceAssistant(real).invoke(QUESTION, {"callbacks": [recorder]})
    assert recorder.said == ["start", "answered"]


@pytest.mark.parametrize("labels", [(), ("public",), ("company:other", "member")])
def test_labels_are_fixed_when_it_is_made(real: Assistant, labels: tuple[str, ...]) -> None:
    runnable = AllianceAssistant(real, labels)
    assert "7억" not in str(list(runnable.stream(SECRET)))
    asked = {"question": SECRET, "labels": ["staff"]}
    with pytest.raises(QuestionError):
        runnable.invoke(asked)
    for call in (runnable.invoke, runnable.stream):
        with pytest.raises(TypeError):
            list(call(SECRET, labels=frozenset({"staff"})))
    config: Any = {"configurable": {"labels": ["staff"]}, "metadata": {"labels": ["staff"]}}
    assert "7억" not in str(runnable.with_config(config).invoke(SECRET))
    with pytest.raises(TypeError):
        runnable.bind(labels=["staff"]).invoke(SECRET)


def test_a_holder_of_the_label_is_told(real: Assistant) -> None:
    assert "7억" in AllianceAssistant(real, ["public", "company:gaon"]).invoke(SECRET)["answer"]


def test_history_is_questions_or_earlier_answers() -> None:
    fake = FakeAssistant({"질문?": SCRIPT})
    runnable = AllianceAssistant(fake)
    earlier = runnable.invoke({"question": "질문?"})
    runnable.invoke({"question": "질문?", "history": ["첫 질문입니까?", earlier]})
    assert [turn.standalone for turn in fake.histories[-1]] == ["첫 질문입니까?", "질문?"]
    assert fake.histories[0] == () and not any(turn.cited for turn in fake.histories[-1])


@pytest.mark.parametrize(
    "asked",
    [
        {"history": []},
        {"question": 3},
        7,
        None,
        {"question": "질문?", "history": "질문?"},
        {"question": "질문?", "history": [4]},
        {"question": "질문?", "history": [{"answer": "답"}]},
        {"question": "질문?", "history": ["가" * 5000]},
    ],
)
def test_an_input_that_cannot_be_used_says_what_can(asked: Any) -> None:
    with pytest.raises(QuestionError) as caught:
        AllianceAssistant(FakeAssistant({"질문?": SCRIPT})).invoke(asked)
    assert caught.value.hint


def test_errors_of_the_assistant_are_raised() -> None:
    runnable = AllianceAssistant(FakeAssistant({"질문?": [ModelError("The model is gone.")]}))
    for call in (runnable.invoke, lambda asked: list(runnable.stream(asked))):
        with pytest.raises(ModelError):
            call("질문?")


@pytest.mark.anyio
async def test_a_stream_that_is_left_stops_the_assistant() -> None:
    fake = FakeAssistant({"질문?": [SCRIPT[0], threading.Event(), *SCRIPT[1:]]})
    for _ in AllianceAssistant(fake).stream("질문?"):
        break
    assert fake.cancelled == ["질문?"]
    stream = AllianceAssistant(fake).astream("질문?")
    async for _ in stream:
        break
    await stream.aclose()  # type: ignore[attr-defined]
    until = time.monotonic() + 5
    while len(fake.cancelled) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    assert fake.cancelled == ["질문?"] * 2
