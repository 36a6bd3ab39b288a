"""Search terms of Korean and English text: identifiers whole, morphemes or stems, Hangul bigrams.

Korean is searched by morphemes (kiwipiepy) *plus* bigrams of the Hangul runs: morphemes raise precision, bigrams
catch nouns and product names that the dictionary does not know. Codes and tags (`SV0401`, `R-101`, `제12조`) are
kept whole, since every tokenizer splits them.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kiwipiepy import Kiwi

_IDENTIFIER = re.compile(
    r"제\s?\d+조(?:의\d+)?(?:\s?제?\d+항)?(?:\s?제?\d+호)?"
    r"|(?<![A-Za-z0-9])(?=[A-Za-z0-9./-]*[A-Za-z])(?=[A-Za-z0-9./-]*\d)[A-Za-z0-9]+(?:[-./][A-Za-z0-9]+)*"
    r"|(?<![A-Za-z0-9])[A-Z](?:\.[A-Z]+)+(?![A-Za-z0-9])"
)
#: The code that a longer one is a case of: C103A2 → C103, E-204/3 → E-204.
_FAMILY = re.compile(r"[a-z]+-?\d+(?=[a-z./-]+\d)")
#: A footnote's mark, and raised or lowered figures right behind a figure or Hangul: 50¹⁾, 10⁶, 제도². Those behind a
#: Latin letter are part of its word (m², H₂O).
_NOTE_MARK = re.compile(r"⁽?[⁰¹²³⁴⁵⁶⁷⁸⁹]+⁾")
_RAISED = re.compile(r"(?<=[^\WA-Za-z_⁰¹²³⁴⁵⁶⁷⁸⁹₀-₉])(?=[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹₊₋₀-₉])|(?<=[⁰¹²³⁴⁵⁶⁷⁸⁹]),(?=[⁰¹²³⁴⁵⁶⁷⁸⁹])")
_HANGUL = re.compile(r"[가-힣]+")
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?|\d+(?:[.,]\d+)*")

#: Parts of speech that carry content: nouns, roots, verbs, adjectives, foreign words, numbers.
_CONTENT = ("NNG", "NNP", "NR", "XR", "VV", "VA", "SL", "SH", "SN", "UN", "W_")

_ENGLISH_STOP = frozenset(
    """a an and are as at be been but by can could did do does for from had has have having he her his how i if in
    into is it its may me might must my no not of on one or our out shall she should so some such than that the
    their them then there these they this those to under up us was we were what when where which who whom whose
    why will with would you your about please tell many much any all also each per""".split()  # noqa: SIM905 - a list of words reads better than a list of quotes
)
_KOREAN_STOP = frozenset(
    """하 되 있 없 이 그 저 것 수 등 및 때 때문 무엇 누구 어디 언제 어떻 어떤 얼마 몇 왜 알리 알 주 말하
    대하 관하 따르 위하 통하 같 경우""".split()  # noqa: SIM905
)


def tokenizer_version() -> str:
    """Name the tokenizer with its version, part of the index fingerprint."""
    return f"kiwi-{metadata.version('kiwipiepy')}+bigrams-3"


@dataclass(frozen=True, slots=True)
class Terms:
    """Search terms of one text: `words` are morphemes and stems, `bigrams` of Hangul runs, `identifiers` whole.

    A code is followed by the one that it is a case of (`c103a2`, `c103`), so that the shorter finds the longer.
    """

    words: tuple[str, ...]
    bigrams: tuple[str, ...]
    identifiers: tuple[str, ...]

    @property
    def phrases(self) -> tuple[str, ...]:
        """Neighbouring words, which say more together than apart ("child benefit"; Metzler and Croft 2005)."""
        return tuple(f"{first} {second}" for first, second in pairwise(self.words) if first != second)


kiwi_lock = threading.Lock()


@lru_cache(maxsize=1)
def kiwi() -> Kiwi:
    """Give the morpheme analyser, loaded once; hold `kiwi_lock` while using it."""
    from kiwipiepy import Kiwi

    return Kiwi(num_workers=1)


class _Stemmers(threading.local):
    """A stemmer for each thread: it keeps the word that it is at."""

    def __init__(self) -> None:
        import snowballstemmer

        self.english = snowballstemmer.stemmer("english")


@lru_cache(maxsize=1)
def _stemmers() -> _Stemmers:
    return _Stemmers()


def _korean_words(text: str) -> Iterable[str]:
    with kiwi_lock:  # Kiwi is loaded once and shared by the page's threads
        tokens = kiwi().tokenize(text)
    for token in tokens:
        tag = token.tag.split("-")[0]
        if tag.startswith(_CONTENT) and _HANGUL.search(token.form) and token.form not in _KOREAN_STOP:
            yield token.form


def _english_words(text: str) -> Iterable[str]:
    for match in _WORD.finditer(text):
        word = match.group().lower().removesuffix("'s")
        if word[0].isdigit():
            yield word.replace(",", "")
        elif word not in _ENGLISH_STOP:
            yield _stemmers().english.stemWord(word)


def _with_family(identifier: str) -> tuple[str, ...]:
    name = re.sub(r"\s", "", identifier).lower()
    family = _FAMILY.match(name)
    return (name, family.group()) if family else (name,)


def terms(text: str) -> Terms:
    """Find the search terms of `text`, in order, repeats kept (BM25 counts them).

    NFKC alone would make 501 of 50¹ and 106 of 10⁶: raised figures are no figures of the number that they stand behind.
    """
    text = unicodedata.normalize("NFKC", _RAISED.sub(" ", _NOTE_MARK.sub(" ", text)))
    identifiers = tuple(name for match in _IDENTIFIER.finditer(text) for name in _with_family(match.group()))
    rest = _IDENTIFIER.sub(" ", text)
    hangul = _HANGUL.findall(rest)
    words = tuple(_korean_words(rest)) if hangul else ()
    bigrams = tuple(run[i : i + 2] for run in hangul for i in range(len(run) - 1))
    return Terms(words + tuple(_english_words(rest)), bigrams, identifiers)
