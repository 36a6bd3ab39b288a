"""Words, codes and bigrams in the catalogue's lexical index: BM25 search, and in how many passages a word stands.

`Lexical` is what every database does alike; `Fts5` is the index of a SQLite file, `gin.py` that of PostgreSQL. Knows
rows and terms, not documents. Counts are kept until the catalogue changes: common words take the longest to count, and
nearly every question has some.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from assistant.index.rows import marks
from assistant.schema import Passage
from assistant.text.tokens import Terms, terms

if TYPE_CHECKING:
    from assistant.index.database import Database

#: About so many rows are scored for a question; more bring nothing (docs/log.md).
_SCORED_ROWS = 4000
#: BM25 weight of title, headings, words, bigrams, identifiers. Identifiers name one thing; bigrams are a net. Headings
#: stand in the text too. Chosen on question sets (docs/log.md).
FIELD_WEIGHTS = (1.0, 0.5, 1.0, 0.15, 6.0)
#: Counts that are kept; the questions of months have fewer words.
_KEPT_COUNTS = 100_000


def _joined(found: Terms) -> str:
    return " ".join((*found.words, *found.bigrams, *found.identifiers))


class Lexical(ABC):
    """Searches the open catalogue `database`. Not for several threads at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._db = database.db
        self._rows: dict[str, int] = {}
        self._visible: dict[tuple[str, tuple[str, ...]], int] = {}
        self._counted_at: Any = None

    def add(self, title: str, chunks: Iterable[tuple[int, Passage]]) -> None:
        """Index the words of chunks, each with the number of its row, of the document `title`."""
        named = _joined(terms(title))
        rows = []
        for number, chunk in chunks:
            headings = _joined(terms(" ".join(chunk.heading_path)))
            body = terms(f"{chunk.table_header}\n{chunk.text}" if chunk.table_header else chunk.text)
            fields = (" ".join(each) for each in (body.words, body.bigrams, body.identifiers))
            rows.append((number, named, headings, *fields))
        self.add_rows(rows)

    @abstractmethod
    def add_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add rows of number, title, headings, words, bigrams and identifiers, with spaces between the terms."""

    @abstractmethod
    def _best(
        self, rare: Sequence[str], common: Sequence[str], classes: Sequence[str], top_k: int
    ) -> list[tuple[str, float]]:
        """Score the rows that hold one of the `rare` terms, by these and, half as much, by the `common` ones."""

    @abstractmethod
    def _counts(self, wanted: Sequence[str], classes: Sequence[str] | None) -> list[int]:
        """Count the rows that hold each term, of these access classes or of all."""

    def search(self, question: Terms, classes: Sequence[str], top_k: int) -> list[tuple[str, float]]:
        """Search by BM25 over words, bigrams and identifiers: `(chunk_id, score)`, best first; higher is better."""
        rare, common = self._rare_and_common(question)
        return self._best(rare, common, classes, top_k) if rare and classes else []

    def _rare_and_common(self, question: Terms) -> tuple[Sequence[str], Sequence[str]]:
        """Which terms a row must hold one of: any; in a large index one of the rarest.

        The time of a search is that of its rows, and a common word brings many that never come first. A row with a rare
        term is scored by all of the rare ones and, half as much, by the other words and phrases; common bigrams are
        left out.
        """
        wanted = tuple(dict.fromkeys((*question.words, *question.phrases, *question.bigrams, *question.identifiers)))
        if (self._db.execute("SELECT max(id) FROM chunks").fetchone()[0] or 0) <= _SCORED_ROWS:
            return wanted, ()
        rows = self._rows_with(wanted)
        rare: list[str] = []
        scored = 0
        for term in sorted(wanted, key=rows.__getitem__):
            if scored >= _SCORED_ROWS:
                break
            rare.append(term)
            scored += rows[term]
        return rare, [term for term in wanted if term not in rare and term not in question.bigrams]

    def _rows_with(self, wanted: Sequence[str]) -> dict[str, int]:
        """How many rows hold each term, whoever may see them: for weights and for choosing the cheapest way only."""
        self._forget_old_counts()
        if new := [term for term in wanted if term not in self._rows]:
            self._rows.update(zip(new, self._counts(new, None), strict=True))
        return {term: self._rows[term] for term in wanted}

    def frequency(self, words: Iterable[str], classes: Sequence[str]) -> tuple[dict[str, int], int]:
        """Count in how many chunks of these access classes each word occurs, and the chunks that they have."""
        self._forget_old_counts()
        seen_by, wanted = tuple(classes), tuple(dict.fromkeys(words))
        if ("", seen_by) not in self._visible:
            self._visible["", seen_by] = self._database.count(
                f"SELECT count(*) FROM chunks WHERE access_class IN ({marks(classes)})", seen_by
            )
        if new := [word for word in wanted if (word, seen_by) not in self._visible]:
            counted = self._counts(new, seen_by)
            self._visible.update(((word, seen_by), count) for word, count in zip(new, counted, strict=True))
        return {word: self._visible[word, seen_by] for word in wanted}, self._visible["", seen_by]

    def held(self, chunk_ids: Sequence[str], classes: Sequence[str]) -> dict[str, frozenset[str]]:
        """Read the words and identifiers of text, title and headings of those chunks that these classes hold."""
        rows = self._db.execute(
            "SELECT chunk_id, title, headings, words, identifiers FROM chunks c JOIN lexical ON lexical.rowid = c.id "
            f"WHERE chunk_id IN ({marks(chunk_ids)}) AND c.access_class IN ({marks(classes)})",
            (*chunk_ids, *classes),
        )
        return {chunk_id: frozenset(" ".join(fields).split()) for chunk_id, *fields in rows}

    def _forget_old_counts(self) -> None:
        """Start anew when this connection or another one has written."""
        now = self._database.state()
        if now != self._counted_at or len(self._rows) + len(self._visible) > _KEPT_COUNTS:
            self._rows, self._visible, self._counted_at = {}, {}, now


def _quote(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


class Fts5(Lexical):
    """The lexical index of a SQLite file: an FTS5 table."""

    def add_rows(self, rows: Sequence[Sequence[Any]]) -> None:  # noqa: D102 - as in Lexical
        self._db.executemany(
            "INSERT INTO lexical (rowid, title, headings, words, bigrams, identifiers) VALUES (?, ?, ?, ?, ?, ?)", rows
        )

    def _best(
        self, rare: Sequence[str], common: Sequence[str], classes: Sequence[str], top_k: int
    ) -> list[tuple[str, float]]:
        expression, times = " OR ".join(map(_quote, rare)), 1
        if common:
            # FTS5 counts a term as often as it is written, and it must be written twice to be a condition as well
            expression, times = f"({expression}) AND ({' OR '.join((expression, *map(_quote, common)))})", 2
        weights = ", ".join(str(weight) for weight in FIELD_WEIGHTS)
        rows = self._db.execute(
            f"SELECT c.chunk_id, -bm25(lexical, {weights}) AS score FROM lexical JOIN chunks c ON c.id = lexical.rowid "
            f"WHERE lexical MATCH ? AND c.access_class IN ({marks(classes)}) ORDER BY score DESC, c.id LIMIT ?",
            (expression, *classes, top_k),
        )
        return [(row[0], row[1] / times) for row in rows]

    def _counts(self, wanted: Sequence[str], classes: Sequence[str] | None) -> list[int]:
        if classes is None:
            query = "SELECT count(*) FROM lexical WHERE lexical MATCH ?"
        else:
            query = (
                "SELECT count(*) FROM lexical JOIN chunks c ON c.id = lexical.rowid "
                f"WHERE lexical MATCH ? AND access_class IN ({marks(classes)})"
            )
        return [self._db.execute(query, (_quote(term), *(classes or ()))).fetchone()[0] for term in wanted]
