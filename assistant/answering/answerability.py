"""Whether the chosen evidence can answer the question; decided by code, before any generation.

The model must not both answer and refuse in one go: it then states whatever the question presupposes, with a citation.
What decides here is what a careful reader would look for: is the thing asked about there by name, code and year; do
the documents themselves say that it is not known; is anything near at all? What passes is shown to the model once more,
which only says how sure it is that the piece answers (`generation.judgement`); with the nearness of question and piece
that decides (`certainty`, threshold `answer_odds` in the settings).

Thresholds were set on the tuning questions: `first_dev`, `part1_dev` and `part2_dev` in `tests/questions`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.evidence import PieceEmbedder, Selection, asks_now
from assistant.answering.verification import sources_of
from assistant.answering.wording import display
from assistant.index.tokens import holds, nouns, terms
from assistant.language import sentences
from assistant.quantities import YEAR, quantities
from assistant.schema import Evidence

#: Cosine of question and nearest piece below which the passages speak of something else.
_FAR = 0.33
#: Below both of these (coverage of the question's words, cosine) too little of the question is found.
_THIN_COVERAGE, _THIN_SIMILARITY = 0.2, 0.4
#: What a cosine of 1 more is worth in the model's log odds, and the cosine from which it is counted: usually, and when
#: a code of the question was found. Area under the ROC curve with it and without: Korean tuning questions .79, .77,
#: English .81, .82, nomiracl_ko_dev .84, .81, en_squad2_dev .79, .79, ko_welfare_dev .93, .76.
_SIMILARITY_WEIGHT, _USUAL_SIMILARITY, _CODED_SIMILARITY = 15.0, 0.5, 0.4
#: Cosine of two words from which they mean the same here: 배터리–이차전지 .86, 회사–기업 .95, firms–companies .90;
#: 섬유–철강 .68, toy–automotive .69.
_SYNONYM = 0.76

#: How far (cosine) what is not known may lie behind what is stated, and still be what the question asks for.
_AS_NEAR = 0.17

_WHOM_TO_ASK = re.compile(r"(문의처|문의할 곳|확인할 곳|whom to ask|where to ask)\s*:", re.I)
_ABSENCE = re.compile(
    r"확인되지 않|확인할 수 없|확인된 (자료|내용|바)가 없|확인된 자료 없음|공개되지 않|공개된 자료가 없|찾지 못하|"
    r"알려지지 않|"
    r"\b(was|were|is|are|has|have|had|could) not (yet )?(been )?"
    r"(found|published|confirmed|stated|given|shown|printed)\b|"
    r"\bnot found\b|\bno (published|stored|official) |\bunknown\b",
    re.I,
)
#: Share of the asked nouns in one line from which that line speaks of the very thing.
_NEARLY_ALL = 0.8
_NUMBERED_KIND = re.compile(
    r"[가-힣]{2,}\d+(?![\d%.,~-]|\s?(?:년|월|일|개|명|억|만|천|조|원|배|회|건|곳|대|위|시|분|주|차|인))"
)
_ORDINAL = re.compile(r"\d+(st|nd|rd|th)")
_NAME = re.compile(r"(?<=[a-z0-9,] )[A-Z][A-Za-z&-]{2,}\b")
#: Words that describe without naming; and kinds of things, before which a name stands.
_DESCRIBING = frozenset(
    """자기 우리 자사 본인 지금 현재 올해 작년 내년 최근 공식 처음 당시 최소 최대 전체 추가 새 기준
    january february march april may june july august september october november december
    bad good single new big small large first last same own other main total current maximum minimum max min exact
    full real average next
    """.split()  # noqa: SIM905
)
_COUNTRY = frozenset("한국 대한민국 국내 우리나라".split())  # noqa: SIM905
_BANK = re.compile(r"[가-힣]{2,}은행")
_PRICE = re.compile(
    r"가격|값이|사면|구매가|구입비|\bprices?\b|\bpriced\b|\bcosts? to buy\b|\bhow much (does|do|is|are|for) [^?]*\b"
    r"(cost|charged?|a new)\b|\byou charge\b",
    re.I,
)
#: What is asked of a seller, not of a document: answered only where the evidence speaks of it.
_SALES = (
    re.compile(r"warranty|보증\s?기간|무상\s?(보증|수리)|품질\s?보증", re.I),
    re.compile(r"납기|배송|주문하면|delivery|lead time|\bship(ped|s|ping)?\b", re.I),
)
#: Things whose very existence a question may suppose, and kinds of which it may name one that is not there.
_PREMISES = frozenset("기금 펀드 협회 보조금 수당 부지 fund association allowance land".split())  # noqa: SIM905
_KINDS = _PREMISES | frozenset("분과 업종 유형 산업 부문 프로그램 division industry sector type bank".split())  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether to answer; if not, why (for logs and tests), and the piece that says that it is not known, if any."""

    answer: bool
    reason: str = ""
    said: Evidence | None = None


