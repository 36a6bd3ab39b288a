"""Every small file of every kind comes out as a person sees it (see `tests.ingest.kinds`)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ingest.kinds import KINDS, Case, cases
from tests.ingest.kinds.__main__ import BEFORE

CASES = [
    pytest.param(
        case,
        id=f"{case.kind}-{case.format}-{case.name}",
        marks=pytest.mark.slow if case.kind == "old" or case.format == "RTF" else (),  # LibreOffice takes seconds
    )
    for case in cases()
]


@pytest.mark.parametrize("case", CASES)
def test_what_a_person_sees_is_what_is_stored(tmp_path: Path, case: Case) -> None:
    assert not case.fault(tmp_path)


def test_every_kind_has_files_in_several_formats() -> None:
    formats = {kind: {case.format for case in cases() if case.kind == kind} for kind in KINDS}
    assert all(len(found) >= 2 for found in formats.values())
    assert len({case.title for case in cases()}) == len(cases())


def test_what_was_recorded_of_an_earlier_release_names_files_that_are_there() -> None:
    assert set(json.loads(BEFORE.read_text(encoding="utf-8"))) < {case.title for case in cases()}
