"""One question and what became of it, as far as the page knows.

A `Turn` is frozen: each event makes a new one. It knows nothing of HTML, Gradio or how an answer is made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

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
class Turn:
    """A question with its evidence and answer so far. `number` is unique within a browser session.

    `ahead` counts the questions before this one while it waits. `error` is a key of `texts.TEXTS`.
    """

    number: int
    question: str
    stage: Stage = "waiting"
    ahead: int = 0
    evidence: tuple[Evidence, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    answer: Answer | None = None
    error: str = ""

    @property
    def running(self) -> bool:
        """Whether more is to come."""
        return self.stage in ("waiting", "searching", "writing")

    def after(self, event: Event) -> Turn:
        """This turn after `event`."""
        match event:
            case Understood():
                return replace(self, stage="searching", ahead=0)
            case EvidenceFound(evidence):
                return replace(self, stage="writing", evidence=evidence)
            case SentenceReady(sentence):
                return replace(self, sentences=(*self.sentences, sentence))
            case Finished(answer):
                return replace(self, stage="finished", answer=answer, sentences=answer.sentences)

    def queued(self, ahead: int) -> Turn:
        """This turn with `ahead` questions before it; 0 when it is its turn."""
        return replace(self, stage="waiting" if ahead else "searching", ahead=ahead)

    def stopped(self) -> Turn:
        """This turn after the reader stopped it. What was shown stays."""
        return replace(self, stage="stopped") if self.running else self

    def failed(self, error: str) -> Turn:
        """This turn after an error, told by the text `error`."""
        return replace(self, stage="failed", error=error)

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
