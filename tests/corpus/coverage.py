"""Which of the known facts the corpus states, by section. `python tests/corpus/coverage.py` prints it.

A fact counts as stated when one stretch of a document (a few paragraphs in a row of a Korean/English pair, whose halves
say the same, with its headings and sources) holds

* all figures, dates and clauses of the fact,
* at least 80 % of its names (Hangul words, Latin names and abbreviations), and
* at least 60 % of its other words, by their stems;

or, for a fact of many words, the whole document holds the same with 80 % of the words (a table above, the details
below). Or the fact is named with its reason in `corpus/left_out.md`. A fact that something was not found needs a
paragraph that says so. What the method cannot see: whether figure and noun are joined rightly.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from math import ceil
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))

from assistant.text.quantities import identifiers, quantities  # noqa: E402
from assistant.text.quantities.values import CALENDAR  # noqa: E402
from tests.corpus.documents import CORPUS, documents, draft  # noqa: E402

FACTS = PROJECT / ".." / "shared" / "facts" / "factbase.md"
LEFT_OUT = CORPUS / "left_out.md"
NAMES_SHARE, WORDS_SHARE = 0.8, 0.6
#: Paragraphs, list items and table rows in a row that a fact, or a fact that lists many things, may be spread over.
STRETCH, LONG_STRETCH, WHOLE = 6, 14, 10_000
MANY_WORDS = {LONG_STRETCH: 10, WHOLE: 5}
WHOLE_WORDS_SHARE = 0.8

_CONFIDENCE = re.compile(r"(?:^|[;,(] ?|\s)(high|medium|low)\b")
_HANGUL = re.compile(r"[가-힣]{2,}")
_NAME = re.compile(r"\b(?:[A-Z][A-Za-z]*[A-Z0-9][\w.&+-]*|[A-Z][a-z]{2,})\b")
_WORD = re.compile(r"[a-z]{3,}")
_NOT_FOUND = re.compile(r"\bNOT FOUND\b")
_SAYS_NOT_FOUND = re.compile(r"not (?:been )?(?:found|known)|확인되지 않|확인된 자료[가는]? 없|찾지 못")
_SCALES = [Decimal(10) ** power for power in (0, 6, 8, 9, 12)]
_COMMON_TEXT = (
    "with from that this only also more than into over under about which when where their them they have been were "
    "will must then each other such some most very used using uses made make makes same like both well what "
    "the and for are was not all its per can may has had but who one two own any out off how new use get gets via art "
    "jan feb mar apr may jun jul aug sep oct nov dec first second third "
    "found search named says said stated according reported seen only sept million billion trillion"
)
_COMMON = frozenset(_COMMON_TEXT.split())
_SAME = {"firm": "compa", "firms": "compa", "secto": "indus", "makin": "manuf", "plant": "facto", "stop": "stopp"}
#: Short forms of the list that the documents write out.
_ABBREVIATIONS = {
    "kcci": "chamber of commerce",
    "mss": "smes and startups",
    "iot": "internet of things",
    "dx": "digital transformation",
    "jeonnam": "south jeolla",
    "ev": "electric",
    "ip": "intellectual property",
    "us": "united states",
    "ok": "",
}


@dataclass(frozen=True)
class Fact:
    """One line of the list: the section it stands in ("A1"), what it says, how sure it is."""

    section: str
    text: str
    confidence: str


def facts(lines: Sequence[str]) -> Iterator[Fact]:
    """The facts of sections A to E."""
    section = ""
    for line in lines:
        if heading := re.match(r"#{2,3} (\w+)", line):
            section = heading[1]
        elif line.startswith("- ") and section[:1] in "ABCDE" and section:
            text, confidence = _split(line[2:])
            yield Fact(section, text, confidence)


def _split(line: str) -> tuple[str, str]:
    """What a line says, and its confidence, which stands in the last bracket that names one."""
    depth, opened, groups = 0, 0, []
    for place, char in enumerate(line):
        if char == "(":
            opened = place if depth == 0 else opened
            depth += 1
        elif char == ")" and depth:
            depth -= 1
            if depth == 0:
                groups.append((opened, place + 1))
    for start, end in reversed(groups):
        if confidence := _CONFIDENCE.findall(line[start:end]):
            return (line[:start] + line[end:]).strip(), confidence[-1]
    raise ValueError(f"no confidence: {line}")


def stems(text: str) -> set[str]:
    """The beginnings of the words that mean something."""
    return {_SAME.get(word[:5], word[:5]) for word in _WORD.findall(text.lower()) if word not in _COMMON}


def names(text: str) -> set[str]:
    """Hangul words without a particle, and Latin names that do not open the sentence by chance."""
    found = {word[:4] for word in _HANGUL.findall(text)}
    for match in _NAME.finditer(text):
        opens = match.start() == 0 or text[: match.start()].rstrip().endswith((":", ".", ";"))
        if any(c.isupper() or c.isdigit() for c in match[0][1:]) or not opens:
            plain = re.sub(r"(?<=[A-Z])s$", "", match[0]).lower()  # EVs
            found |= set(plain.split("-")) - _COMMON
    return found


def _values(text: str) -> tuple[set[tuple[str, Decimal]], set[str]]:
    """Figures with their units, and dates as written digits; ranges as their two ends."""
    values: set[tuple[str, Decimal]] = set()
    days: set[str] = set()
    for quantity in quantities(text):
        for value in (quantity.value, quantity.high):
            if value is None:
                continue
            if quantity.unit in CALENDAR:
                days.add(f"{quantity.unit}:{value:f}")
            else:
                values.add((quantity.unit, abs(value).normalize()))
    return values, days


@dataclass(frozen=True)
class Anchors:
    """What of a fact can be looked for."""

    values: set[tuple[str, Decimal]]
    days: set[str]
    clauses: dict[str, str]
    names: set[str]
    words: set[str]
    not_found: bool

    @classmethod
    def of(cls, text: str) -> Anchors:
        """Of a fact's text."""
        not_found = _NOT_FOUND.search(text) is not None
        text = _NOT_FOUND.sub("", text)
        clauses = {identifier.key: identifier.text.lower() for identifier in identifiers(text)}
        return cls(*_values(text), clauses, names(text), stems(text), not_found)


