"""The rules as data: `rules/*.toml`, one file per rule set, each value with its dates, clause and source.

A text is a pair [Korean, English]. A version holds from `since` to `until` (both included); which date chooses it is
`decided_by` (`as_of` or the name of a date input). A version with `known = false` says why there are no figures.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from assistant.errors import SettingsError
from assistant.programmes.values import Bound, Clause, Text, Unit

RULES = Path(__file__).with_name("rules")
#: The input that many rules share: is the company an SME, mid-size or large.
_SIZE = Path("common/size.toml")
Kind = Literal["choice", "won", "percent", "date", "count", "flag"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One accepted value of a `choice` input, and the pattern of the words that name it."""

    name: str
    label: Text
    words: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Input:
    """What a rule needs to be told. `words`: what stands beside the figure in a question.

    `goes_with`: the input after which it is said ("of 300 million we spent 280"), where its words alone are not enough.
    """

    name: str
    kind: Kind
    label: Text
    question: Text
    required: bool
    words: re.Pattern[str] | None
    choices: Mapping[str, Choice]
    goes_with: str


@dataclass(frozen=True, slots=True)
class Value:
    """A figure of a rule, with its clause, by choice where it depends on one (key "" where it does not)."""

    name: str
    unit: Unit
    bound: Bound
    amounts: Mapping[str, Decimal]
    clauses: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Version:
    """The figures that hold from `since` to `until`. `note`: what is known about these dates."""

    since: date
    until: date | None
    known: bool
    note: Text
    clause: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning that goes with a rule, with the clause it rests on ("" where it is no rule of the documents)."""

    text: Text
    clause: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """How a question about this rule looks. `needs`: inputs of which one must stand in it, `needs_all`: all must.

    `topic` must match, `without` must not; `targets` name the output that is asked for; `primary`: the input that an
    amount without words of its own belongs to.
    """

    topic: re.Pattern[str]
    without: re.Pattern[str] | None
    needs: tuple[str, ...]
    needs_all: tuple[str, ...]
    primary: str
    targets: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule set as its file has it."""

    name: str
    title: Text
    ask: Text
    decided_by: str
    inputs: Mapping[str, Input]
    versions: tuple[Version, ...]
    clauses: Mapping[str, Clause]
    labels: Mapping[str, Text]
    sentences: Mapping[str, Text]
    notices: tuple[Notice, ...]
    recognition: Recognition | None

    def version_at(self, day: date) -> Version | None:
        """The version that holds on `day`; None before the first known one."""
        for version in self.versions:
            if version.since <= day and (version.until is None or day <= version.until):
                return version
        return None


@lru_cache(maxsize=4)
def load_rules(folder: Path = RULES) -> dict[str, Rule]:
    """All rules by name, in the order of their files. Raises SettingsError naming file and entry."""
    rules = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            rule = _rule(raw, tomllib.loads((folder / _SIZE).read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, InvalidOperation, re.error) as exc:
            raise SettingsError(
                f"The rule file {path.name} cannot be used ({type(exc).__name__}: {exc}).",
                "Compare it with the other files in assistant/programmes/rules.",
            ) from exc
        rules[rule.name] = rule
    return rules


def _text(pair: Any) -> Text:
    ko, en = pair
    return Text(str(ko).strip(), str(en).strip())


def _pattern(words: str | None) -> re.Pattern[str] | None:
    return re.compile(words, re.IGNORECASE) if words else None


def _with_size(raw: Mapping[str, Any], sizes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The shared input for `kind = "size"`; its file has the last word on the kind, the rule's on the rest."""
    return {**sizes, **raw, "kind": sizes["kind"]} if raw["kind"] == "size" else raw


def _input(name: str, raw: Mapping[str, Any]) -> Input:
    choices = raw.get("choices", {})
    return Input(
        name=name,
        kind=cast(Kind, raw["kind"]),
        label=_text(raw["label"]),
        question=_text(raw["question"]),
        required=bool(raw.get("required", False)),
        words=_pattern(raw.get("words")),
        choices={key: Choice(key, _text(entry[0]), re.compile(entry[1], re.I)) for key, entry in choices.items()},
        goes_with=raw.get("goes_with", ""),
    )


def _value(name: str, raw: Mapping[str, Any]) -> Value:
    amounts = raw["by"] if "by" in raw else {"": raw["amount"]}
    clause = raw["clause"]
    return Value(
        name=name,
        unit=raw["unit"],
        bound=raw.get("bound", "exact"),
        amounts={key: Decimal(amount) for key, amount in amounts.items()},
        clauses={key: clause if isinstance(clause, str) else clause[key] for key in amounts},
    )


def _version(raw: Mapping[str, Any]) -> Version:
    return Version(
        since=_date(raw["since"]),
        until=_date(raw["until"]) if "until" in raw else None,
        known=bool(raw.get("known", True)),
        note=_text(raw["note"]),
        clause=raw.get("clause", ""),
        values={name: _value(name, entry) for name, entry in raw.get("values", {}).items()},
    )


def _date(value: Any) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is no date")
    return value


def _clause(name: str, raw: Mapping[str, Any]) -> Clause:
    return Clause(
        id=name,
        cite=_text(raw["cite"]),
        source=_text(raw["source"]),
        effective=_date(raw["effective"]),
        document=raw["document"],
        heading=_text(raw["heading"]),
    )


def _recognition(raw: Mapping[str, Any] | None) -> Recognition | None:
    if raw is None:
        return None
    return Recognition(
        topic=re.compile(raw["topic"], re.IGNORECASE),
        without=_pattern(raw.get("without")),
        needs=tuple(raw["needs"]),
        needs_all=tuple(raw.get("needs_all", ())),
        primary=raw.get("primary", ""),
        targets={name: re.compile(words, re.IGNORECASE) for name, words in raw.get("targets", {}).items()},
    )


def _rule(raw: Mapping[str, Any], sizes: Mapping[str, Any]) -> Rule:
    clauses = {name: _clause(name, entry) for name, entry in raw["clauses"].items()}
    rule = Rule(
        name=raw["rule"],
        title=_text(raw["title"]),
        ask=_text(raw["ask"]),
        decided_by=raw.get("decided_by", "as_of"),
        inputs={name: _input(name, _with_size(entry, sizes)) for name, entry in raw["inputs"].items()},
        versions=tuple(sorted((_version(entry) for entry in raw["versions"]), key=lambda version: version.since)),
        clauses=clauses,
        labels={name: _text(pair) for name, pair in raw["labels"].items()},
        sentences={name: _text(pair) for name, pair in raw.get("sentences", {}).items()},
        notices=tuple(Notice(_text(entry["text"]), entry.get("clause", "")) for entry in raw.get("notices", [])),
        recognition=_recognition(raw.get("recognition")),
    )
    values = [value for version in rule.versions for value in version.values.values()]
    named = {clause for value in values for clause in value.clauses.values()}
    named |= {version.clause for version in rule.versions} | {notice.clause for notice in rule.notices}
    unknown = named - set(clauses) - {""}
    if unknown:
        raise ValueError(f"no clause named {', '.join(sorted(unknown))}")
    return rule