def decide(question: str, selection: Selection, embedder: PieceEmbedder) -> Decision:
    """Decide on the chosen evidence. Costs no generation; at most a few words are embedded."""
    pieces = selection.telling
    if not pieces:
        return Decision(False, "nothing found")
    coded = _coded(question, pieces)
    if selection.similarity < _FAR and not coded:
        return Decision(False, "nothing near")
    if selection.coverage < _THIN_COVERAGE and selection.similarity < _THIN_SIMILARITY and not coded:
        return Decision(False, "too little of the question found")
    if asks_now(question) and all(piece.superseded_by for piece in pieces):
        return Decision(False, "asks for the present, and only a superseded document speaks of it")
    text = " ".join(sources_of(selection.evidence))
    squeezed = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()  # CO₂ is CO2
    named = [name for name in terms(question).identifiers if not _ORDINAL.fullmatch(name)]
    named += _NUMBERED_KIND.findall(question)
    if absent := [name for name in named if not _held(name.casefold(), squeezed)] or _unknown_years(question, text):
        return Decision(False, f"not in the evidence: {absent}")
    if _PRICE.search(question) and not any(quantity.unit == "KRW" for quantity in quantities(text)):
        return Decision(False, "no price in the evidence")
    if any(matter.search(question) and not matter.search(text) for matter in _SALES):
        return Decision(False, "not a matter of the evidence")
    silent = _only_absence(pieces[0]) or _absence(question, selection.evidence)
    if silent and _nearer_than_said(silent, question, selection.evidence, embedder):
        return Decision(False, "the documents say that it is not known", silent)
    if unknown := _unknown_things(question, text, embedder):
        return Decision(False, f"the documents do not know {unknown}")
    if not coded and (others := _unnamed(question, selection)):
        return Decision(False, f"what was found is about others than {others}")
    return Decision(True)


def certainty(question: str, odds: float, selection: Selection) -> float:
    """How sure it is that the chosen evidence answers, to compare with the setting `answer_odds`.

    `odds`: the model's log odds (`generation.judgement`). The nearness of question and evidence counts beside them.
    """
    usual = _CODED_SIMILARITY if _coded(question, selection.telling) else _USUAL_SIMILARITY
    return odds + _SIMILARITY_WEIGHT * (selection.similarity - usual)


def _coded(question: str, pieces: Sequence[Evidence]) -> bool:
    """Whether the pieces hold a code of the question, or are about the machine that it names.

    A code makes short, odd-looking questions; what holds it is near however low the cosine.
    """
    codes = terms(question).identifiers
    return any(code in f"{piece.title} {piece.quote}".casefold() for code in codes for piece in pieces)


def is_entry(question: str, pieces: Sequence[Evidence]) -> bool:
    """Whether a piece is the very entry of a code that was asked about (an alarm, a part): it needs no judgement."""
    return any(
        re.match(rf"\W*{re.escape(code)}(?![\w-])", line, re.I)
        for code in terms(question).identifiers
        for piece in pieces
        for line in piece.quote.splitlines()
    )


def states_absence(text: str) -> bool:
    """Whether a document itself says that something is not known or not published."""
    return bool(_ABSENCE.search(text))


def _only_absence(piece: Evidence) -> Evidence | None:
    """The nearest piece itself, when all it says is what is not known."""
    for line in display(piece).splitlines():
        said, unsaid = _said_and_unsaid(piece, line)
        if said or not unsaid:
            return None
    return piece


def _absence(question: str, evidence: Sequence[Evidence]) -> Evidence | None:
    """The piece that says that the asked thing is not known.

    It holds more of the asked nouns than any line that states something, or one that stands nowhere else.
    """
    asked = [word for word in nouns(question) if word not in _DESCRIBING]
    spoken = ""
    lines: list[str] = []
    silent: list[tuple[Evidence, str]] = []
    for piece in evidence:
        spoken += f" {piece.title} {' '.join(piece.heading_path)}"
        for line in display(piece).splitlines():
            said, unsaid = _said_and_unsaid(piece, line, whole=True)
            silent += [(piece, _in_row(line, part)) for part in unsaid if _any_held(part, asked)]
            if said:
                spoken += f" {' '.join(said)}"
                lines.append(" ".join(said))
    most = max((_count(line, asked) for line in lines), default=0)
    # what speaks most of the matter first
    counted = sorted(((_count(line, asked), piece, line) for piece, line in silent), key=lambda found: -found[0])
    if counted and counted[0][0] > most:
        return counted[0][1]
    only_silent = [word for word in asked if not holds(spoken, word)]
    if most >= _NEARLY_ALL * len(asked):
        return None  # one line states nearly all that was asked; the odd word is another wording
    for held, piece, line in counted:
        if _any_held(line, only_silent) and 3 * held >= 2 * most:  # it speaks of the matter, not just of one word of it
            return piece
    return None