@dataclass
class Stretch:
    """A few paragraphs of a document in both languages, with the headings above them."""

    name: str
    above: str
    paragraphs: str

    def __post_init__(self) -> None:
        self.whole = f"{self.above}\n{self.paragraphs}"
        self.text = self.whole.lower()
        self.stems = stems(self.paragraphs)
        self.tokens = {*re.findall(r"[a-z0-9]+", self.text), *re.findall(r"[a-z0-9.]+[a-z0-9]", self.text)}

    @cached_property
    def squeezed(self) -> str:
        """The text without spaces."""
        return re.sub(r"[\s·]", "", self.text)

    @cached_property
    def figures(self) -> tuple[set[tuple[str, Decimal]], set[str]]:
        """Values with units, and dates."""
        return _values(self.whole)

    @cached_property
    def numbers(self) -> set[Decimal]:
        """Values without units, also those inside of names."""
        runs = re.findall(r"\d[\d,]*(?:\.\d+)?", self.whole)
        return {value for _, value in self.figures[0]} | {Decimal(run.replace(",", "")).normalize() for run in runs}

    @cached_property
    def clauses(self) -> set[str]:
        """Keys of its identifiers."""
        return {identifier.key for identifier in identifiers(self.whole)}

    def missing(self, fact: Anchors, words_share: float) -> list[str]:
        """What of the fact it does not hold; empty when it states the fact."""
        found = []
        if len(hits := fact.words & self.stems) < ceil(words_share * len(fact.words)):
            found.append(f"words {len(hits)} of {len(fact.words)}")
            if len(hits) < words_share * len(fact.words) / 2:
                return [*found, "…", "…"]  # not worth reading
        if fact.not_found and not _SAYS_NOT_FOUND.search(self.whole):
            found.append("not found")
        absent = {name for name in fact.names if not self._names(name)}
        if len(absent) > (1 - NAMES_SHARE) * len(fact.names):
            found += sorted(absent)
        found += [f"{value:f} {unit}".strip() for unit, value in fact.values if not self._holds(unit, value)]
        found += [day for day in fact.days if not self._dated(day)]
        for key, text in fact.clauses.items():
            named = any(known == key or known.startswith(key + ":") for known in self.clauses)
            if not named and re.sub(r"\s", "", text) not in self.squeezed:
                found.append(text)
        return found

    def _names(self, name: str) -> bool:
        if name in _ABBREVIATIONS and _ABBREVIATIONS[name] in self.text:
            return True
        if name.isascii() and len(name) < 5:  # MOU, not aMOUnt
            return name in self.tokens or f"{name}s" in self.tokens
        return name in self.text or name in self.squeezed

    def _holds(self, unit: str, value: Decimal) -> bool:
        if (unit, value) in self.figures[0]:
            return True
        if unit not in ("KRW", "%", "%p", "x") and value in self.numbers:  # the unit may stand in the head of a column
            return True
        # "humanoid 6.6, AI chips 1.5 trillion" and "42 / 120 / 240 million": the scale stands once
        return any(value * scale in self.numbers for scale in _SCALES)

    def _dated(self, day: str) -> bool:
        unit, digits = day.split(":")
        if day in self.figures[1]:
            return True
        if unit == "calendar-year":
            return digits in self.text
        return unit != "date" and any(digits in known for known in self.figures[1])


