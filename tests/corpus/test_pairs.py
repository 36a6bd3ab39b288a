"""Korean and English carry the same figures, block by block.

PDF documents are compared in their sources (`test_rebuild` shows that the PDF says the same). Money, shares,
measures, durations and dates must agree exactly. Counters may differ in their noun ("153곳" and "153 members"), may
be written in words, and may be read as part of a name in one language ("제39조" and "Articles 38 and 39").
"""

from __future__ import annotations

import calendar
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.text.quantities import quantities
from assistant.text.quantities.units import COUNTS
from assistant.text.quantities.values import CALENDAR
from tests.corpus.documents import CORPUS, documents, draft

SOURCES = CORPUS / "_sources"
#: Units that are counters in one language and something else in the other: "2회" and "2 times", "11일" and "the 11th".
LOOSE = COUNTS | {"number", "x", "fraction"}
MONTHS = list(calendar.month_name)[1:]
_MONTH = re.compile(rf"\b({'|'.join(MONTHS)})\b")
#: Words that the reader of quantities takes for figures.
_WORDS = re.compile(r"제3자|third part(?:y|ies)|1차 금속|한 주기")
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")


def written_numbers(text: str) -> set[Decimal]:
    """Every run of digits, also inside of names: 2025, 95 and 1 of "2025-095, M1"."""
    return {Decimal(run.replace(",", "")) for run in _DIGITS.findall(text)}


def dates(text: str) -> dict[str, set[str]]:
    """Days in full, and apart from them years and months: "2015년~8월" and "2015 to August" are read differently."""
    found: dict[str, set[str]] = {"days": set(), "years": set(), "months": set()}
    for quantity in (q for q in quantities(text) if q.unit in CALENDAR):
        for value in (quantity.value, quantity.high):
            digits = "" if value is None else f"{value:f}"
            if quantity.unit in ("date", "month-day") and digits:
                found["days"].add(digits.zfill(4)[-4:])
                found["months"].add(digits.zfill(4)[-4:-2])
            if quantity.unit in ("date", "year-month", "calendar-year") and digits:
                found["years"].add(digits[:4])
            if quantity.unit in ("year-month", "month-of-year") and digits:
                found["months"].add(digits[-2:].zfill(2))
    found["months"] |= {f"{MONTHS.index(name) + 1:02}" for name in _MONTH.findall(text)}  # "June | July | August"
    return found


def figures(text: str) -> tuple[Counter[tuple[str, Decimal]], Counter[Decimal]]:
    """Figures with a strict unit, and counters that are written in digits."""
    strict: Counter[tuple[str, Decimal]] = Counter()
    loose: Counter[Decimal] = Counter()
    for quantity in quantities(text):
        for value in (quantity.value, quantity.high):
            if value is None or quantity.unit in CALENDAR:
                continue
            if quantity.unit not in LOOSE:
                strict[quantity.unit, value.normalize()] += 1
            elif re.search(r"\d", quantity.text):
                loose[value.normalize()] += 1
    return strict, loose


def differences(korean: str, english: str) -> list[str]:
    """What one side says and the other does not; empty when the figures agree."""
    found = []
    korean, english = _WORDS.sub("…", korean), _WORDS.sub("…", english)
    theirs, ours = dates(english), dates(korean)
    for part in theirs:
        if theirs[part] != ours[part]:
            found.append(f"{part}: ko {sorted(ours[part] - theirs[part])}, en {sorted(theirs[part] - ours[part])}")
    (ko_strict, ko_loose), (en_strict, en_loose) = figures(korean), figures(english)
    for side, here, there, spare, text in (
        ("ko", ko_strict, en_strict, en_loose - ko_loose, english),
        ("en", en_strict, ko_strict, ko_loose - en_loose, korean),
    ):
        for (unit, value), times in (here - there).items():
            if spare[value] < times:  # the other language may count what this one measures: "36개월 이상인 기업"
                found.append(f"only in {side}: {value:f} {unit}")
        counters = (ko_loose, en_loose) if side == "ko" else (en_loose, ko_loose)
        for value in counters[0] - counters[1]:
            if value not in written_numbers(text):
                found.append(f"only in {side}: {value:f}")
    return found


