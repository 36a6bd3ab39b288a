"""CSV: told from prose by its content, in Korean encodings, with a header on every row."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.ingest.readers import read

TABLE = '설비,출력(MW),비고\nP-100,371.2,"보일러, 1호기"\nP-101,420,"두\n줄"\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "자료.txt"
    path.write_bytes(TABLE.encode(encoding))
    draft = read(path)
    assert draft.metadata["media_type"] == "text/csv" and draft.metadata["title"] == "자료"
    assert draft.text.split("\n") == [
        "설비 | 출력(MW) | 비고",
        "P-100 | 371.2 | 보일러, 1호기",
        "P-101 | 420 | 두 줄",
    ]
    assert [b.table_header for b in draft.blocks] == ["", *["설비 | 출력(MW) | 비고"] * 2]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b;c\nx;y\nz;u\n".replace(";", delimiter), encoding="utf-8")
    assert read(path).text == "a,b | c\nx | y\nz | u"


@pytest.mark.parametrize(
    "prose",
    [
        "안전, 보건, 환경을 지킨다.\n그리고, 설비를 멈춘다.\n끝.",
        "First, stop the machine.\nThen, lock it.",
        "한 줄, 두 칸",
        "처음에, 기계를 멈춥니다\n다음에, 전원을 끕니다\n끝으로, 잠급니다",
        "- 하나, 둘\n- 셋, 넷\n- 다섯",
    ],
)
def test_prose_is_no_table(tmp_path: Path, prose: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(prose, encoding="utf-8")
    assert read(path).metadata["media_type"] == "text/plain"
