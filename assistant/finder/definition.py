"""The programmes as data: `definitions/*.toml`, one file per programme, each condition and figure with its clause.

A text is a pair [Korean, English]. A clause is a document and words of it in both languages, found in the index when it
is needed: what cannot be found there decides nothing. `superseded = true`: the clause is known to stand in an earlier
document; another document that has been superseded since is out of date and decides nothing either.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from assistant.errors import SettingsError
from assistant.finder.conditions import Test, test_of
from assistant.finder.fields import fields
from assistant.finder.values import Kind, State
from assistant.rules.engine import find_rule
from assistant.rules.values import Text
from assistant.schema import Language

#: What a condition has words for.
OUTCOMES: tuple[State, ...] = ("met", "failed", "open")
PROGRAMMES = Path(__file__).with_name("definitions")


@dataclass(frozen=True, slots=True)
class ClauseWords:
    """Where a condition stands: the document (id without language) and verbatim words of it."""

    document: str
    words: Text
    superseded: bool

    def document_id(self, language: Language) -> str:
        """Give the catalogue id of the document in `language`."""
        return f"{self.document}.{language}.md"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a firm must be: words for each outcome; `assumed` values are taken where nobody said otherwise.

    Without a test it has one outcome for every firm: open where the documents do not say or somebody else decides.
    """

    test: Test | None
    clause: str
    words: Mapping[State, Text]
    assumed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """When applications are taken: first and last day as far as they are known."""

    opens: date | None
    closes: date | None
    clause: str


@dataclass(frozen=True, slots=True)
class Yearly:
    """A day of every year that a rule sets."""

    month: int
    day: int
    label: Text
    clause: str


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure or a sentence of the documents, with its clause."""

    text: Text
    clause: str
    role: str
    label: Text


@dataclass(frozen=True, slots=True)
class Computing:
    """A rule that works out figures: its inputs from fields (of several the first that is known), and fixed ones.

    `needs`: inputs without which nothing is worked out. `most`, `bears`: outputs by their role. `as_of`: the date whose
    version counts; None: today.
    """

    rule: str
    given: Mapping[str, tuple[str, ...]]
    fixed: Mapping[str, str]
    needs: tuple[str, ...]
    most: tuple[str, ...]
    bears: tuple[str, ...]
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as its file has it."""

    name: str
    kind: Kind
    title: Text
    owner: Text
    ask: Text
    conditions: tuple[Condition, ...]
    window: Window | None
    yearly: Yearly | None
    stated: tuple[Stated, ...]
    computing: tuple[Computing, ...]
    not_known: tuple[Stated, ...]
    clauses: Mapping[str, ClauseWords]


@lru_cache(maxsize=4)
def load_programmes(folder: Path = PROGRAMMES) -> dict[str, Programme]:
    """Load all programmes by name, in the order of their files. Raises SettingsError naming the file."""
    programmes = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            programme = _programme(tomllib.loads(path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, ValueError) as exc:
            raise SettingsError(
                f"The programme file {path.name} cannot be used ({type(exc).__name__}: {exc}).",
                "Compare it with the other files in assistant/finder/definitions.",
            ) from exc
        programmes[programme.name] = programme
    return programmes


def _text(pair: Any) -> Text:
    ko, en = pair
    return Text(str(ko).strip(), str(en).strip())


def _condition(raw: Mapping[str, Any]) -> Condition:
    test = test_of(raw["test"], fields()) if "test" in raw else None
    words = {name: _text(raw[name]) for name in OUTCOMES if name in raw}
    wanted = 1 if test is None else 2
    if len(words) < wanted or (test is None and len(words) > 1):
        raise ValueError(f"the condition of {raw['clause']!r} has words for {len(words)} outcomes")
    return Condition(test, raw["clause"], words, raw.get("assumed", {}))


def _stated(raw: Mapping[str, Any]) -> Stated:
    label = _text(raw["label"]) if "label" in raw else Text("", "")
    return Stated(_text(raw["text"]), raw["clause"], raw.get("role", ""), label)


def _computing(raw: Mapping[str, Any]) -> Computing:
    rule = find_rule(raw["rule"])
    given = {name: (entry,) if isinstance(entry, str) else tuple(entry) for name, entry in raw.get("given", {}).items()}
    fixed = raw.get("fixed", {})
    needs = tuple(raw.get("needs", given))
    strange = [
        *({*given, *fixed} - set(rule.inputs)),
        *({name for each in given.values() for name in each} - set(fields())),
    ]
    strange += [name for name in needs if name not in given]
    most, bears = tuple(raw.get("most", ())), tuple(raw.get("bears", ()))
    strange += [name for name in (*most, *bears) if name not in rule.labels]
    if strange:
        raise ValueError(f"{rule.name} has no {strange[0]!r}")
    return Computing(rule.name, given, fixed, needs, most, bears, raw.get("as_of"))


def _programme(raw: Mapping[str, Any]) -> Programme:
    clauses = {
        name: ClauseWords(entry["document"], _text(entry["words"]), bool(entry.get("superseded", False)))
        for name, entry in raw["clauses"].items()
    }
    window, yearly = raw.get("window"), raw.get("yearly")
    programme = Programme(
        name=raw["programme"],
        kind=cast(Kind, raw["kind"]),
        title=_text(raw["title"]),
        owner=_text(raw["owner"]),
        ask=_text(raw["ask"]),
        conditions=tuple(_condition(entry) for entry in raw["conditions"]),
        window=Window(window.get("opens"), window.get("closes"), window["clause"]) if window else None,
        yearly=Yearly(yearly["month"], yearly["day"], _text(yearly["label"]), yearly["clause"]) if yearly else None,
        stated=tuple(_stated(entry) for entry in raw.get("stated", ())),
        computing=tuple(_computing(entry) for entry in raw.get("computing", ())),
        not_known=tuple(_stated(entry) for entry in raw.get("not_known", ())),
        clauses=clauses,
    )
    named = {entry.clause for entry in programme.conditions}
    named |= {entry.clause for entry in (*programme.stated, *programme.not_known)}
    named |= {programme.window.clause} if programme.window else set()
    named |= {programme.yearly.clause} if programme.yearly else set()
    if unknown := named - set(clauses):
        raise ValueError(f"no clause named {', '.join(sorted(unknown))}")
    if unused := set(clauses) - named:
        raise ValueError(f"nothing rests on {', '.join(sorted(unused))}")
    return programme
