"""Words, codes and bigrams in the catalogue's FTS5 table: BM25 search, and in how many passages a word stands.

Knows rows and terms, not documents. Counts are kept until the catalogue changes: common words take the longest to
count, and nearly every question has some.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from assistant.index.database import marks, written
from assistant.schema import Passage
from assistant.text.tokens import Terms, terms

#: About so many rows are scored for a question; more bring nothing (docs/log.md).
_SCORED_ROWS = 4000
#: BM25 weight of title, headings, words, bigrams, identifiers. Identifiers name one thing; bigrams are a net. Headings
#: stand in the text too. Chosen on question sets (docs/log.md).
_FIELD_WEIGHTS = (1.0, 0.5, 1.0, 0.15, 6.0)
#: Counts that are kept; the questions of months have fewer words.
_KEPT_COUNTS = 100_000


def _joined(found: Terms) -> str:
    return " ".join((*found.words, *found.bigrams, *found.identifiers))


def _quote(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


class Lexical:
    """Searches the open catalogue `db`. Not for several threads at once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._rows: dict[str, int] = {}
        self._visible: dict[tuple[str, tuple[str, ...]], int] = {}
        self._counted_at: tuple[int, int] | None = None

    def add(self, title: str, chunks: Iterable[tuple[int, Passage]]) -> None:
        """Index the words of chunks, each with the number of its row, of the document `title`."""
        named = _joined(terms(title))
        for number, chunk in chunks:
            headings = _joined(terms(" ".join(chunk.heading_path)))
            body = terms(f"{chunk.table_header}\n{chunk.text}" if chunk.table_header else chunk.text)
            fields = (" ".join(each) for each in (body.words, body.bigrams, body.identifiers))
            self._db.execute(
                "INSERT INTO lexical (rowid, title, headings, words, bigrams, identifiers) VALUES (?, ?, ?, ?, ?, ?)",
                (number, named, headings, *fields),
            )

    def search(self, question: Terms, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """Search by BM25 over words, bigrams and identifiers: `(chunk_id, score)`, best first; higher is better."""
        expression, times = self._expression(question)
        if not expression or not classes:
            return []
        weights = ", ".join(str(weight) for weight in _FIELD_WEIGHTS)
        rows = self._db.execute(
            f"SELECT c.chunk_id, -bm25(lexical, {weights}) AS score FROM lexical JOIN chunks c ON c.id = lexical.rowid "
            f"WHERE lexical MATCH ? AND c.access_class IN ({marks(classes)}) ORDER BY score DESC, c.id LIMIT ?",
            (expression, *classes, top_k),
        )
        return [(row[0], row[1] / times) for row in rows]

    def _expression(self, question: Terms) -> tuple[str, int]:
        """What the lexical index is asked: any of the terms; in a large index only rows with one of the rarest.

        The time of a search is that of its rows, and a common word brings many that never come first. A row with a rare
        term is scored by all of the rare ones and, half as much, by the other words and phrases; common bigrams are
        left out. The second value is what the score has to be divided by.
        """
        wanted = tuple(dict.fromkeys((*question.words, *question.phrases, *question.bigrams, *question.identifiers)))
        any_of = " OR ".join(map(_quote, wanted))
        if (self._db.execute("SELECT max(id) FROM chunks").fetchone()[0] or 0) <= _SCORED_ROWS:
            return any_of, 1
        self._forget_old_counts()
        rows = {term: self._rows_with(term) for term in wanted}
        rare: list[str] = []
        for term in sorted(wanted, key=rows.__getitem__):
            if sum(rows[each] for each in rare) >= _SCORED_ROWS:
                break
            rare.append(term)
        rarest = " OR ".join(map(_quote, rare))
        common = [_quote(term) for term in wanted if term not in rare and term not in question.bigrams]
        # FTS5 counts a term as often as it is written, and it must be written twice to be a condition as well
        return (f"({rarest}) AND ({' OR '.join((rarest, *common))})", 2) if common else (rarest, 1)

    def _rows_with(self, term: str) -> int:
        """How many rows hold a term, whoever may see them: for choosing the cheapest way only."""
        if term not in self._rows:
            self._rows[term] = self._db.execute(
                "SELECT count(*) FROM lexical WHERE lexical MATCH ?", (_quote(term),)
            ).fetchone()[0]
        return self._rows[term]

    def frequency(self, words: Iterable[str], classes: Sequence[str]) -> tuple[dict[str, int], int]:
        """Count in how many chunks of these access classes each word occurs, and the chunks that they have."""
        self._forget_old_counts()
        seen_by = tuple(classes)
        visible = f"access_class IN ({marks(classes)})"
        if ("", seen_by) not in self._visible:
            found = self._db.execute(f"SELECT count(*) FROM chunks WHERE {visible}", seen_by)
            self._visible["", seen_by] = found.fetchone()[0]
        counts = {}
        for word in dict.fromkeys(words):
            if (word, seen_by) not in self._visible:
                found = self._db.execute(
                    "SELECT count(*) FROM lexical JOIN chunks c ON c.id = lexical.rowid "
                    f"WHERE lexical MATCH ? AND {visible}",
                    (_quote(word), *seen_by),
                )
                self._visible[word, seen_by] = found.fetchone()[0]
            counts[word] = self._visible[word, seen_by]
        return counts, self._visible["", seen_by]

    def held(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, frozenset[str]]:
        """Read the words and identifiers of text, title and headings of those chunks that these classes hold."""
        rows = self._db.execute(
            "SELECT chunk_id, title, headings, words, identifiers FROM chunks c JOIN lexical ON lexical.rowid = c.id "
            f"WHERE chunk_id IN ({marks(chunk_ids)}) AND access_class IN ({marks(classes)})",
            (*chunk_ids, *classes),
        )
        return {chunk_id: frozenset(" ".join(fields).split()) for chunk_id, *fields in rows}

    def _forget_old_counts(self) -> None:
        """Start anew when this connection or another one has written."""
        now = written(self._db)
        if now != self._counted_at or len(self._rows) + len(self._visible) > _KEPT_COUNTS:
            self._rows, self._visible, self._counted_at = {}, {}, now
