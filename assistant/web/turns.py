"""One question and what became of it, as far as the page knows.

A `ShownTurn` is frozen: each event makes a new one. It knows nothing of HTML, Gradio or how an answer is made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from assistant.conversations import Kept, Rating, State
from assistant.schema import (
    Answer,
    Event,
    EvidenceFound,
    Finished,
    Quote,
    Sentence,
    SentenceReady,
    Understood,
    Weighing,
)

#: waiting: for evidence; queued: evidence is there, the language model is busy with others; interrupted: the server
#: ended meanwhile, or the question gave up its place.
Stage = Literal["waiting", "searching", "queued", "writing", "finished", "stopped", "interrupted", "failed"]
_RUNNING = ("waiting", "searching", "queued", "writing")


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A question with its evidence and answer so far. `number` is its number in the conversation.

    `ahead` counts the questions before this one while it waits. `error` is a key of `texts.TEXTS`. `standalone` is what
    a follow-up was understood as. `rating`: what its reader thinks of it, `reason` what was wrong with it (a key of the
    texts); `next`: what the documents answer beside it; `hidden`: parts are left out since the reader may no longer see
    them.
    """

    number: int
    question: str
    stage: Stage = "waiting"
    ahead: int = 0
    evidence: tuple[Quote, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    error: str = ""
    standalone: str = ""
    rating: Rating = ""
    hidden: bool = False
    reason: str = ""
    next: tuple[str, ...] = ()

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.stage in _RUNNING

    @property
    def unanswered(self) -> bool:
        """Whether it ended without an answer: it can be asked again."""
        return self.stage in ("stopped", "interrupted", "failed")

    def after(self, event: Event) -> ShownTurn:
        """This turn after `event`."""
        match event:
            case Understood(standalone=standalone):
                return replace(self, stage="searching", ahead=0, standalone=standalone)
            case Weighing():
                return self
            case EvidenceFound(evidence):
                return replace(self, stage="writing", evidence=evidence)
            case SentenceReady(sentence):
                return replace(self, sentences=(*self.sentences, sentence))
            case Finished(answer):
                return replace(self, stage="finished", answer=answer, sentences=answer.sentences)

    def queued(self, ahead: int) -> ShownTurn:
        """This turn with `ahead` questions before it; 0 when it is its turn."""
        stages: tuple[Stage, Stage] = ("queued", "writing") if self.evidence else ("waiting", "searching")
        return replace(self, stage=stages[0 if ahead else 1], ahead=ahead)

    def ended(self, *, by_reader: bool) -> ShownTurn:
        """This turn after the reader stopped it, or something else did. What was shown stays."""
        return replace(self, stage="stopped" if by_reader else "interrupted") if self.running else self

    def failed(self, error: str) -> ShownTurn:
        """This turn after an error, told by the text `error`."""
        return replace(self, stage="failed", error=error)

    @classmethod
    def of(cls, kept: Kept) -> ShownTurn:
        """A stored turn, as it was shown. What seems to run was interrupted: of what runs there is a live turn."""
        return cls(
            number=kept.number,
            question=kept.question,
            stage="interrupted" if kept.state == "running" else kept.state,
            evidence=kept.shown,
            sentences=kept.sentences,
            answer=kept.answer,
            error=kept.error,
            standalone=kept.standalone,
            rating=kept.rating,
            hidden=kept.hidden,
            reason=kept.reason,
        )

    @property
    def state(self) -> State:
        """How far it came, as it is stored."""
        match self.stage:
            case "finished" | "stopped" | "interrupted" | "failed":
                return self.stage
        return "running"

    @property
    def sources(self) -> tuple[Quote, ...]:
        """What the reader may open, in the order of its numbers (from 1): evidence, then further citations.

        A refused question has what says that it is not known, and related passages.
        """
        if self.answer is not None and self.answer.status == "refused":
            return (*self.answer.citations, *self.answer.related)
        known = {one.id for one in self.evidence}
        cited = self.answer.citations if self.answer is not None else ()
        return (*self.evidence, *(one for one in cited if one.id not in known))