def _nearer_than_said(silent: Evidence, question: str, evidence: Sequence[Evidence], embedder: PieceEmbedder) -> bool:
    """Whether what `silent` says is not known is about as near to the question as anything that is stated."""
    lines = [(piece, line) for piece in evidence for line in display(piece).splitlines()]
    parts = [(piece, line, *_said_and_unsaid(piece, line)) for piece, line in lines]
    said = [(piece, " ".join(stated)) for piece, _, stated, _ in parts if stated]
    unsaid = [(piece, _in_row(line, part)) for piece, line, _, absent in parts if piece is silent for part in absent]
    if not said or not unsaid:
        return bool(unsaid)
    headings = [piece.heading_path[-1] if piece.heading_path else "" for piece, _ in (*said, *unsaid)]
    vectors = embedder.encode_passages(headings, [text for _, text in (*said, *unsaid)])
    cosines = vectors @ embedder.encode_query(question)
    return float(cosines[len(said) :].max()) >= float(cosines[: len(said)].max()) - _AS_NEAR


def _in_row(line: str, part: str) -> str:
    """A cell with the cell that names its row; a sentence as it is."""
    head = line.split("; ")[0]
    return part if part == head or "; " not in line else f"{head}; {part}"


def _said_and_unsaid(piece: Evidence, line: str, whole: bool = False) -> tuple[list[str], list[str]]:
    """What a displayed line of `piece` states, and what it says is not known: cells of a row, else sentences.

    With `whole` a line that is no row counts as one: what is said beside what is not known is said of the same matter.
    """
    if piece.table_header:
        parts = [cell for cell in line.split("; ") if not _WHOM_TO_ASK.match(cell)]
    else:
        parts = [line] if whole else [line[start:end] for start, end in sentences(line)]
    return [part for part in parts if not states_absence(part)], [part for part in parts if states_absence(part)]


def _count(text: str, words: Sequence[str]) -> int:
    return sum(holds(text, word) for word in words)


def _any_held(text: str, words: Sequence[str]) -> bool:
    return any(holds(text, word) for word in words)


def _unknown_years(question: str, text: str) -> list[str]:
    """Years asked about that lie outside the years of the evidence."""
    known = [int(year) for year in YEAR.findall(text)]
    return [year for year in YEAR.findall(question) if not known or not min(known) <= int(year) <= max(known)]


def _held(code: str, squeezed: str) -> bool:
    """Whether a text without spaces holds a code, also one in the plural: "the M10s", "the 1600s"."""
    return code in squeezed or (code.endswith("s") and code[-2:-1].isdigit() and code[:-1] in squeezed)


def _adjoin(question: str, word: str, kind: str) -> bool:
    """Whether a word stands right before a kind: "섬유 분과", not "상한이 제일 높은 업종" or "sat in the bank"."""
    between = r"[a-z]{0,3}[\s-]" if word.isascii() else r"의?\s?"
    return bool(re.search(rf"{re.escape(word)}{between}{re.escape(kind)}", question, re.I))


def _unknown_things(question: str, text: str, embedder: PieceEmbedder) -> list[str]:
    """Names, and words that say which one of a kind is meant, that the evidence holds neither so nor in other words."""
    if banks := [name for name in _BANK.findall(question) if not holds(text, name)]:
        return banks  # one bank is not another, however near their names are
    suspects = [word.casefold() for word in _NAME.findall(question)]
    asked = nouns(question)
    for word, following in zip(asked, (*asked[1:], ""), strict=True):
        if word in _PREMISES or (following in _KINDS and _adjoin(question, word, following)):
            suspects.append(word)
    return _without_synonym([word for word in suspects if word not in _DESCRIBING], text, embedder)


def _unnamed(question: str, selection: Selection) -> list[str]:
    """The names that a question is about and that what would be told holds neither so nor spelt out."""
    told = " ".join(sources_of(selection.telling))
    asked = [name for name in selection.names if _names_the_matter(name, question)]
    return [name for name in asked if not holds(told, name) and not _abbreviates(name, told)]


def _names_the_matter(name: str, question: str) -> bool:
    """Whether a name says what is asked about, not where the asker is: "서울에 있는 기업", "한국 기업"."""
    return (
        name in question
        and name not in _COUNTRY
        and not re.search(rf"{re.escape(name)}(에 |에도 |의? ?소재)", question)
    )


def _abbreviates(name: str, text: str) -> bool:
    """Whether a Korean name is made of syllables of a noun in a text, in order: 대한상의, 대한상공회의소."""
    return any(noun[0] == name[0] and _in_order(name, noun) for noun in nouns(text))


def _in_order(syllables: str, word: str) -> bool:
    rest = iter(word)
    return all(syllable in rest for syllable in syllables)


def _without_synonym(words: Sequence[str], text: str, embedder: PieceEmbedder) -> list[str]:
    """The words that a text holds neither so nor in other words."""
    missing = [word for word in dict.fromkeys(words) if not holds(text, word)]
    if not missing:
        return []
    known = list(dict.fromkeys(nouns(text)))[:120]
    vectors = embedder.encode_passages([""] * (len(missing) + len(known)), [*missing, *known])
    near = vectors[: len(missing)] @ vectors[len(missing) :].T
    return [word for word, row in zip(missing, near, strict=True) if not len(known) or row.max() < _SYNONYM]
