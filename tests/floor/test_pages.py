from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from assistant.errors import ReadError
from assistant.floor.pages import Pages
from assistant.floor.rendering import SCALE, render
from tests.floor.manuals import MANUALS, open_manuals

PUBLIC = frozenset({"public"})
MANUAL = "manuals/cnc-lathe-rev-b.ko.pdf"


def test_a_page_is_a_picture_in_the_measure_that_boxes_count_in(pages: Pages) -> None:
    found = pages.picture(MANUAL, 14, PUBLIC)
    assert found is not None and (round(found.width), round(found.height)) == (595, 842)
    with Image.open(io.BytesIO(found.content)) as picture:
        assert picture.format == "WEBP" and abs(picture.width - SCALE * found.width) < 2
    assert pages.picture(MANUAL, 14, PUBLIC) is found  # kept


@pytest.mark.parametrize(
    ("document", "page", "labels"),
    [
        (MANUAL, 99, PUBLIC),
        (MANUAL, 14, frozenset({"member"})),
        ("manuals/nothing.pdf", 1, PUBLIC),
        ("../../etc/passwd", 1, PUBLIC),
        ("manuals/secret-machine.ko.md", 1, frozenset({"operator"})),  # no PDF
    ],
)
def test_what_may_not_be_seen_or_is_not_there_gives_nothing(
    pages: Pages, document: str, page: int, labels: frozenset[str]
) -> None:
    pages.picture(MANUAL, 14, PUBLIC)
    assert pages.picture(document, page, labels) is None


def test_a_file_that_has_changed_since_it_was_read_is_not_shown(tmp_path: Path) -> None:
    with open_manuals(tmp_path) as assistant:
        found = assistant.index.seen_by(PUBLIC).document_file(MANUAL)
        assert found is not None
        found[0].write_bytes((MANUALS / "robot-cell.ko.pdf").read_bytes())
        pages = Pages(assistant.index)
        try:
            assert pages.picture(MANUAL, 1, PUBLIC) is None
            found[0].unlink()
            assert pages.picture(MANUAL, 1, PUBLIC) is None
        finally:
            pages.close()


def test_what_is_no_pdf_is_an_expected_error(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(ReadError):
        render(tmp_path / "a.pdf" / "1")
