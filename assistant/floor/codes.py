"""Which codes of one machine somebody means who types a part of one: `ta107`, `TH-401`, `0401`, `ㅅㅁ0107`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from assistant.text.codes import with_known_codes


class _Known:
    """The codes of one machine as `with_known_codes` asks for them."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._codes = frozenset(code.lower() for code in codes)

    def document_frequency(self, words: Iterable[str]) -> tuple[dict[str, int], int]:
        """One for each code that the machine has."""
        return {word: 1 for word in words if word in self._codes}, len(self._codes)


#: The keys that Korean letters lie on (two-set layout), by Unicode: a code typed without switching.
_LAYOUT = {
    0x1100: "r R s e E f a q Q t T d w W c z x v g",
    0x1161: "k o i O j p u P h hk ho hl y n nj np nl b m ml l",
    0x11A8: "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g",
}
_KEYS = {first + place: key for first, keys in _LAYOUT.items() for place, key in enumerate(keys.split())}


def plain(typed: str) -> str:
    """Letters and digits alone, in capitals; Korean letters as the keys that they lie on."""
    return re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKD", typed).translate(_KEYS).upper())


def codes_like(typed: str, codes: Sequence[str]) -> list[str]:
    """The codes that `typed` may mean, in their order; one alone where it says which. The page's script does the same.

    Zeros in front of the number, hyphens and blanks do not count; a part of a code finds all that hold it.
    """
    wanted = plain(typed)
    if not wanted:
        return []
    spelled = with_known_codes(wanted, _Known(codes))
    exact = [code for code in codes if plain(code) in (wanted, plain(spelled))]
    if exact:
        return exact[:1]
    letters, number = _parts(wanted)
    return [
        code
        for code in codes
        if wanted in plain(code)
        or (number and _parts(plain(code))[0] == letters and _parts(plain(code))[1].startswith(number))
    ]


def _parts(code: str) -> tuple[str, str]:
    """The letters in front, and the number without its zeros."""
    found = re.match(r"([A-Z]*)0*(.*)", code)
    return (found[1], found[2]) if found else ("", code)
