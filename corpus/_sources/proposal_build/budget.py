"""The money of a proposal: what it must add up to, and its tables as Markdown.

Amounts are whole millions of won. The ceilings are those of the corpus document
``rules/government-share-and-cash``: the government share of an organisation's cost, and the least cash in what it
pays itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pdf_build.errors import SourceError

#: kind of organisation: (highest government share, least cash in its own share), in percent
CEILINGS = {
    "중소기업": (75, 10),
    "중견기업": (70, 13),
    "그 밖의 기업": (50, 15),
    "대학": (100, 0),
    "연구기관": (100, 0),
}
INDIRECT = "간접비"
ALLOWANCE = "연구수당"
LABOUR = "인건비"
#: highest share of indirect cost in direct cost and of allowance in labour, in percent (rules/cost-rules)
INDIRECT_CEILING, ALLOWANCE_CEILING = 10, 20
#: one unit of a budget sheet in won, by its name
UNITS = {"원": 1, "천 원": 1_000}
MILLION = 1_000_000

Format = Callable[[int], str]


@dataclass(frozen=True)
class Row:
    """One line of money: an organisation, a cost item or a year."""

    name: str
    government: int
    cash: int
    in_kind: int
    role: str = ""
    kind: str = ""
    note: str = ""

    @property
    def own(self) -> int:
        """What the organisation pays itself, in millions of won."""
        return self.cash + self.in_kind

    @property
    def total(self) -> int:
        """The whole cost, in millions of won."""
        return self.government + self.own


@dataclass(frozen=True)
class Budget:
    """The same money three times: by organisation, by cost item, by year."""

    parties: tuple[Row, ...]
    items: tuple[Row, ...]
    years: tuple[Row, ...]

    @property
    def sum(self) -> Row:
        """The whole project."""
        return total_of(self.parties)


def total_of(rows: Iterable[Row]) -> Row:
    """The sum of ``rows`` as a row of its own."""
    every = tuple(rows)
    return Row(
        "합계", sum(r.government for r in every), sum(r.cash for r in every), sum(r.in_kind for r in every), "-", "-"
    )


def won(millions: int) -> str:
    """An amount as Korean text writes it: 1,250 millions are 12억 5,000만 원."""
    if not millions:
        return "0원"
    hundreds, rest = divmod(millions, 100)
    parts = [f"{hundreds:,}억"] if hundreds else []
    parts += [f"{rest * 100:,}만"] if rest else []
    return " ".join(parts) + " 원"


def percent(part: int, whole: int) -> str:
    """A share with at most one decimal; a dash when there is no whole."""
    return f"{part * 100 / whole:.1f}".removesuffix(".0") + "%" if whole else "-"


def in_unit(unit: str) -> Format:
    """A format that gives plain numbers of ``unit``."""
    return lambda millions: f"{millions * MILLION // UNITS[unit]:,}"


def _row(line: Mapping[str, Any]) -> Row:
    government, cash, in_kind = map(int, line["money"])
    role, kind = str(line.get("role", "")), str(line.get("kind", ""))
    return Row(str(line["name"]), government, cash, in_kind, role, kind, str(line.get("task", line.get("for", ""))))


def read_budget(raw: Mapping[str, Any], where: str) -> Budget:
    """Read and check a budget. Raises SourceError that says which rule or sum fails."""
    try:
        parties, items, years = (tuple(_row(line) for line in raw[key]) for key in ("parties", "items", "years"))
    except (KeyError, TypeError, ValueError) as exc:
        raise SourceError(f"{where}: budget not readable: {exc!r}") from exc
    budget = Budget(parties, items, years)
    for problem in problems(budget):
        raise SourceError(f"{where}: {problem}")
    return budget


def problems(budget: Budget) -> Iterable[str]:
    """What in ``budget`` does not add up or is above a ceiling."""
    whole = budget.sum
    for name, rows in (("items", budget.items), ("years", budget.years)):
        found = total_of(rows)
        if (found.government, found.cash, found.in_kind) != (whole.government, whole.cash, whole.in_kind):
            yield f"{name} add up to {found}, organisations to {whole}"
    for party in budget.parties:
        if party.kind not in CEILINGS:
            yield f"{party.name}: unknown kind {party.kind!r}"
            continue
        share, cash = CEILINGS[party.kind]
        if party.government * 100 > share * party.total:
            yield f"{party.name}: government share above {share} %"
        if party.cash * 100 < cash * party.own:
            yield f"{party.name}: cash below {cash} % of its own share"
    by_name = {item.name: item for item in budget.items}
    indirect, allowance, labour = (by_name[name] for name in (INDIRECT, ALLOWANCE, LABOUR))
    if indirect.in_kind or indirect.total * 100 > INDIRECT_CEILING * (whole.total - indirect.total):
        yield "indirect cost in kind or above its ceiling"
    if allowance.total * 100 > ALLOWANCE_CEILING * labour.total:
        yield "allowance above its ceiling"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    cells = [tuple(head)]
    lines = [cells[0], ("---",) * len(cells[0]), *map(tuple, rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def party_table(budget: Budget, show: Format = won, unit: str = "") -> str:
    """Who pays what."""
    return table(
        [
            "기관",
            "구분",
            *(f"{name}{unit}" for name in ("연구개발비", "정부지원금")),
            "정부지원 비율",
            *(f"{name}{unit}" for name in ("기관부담금", "현금", "현물")),
            "현금 비율",
        ],
        [
            (
                row.name,
                row.kind,
                show(row.total),
                show(row.government),
                percent(row.government, row.total),
                show(row.own),
                show(row.cash),
                show(row.in_kind),
                percent(row.cash, row.own),
            )
            for row in (*budget.parties, budget.sum)
        ],
    )


def role_table(budget: Budget) -> str:
    """Who does what."""
    return table(["기관", "역할", "구분", "맡은 일"], [(p.name, p.role, p.kind, p.note) for p in budget.parties])


def item_table(budget: Budget, show: Format = won, unit: str = "") -> str:
    """What the money is spent on."""
    names = ("정부지원금", "기관 현금", "기관 현물", "합계")
    return table(
        ["비목", *(f"{name}{unit}" for name in names), "주요 용도"],
        [
            (row.name, show(row.government), show(row.cash), show(row.in_kind), show(row.total), row.note or "-")
            for row in (*budget.items, total_of(budget.items))
        ],
    )


def year_table(budget: Budget, show: Format = won, unit: str = "") -> str:
    """When it is spent."""
    names = ("정부지원금", "기관 현금", "기관 현물", "합계")
    return table(
        ["연차", *(f"{name}{unit}" for name in names)],
        [
            (row.name, show(row.government), show(row.cash), show(row.in_kind), show(row.total))
            for row in (*budget.years, total_of(budget.years))
        ],
    )
