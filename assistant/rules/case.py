"""One case under evaluation: reads inputs and figures, does the arithmetic, writes down every line with its clauses.

Rounding, stated once: what is a most ("at most", what is left over) is rounded down to the won, what is a least ("at
least") is rounded up, so no limit is ever overstepped and the parts always add up to the whole.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from assistant.rules.definition import Rule, Version
from assistant.rules.inputs import InputValue
from assistant.rules.values import LANGUAGES, Bound, Line, Part, Shown, Term, Text, Unit
from assistant.rules.wording import together, upper
from assistant.schema import Language

_UNITS: dict[str, Unit] = {"won": "KRW", "percent": "%", "date": "date", "count": "count"}


class Case:
    """The inputs of one case, the version of the rule that holds for it, and what has been worked out so far."""

    def __init__(self, rule: Rule, version: Version, inputs: Mapping[str, InputValue], as_of: date) -> None:
        self.rule = rule
        self.version = version
        self.inputs = inputs
        self.as_of = as_of
        self.terms: list[Term] = []
        self.figures: list[Term] = []
        self.lines: list[Line] = []
        self.warnings: list[Line] = []
        self.wanted: list[str] = []
        self.unknown = False

    # --- what is given ------------------------------------------------------------------------------------------

    def has(self, *names: str) -> bool:
        """Tell whether all these inputs are given."""
        return all(name in self.inputs for name in names)

    def choice(self, name: str) -> str:
        """Give the value of a choice input; "" when it is not given."""
        return str(self.inputs.get(name, ""))

    def flag(self, name: str) -> bool | None:
        """Give a yes or no; None when it is not given."""
        value = self.inputs.get(name)
        return value if isinstance(value, bool) else None

    def want(self, *names: str) -> bool:
        """Ask for those of `names` that are not given; True when there are any."""
        absent = [name for name in names if name not in self.inputs]
        self.wanted += [name for name in absent if name not in self.wanted]
        return bool(absent)

    def input(self, name: str, *clauses: str) -> Term:
        """Give an amount, share, count or date that was given; `clauses` say why it counts."""
        entry = self.rule.inputs[name]
        value = self.inputs[name]
        if isinstance(value, bool | str):
            raise TypeError(f"{name} is no figure")
        return Term(name, entry.label, value, _UNITS[entry.kind], "exact", clauses)

    def knows(self, name: str, by: str = "") -> bool:
        """Tell whether the version holds this figure."""
        return name in self.version.values and by in self.version.values[name].amounts

    def value(self, name: str, by: str = "") -> Term:
        """Take a figure of the rule, with the clause it stands in."""
        value = self.version.values[name]
        term = Term(name, self.rule.labels[name], value.amounts[by], value.unit, value.bound, (value.clauses[by],))
        self.figures.append(term)
        return term

    # --- arithmetic ---------------------------------------------------------------------------------------------

    def share(self, name: str, base: Term, rate: Term, *, bound: Bound = "exact") -> Term:
        """Take `rate` percent of `base`, rounded down to the won, or up where it is a least."""
        exact = base.number * rate.number / 100
        won = exact.to_integral_value(ROUND_CEILING if bound == "min" else ROUND_FLOOR)
        return self._formula(name, won, "KRW", bound, (base, "×", rate))

    def times(self, name: str, base: Term, factor: Term, *, bound: Bound = "exact") -> Term:
        """Work out `base` × `factor` (a number or a count of years), in won."""
        won = (base.number * factor.number).to_integral_value(ROUND_FLOOR)
        return self._formula(name, won, "KRW", bound, (base, "×", factor))

    def less(self, name: str, whole: Term, part: Term, *, bound: Bound = "exact") -> Term:
        """Work out `whole` − `part`, never below zero."""
        rest = max(whole.number - part.number, Decimal(0))
        return self._formula(name, rest, whole.unit, bound, (whole, "-", part))

    def plus(self, name: str, *parts: Term, bound: Bound = "exact") -> Term:
        """Add `parts`."""
        pieces: list[Term | str] = [parts[0]]
        for part in parts[1:]:
            pieces += ["+", part]
        return self._formula(name, sum((part.number for part in parts), Decimal(0)), "KRW", bound, tuple(pieces))

    def smaller(self, name: str, first: Term, second: Term, *, bound: Bound = "exact") -> Term:
        """Take the smaller of two amounts, with both shown."""
        names = [_named(term, language) for term in (first, second) for language in LANGUAGES]
        words = Text(f"{together(names[0])} {names[2]} 중 작은 금액", f"the smaller of {names[1]} and {names[3]}")
        clauses = (*first.clauses, *second.clauses)
        return self.result(name, min(first.number, second.number), "KRW", words, clauses, bound)

    def after(self, name: str, start: Term, length: Term, *, bound: Bound = "exact") -> Term:
        """Find the date `length` (days, months or years) after `start`; the first day is not counted."""
        assert isinstance(start.amount, date)
        end = shifted(start.amount, int(length.number), length.unit)
        return self._formula(name, end, "date", bound, (start, "+", length))

    def result(
        self, name: str, amount: Decimal | date, unit: Unit, words: Text, clauses: tuple[str, ...], bound: Bound
    ) -> Term:
        """Write down a figure that needs its own words: `words` is the formula up to the equals sign."""
        term = Term(name, self.rule.labels[name], amount, unit, bound, tuple(dict.fromkeys(clauses)))
        self.terms.append(term)
        formula = Text(
            f"{term.label.ko}: {words.ko} = {term.text('ko')}",
            f"{upper(term.label.en)}: {words.en} = {term.text('en')}",
        )
        self.lines.append(Line(name, formula, term.clauses))
        return term

    # --- words --------------------------------------------------------------------------------------------------

    def words(self, sentence: str, **parts: Part) -> Text:
        """Fill in the parts of a sentence of the rule: `{term}`, `{term:bare}`, `{term:topic}` …"""
        text = self.rule.sentences[sentence]
        filled = {}
        for language in LANGUAGES:
            shown = {name: Shown(part, language) for name, part in parts.items()}
            filled[language] = text.of(language).format(**shown)
        return Text(**filled)

    def say(self, sentence: str, *clauses: str, **parts: Part) -> None:
        """Make a statement without arithmetic."""
        self.lines.append(Line(sentence, self.words(sentence, **parts), tuple(dict.fromkeys(clauses))))

    def warn(self, sentence: str, *clauses: str, **parts: Part) -> None:
        """Warn of something to be careful about."""
        self.warnings.append(Line(sentence, self.words(sentence, **parts), tuple(dict.fromkeys(clauses))))

    def stop(self, sentence: str, *clauses: str, **parts: Part) -> None:
        """Say that the documents do not hold what the answer needs."""
        self.unknown = True
        self.say(sentence, *clauses, **parts)

    def _formula(
        self, name: str, amount: Decimal | date, unit: Unit, bound: Bound, pieces: tuple[Term | str, ...]
    ) -> Term:
        clauses = tuple(dict.fromkeys(c for piece in pieces if isinstance(piece, Term) for c in piece.clauses))
        words = [" ".join(p if isinstance(p, str) else _named(p, lang) for p in pieces) for lang in LANGUAGES]
        return self.result(name, amount, unit, Text(*words), clauses, bound)


def _named(term: Term, language: Language) -> str:
    return f"{term.label.of(language)} {term.text(language, bound=False)}"


def shifted(start: date, count: int, unit: str) -> date:
    """Add to `start` so many days, months or years; a day that the month lacks becomes its last day."""
    if unit == "day":
        return start + timedelta(days=count)
    months = start.month - 1 + count * (12 if unit == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