def pairs() -> dict[str, dict[str, Path]]:
    """`collection/pair` → language → document; proposals are in Korean only."""
    found: dict[str, dict[str, Path]] = defaultdict(dict)
    for each in documents():
        if each.collection != "proposals":
            language = each.metadata["language"]
            assert language not in found[f"{each.collection}/{each.metadata['pair']}"], f"two of {each.document_id}"
            found[f"{each.collection}/{each.metadata['pair']}"][language] = each.path
    return found


PAIRS = pairs()
TEXTS = sorted(name for name in PAIRS if not name.startswith("manuals/"))
MANUALS = sorted(folder.name for folder in (SOURCES / "manuals").iterdir() if folder.is_dir())


def test_each_document_has_its_other_language() -> None:
    assert len(PAIRS) >= 23
    assert [name for name, languages in PAIRS.items() if set(languages) != {"ko", "en"}] == []


def source_of(path: Path) -> Path:
    """The Markdown that a document is or is made from."""
    return path if path.suffix == ".md" else SOURCES / path.relative_to(CORPUS).with_suffix(".md")


@pytest.mark.parametrize("name", TEXTS)
def test_the_pair_has_the_same_figures(name: str) -> None:
    ko, en = (draft(source_of(PAIRS[name][language])) for language in ("ko", "en"))
    assert [(b.kind, len(b.heading_path)) for b in ko.blocks] == [(b.kind, len(b.heading_path)) for b in en.blocks]
    found = []
    for here, there in zip(ko.blocks, en.blocks, strict=True):
        korean, english = ko.text[here.start : here.end], en.text[there.start : there.end]
        if kind := differences(korean, english):
            found.append(f"{'; '.join(kind)}\n    {korean}\n    {english}")
    assert not found, f"{name}\n" + "\n".join(found)


def texts(node: Any) -> Iterator[str]:
    """All strings below a YAML node."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from texts(each)


@pytest.mark.parametrize("machine", MANUALS)
def test_the_manual_has_the_same_figures(machine: str) -> None:
    folder = SOURCES / "manuals" / machine
    values = yaml.safe_load((folder / "machine.yaml").read_text(encoding="utf-8"))["values"]
    found, compared = [], 0
    for file in (folder / "chapters.yaml", folder / "alarms.yaml"):
        for text in texts(yaml.safe_load(file.read_text(encoding="utf-8"))):
            for cell in re.split(r"\n|\|", text):
                if " // " not in cell:
                    continue
                korean, english = (filled(part, values, side) for side, part in enumerate(cell.split(" // ")))
                compared += 1
                if kind := differences(korean, english):
                    found.append(f"{'; '.join(kind)}\n    {korean}\n    {english}")
    assert compared > 300
    assert not found, f"{machine}\n" + "\n".join(found)


def filled(text: str, values: dict[str, Any], side: int) -> str:
    """`text` with the named values set in; of several revisions the last."""

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1], "")
        found = str(list(found.values())[-1] if isinstance(found, dict) else found).split(" // ")
        return found[min(side, len(found) - 1)]

    return re.sub(r"\{([a-z0-9_]+)\}", value, re.sub(r"\{ref:\w+\}", "", text))


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("최대 100억 원", "up to KRW 1 billion"),
        ("30% 이상", "40% or more"),
        ("2024년 7월 22일", "21 July 2024"),
        ("2024년 7월", "July 2025"),
        ("2024년 7월", "June 2024"),
        ("압력 4 bar", "a pressure of 4 MPa"),
        ("60일 이내", "within 6 days"),
        ("153개 기업", "135 companies"),
        ("100억 원과 20억 원", "KRW 10 billion"),
    ],
)
def test_a_difference_is_seen(korean: str, english: str) -> None:
    assert differences(korean, english)


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("회원은 153곳입니다.", "There are 153 members."),
        ("이유는 세 가지입니다.", "There are three reasons."),
        ("시행령 제38조·제39조에 따라 2.5%", "2.5% under Articles 38 and 39 of the Decree"),
        ("(출처: 뉴스1, 2024-05-08)", "(Source: News1, 2024-05-08)"),
        ("2015년~2025년 8월", "2015 to August 2025"),
    ],
)
def test_ways_of_writing_are_no_difference(korean: str, english: str) -> None:
    assert differences(korean, english) == []
