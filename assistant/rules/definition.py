"""The rules as data: `definitions/*.toml`, one file per rule set, each value with its dates, clause and source.

A file also says what the rule computes, with a few questions as examples: by these its card is found (`cards.py`); no
pattern of words stands in it. A text is a pair [Korean, English]. A version holds from `since` to `until` (both
included); which date chooses it is `decided_by` (`as_of` or the name of a date input). A version with `known = false`
says why there are no figures.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from assistant.errors import SettingsError
from assistant.rules.values import Bound, Clause, Text, Unit
from assistant.schema import Language

RULES = Path(__file__).with_name("definitions")
#: The input that many rules share: is the company an SME, mid-size or large.
_SIZE = Path("common/size.toml")
Kind = Literal["choice", "won", "percent", "date", "count", "flag"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One accepted value of a `choice` input."""

    name: str
    label: Text


@dataclass(frozen=True, slots=True)
class Input:
    """What a rule needs to be told. `question` asks for it: the asker when it is missing, the asker's words before.

    `yes` and `no`: what a flag says when it is true and when it is false; None for other kinds. `read`: it is looked
    for in the asker's words; one that is not is given by forms and programs only.
    """

    name: str
    kind: Kind
    label: Text
    question: Text
    required: bool
    choices: Mapping[str, Choice]
    yes: Text | None
    no: Text | None
    read: bool = True


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
class Rule:
    """A rule set as its file has it.

    `computes` and `examples` make its card; `targets` are the outputs that a question may ask for, the most wanted
    first; `kinds` is what the formula must know of single choices ("the own share of this programme goes by size").
    """

    name: str
    title: Text
    computes: Text
    examples: Mapping[Language, tuple[str, ...]]
    targets: tuple[str, ...]
    ask: Text
    decided_by: str
    inputs: Mapping[str, Input]
    versions: tuple[Version, ...]
    clauses: Mapping[str, Clause]
    labels: Mapping[str, Text]
    sentences: Mapping[str, Text]
    notices: tuple[Notice, ...]
    kinds: Mapping[str, Mapping[str, str]]

    def version_at(self, day: date) -> Version | None:
        """Find the version that holds on `day`; None before the first known one."""
        for version in self.versions:
            if version.since <= day and (version.until is None or day <= version.until):
                return version
        return None


@lru_cache(maxsize=4)
def load_rules(folder: Path = RULES) -> dict[str, Rule]:
    """Load all rules by name, in the order of their files. Raises SettingsError naming file and entry."""
    rules = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
            rule = _rule(raw, tomllib.loads((folder / _SIZE).read_text(encoding="utf-8")))
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, InvalidOperation) as exc:
            raise SettingsError(
                f"The rule file {path.name} cannot be used ({type(exc).__name__}: {exc}).",
                "Compare it with the other files in assistant/rules/definitions.",
            ) from exc
        rules[rule.name] = rule
    return rules


def _text(pair: Any) -> Text:
    ko, en = pair
    return Text(str(ko).strip(), str(en).strip())


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
        choices={key: Choice(key, _text(label)) for key, label in choices.items()},
        yes=_text(raw["yes"]) if raw["kind"] == "flag" else None,
        no=_text(raw["no"]) if raw["kind"] == "flag" else None,
        read=bool(raw.get("read", True)),
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


def _rule(raw: Mapping[str, Any], sizes: Mapping[str, Any]) -> Rule:
    clauses = {name: _clause(name, entry) for name, entry in raw["clauses"].items()}
    rule = Rule(
        name=raw["rule"],
        title=_text(raw["title"]),
        computes=_text(raw["computes"]),
        examples={"ko": tuple(raw["examples"]["ko"]), "en": tuple(raw["examples"]["en"])},
        targets=tuple(raw.get("targets", ())),
        ask=_text(raw["ask"]),
        decided_by=raw.get("decided_by", "as_of"),
        inputs={name: _input(name, _with_size(entry, sizes)) for name, entry in raw["inputs"].items()},
        versions=tuple(sorted((_version(entry) for entry in raw["versions"]), key=lambda version: version.since)),
        clauses=clauses,
        labels={name: _text(pair) for name, pair in raw["labels"].items()},
        sentences={name: _text(pair) for name, pair in raw.get("sentences", {}).items()},
        notices=tuple(Notice(_text(entry["text"]), entry.get("clause", "")) for entry in raw.get("notices", [])),
        kinds=raw.get("kinds", {}),
    )
    values = [value for version in rule.versions for value in version.values.values()]
    named = {clause for value in values for clause in value.clauses.values()}
    named |= {version.clause for version in rule.versions} | {notice.clause for notice in rule.notices}
    named |= {kind.get("not_found", "") for kind in rule.kinds.values()}
    unknown = named - set(clauses) - {""}
    if unknown:
        raise ValueError(f"no clause named {', '.join(sorted(unknown))}")
    if strange := set(rule.targets) - set(rule.labels):
        raise ValueError(f"no label named {', '.join(sorted(strange))}")
    return rule
