"""Which of the known facts the corpus states, by section. `python tests/corpus/coverage.py` prints it.

A fact counts as stated when one document (a Korean/English pair, whose halves say the same) holds

* all figures, dates and clauses of the fact,
* at least 80 % of its names (Hangul words, Latin names and abbreviations), and
* within one stretch of a few paragraphs at least half of its other words, by their stems.

Or the fact is named with its reason in `corpus/left_out.md`. What the method cannot see: whether figure and noun are
joined rightly.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))

from assistant.quantities import identifiers, quantities  # noqa: E402
from assistant.quantities.values import CALENDAR  # noqa: E402
from tests.corpus.documents import CORPUS, documents, draft  # noqa: E402

FACTS = PROJECT / ".." / "shared" / "facts" / "factbase.md"
LEFT_OUT = CORPUS / "left_out.md"
NAMES_SHARE, WORDS_SHARE = 0.8, 0.5
#: Paragraphs in a row that a fact may be spread over.
STRETCH = 8

_CONFIDENCE = re.compile(r"(?:^|[;,(] ?|\s)(high|medium|low)\b")
_HANGUL = re.compile(r"[가-힣]{2,}")
_NAME = re.compile(r"\b(?:[A-Z][A-Za-z]*[A-Z0-9][\w.&+-]*|[A-Z][a-z]{2,})\b")
_WORD = re.compile(r"[a-z]{4,}")
_SCALES = [Decimal(10) ** power for power in (0, 6, 8, 9, 12)]
_COMMON = frozenset(
    "with from that this only also more than into over under about which when where their them they have been were "
    "will must then each other such some most very used using uses made make makes same like both well what "
    "found search named says said stated according reported".split()
)


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
    return {word[:5] for word in _WORD.findall(text.lower()) if word not in _COMMON}


def names(text: str) -> set[str]:
    """Hangul words without a particle, and Latin names that do not open the sentence by chance."""
    found = {word[:4] for word in _HANGUL.findall(text)}
    for match in _NAME.finditer(text):
        opens = match.start() == 0 or text[: match.start()].rstrip().endswith((":", ".", ";"))
        if any(c.isupper() or c.isdigit() for c in match[0][1:]) or not opens:
            found.add(match[0].lower())
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


@dataclass
class Pair:
    """A document in both languages, in paragraphs."""

    name: str
    paragraphs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        whole = "\n".join(self.paragraphs)
        self.text = whole.lower()
        self.squeezed = re.sub(r"\s", "", self.text)
        self.values, self.days = _values(whole)
        self.numbers = {value for _, value in self.values} | {
            Decimal(run.replace(",", "")).normalize() for run in re.findall(r"\d[\d,]*(?:\.\d+)?", whole)
        }
        self.keys = {identifier.key for identifier in identifiers(whole)}
        self.stems = [stems(paragraph) for paragraph in self.paragraphs]

    def holds(self, unit: str, value: Decimal) -> bool:
        if (unit, value) in self.values or (not unit and value in self.numbers):
            return True
        # "humanoid 6.6, AI chips 1.5 trillion" and "42 / 120 / 240 million": the scale stands once
        return any(value * scale in self.numbers for scale in _SCALES)

    def dated(self, day: str) -> bool:
        unit, digits = day.split(":")
        if day in self.days:
            return True
        if unit == "calendar-year":
            return digits in self.text
        if unit in ("year-month", "month-day", "month-of-year"):
            return any(digits in known for known in self.days)
        return False

    def missing(self, fact: Fact) -> list[str]:
        """What of the fact this document does not hold; empty when it states the fact."""
        values, days = _values(fact.text)
        found = [f"{value:f} {unit}".strip() for unit, value in values if not self.holds(unit, value)]
        found += [day for day in days if not self.dated(day)]
        for identifier in identifiers(fact.text):
            if not any(key == identifier.key or key.startswith(identifier.key + ":") for key in self.keys):
                if re.sub(r"\s", "", identifier.text.lower()) not in self.squeezed:
                    found.append(identifier.text)
        wanted = names(fact.text)
        absent = {name for name in wanted if name not in self.text and name not in self.squeezed}
        if len(absent) > (1 - NAMES_SHARE) * len(wanted):
            found += sorted(absent)
        words = stems(fact.text)
        if words:
            best = max(
                len(words & set().union(*self.stems[at : at + STRETCH])) for at in range(max(1, len(self.stems)))
            )
            if best < WORDS_SHARE * len(words):
                found.append(f"words {best}/{len(words)}")
        return found


@cache
def pairs() -> tuple[Pair, ...]:
    """The documents, sample equipment and proposals apart: they are invented and prove no fact."""
    sides: dict[str, dict[str, Path]] = defaultdict(dict)
    for each in documents():
        if not each.metadata["sample"]:
            source = CORPUS / "_sources" / each.path.relative_to(CORPUS).with_suffix(".md")
            path = each.path if each.path.suffix == ".md" else source
            sides[f"{each.collection}/{each.metadata['pair']}"][each.metadata["language"]] = path
    found = []
    for name, paths in sorted(sides.items()):
        ko, en = draft(paths["ko"]), draft(paths["en"])
        sources = "\n".join(source for side in (ko, en) for source in side.metadata["source"])
        found.append(
            Pair(
                name,
                [
                    f"{ko.text[here.start : here.end]}\n{en.text[there.start : there.end]}"
                    for here, there in zip(ko.blocks, en.blocks, strict=True)
                ]
                + [sources],
            )
        )
    return tuple(found)


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
        tries = sorted(((pair.missing(fact), pair.name) for pair in pairs()), key=lambda each: len(each[0]))
        reason = next((reason for keys, reason in omissions if is_left_out(fact, keys)), None)
        if not tries[0][0]:
            stated[fact] = tries[0][1]
        elif reason is not None:
            omitted[fact] = reason
        else:
            uncovered[fact] = (tries[0][1], tries[0][0])
    return Report(stated, omitted, uncovered)


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
