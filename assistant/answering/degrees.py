"""Words of degree and direction, whose exchange turns a statement round: before and after, 증가 and 감소."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

_GROUPS = """
bound: 이상 | 이하 | 초과 | 미만
extreme: 최대 최고 최장 상한 maximum most highest longest | 최소 최저 최단 하한 minimum least lowest shortest
time: 이전 전 before | 이후 후 뒤 after | -까지 until | -부터 from since | within 안 이내 내
order: 먼저 first earlier previous | 나중 last later
change: 증가 늘 늘리 늘어나 increase rise rose grow grew up | 감소 줄 줄이 줄어들 decrease fall fell reduce down
level: 높 높이 상승 인상 올리 오르 raise higher | 낮 낮추 하락 인하 내리 lower
amount: 많 more | 적 less fewer
size: 크 larger greater | 작 smaller
length: 길 longer | 짧 shorter
place: 위 위쪽 above over | 아래 아래쪽 below under
side: 왼쪽 left | 오른쪽 right
state: 열 open | 닫 close
power: 켜 | 끄
screw: 조이 tighten | 풀 loosen undo
begin: 시작 start | 종료 end stop
"""
#: word → (group, the direction it names, by its first word).
_DEGREES = {
    word: (name, words.split()[0])
    for line in _GROUPS.strip().splitlines()
    for name, _, sides in [line.partition(": ")]
    for words in sides.split(" | ")
    for word in words.split()
}
_ENDING = re.compile(r"(?:e?s|e?d|ing)$")


@lru_cache(maxsize=4096)
def degree_of(word: str) -> tuple[str, str] | None:
    """(group, direction) of a word of degree (a Korean particle has "-" before it); None for any other word."""
    found = _DEGREES.get(word)
    if found is None and word.isascii() and len(word) > 5:
        bare = _ENDING.sub("", word)
        return _DEGREES.get(bare) or _DEGREES.get(f"{bare}e")
    return found


def added(answer: Iterable[str], source: Iterable[str]) -> list[str]:
    """Words of degree that the answer has more often than the source."""
    more = Counter(answer) - Counter(source)
    return sorted(more)
