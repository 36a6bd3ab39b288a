"""Tests over the fields of a profile, in three values: met, not met, not known.

{field = "level", in = ["advanced"], unclear = ["intermediate-2"]}    {field = "robots", above = 0}
{field = "months", at_most = 9}    {field = "received", below = 250_000_000}
{field = "ai", is = true}    {any = [test, test]}    {all = [test, test]}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from operator import eq, gt, le, lt
from typing import Any

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "in": lambda value, wanted: value in wanted,
    "is": eq,
    "above": gt,
    "at_most": le,
    "below": lt,
}


@dataclass(frozen=True, slots=True)
class Test:
    """One test: of a field (`operator` and `wanted`), or of several tests together (`operator` is any or all)."""

    operator: str
    field: str = ""
    wanted: Any = None
    unclear: tuple[Any, ...] = ()
    parts: tuple[Test, ...] = ()

    def fields(self) -> tuple[str, ...]:
        """List the fields that it looks at."""
        inner = [name for part in self.parts for name in part.fields()]
        return tuple(dict.fromkeys([self.field, *inner] if self.field else inner))

    def holds(self, facts: Mapping[str, Any]) -> bool | None:
        """Tell whether `facts` meet it; None where they do not say, or where the documents leave it open."""
        if self.parts:
            outcomes = [part.holds(facts) for part in self.parts]
            settled = self.operator == "any"
            if settled in outcomes:
                return settled
            return None if None in outcomes else not settled
        value = facts.get(self.field)
        if value is None or value in self.unclear:
            return None
        return _COMPARED[self.operator](value, self.wanted)

    def missing(self, facts: Mapping[str, Any]) -> tuple[str, ...]:
        """List the fields whose values would settle it."""
        if self.parts:
            open_parts = [part for part in self.parts if part.holds(facts) is None]
            return tuple(dict.fromkeys(name for part in open_parts for name in part.missing(facts)))
        return (self.field,) if facts.get(self.field) is None else ()


def test_of(raw: Mapping[str, Any], known: Collection[str]) -> Test:
    """Read a test from its table. Raises ValueError for a field that the profile lacks or an unknown operator."""
    for operator in ("any", "all"):
        if operator in raw:
            return Test(operator, parts=tuple(test_of(part, known) for part in raw[operator]))
    operators = [name for name in _COMPARED if name in raw]
    if len(operators) != 1 or raw.keys() - {"field", "unclear", *operators}:
        raise ValueError(f"a test needs one of {', '.join(_COMPARED)}: {dict(raw)}")
    if raw["field"] not in known:
        raise ValueError(f"the profile has no field {raw['field']!r}")
    return Test(operators[0], raw["field"], raw[operators[0]], tuple(raw.get("unclear", ())))
