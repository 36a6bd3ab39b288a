"""Prints kind × format: how many of the small files come out right now, and how many did before.

`python -m tests.ingest.kinds [CASES]`; CASES is a folder of reported cases. "Before" is commit c0d45aa, whose results
stand in before.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import click

from tests.ingest.kinds import KINDS, Case, cases
from tests.ingest.kinds.shared_cases import shared_cases

_BEFORE = Path(__file__).with_name("before.json")


def faults(each: Case) -> str:
    """The fault of one case; what a reader raises against its promise is one, too."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return each.fault(Path(folder))
        except Exception as exc:  # noqa: BLE001 - one case must not end the table
            return f"{type(exc).__name__}: {exc}"


def main() -> None:
    """Print the table; `--before` writes what a revision makes of the files, for the column "before"."""
    found = {f"{case.kind} / {case.format} / {case.name}": faults(case) for case in cases()}
    if "--before" in sys.argv:
        _BEFORE.write_text(
            json.dumps(sorted(name for name, fault in found.items() if not fault), ensure_ascii=False, indent=0) + "\n",
            encoding="utf-8",
        )
        return
    right_before = set(json.loads(_BEFORE.read_text(encoding="utf-8"))) if _BEFORE.exists() else set()
    count: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, fault in found.items():
        kind, form, _ = name.split(" / ")
        for row in ((kind, form), ("", "")):
            count[row][0] += 1
            count[row][1] += name in right_before
            count[row][2] += not fault
    click.echo(f"{'kind':36}{'format':12}{'files':>6}{'before':>8}{'now':>5}")
    for (kind, form), (files, before, now) in sorted(
        count.items(), key=lambda row: (row[0] == ("", ""), [*KINDS, ""].index(row[0][0]), row[0][1])
    ):
        click.echo(f"{KINDS.get(kind, 'all'):36}{form:12}{files:>6}{before:>8}{now:>5}")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    for number, outcome in shared_cases(folder) if (folder / "01-struck-out").is_dir() else ():
        click.echo(f"case {number}: {outcome}")
    for name, fault in found.items():
        if fault:
            click.echo(f"wrong: {name}: {fault[:300]}")
    sys.exit(any(found.values()))


if __name__ == "__main__":
    main()
