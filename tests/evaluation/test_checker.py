"""The independent count of figures without support: finds what is invented, and is silent on what is converted."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from assistant.evaluation import checker
from assistant.evaluation.checker import unsupported_figures

SUPPORTED = [
    ("최대 1,500만원을 받습니다.", "up to KRW 15 million"), ("KRW 15 million", "1,500만원"), ("3억 원", "300백만 원"),
    ("KRW 2.5 trillion", "2조 5,000억 원"), ("1조 1,347억 원", "KRW 1.1347 trillion"), ("1,000 billion won", "1조 원"),
    ("7억 5,000만 원", "KRW 750 million"), ("1만 3,000명", "13,000 specialists"), ("100,000,000원", "1억 원"),
    ("22 July 2024", "2024-07-22"), ("2024년 7월 22일", "launched on July 22, 2024"), ("2024", "'24년 과제"),
    ("5 bar", "0.5 MPa"), ("0.69 MPa", "7 kgf/cm²"), ("98.07 N·m", "10 kgf·m"), ("20 °C", "68 °F"), ("36개월", "3년"),
    ("120 minutes", "2시간"), ("45 N·m", "토크(N·m) | 45"), ("3억 원", "지원금(백만원) | 300"), 
    ("12개 분과", "twelve divisions"),
    ("2개", "두 개의 건물"), ("오후 6시", "18:00까지"), ("제12조", "Article 12"), ("SV0402 알람", "SV0401"),
    ("30 %", "100분의 30"),
    ("[k3v] 3억 원", "3억"), ("1. 밸브를 잠근다", "밸브를 잠근다"), ("1,500 min⁻¹", "1,500 rpm"),
]  # fmt: skip
INVENTED = [
    ("최대 3억 원입니다.", "최대 3만 원", ["3억"]), ("KRW 15 million", "1,500억 원", ["15 million"]),
    ("56%와 23%", "중소기업이 56%", ["23"]), ("2025년 7월", "2024년 7월", ["2025"]), ("5 MPa", "5 bar, 0.05 MPa", []),
    ("6 MPa", "5 bar", ["6"]), ("22 August 2024", "22 July 2024", ["August"]), ("지원금 77억 원", "", ["77억"]),
    ("1조 1,347억 원", "1조 1,348억 원", ["1조 1,347억"]), ("31 days", "30일", ["31"]),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "evidence"), SUPPORTED)
def test_silent_on_the_same_figure_in_another_form(answer: str, evidence: str) -> None:
    assert unsupported_figures(answer, ["무관한 문장.", evidence]) == []


@pytest.mark.parametrize(("answer", "evidence", "found"), INVENTED)
def test_names_what_no_evidence_holds(answer: str, evidence: str, found: list[str]) -> None:
    assert unsupported_figures(answer, [evidence]) == found


def test_shares_no_code_with_what_it_checks() -> None:
    tree = ast.parse(Path(checker.__file__).read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in modules if name.startswith("assistant")]
