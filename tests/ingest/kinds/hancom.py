"""HWP 5 and HWPX."""

# ruff: noqa: E501 - the table of files reads better with a line for each

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from assistant.ingest.formats import read
from assistant.schema import Draft
from tests.ingest.formats import test_hwp5 as hwp
from tests.ingest.formats import test_hwpx_seen as hwpx
from tests.ingest.kinds import Case

r, p = hwpx.r, hwpx.p


def _x(*paragraphs: str) -> Callable[[Path], Draft]:
    return lambda folder: hwpx.document(folder / "a.hwpx", *paragraphs)


def _5(*paragraphs: bytes) -> Callable[[Path], Draft]:
    return lambda folder: hwp.document(folder / "a.hwp", b"".join(paragraphs))


def _grid(*lines: tuple[str, ...]) -> str:
    inside = "".join(
        "<hp:tr>" + "".join(hwpx.cell((row, column), runs) for column, runs in enumerate(line)) + "</hp:tr>"
        for row, line in enumerate(lines)
    )
    size = f'rowCnt="{len(lines)}" colCnt="{len(lines[0])}"'
    return p(f'<hp:run charPrIDRef="0"><hp:tbl {size} borderFillIDRef="1">{inside}</hp:tbl></hp:run>')


def _box(*runs: str) -> str:
    """A text box: drawn text of a rectangle."""
    return p(
        f'<hp:run charPrIDRef="0"><hp:rect><hp:drawText><hp:subList>{p(*runs)}</hp:subList></hp:drawText></hp:rect></hp:run>'
    )


def _along(kind: str, text: str) -> str:
    return p(
        f'<hp:run charPrIDRef="0"><hp:ctrl><hp:{kind}><hp:subList>{p(r(text))}</hp:subList></hp:{kind}></hp:ctrl></hp:run>'
    )


