"""The marks on a page lie on the words they are for, measured against the text layer."""

from __future__ import annotations

from assistant.answering import Assistant
from assistant.floor.marks import areas
from assistant.floor.pages import Pages, Picture
from assistant.schema import Block

PUBLIC = frozenset({"public"})
MANUAL = "manuals/cnc-lathe-rev-b.ko.pdf"


def found(assistant: Assistant, pages: Pages, words: str) -> tuple[list[Block], str, Picture, int, int]:
    """The blocks and the page of the first place of `words`."""
    seen = assistant.index.seen_by(PUBLIC)
    stored = seen.document_text(MANUAL)
    assert stored is not None
    start = stored[1].index(words)
    blocks = seen.blocks(MANUAL, start, start + len(words))
    assert blocks[0].page is not None
    picture = pages.picture(MANUAL, blocks[0].page, PUBLIC)
    assert picture is not None and picture.letters
    return blocks, stored[1], picture, start, blocks[0].page


def written(picture: Picture, area: tuple[float, float, float, float]) -> str:
    """The letters in an area, by the text layer."""
    left, top, right, bottom = area
    inside = [
        letter
        for letter in picture.letters
        if left <= (letter[1] + letter[3]) / 2 <= right and top <= (letter[2] + letter[4]) / 2 <= bottom
    ]
    return "".join(letter[0] for letter in sorted(inside, key=lambda letter: letter[1]))


def letters_of(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def test_single_words_are_marked_and_nothing_else(assistant: Assistant, pages: Pages) -> None:
    seen = assistant.index.seen_by(PUBLIC)
    stored = seen.document_text(MANUAL)
    assert stored is not None
    text = stored[1]
    tried = 0
    for block in seen.blocks(MANUAL, 0, len(text)):
        if block.page is None or not block.boxes or block.turns or block.kind == "heading":
            continue
        picture = pages.picture(MANUAL, block.page, PUBLIC)
        assert picture is not None
        words = text[block.start : block.end].split()
        if len(words) < 4:
            continue
        start = text.index(words[1], block.start)
        end = text.index(words[-2], start + len(words[1])) + len(words[-2])
        got = "".join(written(picture, a) for a in areas([block], text, block.page, start, end, picture.letters))
        tried += 1
        assert got == letters_of(text[start:end]), text[start:end]
        if tried == 120:
            break
    assert tried == 120


def test_without_a_text_layer_the_lines_are_marked(assistant: Assistant, pages: Pages) -> None:
    blocks, text, _, start, page = found(assistant, pages, "4.0 MPa")
    assert areas(blocks, text, page, start, start + 3) == [box[1:] for box in blocks[0].boxes]
    assert areas(blocks, text, page + 1, start, start + 3) == []
