"""Which lines of a list or table answer: "when is the final report due" needs one row, "which divisions are there" all.

The parts of a list are compared with the question once more, each by itself. Weights and margin were set on the tuning
questions: of 25 lists with several lines that hold the answer, 22 still hold it when 1.6 of 3.9 lines are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Weight of a line's cosine beside its share of the question's words (0…1).
_SIMILARITY_WEIGHT = 2.0
#: Lines whose score is at most so far below the best one's are kept.
_CLOSE = 0.2
#: Share of lines from which the list itself is what was asked for.
_MOST_LINES = 0.6

_STEP_OR_WARNING = re.compile(r"^\s*(\d+[.)]\s|경고|주의|위험|warning|danger|caution)", re.I | re.M)
#: Questions for several things, or for two things at once.
_SEVERAL = re.compile(
    r"그리고|각각|모두|전부|목록|종류|차이|비교|단계|절차|순서|방법|무엇무엇|어디어디|누구누구|들(을|은|이)?\s|들은 |"
    r"(무엇|뭐|뭣|어떤 것|어떤 게|어떤 곳)(들)?(이|가)? ?(있|필요)|몇 [^,?]*(고|며|와|과|,) |얼마[^?]*(고|며|,) |"
    r"\b(list|all|each|both|differ\w*|difference|compar\w+|versus|vs|steps?|procedure|how do|how should|"
    r"(which|what) (\w+ ){0,3}(are|were|do|did)|what else|name the)\b|"
    r"\band (?:with |in |for |by |at )?(?:how|what|when|who|which|where)\b",
    re.I,
)


#: Words that ask; and where one question ends and the next begins.
_ASKS = re.compile(
    r"얼마|몇|언제|어디|누가|누구|[뭐뭘]|무엇|무슨|어느|어떤|어떻게|왜|\b(?:what|how|when|where|which|who|whom|why)\b",
    re.I,
)
_BOUNDARY = re.compile(
    r"(?<=[고며요죠까])[,?.]?\s+|(?<=[.?!;])\s+|,\s+|\s+and\s+(?=(?:what|how|when|where|which|who|whom|why)\b)", re.I
)
_SHORTEST_PART = 8


def parts(question: str) -> list[str]:
    """The questions that one turn puts, each with a word that asks; the whole question when it is one."""
    found = [""]
    for piece in _BOUNDARY.split(question):
        if _ASKS.search(found[-1]) and _ASKS.search(piece) and len(piece) >= _SHORTEST_PART:
            found.append(piece)
        else:
            found[-1] = f"{found[-1]} {piece}".strip()
    return found


def step_or_warning(text: str) -> bool:
    """Whether a text holds a numbered step or a warning: such text is never cut and never paraphrased."""
    return bool(_STEP_OR_WARNING.search(text))


def asks_several(question: str) -> bool:
    """Whether a question asks for a list, a comparison, or two things at once."""
    return bool(_SEVERAL.search(question))


def kept(shares: Sequence[float], cosines: Sequence[float]) -> list[int]:
    """Indices of the lines that answer, in their order; all of them when most do.

    `shares`: each line's share of the question's words (0…1); `cosines`: its similarity to the question.
    """
    scores = [share + _SIMILARITY_WEIGHT * cosine for share, cosine in zip(shares, cosines, strict=True)]
    chosen = [number for number, score in enumerate(scores) if score >= max(scores) - _CLOSE]
    return chosen if len(chosen) < _MOST_LINES * len(scores) else list(range(len(scores)))