@cache
def stretches() -> dict[int, list[Stretch]]:
    """Length → all stretches of the documents, but for sample documents: they are invented and prove no fact."""
    sides: dict[str, dict[str, Path]] = defaultdict(dict)
    for each in documents():
        if not each.metadata["sample"]:
            source = CORPUS / "_sources" / each.path.relative_to(CORPUS).with_suffix(".md")
            path = each.path if each.path.suffix == ".md" else source
            sides[f"{each.collection}/{each.metadata['pair']}"][each.metadata["language"]] = path
    found: dict[int, list[Stretch]] = {STRETCH: [], LONG_STRETCH: [], WHOLE: []}
    for name, paths in sorted(sides.items()):
        ko, en = draft(paths["ko"]), draft(paths["en"])
        above = [str(part) for side in (ko, en) for part in (side.metadata["title"], *side.metadata["source"])]
        paragraphs = [
            f"{ko.text[here.start : here.end]}\n{en.text[there.start : there.end]}"
            for here, there in zip(ko.blocks, en.blocks, strict=True)
        ]
        for length, stretches in found.items():
            for at in range(max(1, len(paragraphs) - length + 1)):
                headings = "\n".join([*ko.blocks[at].heading_path, *en.blocks[at].heading_path])
                text = "\n".join([headings, *paragraphs[at : at + length]])
                stretches.append(Stretch(name, "\n".join(above), text))
    return found


def left_out(text: str) -> list[tuple[str, str]]:
    """(key words, reason) of each line `- key words — reason`."""
    return [(match[1], match[2]) for match in re.finditer(r"(?m)^- (.+?) — (.+)$", text)]


def is_left_out(fact: Fact, keys: str) -> bool:
    """Whether all words and numbers of `keys` stand in the fact."""
    tokens = re.findall(r"[\w.%]+", keys.lower())
    return all(token.rstrip(".") in fact.text.lower() for token in tokens)


@dataclass(frozen=True)
class Report:
    """Facts of high or medium confidence, by what became of them; `closest` is the best try for an uncovered one."""

    stated: dict[Fact, str]
    omitted: dict[Fact, str]
    uncovered: dict[Fact, tuple[str, list[str]]]


def report() -> Report:
    """Look for every fact. Raises FileNotFoundError where the list of facts is not at hand."""
    omissions = left_out(LEFT_OUT.read_text(encoding="utf-8")) if LEFT_OUT.is_file() else []
    stated, omitted, uncovered = {}, {}, {}
    for fact in facts(FACTS.read_text(encoding="utf-8").splitlines()):
        if fact.confidence == "low":
            continue
        closest, missing = _closest(Anchors.of(fact.text))
        reason = next((reason for keys, reason in omissions if is_left_out(fact, keys)), None)
        if not missing:
            stated[fact] = closest
        elif reason is not None:
            omitted[fact] = reason
        else:
            uncovered[fact] = (closest, missing)
    return Report(stated, omitted, uncovered)


def _closest(fact: Anchors) -> tuple[str, list[str]]:
    """The document that holds most of the fact, and what it lacks."""
    first = LONG_STRETCH if len(fact.words) > MANY_WORDS[LONG_STRETCH] else STRETCH
    closest, missing = "", ["…"] * 99
    for length in (first, WHOLE) if len(fact.words) > MANY_WORDS[WHOLE] else (first,):
        share = WHOLE_WORDS_SHARE if length == WHOLE else WORDS_SHARE
        for stretch in stretches()[length]:
            if len(found := stretch.missing(fact, share)) < len(missing):
                closest, missing = stretch.name, found
            if not missing:
                return closest, []
    return closest, missing


def main() -> int:
    """Print the coverage; return 1 when a fact is neither stated nor named as left out."""
    if not FACTS.is_file():
        sys.stdout.write("The list of facts is not on this machine.\n")
        return 0
    result = report()
    sections: dict[str, Counter[str]] = defaultdict(Counter)
    for kind in ("stated", "omitted", "uncovered"):
        for fact in getattr(result, kind):
            sections[fact.section][kind] += 1
            sections["all"][kind] += 1
    sys.stdout.write("section  facts  stated  left out  not covered\n")
    for name, counts in sorted(sections.items(), key=lambda each: (each[0] == "all", each[0])):
        sys.stdout.write(
            f"{name:<7}{counts.total():>7}{counts['stated']:>8}{counts['omitted']:>10}{counts['uncovered']:>13}\n"
        )
    for fact, (closest, missing) in result.uncovered.items():
        sys.stdout.write(f"\n{fact.section}: {fact.text}\n    closest: {closest}; missing: {', '.join(missing)}\n")
    return 1 if result.uncovered else 0


if __name__ == "__main__":
    sys.exit(main())
