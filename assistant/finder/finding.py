"""The finder's one way in, for command line, API, programs and the page. Nothing of a firm is stored or logged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from assistant.errors import QuestionError
from assistant.finder.fields import parse_profile
from assistant.finder.matching import match
from assistant.finder.reading import read_profile
from assistant.finder.size import contradicted
from assistant.finder.values import Match
from assistant.index import Visible
from assistant.reading import Reader
from assistant.rules.given import Thresholds
from assistant.schema import Language
from assistant.text.language import clean_question, detect
from assistant.tuning import tuning


def find_programmes(
    visible: Visible,
    reader: Reader | None,
    *,
    text: str = "",
    profile: Mapping[str, Any] | None = None,
    language: Language | None = None,
    today: date | None = None,
    max_chars: int = 2000,
    said: str = "",
    unsure: Iterable[str] = (),
) -> Match:
    """Find which programmes fit the firm that `text` and `profile` describe, from the clauses that `visible` shows.

    What `profile` states comes before what is read in `text`; `reader` is needed for a text only. Raises QuestionError
    where neither says anything, a field or a value is not known, or the text cannot be used. `said` is a text that was
    read before, when its fields went into `profile`: it is shown back, with the fields `unsure` that it left unclear.
    """
    stated = parse_profile(profile or {})
    text = clean_question(text, max_chars) if text.strip() else ""
    if not text and not stated:
        raise QuestionError(
            "Nothing is said about the firm.", "Write a sentence, or give fields: sales, industry, region, robots, …"
        )
    language = language or detect(text) or "ko"
    today = today or date.today()
    if not text:
        return match(
            stated, visible, language, today, text=said, unsure=[name for name in unsure if name not in stated]
        )
    if reader is None:
        raise TypeError("a text is read by a reader")
    numbers = tuning()
    # a sentence about the firm counts when it follows from the words as a sentence of an answer follows from its quote
    thresholds = Thresholds(numbers.rule, numbers.taken, numbers.supports)
    read = read_profile(text, detect(text) or language, reader, thresholds, today)
    unclear = [name for name in read.unsure if name not in stated]
    known = {**read.profile, **stated}
    if "size" not in stated and contradicted(known, today):
        del known["size"]
        unclear.append("size")
    return match(known, visible, language, today, text=text, unsure=unclear)
