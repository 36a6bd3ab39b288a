"""Columns of a page image: parted where there are two, left alone where there is a table or one column."""

from __future__ import annotations

from PIL import Image, ImageDraw

from assistant.ingest.formats.page_columns import regions

SIZE = (1700, 2200)


def page(*columns: tuple[int, int, bool]) -> Image.Image:
    """Grey lines of "text" from 400 to 1,900 pixels down; a column is given by its sides and whether it is ragged."""
    image = Image.new("L", SIZE, "white")
    draw = ImageDraw.Draw(image)
    for left, right, ragged in columns:
        for number, top in enumerate(range(400, 1900, 40)):
            end = left + (right - left) * (3 + number % 4) // 8 if ragged else right
            draw.rectangle((left, top, end, top + 24), fill="black")
    return image


def test_two_columns_below_a_title() -> None:
    image = page((150, 800, False), (880, 1550, False))
    ImageDraw.Draw(image).rectangle((150, 150, 1550, 220), fill="black")
    title, left, right = regions(image)
    assert title[0] == left[0] == 0 and title[2] == SIZE[0] and title[3] <= left[1] + 5 and title[1] == 0
    assert 800 < left[2] == right[0] < 880 and left[1] < 400 and left[3] > 1880


def test_three_columns_stand_in_order() -> None:
    found = regions(page((100, 550, False), (620, 1080, False), (1150, 1600, False)))
    assert [each[0] for each in found] == sorted(each[0] for each in found) and len(found) == 3


def test_a_single_column_a_table_and_a_blank_page_stay_whole() -> None:
    for image in (page((150, 1550, False)), page((150, 600, True), (880, 1550, True)), page()):
        assert regions(image) == [(0, 0, *SIZE)]
