"""Which language a text is in, and its sentences with offsets.

Rules only, for Korean and English mixed in one line. Does *not* know words: what counts as a search term is the
retrieval tokenizer's business.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

from assistant.errors import QuestionError
from assistant.schema import Language

# --- detection ----------------------------------------------------------------------------------------------------

_HANGUL = re.compile(r"[가-힣ㄱ-ㆎᄀ-ᇿ]")
_KANA = re.compile(r"[\u3041-\u30ff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")
# A Korean word that carries grammar: a particle on a name ("SV0401은") or the end of a verb ("되나요").
_KOREAN_GRAMMAR = re.compile(
    r"(?:[가-힣]|[A-Za-z0-9])(?:은|는|을|를|의|에|에서|에게|으로|로|와|과|부터|까지|이나|이며)(?![가-힣])"
    r"|(?:니까|나요|가요|까요|어요|아요|세요|해요|예요|인가|습니까|습니다|니다|주세요|줘|하라|는지|인지|한가|는가|"
    r"뭐야|뭔가|하면|하는|되는|된)(?![가-힣])"
    r"|(?:무엇|얼마|언제|어디|어떻게|어떤|누가|누구|왜|알려|몇)"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FUNCTION_WORDS: dict[str, frozenset[str]] = {
    "en": _words(
        "a an the is are was were be been of to and in on for with what which who whom when where why how do "
        "does did can could may must should will would shall not it its this that these those there from by "
        "at as an if or we our you your i my me have has had than into about any all please tell show give "
        "much many between after before during"
    ),
    "fr": _words(
        "le la les des du un une est sont quel quelle quels quelles pour dans avec que qui sur par comment "
        "combien où pourquoi cette ces nous vous je il elle et au aux ne pas plus l d qu"
    ),
    "es": _words(
        "el la los las un una es son qué cuál cuáles cuánto cuánta para con que por del al cómo dónde cuándo "
        "quién este esta y se su lo más en de como"
    ),
    "de": _words(
        "der die das den dem des ein eine einen ist sind was welche welcher wie viel wann wer wo warum für "
        "mit von und nicht auf zu im am bei wird werden wir sie ich es auch oder"
    ),
    "it": _words(
        "il lo la gli le un una è sono quale quali quanto per con che di del della nel come dove quando chi "
        "perché e non si questo questa i"
    ),
    "pt": _words(
        "o a os as um uma é são qual quais quanto para com que por do da dos das no na como onde quando quem "
        "e não se este esta em"
    ),
    "nl": _words(
        "de het een is zijn wat welke hoe veel voor met van en niet op te wie wanneer waar waarom wordt er "
        "aan bij dit dat"
    ),
    "id": _words("yang dan di dari untuk dengan apa berapa bagaimana adalah ini itu pada ke tidak siapa kapan mana"),
}
_ENGLISH = _FUNCTION_WORDS["en"]
_FOREIGN_LETTER = re.compile(r"[ąćęłńśźżğışřčžőűđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹßñãõ¿¡]")


def detect(text: str) -> Language | None:
    """Tell the language: "ko", "en", or None for another language and for text without letters.

    In mixed text the grammar decides: Korean particles and verb endings against English function words; without
    either, the share of letters, in which a Hangul syllable weighs as three.
    """
    text = unicodedata.normalize("NFC", text)
    hangul, latin = len(_HANGUL.findall(text)), len(_LATIN.findall(text))
    other = sum(char.isalpha() for char in text) - hangul - latin
    if len(_KANA.findall(text)) > hangul or other > 3 * hangul + latin:
        return None
    if not hangul:
        return "en" if latin and not _another_latin_language(text) else None
    korean = len(_KOREAN_GRAMMAR.findall(text))
    english = sum(word.lower() in _ENGLISH for word in _WORD.findall(text))
    if bool(korean) != bool(english):
        return "ko" if korean else "en"
    return "ko" if 3 * hangul + 6 * korean >= latin + 6 * english else "en"


def _another_latin_language(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)]
    english = sum(word in _ENGLISH for word in words)
    others = max(sum(word in known for word in words) for name, known in _FUNCTION_WORDS.items() if name != "en")
    if _FOREIGN_LETTER.search(text.lower()) and not english:
        return True
    accented = sum(not word.isascii() for word in words)
    return (accented > 1 and not english) or (others > english and (others > 1 or accented > 0))


# --- the question -------------------------------------------------------------------------------------------------


def clean_question(text: str, max_chars: int) -> str:
    """Write the question in NFC, without control characters, on one line. Raises QuestionError with what to do."""
    composed = unicodedata.normalize("NFC", text)
    kept = (
        " " if char.isspace() else char
        for char in composed
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    question = " ".join("".join(kept).split())
    if not question:
        raise QuestionError("The question is empty.", "Type a question in Korean or English.")
    if len(question) > max_chars:
        raise QuestionError(
            f"The question has {len(question):,} characters; the limit is {max_chars:,}.", "Shorten it and ask again."
        )
    if not any(char.isalnum() for char in question):
        raise QuestionError("The question holds no words.", "Type a question in Korean or English.")
    return question


# --- sentences ----------------------------------------------------------------------------------------------------

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_STOP = re.compile(r"[.!?。？！…]+[\"'”’»)\]}」』》〉]*(?=\s|$)|(?<=[다요죠음])\.(?=[가-힣])")
_MARKER = re.compile(
    r"\s*(?:[-*•○□▶◦·] ?)?(?:\(?(?:\d{1,3}|[가-하]|[A-Za-z]|[ivx]{1,4})[.)]|\d{1,2}(?:\.\d{1,2})+\.?|[①-⑳])\s*$"
)
# Dates and the like whose full stops end nothing.
_HELD = re.compile(
    r"(?:(?:19|20)\d\d|['’‘]\d\d) ?\. ?\d{1,2} ?\.(?: ?\d{1,2} ?\.)?(?=\s*(?:[가-힣(~∼〜\d,)-]|$))"
    r"|(?<=[~∼〜]) ?\d{1,2}\. ?\d{1,2}\.(?=\s*[가-힣(,)])"
)
_CLOSED = re.compile(
    r"\([^()\n]{1,300}\)|\[[^\[\]\n]{1,300}\]|“[^”\n]{1,300}”|「[^」\n]{1,300}」|『[^』\n]{1,300}』|"
    r"\"[^\"\n]{1,300}\"|‘[^’\n]{1,200}’"
)
_ABBREVIATION = re.compile(
    r"(?:^|[^A-Za-z])(?:e\.g|i\.e|cf|vs|viz|nos|arts?|figs?|eq|para|ch|pp?|vol|dr|mr|mrs|ms|prof|approx|rev|ver|ref|"
    r"ca)\.$",
    re.IGNORECASE,
)
# These also end sentences: only the next word can tell.
_MAYBE_END = re.compile(
    r"(?:^|[^A-Za-z])(?:etc|inc|ltd|co|corp|u\.s|u\.k|e\.u|a\.m|p\.m|no|min|max|sec|al|est|st|tel|dept|incl|excl|"
    r"jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\.$",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"(?:The|This|That|These|It|In|A|An|For|They|We|He|She|If|When|As|At|On|All|Each|There|Its|By|"
    r"To|But|And)\b|[가-힣]"
)
_INITIAL = re.compile(r"(?:^|[^A-Za-z0-9])[A-Z]\.$")
_QUOTED_ON = re.compile(r"\s*(?:이?라고|이?라는|이?라며|고 |며 |라면서|하고|[a-z])")


def sentences(text: str) -> list[tuple[int, int]]:
    """Find half-open offsets of the sentences of `text`, without blanks at their ends; a line break ends a sentence.

    Never cut: dates ("2024. 7. 22."), abbreviations, initials, decimals, list markers ("3. " stays with its
    sentence) and what stands inside brackets or quotes.
    """
    found: list[tuple[int, int]] = []
    for line in _LINE.finditer(text):
        start = line.start()
        for end in _ends(line[0]):
            found += _stripped(text, start, line.start() + end)
            start = line.start() + end
        found += _stripped(text, start, line.end())
    return found


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _ends(line: str) -> Iterator[int]:
    held = [match.span() for match in _HELD.finditer(line)]
    closed = [match.span() for match in _CLOSED.finditer(line)]
    starts = [span[0] for span in closed]
    begun = 0
    for stop in _STOP.finditer(line):
        end = stop.end()
        place = bisect_right(starts, stop.start()) - 1
        inside = place >= 0 and closed[place][1] > stop.start()
        if inside and closed[place][1] > end:
            continue  # brackets and quotes stay whole
        if any(low <= stop.start() < high for low, high in held):
            continue
        if _goes_on(line[max(begun, end - 32) : end], line[end : end + 32], stop[0], inside):
            continue
        yield end
        begun = end


def _goes_on(before: str, after: str, stop: str, inside: bool) -> bool:
    """Whether the stop at the end of `before` ends no sentence."""
    following = after.lstrip()
    if _MARKER.match(before):
        return True
    if inside and _QUOTED_ON.match(after):
        return True
    if stop[0] in ".…" and following[:1].islower() and following[:1].isascii():
        return True
    if stop != ".":
        return False
    before = before[-16:]  # enough for any abbreviation
    if _MAYBE_END.search(before):
        return not (_OPENER.match(following) or not following)
    return bool(following) and bool(_ABBREVIATION.search(before) or _INITIAL.search(before))
