"""CSV: told from prose by its content, in Korean encodings, with a header on every row."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.ingest.formats import read

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


def rows(tmp_path: Path, text: str, encoding: str = "utf-8") -> tuple[list[tuple[str, str, str]], dict[str, object]]:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    draft = read(path)
    assert draft.metadata["media_type"] == "text/csv"
    shown = [(b.kind[:5], draft.text[b.start : b.end], b.table_header) for b in draft.blocks]
    return shown, dict(draft.metadata)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_titles_above_and_notes_below(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = "2026년 시험 수수료;;\n(단위: 천원)\n\n시험;수수료;기간\n인장;120;3일\n\n피로;450;10일\n합계;570;\n"
    text += "※ 부가세 별도\n"
    shown, metadata = rows(tmp_path, text.replace(";", delimiter), encoding)
    header = "시험 | 수수료 | 기간"
    assert shown == [
        ("parag", "2026년 시험 수수료", ""),
        ("parag", "(단위: 천원)", ""),
        ("table", header, ""),
        ("table", "인장 | 120 | 3일", header),
        ("table", "피로 | 450 | 10일", header),
        ("table", "합계 | 570 | ", header),
        ("parag", "※ 부가세 별도", ""),
    ]
    assert metadata["title"] == "2026년 시험 수수료"


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "SEP=;\n"])
def test_the_separator_that_a_file_states(tmp_path: Path, first: str) -> None:
    shown, _ = rows(tmp_path, f"{first}등급;값\n가;1,5\n나;2,25\n")
    assert [text for _, text, _ in shown] == ["등급 | 값", "가 | 1,5", "나 | 2,25"]


def test_unequal_rows_and_decimal_commas(tmp_path: Path) -> None:
    shown, _ = rows(tmp_path, "코드;명칭;값;비고\nA1;밸브;1,5\nA2;펌프;2,0;예비;x\nA3;관;3,1;\nA4;캡;4,4;없음\n")
    assert [text.rstrip(" |") for _, text, _ in shown] == [
        "코드 | 명칭 | 값 | 비고",
        "A1 | 밸브 | 1,5",
        "A2 | 펌프 | 2,0 | 예비 | x",
        "A3 | 관 | 3,1",
        "A4 | 캡 | 4,4 | 없음",
    ]
    assert len({text.count("|") for _, text, _ in shown}) == 1


def test_a_title_above_two_columns_of_figures(tmp_path: Path) -> None:
    shown, _ = rows(tmp_path, "연도별 예산\n연도,예산(억원)\n2025,12\n2026,15\n")
    assert [text for _, text, _ in shown] == ["연도별 예산", "연도 | 예산(억원)", "2025 | 12", "2026 | 15"]


def test_quoted_line_breaks_and_separators(tmp_path: Path) -> None:
    text = '장비,조치,"비고\n(필수)"\n"X-1","끈다,\n기다린다","3분, ""꼭"""\nX-2,"켠다",없음\n'
    shown, _ = rows(tmp_path, text)
    assert [text for _, text, _ in shown] == [
        "장비 | 조치 | 비고 (필수)",
        'X-1 | 끈다, 기다린다 | 3분, "꼭"',
        "X-2 | 켠다 | 없음",
    ]


def test_a_header_of_two_lines(tmp_path: Path) -> None:
    shown, _ = rows(tmp_path, "구분,국비,,민간,\n,현금,현물,현금,현물\n중소,50,10,30,10\n중견,40,10,40,10\n")
    assert shown[0][1] == "구분 | 국비 현금 | 국비 현물 | 민간 현금 | 민간 현물"
    assert shown[1][1:] == ("중소 | 50 | 10 | 30 | 10", shown[0][1])


def test_several_tables_in_one_file(tmp_path: Path) -> None:
    shown, _ = rows(tmp_path, "요금표,,\n등급,요금,기간\n가,10,1년\n\n담당자,,\n이름,전화\n김,1234\n박,5678\n")
    assert [(kind, text.rstrip(" |"), header.rstrip(" |")) for kind, text, header in shown] == [
        ("parag", "요금표", ""),
        ("table", "등급 | 요금 | 기간", ""),
        ("table", "가 | 10 | 1년", "등급 | 요금 | 기간"),
        ("parag", "담당자", ""),
        ("table", "이름 | 전화", ""),
        ("table", "김 | 1234", "이름 | 전화"),
        ("table", "박 | 5678", "이름 | 전화"),
    ]


@pytest.mark.parametrize(
    "prose",
    [
        "제목\n\n우리는 안전, 보건, 환경을 지키며 일한다.\n설비를 멈추고, 잠그고, 표시한다.\n끝나면 알린다.\n쉰다.",
        "Dear all,\nplease stop, lock, and tag the machine, then call us.\nRegards,\nA",
        "가|나\n다",
        "1,000원\n2,000원",
        "순서: 끄기; 잠그기\n확인; 표시; 알림\n끝",
    ],
)
def test_prose_with_separators_is_no_table(tmp_path: Path, prose: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(prose, encoding="utf-8")
    assert read(path).metadata["media_type"] == "text/plain"
