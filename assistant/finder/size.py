"""The size of a firm as it counts for the programmes: as it was stated, or as the size rule finds it.

Nothing is guessed: where the rule cannot tell, the size stays open, and what depends on it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assistant.finder.citing import Citing
from assistant.finder.values import Note
from assistant.rules.engine import evaluate, find_rule
from assistant.rules.inputs import InputValue
from assistant.rules.values import Result, Text
from assistant.schema import Language

_RULE = "company-size"
_BY_SALES = Text(
    "매출로만 본 것입니다. 자산총액과 독립성 기준도 충족해야 중소기업입니다.",
    "By sales alone: total assets and independence must meet the rule as well.",
)


@dataclass(frozen=True, slots=True)
class Sized:
    """sme, midsize or large; "" where it cannot be said. `because`: the steps, with their quotes."""

    size: str
    because: tuple[Note, ...] = ()


def size_of(profile: Mapping[str, InputValue], citing: Citing, language: Language, today: date) -> Sized:
    """Find the size that counts for `profile` on `today`."""
    if "size" in profile:
        return Sized(str(profile["size"]))
    given = _figures(profile)
    if not given:
        return Sized("")
    result, by_sales = _decided(given, today)
    cited = citing.rule(result)
    if cited is None or result.outcome == "incomplete":
        return Sized("")
    lines = [line for line in (*result.lines, *result.warnings) if line.clauses]
    if by_sales:
        lines = [line for line in lines if line.name != "assets_below"]
    because = [
        Note(line.text.of(language), tuple(name for clause in line.clauses for name in cited[clause])) for line in lines
    ]
    if by_sales:
        because.append(Note(_BY_SALES.of(language), cited.get("assets", ())))
    return Sized(_size(result), tuple(because))


def contradicted(profile: Mapping[str, InputValue], today: date) -> bool:
    """Tell whether figures of `profile` rule out the size that it names: somebody may only have asked about a size."""
    given = _figures(profile)
    if not given or "size" not in profile:
        return False
    result, by_sales = _decided(given, today)
    said = {line.name for line in result.lines}
    if profile["size"] == "sme":
        return "not_sme" in said
    return not by_sales and bool(said & {"sme", "size_rule_met"})


def _figures(profile: Mapping[str, InputValue]) -> dict[str, InputValue]:
    """What the size rule can go by; nothing where no amount is among it."""
    given = {name: profile[name] for name in find_rule(_RULE).inputs if name in profile}
    return given if given.keys() & {"sales", "assets", "group_sales", "owner_assets"} else {}


def _decided(given: Mapping[str, InputValue], today: date) -> tuple[Result, bool]:
    """The rule's result; with sales alone that of a firm whose assets do not matter, and that this was done."""
    result = evaluate(_RULE, given, today)
    if result.outcome != "incomplete":
        return result, False
    kept = {name: value for name, value in given.items() if not name.startswith("owner_")}
    if "sales" not in kept and "group_sales" not in kept:
        return result, False
    by_sales = "assets" not in kept
    if by_sales:
        kept["assets"] = Decimal(0)
    return evaluate(_RULE, kept, today), by_sales


def _size(result: Result) -> str:
    said = {line.name for line in result.lines}
    if said & {"sme", "size_rule_met"}:
        return "sme"
    if "owned" in said:  # who the largest shareholder is decides about a mid-size firm too
        return ""
    return "midsize" if "midsize" in said else "large" if "not_midsize" in said else ""
