"""Names with digits in them: clauses, standards, codes, version and telephone numbers. They are not quantities."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.text.quantities.dates import calendar
from assistant.text.quantities.values import fold


@dataclass(frozen=True, slots=True)
class Identifier:
    """`text` is `source[start:end]`; `key` is equal for the same identifier written in another way or language.

    "제12조제3항" and "Article 12(3)" → "article:12:3"; "SV-0401" → "SV0401"; "ISO 10218-1" → "ISO10218-1".
    """

    start: int
    end: int
    text: str
    key: str


_BODY = r"(?:ISO|IEC|KS|EN|ANSI|ASTM|UL|IEEE|NIST|OSHA|DIN|JIS|RIA|SAE|ITU|RFC|KCS|KOSHA|NFPA|OPC|VDI|VDMA)"
_SUB = r"(?:제? ?\d+ ?(?:항|호|목)(?:의 ?\d+)?(?![가-힣]*법))"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

_KINDS: list[tuple[str, str]] = [
    ("number", r"제 ?\d+(?:-\d+)+ ?호?"),
    ("web", r"(?:https?://|www\.)[^\s가-힣)>\]]+|(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9.-]{1,120}[A-Za-z]"),
    ("clause", rf"제 ?\d+ ?(?:편|장|절|관|조|항|호|목)(?! ?차)(?:의 ?\d+)?(?:(?:[ ·,]?{_SUB})|[{_CIRCLED}])*"),
    ("clause", rf"(?<![\d.,])\d+조(?:의 ?\d+)?(?: ?{_SUB}|[{_CIRCLED}])+"),
    ("clause", rf"(?:(?<=[법령칙정례] )|(?<=[법령칙정례]))\d+조(?:의 ?\d+)?(?! ?[\d원])(?: ?{_SUB})*"),
    ("clause", r"제? ?(?<![\d.,])\d{1,2}(?:\.\d{1,2})+ ?[절장]"),
    ("clause", r"제 ?\d+ ?부(?=[는은의와과가, (]|에|로|$)"),
    ("clause", r"(?<![\d.])(?<!\d,)\d{1,2} ?(?:항|호)(?:의 ?\d+)?(?![가-힣]{2})"),
    (
        "clause",
        r"(?:(?<![A-Za-z])(?:[Aa]rticles?|Art\.|[Ss]ections?|Sec\.|[Cc]lauses?|[Pp]aragraphs?|Para\.|[Ss]ubparagraph|"
        r"[Cc]hapters?|Ch\.|Part|[Aa]nnex|[Aa]ppendix|[Tt]ables?|[Ff]igures?|Fig\.|Item|Rule|Attachment|Form)|§+) ?"
        r"\d+(?:[.-]\d+)*[a-z]?(?:-\d+)?(?: ?\(\w{1,4}\))*(?![\d%])",
    ),
    ("number", r"(?<![A-Za-z])(?:Nos?\.|No|Act|Notice|pp?\.|page|Page) ?\d+(?:[.-]\d+)*(?![\d%])"),
    ("number", r"제 ?\d+ ?호(?! ?기)"),
    (
        "number",
        r"(?<![가-힣])(?:별표|별지|서식|표|그림|부록|첨부|붙임|페이지) ?제?\d+(?:-\d+)?(?:호)?(?![\d,]|\.\d|% ?| "
        r"?(?:개|건|명|장))",
    ),
    ("standard", r"(?<!\d)\d{1,3} ?CFR(?: Part)? ?\d+(?:\.\d+)*(?:\(\w+\))*"),
    (
        "standard",
        rf"(?<![A-Za-z]){_BODY}(?:[/ -](?:{_BODY}|TS|TR|SP|R|B|C|X|Part|"
        rf"UA))*[ /-]?[A-Z]?[ -]?\d[\d.:-]*\d(?:[A-Z](?![A-Za-z]))?",
    ),
    ("standard", r"\((?:EU|EC|EEC)\) ?(?:No\.? ?)?\d+/\d+|(?<!\d)\d+/\d+/(?:EU|EC|EEC)(?![A-Za-z])|IP\d\d(?!\d)"),
    (
        "version",
        r"(?:M\.AX|(?<![A-Za-z])(?:[Vv]ersion|[Vv]er\.?|[Ss]trategy|Industry|[Rr]ev\.?|[Rr]evision|"
        r"[Rr]elease)|전략|버전|인더스트리|리비전)"
        r" ?[Vv]?\d+(?:\.\d+)*(?![\d%]| ?(?:개|건|억|조|만|%))",
    ),
    (
        "alarm",
        r"(?:(?<![A-Za-z])(?:[Aa]larm|[Ee]rror|[Ff]ault|[Cc]ode)(?: code| no\.?| number)?|알람|에러|오류|코드|"
        r"경보)(?: ?(?:코드|번호))? ?#?"
        r"\d{1,6}(?![\d.,]*\d| ?(?:%|건|개|회|명|시|분|초|일|월|년|times|cases|percent))",
    ),
    ("dotted", r"(?<![\w.])\d+(?:\.\d+){2,}(?![\d])|(?<![\w.])\d+\.\d+(?:\(\w{1,3}\))+"),
    (
        "phone",
        r"(?<![\d-])\d+(?:-\d+){2,}(?![\d])|(?<![\d-])0\d{1,2}-\d{3,4}(?![\d-])|"
        r"(?<![\d-])1[5-9]\d\d-\d{4}(?!\d)",
    ),
    (
        "code",
        r"(?<![A-Za-z0-9_/])(?!(?:KRW|USD|EUR|JPY|CNY|RMB|GBP|SGD|FY|krw|usd|Q)\d)(?!(?:kgf/cm|"
        r"[cmk]?m)[23](?![A-Za-z0-9-]))(?!(?:mid|pre|post|late|end|sub|non)-)(?:[a-z]{1,4}-(?=\d{3})|"
        r"[A-Za-z]{1,12}(?=\d)|[A-Za-z]{0,8}[A-Z][A-Za-z]{0,6}[-_.](?=\d))"
        r"(?:[A-Za-z0-9]|[-_./](?=[A-Za-z0-9]))*",
    ),
    ("code", r"(?<![A-Za-z0-9_.,-])\d+(?:[A-Z]{1,4}\d[A-Za-z0-9]*|[DG](?![A-Za-z])|DOF|D(?= )|IR(?![A-Za-z]))"),
]
_COMPILED = [(kind, re.compile(pattern)) for kind, pattern in _KINDS]

#: "[1]", "[a7]", the markers of lists and 제3자, a third party, are neither quantities nor identifiers.
MARKER = re.compile(
    r"(?m)제 ?3 ?자(?!리)|\[[A-Za-z]?\d{1,3}\]|^[ ]*(?:[-*•○□▶] ?)?\(?\d{1,2}[.)](?= |$)|"
    r"(?<![A-Za-z0-9)])\(\d{1,2}\)(?= )|(?<=[.!?다] "
    r")\d{1,2}[.)](?= [A-Z가-힣])"
)

#: "5.4 금형 교체": the number of a heading, unless a unit follows it.
HEADING = re.compile(r"(?m)^ *(?P<number>\d{1,2}(?:\.\d{1,2}){1,2}) (?=[^\n|.:;]{2,60}$)(?=[A-Z][a-z]{2}|[가-힣])")


def identifier_spans(folded: str, blocked: bytearray) -> Iterator[tuple[int, int, str]]:
    """Find (start, end, kind) of identifiers in folded text that do not touch `blocked`; marks what it yields there."""
    for kind, pattern in _COMPILED:
        for match in pattern.finditer(folded):
            start, end = match.span()
            if kind == "web":
                end -= len(match[0]) - len(match[0].rstrip(".,;"))
            if start < end and not any(blocked[start:end]):
                blocked[start:end] = b"\1" * (end - start)
                yield start, end, kind


def identifiers(text: str) -> list[Identifier]:
    """Find the identifiers of `text` in order of place; dates are not identifiers."""
    folded = fold(text)
    blocked = bytearray(len(folded))
    for day in calendar(folded):
        blocked[day.start : day.end] = b"\1" * (day.end - day.start)
    found = sorted(identifier_spans(folded, blocked))
    return [Identifier(start, end, text[start:end], _key(folded[start:end], kind)) for start, end, kind in found]


_NAMES = {
    "조": "article", "항": "paragraph", "호": "item", "목": "point", "장": "chapter", "절": "section", "편": "part",
    "관": "division", "부": "part",
    "articles": "article", "art": "article", "sections": "section", "sec": "section", "§": "section",
    "clauses": "clause", "para": "paragraph", "paragraphs": "paragraph", "ch": "chapter", "chapters": "chapter",
    "fig": "figure", "figures": "figure", "tables": "table", "별표": "annex", "표": "table", "그림": "figure",
    "부록": "appendix", "nos": "no", "전략": "strategy", "버전": "version", "ver": "version", "rev": "revision",
    "리비전": "revision", "인더스트리": "industry", "p": "page", "pp": "page", "페이지": "page", "알람": "alarm",
    "경보": "alarm", "에러": "error", "오류": "error", "코드": "code",
}  # fmt: skip


def _key(text: str, kind: str) -> str:
    for place, char in enumerate(_CIRCLED, start=1):
        text = text.replace(char, f" {place}항")
    if kind in ("clause", "number", "version", "alarm"):
        joined = text.replace("의 ", "-").replace("의", "-")  # 제12조의2 is one number
        numbers = re.findall(r"\d+(?:[.-]\d+)*[a-z]?(?![a-z])|(?<=\()\w+(?=\))", joined)
        korean = re.search(r"\d ?([가-힣])", text)
        named = re.search(r"[A-Za-z§]+(?:\.AX)?|[가-힣]+", text)
        if kind == "clause" and korean:
            word = korean[1]
        else:
            word = "no" if text.startswith("제") else named[0] if named else ""
        return ":".join([_NAMES.get(word.lower(), word.lower()), *(number.lower() for number in numbers)])
    if kind == "code":
        return re.sub(r"[-_ .]", "", text).upper()
    return re.sub(r"\s", "", text).upper()
