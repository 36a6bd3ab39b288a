from __future__ import annotations

import pytest

from assistant.floor.codes import codes_like, plain

CODES = ["TA0106", "TA0107", "TH0401", "TH0402", "TS0201", "TS0202", "E-204"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("TA0107", ["TA0107"]),
        ("ta107", ["TA0107"]),
        ("TA 107", ["TA0107"]),
        ("ta-0107", ["TA0107"]),
        ("ＴＡ０１０７", ["TA0107"]),
        ("ㅅㅁ107", ["TA0107"]),
        ("소401", ["TH0401"]),  # T and H without switching the keyboard
        ("401", ["TH0401"]),
        ("th04", ["TH0401", "TH0402"]),
        ("TS", ["TS0201", "TS0202"]),
        ("e204", ["E-204"]),
        ("ta9", []),
        ("zz", []),
        ("  ", []),
    ],
)
def test_codes_typed_loosely_are_found(typed: str, expected: list[str]) -> None:
    assert codes_like(typed, CODES) == expected


def test_what_is_typed_becomes_letters_and_digits() -> None:
    assert plain("ta-0 1.07 / 소") == "TA0107TH"
