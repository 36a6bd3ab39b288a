"""The plain LangChain chain beside ours: top 4 chunks of 1,000 characters, one "stuff" prompt, same models and texts.

    python -m assistant.evaluation.chain tests/questions/first_40.jsonl --limit 20

Both are asked the same questions in the same run. Printed for each: right answers, both error rates, answers with
figures that do not stand in what they were shown (by `checker`, which shares no code with the verifier), and the
medians of the time to the first useful text (ours: the evidence), to the first word and to the end, with our ratio.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from assistant.access import PUBLIC
from assistant.evaluation.checker import unsupported_figures
from assistant.evaluation.questions import Question, load_questions, right_text, shown_with
from assistant.schema import EvidenceFound, Finished, SentenceReady
from assistant.settings import Settings, load_settings

if TYPE_CHECKING:
    from langchain_core.vectorstores import InMemoryVectorStore

    from assistant.answering import Assistant
    from assistant.answering.say import ChatModel
    from assistant.index import Index

_LABELS = frozenset({PUBLIC})
_CHUNK, _OVERLAP, _TOP = 1000, 200, 4
_ANSWER_TOKENS = 200
_PROMPT = (
    "Answer the question from the context below, in the language of the question, in at most three sentences. "
    'If the context does not say, answer only "I don\'t know" or "모릅니다".\n\nContext:\n{context}\n\n'
    "Question: {question}"
)
_DOES_NOT_KNOW = ("i don't know", "i do not know", "모릅니다", "알 수 없습니다")


@dataclass(frozen=True, slots=True)
class Reply:
    """What one of the two answered. Times in seconds since the question."""

    text: str
    refused: bool
    shown: tuple[str, ...]
    useful: float
    first: float
    total: float
    computed: bool = False


class Chain:
    """Vector store, retriever, prompt, model: nothing else."""

    def __init__(self, index: Index, settings: Settings, model: ChatModel) -> None:
        self._model = model
        self._store = _filled_store(index, settings)

    def ask(self, question: str) -> Reply:
        """Retrieve, read, write."""
        start = time.perf_counter()
        found = self._store.similarity_search(question, k=_TOP)
        context = "\n\n".join(document.page_content for document in found)
        messages = [{"role": "user", "content": _PROMPT.format(context=context, question=question)}]
        pieces: list[str] = []
        first = 0.0
        for piece in self._model.generate(messages, max_tokens=_ANSWER_TOKENS):
            first = first or time.perf_counter() - start
            pieces.append(piece)
        text = "".join(pieces).strip()
        refused = any(words in text.casefold() for words in _DOES_NOT_KNOW)
        shown = tuple(document.page_content for document in found)
        return Reply(text, refused, shown, first, first, time.perf_counter() - start)


def _filled_store(index: Index, settings: Settings) -> InMemoryVectorStore:
    """All visible texts in chunks of 1,000 characters, embedded with our embedder."""
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    from assistant.evaluation.vectors import cached

    visible = index.seen_by(_LABELS)
    texts = [visible.document_text(document.document_id) for document in visible.documents()]
    splitter = RecursiveCharacterTextSplitter(chunk_size=_CHUNK, chunk_overlap=_OVERLAP)
    chunks = [
        Document(part, metadata={"document_id": found[0].document_id})
        for found in texts
        if found
        for part in splitter.split_text(found[1])
    ]

    class Ours(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            with cached(settings.embedder, settings) as embedder:
                return [vector.tolist() for vector in embedder.encode_passages([""] * len(texts), texts)]

        def embed_query(self, text: str) -> list[float]:
            vector: list[float] = query_embedder.encode_query(text).tolist()
            return vector

    from assistant.weights.embedder import SentenceEmbedder

    query_embedder = SentenceEmbedder(settings.embedder, settings.cache, settings.threads)
    store = InMemoryVectorStore(Ours())
    store.add_documents(chunks)
    return store


def ask_ours(assistant: Assistant, question: str) -> Reply:
    """Our own answer, with the moments at which evidence and first sentence came."""
    start = time.perf_counter()
    useful = first = 0.0
    for event in assistant.ask(question, labels=_LABELS):
        now = time.perf_counter() - start
        if isinstance(event, EvidenceFound):
            useful = useful or now
        elif isinstance(event, SentenceReady):
            first = first or now
        elif isinstance(event, Finished):
            answer = event.answer
            text = "\n".join(sentence.text for sentence in answer.sentences)
            refused, computed = answer.status == "refused", answer.status in ("computed", "asked_back")
            return Reply(text, refused, shown_with(answer), useful or now, first or now, now, computed)
    raise AssertionError("the event stream ended without Finished")


def figures(replies: Sequence[Reply], questions: Sequence[Question]) -> dict[str, Any]:
    """Counts of one of the two, and its medians in seconds."""
    pairs = list(zip(replies, questions, strict=True))
    answerable = [(reply, question) for reply, question in pairs if question.answerable]
    rest = [reply for reply, question in pairs if not question.answerable]
    return {
        "answerable": len(answerable),
        "right": sum(not reply.refused and right_text(question, reply.text) for reply, question in answerable),
        "falsely_refused": sum(reply.refused for reply, _ in answerable),
        "unanswerable": len(rest),
        "invented": sum(not reply.refused for reply in rest),
        "with_unsupported_figures": sum(
            bool(unsupported_figures(reply.text, [*reply.shown, question.question]))
            for reply, question in pairs
            if not reply.refused and not reply.computed
        ),
        **{
            f"median_{name}_s": round(median(getattr(reply, name) for reply in replies), 2)
            for name in ("useful", "first", "total")
        },
    }


def compare(questions: Sequence[Question], settings: Settings) -> Iterator[tuple[Question, Reply, Reply]]:
    """Ask both, question by question: ours first, then the chain."""
    from assistant.answering import open_assistant, open_language_model

    ours = open_assistant(settings)
    # four passages of 1,000 characters take more room than our evidence
    model = open_language_model(settings.model_copy(update={"context_tokens": max(8192, settings.context_tokens)}))
    try:
        chain = Chain(ours.index, settings, model)
        ours.warm_up()
        model.warm_up([{"role": "user", "content": "-"}])
        for question in questions:
            yield question, ask_ours(ours, question.question), chain.ask(question.question)
    finally:
        ours.index.close()


@click.command()
@click.argument("question_set", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(min=1))
@click.option("--outcomes", type=click.Path(path_type=Path), metavar="FILE", help="Both answers, one JSON line each.")
def main(question_set: Path, limit: int | None, outcomes: Path | None) -> None:
    """Ask our assistant and the plain chain the questions of QUESTION_SET (JSON lines with keys)."""
    questions = [q for q in load_questions(question_set) if not q.previous and not q.asker][:limit]
    rows = []
    for question, ours, chain in compare(questions, load_settings()):
        rows.append((question, ours, chain))
        click.echo(f"{question.id}: ours {ours.total:.1f} s, chain {chain.total:.1f} s", err=True)
        if outcomes:
            with outcomes.open("a", encoding="utf-8") as file:
                row = {"id": question.id, "question": question.question, "ours": ours.text, "chain": chain.text}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    found = {
        "ours": figures([ours for _, ours, _ in rows], questions),
        "chain": figures([chain for _, _, chain in rows], questions),
    }
    found["ratio"] = {
        name: round(found["ours"][name] / value, 2)
        for name, value in found["chain"].items()
        if name.startswith("median") and value
    }
    click.echo(json.dumps(found, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
