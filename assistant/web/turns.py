"""One question and what became of it, as far as the page knows.

A `ShownTurn` is frozen: each event makes a new one. It knows nothing of HTML, Gradio or how an answer is made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from assistant.conversations import Kept, Rating
from assistant.schema import (
    Answer,
    Event,
    Evidence,
    EvidenceFound,
    Finished,
    Sentence,
    SentenceReady,
    Understood,
)

Stage = Literal["waiting", "searching", "writing", "finished", "stopped", "failed"]


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A question with its evidence and answer so far. `number` is unique within a browser session.

    `ahead` counts the questions before this one while it waits. `error` is a key of `texts.TEXTS`. `standalone` is what
    a follow-up was understood as. `kept` is the turn's number in the stored conversation (0: not stored), `rating`
    what its reader thinks of it; `hidden`: parts are left out since the reader may no longer see them.
    """

    number: int
    question: str
    stage: Stage = "waiting"
    ahead: int = 0
    evidence: tuple[Evidence, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    error: str = ""
    standalone: str = ""
    kept: int = 0
    rating: Rating = ""
    hidden: bool = False

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.stage in ("waiting", "searching", "writing")

    def after(self, event: Event) -> ShownTurn:
        """This turn after `event`."""
        match event:
            case Understood(standalone=standalone):
                return replace(self, stage="searching", ahead=0, standalone=standalone)
            case EvidenceFound(evidence):
                return replace(self, stage="writing", evidence=evidence)
            case SentenceReady(sentence):
                return replace(self, sentences=(*self.sentences, sentence))
            case Finished(answer):
                return replace(self, stage="finished", answer=answer, sentences=answer.sentences)

    def queued(self, ahead: int) -> ShownTurn:
        """This turn with `ahead` questions before it; 0 when it is its turn."""
        return replace(self, stage="waiting" if ahead else "searching", ahead=ahead)

    def stopped(self) -> ShownTurn:
        """This turn after the reader stopped it. What was shown stays."""
        return replace(self, stage="stopped") if self.running else self

    def failed(self, error: str) -> ShownTurn:
        """This turn after an error, told by the text `error`."""
        return replace(self, stage="failed", error=error)

    @classmethod
    def of(cls, kept: Kept, number: int) -> ShownTurn:
        """A stored turn, as it was shown."""
        return cls(
            number=number,
            question=kept.question,
            stage="finished",
            evidence=kept.shown,
            sentences=kept.answer.sentences,
            answer=kept.answer,
            standalone=kept.standalone,
            kept=kept.number,
            rating=kept.rating,
            hidden=kept.hidden,
        )

    @property
    def sources(self) -> tuple[Evidence, ...]:
        """What the reader may open, in the order of its numbers (from 1): evidence, then further citations.

        A refused question has only related passages.
        """
        if self.answer is not None and self.answer.status == "refused":
            return self.answer.related
        known = {one.id for one in self.evidence}
        cited = self.answer.citations if self.answer is not None else ()
        return (*self.evidence, *(one for one in cited if one.id not in known))
