"""The frozen values that flow through the assistant.

Plain data that knows nothing of storage, models or pages. Offsets are character offsets
(Python `str` indices, half open) into a document's *stored text*; pages count from 1.

    document:  Draft (Blocks) → Document + Chunks → the index
    question:  Hits → Quote → events (EvidenceFound, SentenceReady, Finished) → Answer
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

Language = Literal["ko", "en"]
#: answered: in the model's words; evidence_only: the documents' own words; quotes_only: those, because no language
#: server answered; computed: worked out by code; asked_back: a rule needs more from the asker; refused: the documents
#: do not say.
Status = Literal["answered", "evidence_only", "quotes_only", "computed", "asked_back", "refused"]
BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "quote", "code"]
#: Where a line stands: page, and left, top, right, bottom in points from the top left corner of the page as shown.
Box = tuple[int, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, list item or table row of a document.

    `start:end` is its place in the stored text. `heading_path` holds the headings above it, outermost
    first (for a heading: up to and including itself). `table_header` is the text of the table's header
    row (empty for other kinds and for the header row itself). `page` is None where the format has none. `boxes`
    are the places of its lines (PDF and scans only), for showing a page with the passage marked. `turns`: where a block
    runs over a page break, each later page with the offset at which its text begins.
    """

    kind: BlockKind
    start: int
    end: int
    heading_path: tuple[str, ...] = ()
    page: int | None = None
    table_header: str = ""
    boxes: tuple[Box, ...] = ()
    turns: tuple[tuple[int, int], ...] = ()

    def pages(self, start: int, end: int) -> tuple[int | None, int | None]:
        """Return the first and the last page on which the slice `start:end` of the stored text stands."""
        first = last = self.page
        for offset, page in self.turns:
            if offset <= start:
                first = page
            if offset < end:
                last = page
        return first, last


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
    """A catalogued document. Dates are ISO 8601.

    `path` is its path below the ingested folder, never one of the machine's folders; `document_id` is the same, with
    a mark where two folders hold a file of the same path.
    """

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
class Passage:
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
    """A passage that a query found. `score` is higher for better; only the order has a meaning across queries.

    `similarity` is the cosine of the dense search (None when only the lexical search found it).
    """

    passage: Passage
    document: Document
    score: float
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question as every stage takes it; made once, by `answering.understand`.

    `typed`: as it was typed; `text`: with codes in the documents' spelling and years as numbers. `codes` (lower case)
    and `years` are those of `text`. `before`: the turn before it in the conversation.
    """

    typed: str
    text: str
    language: Language
    today: date
    codes: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    before: Turn | None = None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a reader reads: a passage, the card of a rule, or the asker's own words.

    `title`, `heading` and `table_header` are read with the text; places count in `text` alone.
    """

    text: str
    title: str = ""
    heading: str = ""
    table_header: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an excerpt's text that answers, with the probability that it does."""

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader finds in one excerpt for one question.

    `answers`: probability (calibrated) that it answers the question or a part of it; `unknown`: that it says of the
    very thing asked that it is not known, or that the question supposes something wrong; `spans`: where, in order;
    `kind` and `operation`: what sort of answer is wanted and what is to be computed from the spans (the names are those
    of `assistant.reading.training.network`).
    """

    answers: float
    unknown: float
    spans: tuple[Span, ...] = ()
    kind: str = ""
    operation: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, row or short list of a passage: place in its text, kind of block, probability that it answers."""

    start: int
    end: int
    kind: str
    answers: float


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that search brought, as the reader read it. `score` orders: higher is better.

    `pieces`: what of its text can be quoted by itself, each with the probability that it answers; `quoted`: those that
    are to be quoted. Both empty until the passage has been read piece by piece.
    """

    hit: Hit
    reading: Reading
    score: float
    pieces: tuple[Piece, ...] = ()
    quoted: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the documents answer: `answer`, `unknown` (they say that it is not known) or `refuse`.

    `probability`: of being answered. `told`: the passages that the answer rests on, best first; `found`: all that were
    read, best first.
    """

    kind: Literal["answer", "unknown", "refuse"]
    probability: float
    told: tuple[Found, ...]
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, row, list or procedure offered as a source: `quote` is exactly `stored_text[start:end]`.

    `id` is opaque and never a rank. `span` are the places of the answering words (of the stored text, inside
    `start:end`; None where none are marked). `before` and `after` are the neighbouring stored text (also exact), and
    `table_header` the header row of a table row, so that a reader can see the quote where it stands. `labels` are those
    of the document when it was read: who holds none of them does not see the piece again. `last_page` is set where the
    quoted words run over a page break.
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
    span: tuple[int, int] | None = None
    last_page: int | None = None

    @property
    def pages(self) -> str:
        """The page or pages as people write them ("3", "3–4"); empty where the format has none."""
        if self.page is None:
            return ""
        return f"{self.page}–{self.last_page}" if self.last_page else str(self.page)

    def to_json(self) -> dict[str, Any]:
        """The public JSON form of a citation; the neighbouring text is left to `assistant documents show`."""
        names = (
            "id", "document_id", "title", "path", "version", "effective_date", "page", "last_page", "heading_path",
            "quote", "start", "end", "span",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer that passed verification, with the ids of the quotes it rests on."""

    text: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer. `timings_ms`: retrieval, evidence, first_token, total (milliseconds since the question).

    `conflicts`: pairs of citation ids of
    documents that contradict each other, the newer first. `probability`: of being answered by the documents. `inputs`:
    what a rule took from the asker's words, as shown; `rule`: the rule's `name`, its `inputs` as they can be typed, the
    `target` that was asked for and `as_of`, so that it can be computed again with other inputs. `comparisons`: of
    each two versions that were compared `old` and `new` (document_id, title, version, effective_date), the `counts` of
    what changed, and how many changes are `shown`. `whom`: id of the quote, cited or related, that says whom to
    ask about what is refused.
    """

    question: str
    language: Language
    status: Status
    answer: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Quote, ...] = ()
    related: tuple[Quote, ...] = ()
    conflicts: tuple[tuple[str, str], ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    probability: float = 0.0
    inputs: Mapping[str, str] = field(default_factory=dict)
    rule: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[Mapping[str, Any], ...] = ()
    whom: str = ""

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
            "sentences": [{**asdict(sentence), "verified": True} for sentence in self.sentences],
            "citations": [piece.to_json() for piece in self.citations],
            "related": [piece.to_json() for piece in self.related],
            "as_of": self.as_of,
            "conflicts": [list(pair) for pair in self.conflicts],
            "timings_ms": dict(self.timings_ms),
            "models": dict(self.models),
            "probability": round(self.probability, 3),
            **({"inputs": dict(self.inputs)} if self.inputs else {}),
            **({"rule": dict(self.rule)} if self.rule else {}),
            **({"comparisons": [dict(each) for each in self.comparisons]} if self.comparisons else {}),
            **({"whom": self.whom} if self.whom else {}),
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
    cited: tuple[Quote, ...] = ()


def as_turn(typed: str, answer: Answer) -> Turn:
    """A finished answer to what was `typed`, as the history of the question after it."""
    return Turn(typed, answer.question, answer.language, answer.status, answer.answer, answer.citations)


# Events: what `Assistant.ask` yields, in this order: Understood, Weighing (where the reader is in doubt), EvidenceFound
# (unless refused), SentenceReady*, Finished. An error is raised, never yielded.


@dataclass(frozen=True, slots=True)
class Understood:
    """The question was accepted and its language is known.

    `standalone`: what a follow-up was understood as; empty when the question is taken as it stands.
    """

    question: str
    language: Language
    standalone: str = ""


@dataclass(frozen=True, slots=True)
class Weighing:
    """The language model is asked next whether what was found answers; nothing of it is shown before it has said so.

    Whoever drives several answers may let this one wait here.
    """


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """The passages that the answer will rest on, shown before any prose.

    `phrased`: the language model writes what comes next; whoever drives several answers may let it wait here.
    """

    evidence: tuple[Quote, ...]
    phrased: bool = True


@dataclass(frozen=True, slots=True)
class SentenceReady:
    """A sentence of the answer that passed verification and may be shown."""

    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of the stream: the whole answer, also for a refusal."""

    answer: Answer


Event = Understood | Weighing | EvidenceFound | SentenceReady | Finished
