from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.errors import PathError
from assistant.evaluation import runs
from assistant.evaluation.report import write_report

pytest.importorskip("matplotlib")


def test_a_report_stands_alone_and_escapes_what_was_asked(tmp_path: Path) -> None:
    questions, qrels = {"q1": "선도프로젝트 <script>?", "q2": "two?"}, {"q1": {"a": 1}, "q2": {"b": 1}}
    ours = runs.run(runs.OURS, lambda name, _: {"q1": ["x"], "q2": ["b"]}[name], questions, qrels)
    peer = runs.run("peer", lambda *_: [], questions, qrels)
    found = {runs.OURS: ours, "peer": peer}
    figures = {"set": "a & b", **runs.summary(found), "comparison": runs.compare(ours, peer)}
    write_report(tmp_path / "report.html", figures, found)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 3 and "a &amp; b" in page
    assert "선도프로젝트 &lt;script&gt;?" in page and "<script" not in page
    assert not re.search(r'(?:src|href)="https?:', page)  # nothing is fetched when it is opened
    with pytest.raises(PathError):
        write_report(tmp_path / "absent" / "report.html", figures, found)
