"""Questions that the documents did not answer, and answers that were rated bad, those of one meaning together.

Two questions are near when the embedder finds them so; a question joins the group whose first question is nearest. The
number below is for showing, not for judging: a question that stands alone is shown all the same.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from assistant.conversations import Judged

if TYPE_CHECKING:
    import numpy as np

#: Cosine of two questions that are shown together.
NEAR = 0.8
#: Questions that are grouped at a time, the newest; and vectors that are kept.
MOST, _KEPT = 300, 2000


class QueryEmbedder(Protocol):
    """What is needed of the embedder."""

    def encode_query(self, question: str) -> np.ndarray:
        """One question as a unit vector."""


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of one meaning, the newest first."""

    key: str
    asked: tuple[Judged, ...]

    def to_json(self) -> dict[str, Any]:
        """What the page shows: how it was asked, how often, when last, what was said of the answers."""
        counts: dict[str, int] = {}
        for each in self.asked:
            counts[each.question] = counts.get(each.question, 0) + 1
        said = sorted(counts.items(), key=lambda pair: -pair[1])
        return {
            "key": self.key,
            "title": said[0][0],
            "count": len(self.asked),
            "last": self.asked[0].asked_at,
            "refused": sum(each.status == "refused" for each in self.asked),
            "bad": sum(each.rating == "down" for each in self.asked),
            "asked": [{"question": question, "count": count} for question, count in said],
            "notes": [each.note for each in self.asked if each.note],
        }


class Groups:
    """Groups questions. Safe for several threads."""

    def __init__(self, embedder: QueryEmbedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, np.ndarray] = {}
        self._lock = threading.Lock()

    def of(self, judged: Iterable[Judged]) -> list[Group]:
        """The groups, the largest first. `judged`: newest first."""
        heads: list[np.ndarray] = []
        found: list[list[Judged]] = []
        for each in list(judged)[:MOST]:
            vector = self._vector(each.question)
            cosines = [float(vector @ head) for head in heads]
            best = max(range(len(cosines)), key=cosines.__getitem__, default=-1)
            if best >= 0 and cosines[best] >= NEAR:
                found[best].append(each)
            else:
                heads.append(vector)
                found.append([each])
        groups = [Group(key_of(each[0].question), tuple(each)) for each in found]
        return sorted(groups, key=lambda group: -len(group.asked))

    def _vector(self, question: str) -> np.ndarray:
        with self._lock:
            if question not in self._vectors:
                if len(self._vectors) >= _KEPT:
                    self._vectors.clear()
                self._vectors[question] = self._embedder.encode_query(question)
            return self._vectors[question]


def key_of(question: str) -> str:
    """What a question is called where it was noted as dealt with."""
    return hashlib.sha256(question.encode()).hexdigest()[:24]


def open_ones(groups: Sequence[Group], dealt_with: dict[str, tuple[str, str]]) -> list[tuple[Group, str]]:
    """Pair groups with what was noted of them ('' for nothing), those that were dealt with last.

    A group that somebody asked again since is open again.
    """

    def state(group: Group) -> str:
        noted = [dealt_with[key_of(each.question)] for each in group.asked if key_of(each.question) in dealt_with]
        said, at = max(noted, key=lambda each: each[1], default=("", ""))
        return said if at >= group.asked[0].asked_at else ""

    return sorted(((group, state(group)) for group in groups), key=lambda pair: bool(pair[1]))
