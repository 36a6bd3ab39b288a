"""The frozen values that flow through the assistant.

Plain data that knows nothing of storage, models or pages. Offsets are character offsets
(Python `str` indices, half open) into a document's *stored text*; pages count from 1.

    document:  Draft (Blocks) → Document + Chunks → the index
    question:  Hits → Evidence → events (EvidenceFound, SentenceReady, Finished) → Answer
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Language = Literal["ko", "en"]
#: answered: in the model's words; evidence_only: the documents' own words; computed: worked out by code;
#: asked_back: a rule needs more from the asker; refused: the documents do not say.
Status = Literal["answered", "evidence_only", "computed", "asked_back", "refused"]
BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "quote", "code"]
#: Where a line stands: page, and left, top, right, bottom in points from the top left corner of the page as shown.
Box = tuple[int, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, list item or table row of a document.

    `start:end` is its place in the stored text. `heading_path` holds the headings above it, outermost
    first (for a heading: up to and including itself). `table_header` is the text of the table's header
    row (empty for other kinds and for the header row itself). `page` is None where the format has none. `boxes`
    are the places of its lines (PDF and scans only), for showing a page with the passage marked.
    """

    kind: BlockKind
    start: int
    end: int
    heading_path: tuple[str, ...] = ()
    page: int | None = None
    table_header: str = ""
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a reader makes of a file: the stored text, its blocks in order, and the metadata found inside.

    Invariant: blocks do not overlap, are in order, and `text[b.start:b.end]` is never blank.
    """

    text: str
    blocks: tuple[Block, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A catalogued document. `document_id` is its path below the ingested folder; dates are ISO 8601."""

    document_id: str
    path: str
    title: str
    language: Language
    labels: tuple[str, ...]
    content_hash: str
    media_type: str
    collection: str = ""
    version: str = ""
    date: str = ""
    effective_date: str = ""
    supersedes: str = ""
    superseded_by: str = ""
    source: tuple[str, ...] = ()
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage that is searched: a slice of the stored text, with the words needed to understand it."""

    chunk_id: str
    document_id: str
    ordinal: int
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...] = ()
    page: int | None = None
    table_header: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a query found. `score` is higher for better; only the order has a meaning across queries.

    `similarity` is the cosine of the dense search (None when only the lexical search found it).
    """

    chunk: Chunk
    document: Document
    score: float
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence or table row offered as a source: `quote` is exactly `stored_text[start:end]`.

    `id` is opaque and never a rank. `before` and `after` are the neighbouring stored text (also exact), and
    `table_header` the header row of a table row, so that a reader can see the quote where it stands. `labels` are those
    of the document when it was read: who holds none of them does not see the piece again.
    """

    id: str
    document_id: str
    title: str
    path: str
    version: str
    effective_date: str
    page: int | None
    heading_path: tuple[str, ...]
    quote: str
    start: int
    end: int
    before: str = ""
    after: str = ""
    table_header: str = ""
    superseded_by: str = ""
    sample: bool = False
    labels: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The public JSON form of a citation; the neighbouring text is left to `assistant documents show`."""
        names = (
            "id", "document_id", "title", "path", "version", "effective_date", "page", "heading_path", "quote",
            "start", "end",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


#: A citation is evidence that an answer used: the same value, so that what is shown is what was read.
Citation = Evidence


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer. `verified`: every figure in it stands in the evidence it cites."""

    text: str
    citations: tuple[str, ...]
    verified: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. `timings_ms`: retrieval, evidence, first_token, total (milliseconds since the question).

    `conflicts`: pairs of citation ids of
    documents that contradict each other, the newer first.
    """

    question: str
    language: Language
    status: Status
    answer: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    related: tuple[Evidence, ...] = ()
    conflicts: tuple[tuple[str, str], ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)

    @property
    def as_of(self) -> str:
        """The newest effective date among the citations (ISO 8601), or empty."""
        return max((piece.effective_date for piece in self.citations), default="")

    def to_json(self) -> dict[str, Any]:
        """The public JSON form, as `assistant ask --json` prints it."""
        return {
            "question": self.question,
            "language": self.language,
            "status": self.status,
            "answer": self.answer,
            "sentences": [asdict(sentence) for sentence in self.sentences],
            "citations": [piece.to_json() for piece in self.citations],
            "related": [piece.to_json() for piece in self.related],
            "as_of": self.as_of,
            "conflicts": [list(pair) for pair in self.conflicts],
            "timings_ms": dict(self.timings_ms),
            "models": dict(self.models),
        }


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation and what was answered: what a follow-up may refer to.

    `standalone` is the question as it was understood (the question itself unless it was a follow-up); `cited` the
    evidence of the answer, empty for a refusal.
    """

    question: str
    standalone: str
    language: Language
    status: Status
    answer: str
    cited: tuple[Evidence, ...] = ()


# Events: what `Assistant.ask` yields, in this order: Understood, EvidenceFound (unless refused at once),
# SentenceReady*, Finished. An error is raised, never yielded.


@dataclass(frozen=True, slots=True)
class Understood:
    """The question was accepted and its language is known.

    `standalone`: what a follow-up was understood as; empty when the question is taken as it stands.
    """

    question: str
    language: Language
    standalone: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """The passages that the answer will rest on, shown before any prose."""

    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """A sentence of the answer that passed verification and may be shown."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of the stream: the whole answer, also for a refusal."""

    answer: Answer


Event = Understood | EvidenceFound | SentenceReady | Finished
