"""From what was typed to the `Question` that every stage takes: language, codes and years, the turn before.

Nothing here guesses a topic: codes are looked up in the documents' spelling, years are counted from today.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from assistant.errors import QuestionError
from assistant.index import Visible
from assistant.reading.encoding import JOINT, with_before
from assistant.schema import Question, Turn
from assistant.text.codes import with_known_codes
from assistant.text.language import clean_question, detect
from assistant.text.quantities import YEAR
from assistant.text.relative_years import with_years
from assistant.text.tokens import terms


def understand(typed: str, history: Sequence[Turn], visible: Visible, *, max_chars: int, today: date) -> Question:
    """Make the `Question` of what was typed. Raises QuestionError when it is empty, too long or in another language."""
    typed = clean_question(typed, max_chars)
    before = history[-1] if history else None
    language = detect(typed)
    if language is None and before and not any(char.isalpha() for char in typed):
        language = before.language  # "2025?"
    if language is None:
        raise QuestionError(
            "The question is not in Korean or English. 질문이 한국어나 영어가 아닙니다.",
            "Ask in Korean or English. 한국어나 영어로 물어 주십시오.",
        )
    text = with_known_codes(with_years(typed, today), visible)
    return Question(
        typed,
        text,
        language,
        today,
        tuple(dict.fromkeys(terms(text).identifiers)),
        tuple(dict.fromkeys(int(year) for year in YEAR.findall(text))),
        before,
    )


def in_context(question: Question) -> str:
    """The text of a follow-up with the question that its conversation began with in front; as it is without one."""
    if question.before is None:
        return question.text
    return with_before(question.text, question.before.standalone.split(JOINT)[0])
