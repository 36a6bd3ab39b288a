"""Whom to ask about what the documents do not answer: asked of the documents like any question, and judged alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from assistant.answering.quotable import read_pieces
from assistant.index import Visible
from assistant.reading import Reader
from assistant.schema import Found, Language, Question, Span, Verdict
from assistant.tuning import Tuning

#: What is asked behind the question that was refused, and by itself.
WHOM: dict[Language, str] = {"ko": "어디에 문의해야 합니까?", "en": "Whom should I ask about this?"}
ALONE: dict[Language, str] = {"ko": "어디에 문의해야 합니까?", "en": "Who is to be asked?"}


def contact(
    asked: Question, text: str, verdict: Callable[[Question], Verdict], visible: Visible, reader: Reader, tuning: Tuning
) -> tuple[Found, ...]:
    """Find the passage that says whom to ask about `text`, with the one piece of it that says so; empty without one.

    The piece answers the question with "whom should I ask" behind it and that question alone: words that are only near
    the subject do not. `asked` is the question as it was understood, `text` as it was searched; `verdict` judges a
    question as any other is judged.
    """
    least = tuning.answer[asked.language]
    whom = f"{text} {WHOM[asked.language]}"
    judged = verdict(replace(asked, typed=whom, text=whom))
    if judged.kind == "refuse":
        return ()
    sure = [each for each in judged.found if each.reading.answers >= least and not each.hit.document.superseded_by]
    own = [each for each in sure if each.hit.document.language == asked.language] or sure
    alone = read_pieces(ALONE[asked.language], own, visible, reader, 1.0)
    best = max(
        (
            (piece.answers, -number, found, piece)
            for number, (found, same) in enumerate(zip(own, alone, strict=True))
            for piece, says in zip(found.pieces, same.pieces, strict=True)
            if piece.answers >= least and says.answers >= tuning.whom
        ),
        key=lambda each: each[:2],
        default=None,
    )
    if best is None:
        return ()
    _, _, found, piece = best
    return (replace(found, quoted=(Span(piece.start, piece.end, piece.answers),)),)
