"""A retrieval run as one HTML page: tables, plots (inlined SVG) and the questions that went wrong."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import PathError, SettingsError
from assistant.evaluation.measures import MAIN, MEASURES
from assistant.evaluation.runs import OURS, Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Questions listed below the plots.
_LISTED = 100
#: As deep as the rankings that are kept.
_DEEPEST = 10

_STYLE = """
body { font: 16px/1.5 system-ui, "Noto Sans KR", sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
small { color: #555; } svg { max-width: 100%; height: auto; }
"""


def write_report(file: Path, figures: Mapping[str, Any], runs: Mapping[str, Sequence[Outcome]]) -> None:
    """Write the page. Raises SettingsError without matplotlib, PathError when the file cannot be written."""
    parts = [
        f"<h1>{escape(str(figures['set']))}</h1>",
        f"<p>{figures['questions']} questions with a known passage. In brackets the 95 % interval over questions.</p>",
        _table(figures["retrievers"]),
        _plot("nDCG@10 with its 95 % interval", lambda axes: _bars(axes, figures["retrievers"])),
        _plot("Share of questions with a relevant passage among the first k", lambda axes: _curves(axes, runs)),
    ]
    if len(runs) > 1:
        rival = max((name for name in runs if name != OURS), key=lambda n: figures["retrievers"][n][MAIN]["mean"])
        parts.append(
            _plot(f"nDCG@10 of each question: ours minus {rival}", lambda axes: _gains(axes, runs[OURS], runs[rival]))
        )
    if comparison := figures.get("comparison"):
        parts.append(_changes(comparison))
    parts.append(_misses(runs[OURS]))
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(str(figures["set"]))}</title>'
        f"<style>{_STYLE}</style><body>{''.join(parts)}</body></html>"
    )
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as exc:
        raise PathError(f"{file} cannot be written ({exc.strerror}).", "Choose another place.") from exc


def _table(retrievers: Mapping[str, Any]) -> str:
    head = "".join(f'<th class="figure">{name}</th>' for name in (*MEASURES, "ours / it"))
    rows = []
    for name, row in retrievers.items():
        cells = "".join(
            f'<td class="figure">{row[m]["mean"]:.3f}<br><small>{row[m]["low"]:.3f}–{row[m]["high"]:.3f}</small></td>'
            for m in MEASURES
        )
        ratio = row.get("ours_as_ratio")
        rows.append(f'<tr><th>{escape(name)}</th>{cells}<td class="figure">{f"{ratio:.3f}" if ratio else ""}</td></tr>')
    return f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"


def _plot(title: str, draw: Callable[[Axes], None]) -> str:
    try:
        from matplotlib.figure import Figure
    except ImportError as exc:
        raise SettingsError(
            "The plots of a report need the package matplotlib.", "Run `pip install -r requirements-dev.lock`."
        ) from exc
    drawing = Figure(figsize=(9, 3.6), layout="constrained")
    axes = drawing.subplots()
    draw(axes)
    axes.grid(alpha=0.3)
    target = io.StringIO()
    drawing.savefig(target, format="svg", metadata={"Date": None})
    svg = target.getvalue()
    return f"<h2>{escape(title)}</h2>{svg[svg.index('<svg') :]}"


def _bars(axes: Axes, retrievers: Mapping[str, Any]) -> None:
    names = list(retrievers)[::-1]
    means = [retrievers[name][MAIN]["mean"] for name in names]
    below = [retrievers[name][MAIN]["mean"] - retrievers[name][MAIN]["low"] for name in names]
    above = [retrievers[name][MAIN]["high"] - retrievers[name][MAIN]["mean"] for name in names]
    axes.barh(names, means, xerr=[below, above], color=["#1f6f8b" if n == OURS else "#b8c4cc" for n in names])
    axes.set_xlim(0, 1)


def _curves(axes: Axes, runs: Mapping[str, Sequence[Outcome]]) -> None:
    depths = range(1, _DEEPEST + 1)
    for name, outcomes in runs.items():
        shares = [sum(o.first is not None and o.first <= k for o in outcomes) / len(outcomes) for k in depths]
        axes.plot(depths, shares, marker="o", label=name, linewidth=2.5 if name == OURS else 1)
    axes.set_xlabel("k")
    axes.set_xticks(list(depths))
    axes.set_ylim(top=1.01)
    axes.legend(fontsize="small")


def _gains(axes: Axes, ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> None:
    other = {outcome.id: outcome.measures[MAIN] for outcome in theirs}
    gains = sorted(outcome.measures[MAIN] - other[outcome.id] for outcome in ours)
    axes.bar(range(len(gains)), gains, width=1.0, color=["#1f6f8b" if gain > 0 else "#b04a3a" for gain in gains])
    axes.set_xlabel("questions, from the greatest loss to the greatest gain")


def _changes(comparison: Mapping[str, Any]) -> str:
    gain = comparison["difference"][MAIN]
    rows = "".join(
        f'<tr><td class="figure">{row["before"]["rank"] or "–"} → {row["now"]["rank"] or "–"}</td>'
        f"<td>{escape(row['id'])}</td><td>{escape(row['question'])}</td></tr>"
        for row in comparison["changed"][:_LISTED]
    )
    return (
        f"<h2>Against the earlier run</h2><p>{comparison['shared']} questions in both, {comparison['better']} better, "
        f"{comparison['worse']} worse; nDCG@10 {gain['mean']:+.3f} [{gain['low']:+.3f}, {gain['high']:+.3f}].</p>"
        f'<table><tr><th class="figure">rank</th><th>id</th><th>question</th></tr>{rows}</table>'
    )


def _misses(outcomes: Sequence[Outcome]) -> str:
    missed = sorted((o for o in outcomes if o.first != 1), key=lambda o: -(o.first or _DEEPEST + 1))
    rows = "".join(
        f'<tr><td class="figure">{o.first or "–"}</td><td>{escape(o.id)}</td><td>{escape(o.question)}</td>'
        f"<td>{escape(o.found[0] if o.found else '')}</td><td>{escape(', '.join(o.relevant))}</td></tr>"
        for o in missed[:_LISTED]
    )
    return (
        f"<h2>Questions whose first passage is not relevant ({len(missed)})</h2><table>"
        f'<tr><th class="figure">rank</th><th>id</th><th>question</th><th>found first</th><th>relevant</th></tr>'
        f"{rows}</table>"
    )
