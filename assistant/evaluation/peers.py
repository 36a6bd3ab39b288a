"""What others would use, over the same passages: each peer is a function from a question to passage ids, best first.

They are made of the libraries that such tools are made of (bm25s, Kiwi's tokens, sentence-transformers, LangChain's
splitter and EnsembleRetriever), with those libraries' usual settings, and share nothing with our retriever but the
embedder and its vectors where the name says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.errors import SettingsError
from assistant.evaluation.sets import LABELS, RetrievalSet
from assistant.evaluation.vectors import Embedder
from assistant.index import Index, Visible
from assistant.text.tokens import kiwi, kiwi_lock, terms

if TYPE_CHECKING:
    from langchain_core.documents import Document

Search = Callable[[str], list[str]]
Tokens = Callable[[str], list[str]]

#: How many passages or chunks each search brings before repeats are dropped.
DEPTH = 40
#: What most tools do when nobody changes anything.
PLAIN_EMBEDDER = "all-minilm-l6-v2"
_PLAIN_CHARS, _PLAIN_OVERLAP, _PLAIN_TOP = 1000, 200, 4

WHITESPACE = "BM25, whitespace"
KIWI = "BM25, Kiwi"
PLAIN = "all-MiniLM-L6-v2, top 4"
DENSE = "our embedder alone"
LEXICAL = "our lexical search alone"
ENSEMBLE = "LangChain ensemble"


def peers(chosen: RetrievalSet, index: Index, embedder: Embedder, plain: Embedder) -> dict[str, Search]:
    """All peers of a set by name; `plain` is the embedder that most tools take. Raises SettingsError."""
    word_search = bm25(chosen, morphemes)
    vector_search = dense(index, embedder)
    return {
        WHITESPACE: bm25(chosen, str.split),
        KIWI: word_search,
        PLAIN: _plain(chosen, plain),
        DENSE: vector_search,
        LEXICAL: _lexical(index),
        ENSEMBLE: _ensemble(word_search, vector_search),
    }


def bm25(chosen: RetrievalSet, tokens: Tokens, k1: float = 1.5, b: float = 0.75) -> Search:
    """BM25 over title and text of whole passages, in lower case."""
    try:
        import bm25s
    except ImportError as exc:
        raise _missing("bm25s") from exc
    model = bm25s.BM25(k1=k1, b=b)
    model.index([tokens(f"{p.title}\n{p.text}".lower()) for p in chosen.passages], show_progress=False)

    def search(question: str) -> list[str]:
        scores = model.get_scores(tokens(question.lower()))
        order = (-scores).argsort(kind="stable")[:DEPTH]
        return [chosen.passages[number].id for number in order if scores[number] > 0]

    return search


def morphemes(text: str) -> list[str]:
    """Every morpheme that Kiwi finds, as Korean tutorials for BM25 do it."""
    with kiwi_lock:
        return [token.form for token in kiwi().tokenize(text)]


def _plain(chosen: RetrievalSet, embedder: Embedder) -> Search:
    import numpy as np

    try:
        from langchain_text_splitters import RecursiveCharacterTextSplitter
    except ImportError as exc:
        raise _missing("langchain-text-splitters") from exc
    splitter = RecursiveCharacterTextSplitter(chunk_size=_PLAIN_CHARS, chunk_overlap=_PLAIN_OVERLAP)
    owners, texts = [], []
    for passage in chosen.passages:
        for part in splitter.split_text(f"{passage.title}\n{passage.text}".strip()):
            owners.append(passage.id)
            texts.append(part)
    vectors = embedder.encode_passages([""] * len(texts), texts)

    def search(question: str) -> list[str]:
        near = np.argsort(-(vectors @ embedder.encode_query(question)), kind="stable")[:_PLAIN_TOP]
        return [owners[number] for number in near]

    return search


def dense(index: Index, embedder: Embedder) -> Search:
    """The dense search alone."""

    visible = index.seen_by(LABELS)

    def search(question: str) -> list[str]:
        return _owners(visible, visible.search_vectors(embedder.encode_query(question), DEPTH))

    return search


def _lexical(index: Index) -> Search:
    visible = index.seen_by(LABELS)
    return lambda question: _owners(visible, visible.search_words(terms(question), DEPTH))


def _owners(visible: Visible, found: Sequence[tuple[str, float]]) -> list[str]:
    known = visible.chunks([chunk_id for chunk_id, _ in found])
    return list(dict.fromkeys(known[chunk_id][1].document_id for chunk_id, _ in found))


def _ensemble(*searches: Search) -> Search:
    try:
        from langchain_classic.retrievers import EnsembleRetriever
    except ImportError as exc:
        raise _missing("langchain-classic") from exc
    from langchain_core.documents import Document
    from langchain_core.runnables import RunnableLambda

    def as_documents(search: Search) -> Callable[[str], list[Document]]:
        return lambda question: [Document(page_content=name, id=name) for name in search(question)]

    ensemble = EnsembleRetriever(
        retrievers=[RunnableLambda(as_documents(search)) for search in searches],
        weights=[1 / len(searches)] * len(searches),
    )
    return lambda question: [document.page_content for document in ensemble.invoke(question)]


def _missing(package: str) -> SettingsError:
    return SettingsError(
        f"Measuring the peers needs the package {package}.", "Run `pip install -r requirements-dev.lock`."
    )
