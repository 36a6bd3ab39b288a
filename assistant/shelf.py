"""The conversations of one reader as a list: found again, named, and written out as Markdown with their sources.

A user's own are all of that name. A reader without a name has those whose ids they bring, for nobody can guess one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from assistant.conversations import Conversations, Kept
from assistant.database.tables import conversations, turns
from assistant.errors import ConversationMissing
from assistant.schema import Language, Quote

#: Longest name of a conversation, in characters, and the most that a list shows.
TITLE_CHARS, _MOST = 120, 200

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "ko": {
        "sources": "근거",
        "related": "관련 단락 (답이 아님)",
        "whom": "물어볼 곳",
        "page": "{page}쪽",
        "understood": "이해한 질문",
    },
    "en": {
        "sources": "Sources",
        "related": "Related, not an answer",
        "whom": "Whom to ask",
        "page": "p. {page}",
        "understood": "Understood",
    },
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation in the list. `title` is its name, else its first question; `last` when it was gone on with."""

    id: str
    title: str
    questions: tuple[str, ...]
    last: str


def listed(store: Conversations, user: str, known: Collection[str] = ()) -> list[Entry]:
    """List the conversations of `user`, newest first; of a reader without a name ('') those of the ids `known`."""
    mine = [conversations.c.user == user]
    if not user:
        mine.append(conversations.c.id.in_(list(known)))
    last = func.max(turns.c.asked_at).label("last")
    newest = (
        select(conversations.c.id, conversations.c.title, last)
        .join(turns, turns.c.conversation == conversations.c.id)
        .where(*mine)
        .group_by(conversations.c.id, conversations.c.title)
        .order_by(last.desc(), conversations.c.id)
        .limit(_MOST)
    )
    with store.transaction() as connection:
        rows = connection.execute(newest).all()
        asked: dict[str, list[str]] = {row.id: [] for row in rows}
        questions = select(turns.c.conversation, turns.c.question).where(turns.c.conversation.in_(list(asked)))
        for name, question in connection.execute(questions.order_by(turns.c.conversation, turns.c.number)):
            asked[name].append(question)
    # a conversation that was deleted between the two looks has no questions any more
    return [
        Entry(row.id, row.title or asked[row.id][0], tuple(asked[row.id]), row.last) for row in rows if asked[row.id]
    ]


def rename(store: Conversations, conversation: str, user: str, title: str) -> None:
    """Give a conversation a name; an empty one takes it back. Raises ConversationMissing."""
    mine = (conversations.c.id == conversation) & (conversations.c.user == user)
    named = update(conversations).where(mine).values(title=" ".join(title.split())[:TITLE_CHARS])
    with store.transaction() as connection:
        if connection.execute(named).rowcount != 1:
            raise ConversationMissing("There is no such conversation.", "Begin a new one.")


def title_of(store: Conversations, conversation: str, user: str) -> str:
    """Tell the name that a conversation was given; '' for none, and for one that is not this user's."""
    mine = (conversations.c.id == conversation) & (conversations.c.user == user)
    with store.transaction() as connection:
        return str(connection.execute(select(conversations.c.title).where(mine)).scalar() or "")


def as_markdown(title: str, turns: Sequence[Kept]) -> str:
    """Write turns out: question, answer with the numbers of its sources, and the sources' own words with their place.

    Each turn is written in the language of its answer; what was not answered is left out.
    """
    parts = [f"# {_plain(title or (turns[0].question if turns else ''))}"]
    for kept in turns:
        if kept.answer is None:
            continue
        words = _WORDS[kept.answer.language]
        parts.append(f"## {_plain(kept.question)}")
        if kept.standalone:
            parts.append(f"*{words['understood']}: {_plain(kept.standalone)}*")
        answer, numbers = kept.answer, _numbers(kept)
        said = answer.answer
        if answer.sentences and answer.status != "refused":
            said = "\n\n".join(
                sentence.text + "".join(f" [{numbers[name]}]" for name in sentence.citations if name in numbers)
                for sentence in answer.sentences
            )
        parts.append(said)
        whom = [quote for quote in answer.related if quote.id == answer.whom]
        related = [quote for quote in answer.related if quote not in whom]
        for name, quotes in (("sources", _sources(kept)), ("whom", whom), ("related", related)):
            if quotes:
                parts.append(f"### {words[name]}")
                parts += [_source(quote, numbers.get(quote.id), words) for quote in quotes]
        parts.append(f"<!-- {kept.asked_at} -->")
    return "\n\n".join(parts) + "\n"


def _sources(kept: Kept) -> list[Quote]:
    known = {quote.id for quote in kept.shown}
    cited = kept.answer.citations if kept.answer else ()
    return [*kept.shown, *(quote for quote in cited if quote.id not in known)]


def _numbers(kept: Kept) -> dict[str, int]:
    return {quote.id: number for number, quote in enumerate(_sources(kept), start=1)}


def _source(quote: Quote, number: int | None, words: Mapping[str, str]) -> str:
    page = words["page"].format(page=quote.pages) if quote.pages else ""
    place = " · ".join(
        part for part in (quote.title, *quote.heading_path[-1:], page, quote.version, quote.effective_date) if part
    )
    lines = "\n".join(f"> {line}" for line in quote.quote.splitlines())
    return f"{f'[{number}] ' if number else ''}{_plain(place)} (`{quote.document_id}`)\n\n{lines}"


def _plain(text: str) -> str:
    """One line, so that it stays the heading or paragraph that it is."""
    return " ".join(text.split())
