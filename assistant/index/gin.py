"""The lexical index of a catalogue on PostgreSQL: a GIN index finds the rows, BM25 is computed here.

The terms of a row are taken apart as FTS5 takes them apart in a file, and scored by FTS5's formula, so that both find
the same in the same order. A row keeps its terms twice: as a `tsvector` with their places, for the GIN index, and
`packed`, as the numbers that scoring reads: each term's hash, with a zero behind each column.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from assistant.index.lexical import FIELD_WEIGHTS, Lexical
from assistant.index.rows import marks

if TYPE_CHECKING:
    import numpy as np

#: As in FTS5.
_K1, _B, _LEAST_IDF = 1.2, 0.75, 1e-6
#: What FTS5 holds together, by its tokenizer `unicode61` with our `tokenchars`.
_TOKEN = re.compile(r"(?:[^\W_]|[-./])+")
#: Longest token, in characters: a lexeme of PostgreSQL has at most 2,046 bytes.
_LONGEST = 500
#: A phrase does not reach from one column into the next.
_GAP = 2


def _tokens(text: str) -> list[str]:
    return [found[:_LONGEST] for found in _TOKEN.findall(text.lower())]


@lru_cache(maxsize=200_000)
def _hash(token: str) -> int:
    """A number of 64 bits that stands for a token; never 0."""
    return int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "little", signed=True) or 1


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def _query(term: str) -> str:
    """The `tsquery` of a term, whose tokens stand in a row; empty when it has none."""
    return " <-> ".join(map(_quoted, _tokens(term)))


def _any_of(wanted: Sequence[str]) -> list[str]:
    """What finds the rows with any of these terms: one query for words, one for the phrases that have none of them.

    Rows that are found by a phrase have to be read once more by the server, those found by a word have not.
    """
    found = [tokens for term in wanted if (tokens := _tokens(term))]
    words = {tokens[0] for tokens in found if len(tokens) == 1}
    phrases = [" <-> ".join(map(_quoted, tokens)) for tokens in found if not words & set(tokens)]
    return [part for part in (" | ".join(map(_quoted, sorted(words))), " | ".join(phrases)) if part]


class Gin(Lexical):
    """The lexical index in a schema of PostgreSQL."""

    _totals: tuple[Any, int, int] = (None, 0, 0)

    def add_rows(self, rows: Sequence[Sequence[Any]]) -> None:  # noqa: D102 - as in Lexical
        ids = [row[0] for row in rows]
        found = dict(self._db.execute(f"SELECT id, access_class FROM chunks WHERE id IN ({marks(ids)})", ids))
        self._database.insert("lexical", [self._row(number, fields, found[number]) for number, *fields in rows])

    def _row(self, number: int, fields: Sequence[str], access_class: str) -> tuple[Any, ...]:
        import numpy as np

        places: dict[str, list[int]] = {}
        packed: list[int] = []
        start = 1
        for field in fields:
            found = _tokens(field)
            for place, token in enumerate(found, start):
                places.setdefault(token, []).append(place)
            start += len(found) + _GAP
            packed += [*map(_hash, found), 0]
        count = len(packed) - len(fields)
        vector = " ".join(f"{_quoted(token)}:{','.join(map(str, each))}" for token, each in places.items())
        return (number, *fields, access_class, count, np.array(packed, dtype="<i8").tobytes(), vector)

    def _best(
        self, rare: Sequence[str], common: Sequence[str], classes: Sequence[str], top_k: int
    ) -> list[tuple[str, float]]:
        import numpy as np

        if not (queries := _any_of(rare)):
            return []
        matching = " OR ".join(["terms @@ CAST(? AS tsquery)"] * len(queries))
        numbers, packed = self._db.execute(
            # as text that is short: the driver would write two characters for every byte
            "SELECT string_agg(CAST(rowid AS TEXT), ','), encode(string_agg(packed, ''), 'base64') FROM lexical "
            f"WHERE ({matching}) AND access_class IN ({marks(classes)})",
            (*queries, *classes),
        ).fetchone()
        if not packed:
            return []
        scores = self._scores(binascii.a2b_base64(packed), rare, common)
        best = _first(np.array(numbers.split(","), dtype=np.int64), scores, top_k)
        ids = [number for number, _ in best]
        found = dict(self._db.execute(f"SELECT id, chunk_id FROM chunks WHERE id IN ({marks(ids)})", ids))
        return [(found[number], score) for number, score in best if number in found]

    def _scores(self, packed: bytes, rare: Sequence[str], common: Sequence[str]) -> np.ndarray:
        """BM25 of each row; those whose columns `packed` holds, one row after the other."""
        import numpy as np

        rows, tokens = self._all()
        known = self._rows_with((*rare, *common))
        held = _Held(packed)
        part = _K1 * (1.0 - _B + _B * held.lengths / (tokens / rows))

        def bm25(term: str) -> np.ndarray:
            holding, hits = known[term], held.hits(term)
            idf = max(float(np.log((rows - holding + 0.5) / (holding + 0.5))), _LEAST_IDF)
            return idf * (hits * (_K1 + 1.0) / (hits + part))

        found = {term: bm25(term) for term in (*rare, *common)}
        # FTS5 is asked for rare terms twice where there are common ones, and the sum is halved
        order = (*rare, *rare, *common) if common else rare
        scores = sum((found[term] for term in order), np.zeros(len(held.lengths)))
        return scores / 2 if common else scores

    def _all(self) -> tuple[int, int]:
        """All rows and all their tokens, whoever may see them."""
        now = self._database.state()
        if self._totals[0] != now:
            rows, tokens = self._db.execute("SELECT count(*), coalesce(sum(tokens), 0) FROM lexical").fetchone()
            self._totals = now, int(rows), int(tokens)
        return self._totals[1:]

    def _counts(self, wanted: Sequence[str], classes: Sequence[str] | None) -> list[int]:
        visible = "" if classes is None else f" AND access_class IN ({marks(classes)})"
        one = f"(SELECT count(*) FROM lexical WHERE terms @@ CAST(? AS tsquery){visible})"
        values = [each for term in wanted for each in (_query(term), *(classes or ()))]
        return list(self._db.execute(f"SELECT {', '.join([one] * len(wanted))}", values).fetchone())


class _Held:
    """The terms of rows, one row after the other, as `packed` holds them. `lengths`: tokens of each row."""

    def __init__(self, packed: bytes) -> None:
        import numpy as np

        self._numbers = np.frombuffer(packed, dtype="<i8")
        self._ends = np.flatnonzero(self._numbers == 0)  # of columns
        columns = len(FIELD_WEIGHTS)
        self.lengths = np.diff(self._ends[columns - 1 :: columns], prepend=-1) - columns
        self._weights = np.array(FIELD_WEIGHTS)
        self._known: dict[str, np.ndarray] = {}

    def hits(self, term: str) -> np.ndarray:
        """How often a term stands in each row, each time by the weight of its column."""
        import numpy as np

        column = np.searchsorted(self._ends, self._places(_tokens(term)))
        row, field = np.divmod(column, len(self._weights))
        return np.bincount(row, weights=self._weights[field], minlength=len(self.lengths))

    def _places(self, tokens: Sequence[str]) -> np.ndarray:
        """Where tokens stand one behind the other, in the same column; the first of them."""
        import numpy as np

        if not tokens:
            return np.empty(0, dtype=np.intp)
        places = self._of(tokens[0])
        for step, token in enumerate(tokens[1:], 1):
            places = np.intersect1d(places, self._of(token) - step, assume_unique=True)
        return places

    def _of(self, token: str) -> np.ndarray:
        import numpy as np

        if token not in self._known:
            self._known[token] = np.flatnonzero(self._numbers == _hash(token))
        return self._known[token]


def _first(numbers: np.ndarray, scores: np.ndarray, top_k: int) -> list[tuple[int, float]]:
    """The best rows with their scores, of equal ones the earlier."""
    import numpy as np

    return [(int(numbers[at]), float(scores[at])) for at in np.lexsort((numbers, -scores))[:top_k]]
