"""Right answers without a language model: sentences and table rows of the documents, rephrased mechanically.

The changes are those that a model makes when it answers from a source (a clause dropped, a particle changed, a date
moved, an amount in another scale, the other language). Whatever comes out says what its evidence says.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from assistant.quoting import quote_at
from assistant.schema import Block, Document, Language, Quote
from assistant.text.language import detect, sentences
from assistant.text.table_rows import Row

#: Longest piece of evidence made of several list items or table rows (characters), as the assistant makes them.
_RUN = 420
_WHOLE = 200
_SHORTEST, _LONGEST = 14, 220
_SOURCE = re.compile(r"\s*[(（](?:출처|자료|[Ss]ources?)\s*:[^()（）]*(?:\([^()]*\)[^()]*)*[)）]\s*\.?$")
_LEARNED = Path(__file__).parents[1] / "reading" / "training" / "data" / "passages.jsonl"
_FIGURE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Right:
    """An answer that its evidence supports. `how` names the rephrasing."""

    text: str
    language: Language
    cited: tuple[Quote, ...]
    question: str
    how: str
    document_id: str


@dataclass(frozen=True, slots=True)
class Text:
    """A document with its stored text and blocks."""

    document: Document
    text: str
    blocks: tuple[Block, ...]


def family_of(document_id: str) -> str:
    """A document's name without folder's ending: its other language and its other revision are of one family."""
    return re.sub(r"(?:-rev-[a-z])?(?:-budget)?(?:\.(?:ko|en))?\.[a-z]+$", "", document_id)


@cache
def learned_families() -> frozenset[str]:
    """The families of which the reader learned from a passage; empty where the training data are not installed."""
    if not _LEARNED.is_file():
        return frozenset()
    lines = _LEARNED.read_text(encoding="utf-8").splitlines()
    return frozenset(family_of(json.loads(line)["document"]) for line in lines)


def half_of(document_id: str) -> str:
    """Tell "tune" for a document of a family that the reader learned from, "check" for one that it never saw."""
    return "tune" if family_of(document_id) in learned_families() else "check"


# --- evidence -----------------------------------------------------------------------------------------------------


def pieces(source: Text) -> Iterator[tuple[Quote, Block]]:
    """The document as pieces of evidence: short paragraphs, sentences of long ones, runs of items and rows."""
    run: list[Block] = []
    for block in [*source.blocks, None]:
        alike = block and run and (block.kind, block.heading_path, block.table_header) == (
            run[-1].kind, run[-1].heading_path, run[-1].table_header,
        )  # fmt: skip
        if run and not (
            alike and block and block.kind in ("list_item", "table_row") and block.end - run[0].start <= _RUN
        ):
            yield quote_at(source.document, source.text, run[0], run[0].start, run[-1].end), run[0]
            run = []
        if block is None or block.kind in ("heading", "code") or (block.kind == "table_row" and not block.table_header):
            continue
        if block.kind == "paragraph" and block.end - block.start > _WHOLE:
            for start, end in sentences(source.text[block.start : block.end]):
                found = quote_at(source.document, source.text, block, block.start + start, block.start + end)
                yield found, block
            continue
        run.append(block)


# --- rephrasing ---------------------------------------------------------------------------------------------------

_POLITE_NOUN = re.compile(r"[가-힣A-Za-z%)]$")
_FINAL = re.compile(r"(하였|했|되었|됐|이었|였)습니다\.$|(합|됩|입|있습|없습)니다\.$")
_PLAIN = {"합": "한다", "됩": "된다", "입": "이다", "있습": "있다", "없습": "없다"}
_JOIN = re.compile(
    r"(이고|이며|하고|하며|되고|되며|였고|였으며|하였고|하였으며|되었고|되었으며|있으며|있고|없으며|없고),? "
)
_ENDED = {
    "이고": "입니다", "이며": "입니다", "하고": "합니다", "하며": "합니다", "되고": "됩니다", "되며": "됩니다",
    "있으며": "있습니다", "있고": "있습니다", "없으며": "없습니다", "없고": "없습니다",
}  # fmt: skip
_DATE_KO = re.compile(
    r"^(?P<date>(?:20\d\d년 ?)(?:\d{1,2}월 ?)?(?:\d{1,2}일)?(?:에)?) (?P<rest>(?!\d)[^ ]+(?:은|는|이|가)) "
)
_DATE_EN = re.compile(r" (?P<date>(?:in|on|since) (?:\d{1,2} )?(?:[A-Z][a-z]+ )?20\d\d)\.$")
_WON = re.compile(r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?P<scale>조|억|만) ?원(?!\s?\d)")
_KRW = re.compile(r"KRW (?P<number>\d+(?:\.\d+)?) (?P<scale>million|billion|trillion)")
_SCALES = {
    "조": 10**12, "억": 10**8, "만": 10**4, "million": 10**6, "billion": 10**9, "trillion": 10**12,
}  # fmt: skip
_CLAUSE_EN = re.compile(r"^(?P<first>[^,;]{20,}?)(?:,|;) (?:and|but|while|which|so) ")
_TOPIC = re.compile(
    r"(?P<noun>[^,.]{0,40}?(?:기업|기관|사업|지원금|금액|비율|얼라이언스|과제|프로젝트|제도|액|율|기간|한도|분과|데이터|공장|"
    r"목표|제품|설비|조사|로봇|정부|부처))(?P<particle>은|는)(?= )"
)
_CAPTION = re.compile(r"(?:표|그림|Table|Figure) ?\d|[(（]")
_ASIDE = re.compile(r" \([^()]{2,60}\)")


def _without_source(text: str, _: Language) -> str:
    return text


def _plain_style(text: str, language: Language) -> str:
    """하였습니다 → 하였다, 입니다 → 이다."""
    if language == "en":
        return text
    return _FINAL.sub(lambda m: f"{m[1]}다." if m[1] else f"{_PLAIN[m[2]]}.", text)


def _first_clause(text: str, language: Language) -> str:
    """The first of two joined clauses as a sentence."""
    if language == "en":
        match = _CLAUSE_EN.match(text)
        return f"{match['first']}." if match else text
    match = _JOIN.search(text, 12)
    if not match:
        return text
    word = match[1]
    if word not in _ENDED and not word.endswith(("였고", "었고", "였으며", "었으며")):
        return text
    ended = _ENDED.get(word) or re.sub(r"(?:고|으며)$", "습니다", word)
    before = text[match.start() - 1]
    if word in ("이고", "이며") and not ("가" <= before <= "힣"):
        return text
    return text[: match.start()] + ended + "."


def _topic(text: str, language: Language) -> str:
    """A topic particle becomes one of the subject."""
    if language == "en":
        return text
    match = _TOPIC.match(text)
    if not match:
        return text
    return f"{match['noun']}{'이' if match['particle'] == '은' else '가'}{text[match.end() :]}"


def _moved_date(text: str, language: Language) -> str:
    if language == "en":
        match = _DATE_EN.search(text)
        if not match or "," in text or re.match(r"(?:In|On|Since|By|From) ", text) or text[1:2].isupper():
            return text
        opening = text[0].lower() if re.match(r"(?:The|A|An|It|This|These|Its|Each)\b", text) else text[0]
        return f"{match['date'][0].upper()}{match['date'][1:]}, {opening}{text[1 : match.start()]}."
    match = _DATE_KO.match(text)
    return f"{match['rest']} {match['date']} {text[match.end() :]}" if match else text


def _other_scale(text: str, language: Language) -> str:
    """100억 원 → 10,000,000,000원; KRW 300 million → 0.3 billion won, KRW 2.5 trillion → 2,500 billion won."""

    def korean(match: re.Match[str]) -> str:
        value = Decimal(match["number"].replace(",", "")) * _SCALES[match["scale"]]
        return f"{value:,.0f}원"

    def english(match: re.Match[str]) -> str:
        down = {"million": ("thousand", 10**3), "billion": ("million", 10**6), "trillion": ("billion", 10**9)}
        name, factor = down[match["scale"]]
        value = Decimal(match["number"]) * _SCALES[match["scale"]] / factor
        return f"{value:,.0f} {name} won" if value == value.to_integral() else match[0]

    if language == "en":
        return _KRW.sub(english, text)
    return text if re.search(r"[조억만] ?\d", text) else _WON.sub(korean, text)


def _no_aside(text: str, _: Language) -> str:
    return _ASIDE.sub("", text, count=1)


def _polite(text: str, language: Language) -> str:
    """A noun phrase of a list becomes a sentence with 입니다."""
    if language == "ko" and _POLITE_NOUN.search(text) and not text.endswith(("다", "요", "함", "음", "임", "됨")):
        return text + "입니다."
    return text


_REPHRASINGS: Mapping[str, Callable[[str, Language], str]] = {
    "copied": _without_source, "plain style": _plain_style, "first clause": _first_clause, "topic": _topic,
    "date moved": _moved_date, "other scale": _other_scale, "aside dropped": _no_aside, "입니다": _polite,
}  # fmt: skip


def _row_sentences(quote: str, header: str, language: Language) -> Iterator[str]:
    """Table rows as sentences: `초급의 한도는 1억 원입니다.`"""
    for line in quote.splitlines():
        row = Row.of(header, line)
        if row is None or len(row.cells) < 2 or not row.cells[0] or len(row.cells[0]) > 40:
            continue
        for name, cell in row.pairs[1:]:
            if not 1 < len(cell) <= 60 or cell.endswith((".", "다", "요")) or not name or len(name) > 30:
                continue
            if not (_FIGURE.search(cell) or re.search(r"[A-Z가-힣]{2}", cell)) or re.search(r"[/;]", cell):
                continue
            if language == "ko":
                yield f"{row.cells[0]}의 {name}{_particle(name, '은', '는')} {cell}입니다."
            elif not re.search(r"[a-z] \w+ \w+ \w+ \w+", cell):
                column = name if name[:2].isupper() else name[0].lower() + name[1:]
                yield f"The {column} of {row.cells[0]} is {cell}."


def _particle(word: str, closed: str, open_: str) -> str:
    last = word.rstrip(")」 ")[-1]
    return closed if "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 else open_


def from_text(source: Text, rng: random.Random) -> Iterator[Right]:
    """Right answers from one document, each with its piece and, for half of them, a neighbouring piece as evidence."""
    found = list(pieces(source))
    for place, (piece, block) in enumerate(found):
        neighbour = found[place + 1][0] if place + 1 < len(found) else found[place - 1][0]
        language = detect(piece.quote) or source.document.language
        if block.kind == "table_row":
            made = [("row", text) for text in _row_sentences(piece.quote, piece.table_header, language)]
        else:
            made = [
                (how, changed)
                for start, end in sentences(piece.quote)
                for text in [_bare(piece.quote[start:end])]
                for how, changed in _rephrased(text, language)
            ]
        heading = block.heading_path[-1] if block.heading_path else source.document.title
        for how, text in made:
            if (
                not _SHORTEST <= len(text) <= _LONGEST
                or detect(text) != language
                or text.endswith((":", "?"))
                or _CAPTION.match(text)
            ):
                continue
            cited = (piece, neighbour) if rng.random() < 0.5 else (piece,)
            yield Right(text, language, cited, heading, how, source.document.document_id)


def _bare(text: str) -> str:
    return _SOURCE.sub("", re.sub(r"^\s*(?:[-*•·○]|\d{1,2}[.)])\s*", "", text)).strip()


def _rephrased(text: str, language: Language) -> Iterator[tuple[str, str]]:
    for how, change in _REPHRASINGS.items():
        changed = change(text, language)
        if how == "copied" or changed != text:
            yield how, changed


_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def across(korean: Text, english: Text) -> Iterator[Right]:
    """Answers in one language from evidence in the other: blocks at the same place of a pair with equal figures."""
    ours, theirs = ([p for p, b in pieces(t) if b.kind != "table_row"] for t in (korean, english))
    if len(ours) != len(theirs):
        return
    for one, other in zip(ours, theirs, strict=True):
        a, b = _bare(one.quote), _bare(other.quote)
        if not (_FIGURE.search(a) and _FIGURE.search(b)) or "\n" in a + b:
            continue
        if len(sentences(a)) == len(sentences(b)) == 1 and max(len(a), len(b)) <= _LONGEST:
            heading = one.heading_path[-1] if one.heading_path else ""
            their = other.heading_path[-1] if other.heading_path else ""
            yield Right(a, "ko", (other,), heading, "from English", korean.document.document_id)
            yield Right(b, "en", (one,), their, "from Korean", english.document.document_id)


def right_answers(sources: Iterable[Text], seed: int, *, most: int) -> list[Right]:
    """At most `most` right answers, spread over documents, languages and rephrasings."""
    rng = random.Random(seed)
    texts = {source.document.document_id: source for source in sources}
    found: list[Right] = []
    for name in sorted(texts):
        found += from_text(texts[name], rng)
        twin = texts.get(name.replace(".ko.", ".en."))
        if ".ko." in name and twin:
            found += across(texts[name], twin)
    rng.shuffle(found)
    return _spread(found, most)


def _spread(found: Sequence[Right], most: int) -> list[Right]:
    """Round robin over (language, rephrasing, collection), so that no kind drowns the others; each text once."""
    groups: dict[tuple[str, str, str], list[Right]] = {}
    seen: set[tuple[str, str]] = set()
    for right in found:
        if (right.text, right.how) not in seen:
            seen.add((right.text, right.how))
            groups.setdefault((right.language, right.how, right.document_id.split("/")[0]), []).append(right)
    chosen: list[Right] = []
    while len(chosen) < most and any(groups.values()):
        for key in sorted(groups):
            if groups[key] and len(chosen) < most:
                chosen.append(groups[key].pop())
    return chosen
