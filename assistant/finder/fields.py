"""The fields of a firm's profile: kinds, labels, questions and accepted values; they are inputs as the rules have them.

`fields.toml` names them; one that a rule has already comes from there (`from = [rule, input]`), so that both ask alike.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from assistant.errors import QuestionError, SettingsError
from assistant.finder.names import names_in
from assistant.rules.definition import Choice, Input, Kind
from assistant.rules.engine import find_rule
from assistant.rules.inputs import InputValue, accepted, parse
from assistant.rules.values import Text
from assistant.rules.wording import plain, won_text
from assistant.schema import Language

FIELDS = Path(__file__).with_name("fields.toml")
_YES = {True: Text("예", "yes"), False: Text("아니오", "no")}


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its input; `units` in which a count is written ("2대", "7 years"); what the words say when it is zero.

    `named`: its values are proper names, listed with their other names in `names.toml`.
    """

    entry: Input
    units: tuple[str, ...] = ()
    none: Text | None = None
    named: bool = False


@lru_cache(maxsize=1)
def fields() -> dict[str, Field]:
    """Load all fields by name. Raises SettingsError."""
    try:
        raw = tomllib.loads(FIELDS.read_text(encoding="utf-8"))
        return {name: _field(name, entry) for name, entry in raw.items()}
    except (OSError, KeyError, TypeError, ValueError) as exc:
        raise SettingsError(
            f"{FIELDS.name} cannot be used ({type(exc).__name__}: {exc}).", "Restore the file."
        ) from exc


def _text(pair: Any) -> Text:
    ko, en = pair
    return Text(str(ko).strip(), str(en).strip())


def _field(name: str, raw: Mapping[str, Any]) -> Field:
    if "from" in raw:
        rule, input_name = raw["from"]
        theirs = find_rule(rule).inputs[input_name]
        entry = replace(theirs, name=name, required=False, read=bool(raw.get("read", theirs.read)))
    else:
        kind = cast(Kind, raw["kind"])
        entry = Input(
            name=name,
            kind=kind,
            label=_text(raw["label"]),
            question=_text(raw["question"]),
            required=False,
            choices={key: Choice(key, _text(label)) for key, label in raw.get("choices", {}).items()},
            yes=_text(raw["yes"]) if kind == "flag" else None,
            no=_text(raw["no"]) if kind == "flag" else None,
            read=bool(raw.get("read", True)),
        )
    none = _text(raw["none"]) if "none" in raw else None
    return Field(entry, tuple(raw.get("units", ())), none, bool(raw.get("named", False)))


def parse_profile(given: Mapping[str, Any]) -> dict[str, InputValue]:
    """Read a profile as people and programs write it. Raises QuestionError naming the field and what it takes."""
    profile: dict[str, InputValue] = {}
    for name, value in given.items():
        if name not in fields():
            raise QuestionError(f"A profile has no field {name!r}.", f"Fields: {', '.join(fields())}.")
        if value is None or value == "":
            continue
        if not isinstance(value, str | int | float | bool | Decimal):
            raise QuestionError(f"{name}: the value cannot be used.", "Give a text, a number, or yes or no.")
        words = ("no", "yes")[value] if isinstance(value, bool) else str(value)
        profile[name] = _parsed(fields()[name], words)
    return profile


def _parsed(field: Field, words: str) -> InputValue:
    if field.named and words not in field.entry.choices:
        found = {each.key for each in names_in(field.entry.name, words)}
        if len(found) == 1:
            return found.pop()
    return parse(field.entry, words)


def words_of(name: str, value: InputValue, language: Language) -> str:
    """Put a value in words."""
    entry = fields()[name].entry
    if isinstance(value, bool):
        return _YES[value].of(language)
    if isinstance(value, str):
        return entry.choices[value].label.of(language)
    if not isinstance(value, Decimal):
        return value.isoformat()
    if entry.kind == "won":
        return won_text(value, language)
    return f"{plain(value)}%" if entry.kind == "percent" else plain(value)


def accepted_words(name: str, language: Language) -> str:
    """Describe the values that a field takes."""
    return accepted(fields()[name].entry).of(language)
