"""The conversations of one reader as a list: found again, named, and written out as Markdown with their sources.

A user's own are all of that name. A reader without a name has those whose ids they bring, for nobody can guess one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from assistant.conversations import Conversations, Kept
from assistant.errors import ConversationMissing
from assistant.schema import Language, Quote

#: Longest name of a conversation, in characters, and the most that a list shows.
TITLE_CHARS, _MOST = 120, 200

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "ko": {"sources": "근거", "related": "관련 단락 (답이 아님)", "page": "{page}쪽", "understood": "이해한 질문"},
    "en": {"sources": "Sources", "related": "Related, not an answer", "page": "p. {page}", "understood": "Understood"},
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
    chosen = "c.user = ?" if user else f"c.user = ? AND c.id IN ({','.join('?' * len(known))})"
    with store.transaction() as db:
        rows = db.execute(
            "SELECT c.id, c.title, max(t.asked_at), json_group_array(json_extract(t.record, '$.question')) "
            "FROM conversations c JOIN (SELECT * FROM turns ORDER BY number) t ON t.conversation = c.id "
            f"WHERE {chosen} GROUP BY c.id ORDER BY 3 DESC, c.id LIMIT ?",
            (user, *(() if user else known), _MOST),
        ).fetchall()
    found = []
    for name, title, last, questions in rows:
        asked = tuple(str(question) for question in json.loads(questions))
        found.append(Entry(name, title or asked[0], asked, last))
    return found


def rename(store: Conversations, conversation: str, user: str, title: str) -> None:
    """Give a conversation a name; an empty one takes it back. Raises ConversationMissing."""
    with store.transaction() as db:
        changed = db.execute(
            "UPDATE conversations SET title = ? WHERE id = ? AND user = ?",
            (" ".join(title.split())[:TITLE_CHARS], conversation, user),
        )
        if changed.rowcount != 1:
            raise ConversationMissing("There is no such conversation.", "Begin a new one.")


def title_of(store: Conversations, conversation: str, user: str) -> str:
    """Tell the name that a conversation was given; '' for none, and for one that is not this user's."""
    with (
        store.transaction() as db,
        closing(db.execute("SELECT title FROM conversations WHERE id = ? AND user = ?", (conversation, user))) as row,
    ):
        return str((row.fetchone() or ("",))[0])


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
        for name, quotes in (("sources", _sources(kept)), ("related", answer.related)):
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