_MONEY, _GONE = ("9만원",), ("7만원",)
_PLAIN, _STRUCK, _RAISED, _LOWERED, _WHITE, _TINY = range(6)
CASES = [
    Case("withdrawn", "HWPX", "struck", _x(p(r("값 "), r("7만원", 1), r("9만원"))), _MONEY, _GONE),
    Case("withdrawn", "HWPX", "struck in a table", _x(_grid((r("품목"), r("값")), (r("볼트"), r("7만원", 1) + r("9만원")))), ("볼트 | 9만원",), _GONE),
    Case("withdrawn", "HWPX", "struck in a text box", _x(_box(r("값 "), r("7만원", 1), r("9만원"))), _MONEY, _GONE),
    Case("withdrawn", "HWPX", "struck in a note", _x(p(r("값 9만원"), hwpx.note("세전").replace("<hp:t>세전", '<hp:t>세전</hp:t></hp:run><hp:run charPrIDRef="1"><hp:t>7만원'))),
         ("9만원", "세전"), _GONE),
    Case("withdrawn", "HWP", "struck", _5(hwp.paragraph(("값 ", 0), ("7만원", _STRUCK), ("9만원", 0))), _MONEY, _GONE),
    Case("withdrawn", "HWP", "struck in a table", _5(hwp.table(2, 2, hwp.cell(0, 0, 1, ("품목", 0)), hwp.cell(0, 1, 1, ("값", 0)), hwp.cell(1, 0, 1, ("볼트", 0)),
         hwp.cell(1, 1, 1, ("7만원", _STRUCK), ("9만원", 0)))), ("볼트 | 9만원",), _GONE),
    Case("raised", "HWPX", "mark and power", _x(p(r("50"), r("1)", 2), r("백만원 10"), r("6", 2), r(" Pa"))), ("50¹⁾백만원", "10⁶ Pa")),
    Case("raised", "HWPX", "in a table", _x(_grid((r("품목"), r("값")), (r("한도"), r("50") + r("1)", 2) + r("백만원")))), ("한도 | 50¹⁾백만원",)),
    Case("raised", "HWPX", "note in a table", _x(_grid((r("품목"), r("값")), (r("한도"), r("50") + hwpx.note("세전") + r("백만원")))), ("50¹⁾백만원", "세전")),
    Case("raised", "HWPX", "in a text box", _x(_box(r("50"), r("1)", 2), r("백만원"))), ("50¹⁾백만원",)),
    Case("raised", "HWP", "mark and power", _5(hwp.paragraph(("50", 0), ("1)", _RAISED), ("백만원 10", 0), ("6", _RAISED), (" Pa", 0))), ("50¹⁾백만원", "10⁶ Pa")),
    Case("raised", "HWP", "index in a table", _5(hwp.table(1, 2, hwp.cell(0, 0, 1, ("H", 0), ("2", _LOWERED), ("O", 0)), hwp.cell(0, 1, 1, ("물", 0)))), ("H₂O | 물",)),
    Case("raised", "HWP", "raised by its place on the line", lambda folder: _by_place(folder), ("50¹⁾백만원",)),
    Case("raised", "HWPX", "raised by its place on the line", lambda folder: hwpx.document(folder / "a.hwpx", p(r("50"), r("1)", 2), r("백만원")), header=hwpx._HEADER.replace(
        "<hh:supscript/>", '<hh:offset hangul="-60" latin="-60" hanja="-60" japanese="-60" other="-60" symbol="-60" user="-60"/>')), ("50¹⁾백만원",)),
    Case("unseen", "TXT", "signs of private fonts", lambda folder: _text(folder), ("값은 9만원이다.",), ("\U000f0820",)),
    Case("layout", "HWPX", "table with a header", _x(_grid((r("구분"), r("국비")), (r("소기업"), r("45%")))), ("구분 | 국비", "소기업 | 45%")),
    Case("layout", "HWP", "table with level lines only", _5(hwp.table(2, 2, hwp.cell(0, 0, 1, ("구분", 0)), hwp.cell(0, 1, 1, ("국비", 0)), hwp.cell(1, 0, 1, ("소기업", 0)),
         hwp.cell(1, 1, 1, ("45%", 0)))), ("구분 | 국비", "소기업 | 45%")),
    Case("running", "HWPX", "number once", _x(_along("header", "문서 QP-07 개정 3"), p(r("본문"))), ("QP-07 개정 3", "본문")),
    Case("unseen", "HWPX", "white", _x(p(r("값 "), r("7만원", 4), r("9만원"))), _MONEY, _GONE),
    Case("unseen", "HWPX", "tiny", _x(p(r("값 "), r("7만원", 5), r("9만원"))), _MONEY, _GONE),
    Case("unseen", "HWPX", "white in a text box", _x(_box(r("값 "), r("7만원", 4), r("9만원"))), _MONEY, _GONE),
    Case("unseen", "HWPX", "hidden comment", _x(p(r("값 9만원"), '<hp:run charPrIDRef="0"><hp:ctrl><hp:hiddenComment><hp:subList>' + p(r("7만원")) + "</hp:subList></hp:hiddenComment></hp:ctrl></hp:run>")),
         _MONEY, _GONE),
    Case("unseen", "HWP", "white", _5(hwp.paragraph(("값 ", 0), ("7만원", _WHITE), ("9만원", 0))), _MONEY, _GONE),
    Case("unseen", "HWP", "tiny", _5(hwp.paragraph(("값 ", 0), ("7만원", _TINY), ("9만원", 0))), _MONEY, _GONE),
]  # fmt: skip


def _by_place(folder: Path) -> Draft:
    """A mark that is small and stands 60 percent above the line."""
    looks = list(hwp._LOOKS)
    raised = hwp.look(size=900)
    looks[_RAISED] = raised[:35] + b"\xc4" * 7 + raised[42:]
    with patch.object(hwp, "_LOOKS", tuple(looks)):
        return hwp.document(folder / "a.hwp", hwp.paragraph(("50", 0), ("1)", _RAISED), ("백만원", 0)))


def _text(folder: Path) -> Draft:
    (folder / "a.txt").write_text("값은 9만원이다.\n\n\U000f0820\U000f0820\U000f0820\n", encoding="utf-8")
    return read(folder / "a.txt")
