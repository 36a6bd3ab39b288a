"""One thing put in the place of another of its kind: 중소기업 → 중견기업, small firms → mid-size firms, 유형1 → 유형2.

A follow-up that names just one thing ("그럼 중견기업은?") asks the question before of that thing instead. The exchange
is made only where the two are plainly of one kind; otherwise the follow-up is understood by its topic.
"""

from __future__ import annotations

import re

_SIZE = r"small(?: and |-| or )medium(?:-sized)?|small|mid-?sized?|medium(?:-sized)?|large|big|micro"
#: Kinds of things that are asked about in turn, each as one pattern.
_KINDS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"소상공인|소기업|중소기업|중기업|중견기업|대기업|스타트업|창업기업|"
        rf"\b(?:{_SIZE}) (?:firms?|companies|company|enterprises?|business(?:es)?)\b|\bSMEs?\b|\bstart-?ups?\b",
        r"비수도권|수도권|지방|\b(?:non-)?capital (?:area|region)\b",
        r"(?<![\d.])(?:19|20)\d\d(?![\d.,])",
        r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*[A-Za-z])(?=[A-Za-z0-9-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![A-Za-z0-9])",
        r"제\s?\d+조(?:의\d+)?",
        r"[가-힣]{2,6}\s?\d+(?![\d.,%])(?!\s?(?:년|월|일|개|명|억|만|천|원|배|회|건|곳))",
        r"\b(?:type|stage|phase|track|level|group|step) ?(?:\d+|[IVX]+|[A-D])\b",
        r"[가-힣]+형(?![가-힣]{2})|\b[a-z-]+ type\b",
        r"[가-힣]+ ?분과|\b[a-z-]+ division\b",
        r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b|\d{1,2}월",
    )
)
#: Particles by whether the word before them ends in a consonant.
_PARTICLES = {"은": "는", "이": "가", "을": "를", "과": "와"}
_WITHOUT = {without: with_end for with_end, without in _PARTICLES.items()}
_DIGITS_WITH_END = frozenset("013678")


def exchanged(question: str, term: str) -> str:
    """`question` with the one thing of `term`'s kind replaced by that of `term`; empty if there is not one."""
    for kind in _KINDS:
        new = kind.search(term)
        if new is None:
            continue
        old = [found for found in kind.finditer(question) if found[0].casefold() != new[0].casefold()]
        # of several codes, the one of the same series: TH0406 for TH0403, not for the machine TL260
        old = [found for found in old if _series(found[0]) == _series(new[0])] or old
        if len({found[0].casefold() for found in old}) == 1:
            return _replaced(question, old[0][0], new[0])
    return _by_head(question, term)


def _series(code: str) -> str:
    """The letters before the first digit."""
    return re.split(r"\d", code, maxsplit=1)[0].casefold()


def _by_head(question: str, term: str) -> str:
    """The same with things that end in the same word: "trade secret" for "business secret", 무역금융 for 수출금융."""
    words = term.split()
    if len(words) == 1 and re.search("[가-힣]{3}$", term):
        old = {word for word in re.findall(rf"[가-힣]+{re.escape(term[-2:])}", question) if word != term}
    elif len(words) > 1:
        head = re.escape(words[-1].removesuffix("s"))
        before = r"(?!(?:the|an?|of|for|in|how|much|many|what|which|our|my|and|or) )[A-Za-z-]+"
        old = set(re.findall(rf"\b{before} {head}s?\b", question, re.I))
    else:
        old = set()
    return _replaced(question, old.pop(), term) if len(old) == 1 else ""


def _replaced(question: str, old: str, new: str) -> str:
    """`old` replaced by `new` everywhere, with the article or particle that `new` wants."""
    article = r"(?:\b[Aa]n? )?" if re.search("s$|[가-힣]", new) else ""
    changed = re.sub(
        rf"{article}{re.escape(old)}(?P<particle>[은는이가을를과와](?![가-힣]))?",
        lambda found: new + _particle(new, found["particle"] or ""),
        question,
    )
    return re.sub(rf"\b[Aa] (?={re.escape(new)})", "an ", changed) if new[0].lower() in "aeiou" else changed


def _particle(word: str, particle: str) -> str:
    """`particle` in the form that follows `word`."""
    last = word[-1]
    if "가" <= last <= "힣":
        ends = (ord(last) - ord("가")) % 28 > 0
    elif last.isdigit():
        ends = last in _DIGITS_WITH_END
    else:
        ends = last.lower() in "lmnr"
    return _WITHOUT.get(particle, particle) if ends else _PARTICLES.get(particle, particle)
