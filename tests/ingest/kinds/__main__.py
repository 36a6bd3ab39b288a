"""Prints kind × format: how many of the small files come out right now, and how many did before.

`python -m tests.ingest.kinds [CASES]`; CASES is a folder of reported cases, whose stored texts and answers follow. What
0.1.0 (commit c0d45aa) made of the files was recorded once, in before.json: the files were read with its code.
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
from tests.ingest.kinds.shared_questions import asked

#: Names of the files that 0.1.0 stored as a person sees them.
BEFORE = Path(__file__).with_name("before.json")


def faults(each: Case) -> str:
    """The fault of one case; what a reader raises against its promise is one, too."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return each.fault(Path(folder))
        except Exception as exc:  # noqa: BLE001 - one case must not end the table
            return f"{type(exc).__name__}: {exc}"


def main() -> None:
    """Print the table."""
    found = {case.title: faults(case) for case in cases()}
    right_before = set(json.loads(BEFORE.read_text(encoding="utf-8")))
    count: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, fault in found.items():
        kind, form, _ = name.split(" / ")
        for row in ((kind, form), ("", "")):
            count[row][0] += 1
            count[row][1] += name in right_before
            count[row][2] += not fault
    click.echo(f"{'kind':36}{'format':12}{'files':>6}{'0.1.0*':>8}{'now':>5}")
    for (kind, form), (files, before, now) in sorted(
        count.items(), key=lambda row: (row[0] == ("", ""), [*KINDS, ""].index(row[0][0]), row[0][1])
    ):
        click.echo(f"{KINDS.get(kind, 'all'):36}{form:12}{files:>6}{before:>8}{now:>5}")
    click.echo("* right before; recorded once with the code of 0.1.0")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path()
    if (folder / "01-struck-out").is_dir():
        click.echo("\nreported case, what is stored, what is answered")
        stored = dict(shared_cases(folder))
        for number, outcome in sorted(asked(folder)):
            click.echo(f"{number:8}{stored.get(number, '-'):20}{outcome}")
    for name, fault in found.items():
        if fault:
            click.echo(f"wrong: {name}: {fault[:300]}")
    sys.exit(any(found.values()))


if __name__ == "__main__":
    main()
