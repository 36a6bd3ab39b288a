"""PowerPoint: what a person sees of the slides, and notes that say that they are notes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from assistant.ingest.formats import read
from assistant.schema import Draft

_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMES = (
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{_DOC}"'
)


def links(*targets: tuple[str, str]) -> str:
    each = "".join(
        f'<Relationship Id="r{at}" Type="{_DOC}/{kind}" Target="{to}"/>' for at, (kind, to) in enumerate(targets)
    )
    return f'<Relationships xmlns="{_RELS}">{each}</Relationships>'


def r(text: str, look: str = "", inside: str = "") -> str:
    return f"<a:r><a:rPr {look}>{inside}</a:rPr><a:t>{text}</a:t></a:r>"


def shape(*runs: str, kind: str = "", x: int = 100, hidden: str = "") -> str:
    mark = f'<p:ph type="{kind}"/>' if kind else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="상자" {hidden}/><p:cNvSpPr/><p:nvPr>{mark}</p:nvPr></p:nvSpPr>'
        f"<p:spPr><a:xfrm>"
        f'<a:off x="{x}" y="100"/><a:ext cx="500" cy="100"/></a:xfrm></p:spPr><p:txBody><a:p>{"".join(runs)}'
        f"</a:p></p:txBody>"
        "</p:sp>"
    )


def tree(kind: str, *shapes: str, more: str = "") -> str:
    return f"<p:{kind} {_NAMES} {more}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:{kind}>"


def presentation(path: Path, *slides: str, notes: str = "", master: str = "", layout: str = "") -> Draft:
    count = len(slides)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default '
        'Extension="xml" ContentType="application/xml"/><Override PartName="/ppt/presentation.xml" '
        'ContentType="application/'
        'vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/></Types>',
        "_rels/.rels": links(("officeDocument", "ppt/presentation.xml")),
        "ppt/presentation.xml": f"<p:presentation {_NAMES}><p:sldIdLst>"
        + "".join(f'<p:sldId id="{256 + at}" r:id="r{at}"/>' for at in range(count))
        + '</p:sldIdLst><p:sldSz cx="9000" cy="6000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": links(*(("slide", f"slides/slide{at + 1}.xml") for at in range(count))),
        "ppt/slideLayouts/slideLayout1.xml": tree("sldLayout", layout),
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": links(("slideMaster", "../slideMasters/slideMaster1.xml")),
        "ppt/slideMasters/slideMaster1.xml": tree("sldMaster", master),
    }
    for at, slide in enumerate(slides, 1):
        parts[f"ppt/slides/slide{at}.xml"] = slide
        more = [("notesSlide", "../notesSlides/notesSlide1.xml")] if notes and at == 1 else []
        parts[f"ppt/slides/_rels/slide{at}.xml.rels"] = links(
            ("slideLayout", "../slideLayouts/slideLayout1.xml"), *more
        )
    if notes:
        parts["ppt/notesSlides/notesSlide1.xml"] = notes
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return read(path)


@pytest.mark.parametrize(
    "hidden",
    [
        r("7만원", 'strike="sngStrike"'),
        r("7만원", 'strike="dblStrike"'),
        r("7만원", 'sz="100"'),
        r("7만원", "", "<a:noFill/>"),
        r("7만원", "", '<a:solidFill><a:srgbClr val="000000"><a:alpha val="0"/></a:srgbClr></a:solidFill>'),
    ],
)
def test_words_that_nobody_sees(tmp_path: Path, hidden: str) -> None:
    draft = presentation(
        tmp_path / "a.pptx", tree("sld", shape(r("제목"), kind="title"), shape(r("값 "), hidden, r("9만원")))
    )
    assert draft.text == "제목\n\n값 9만원"


def test_hidden_slides_shapes_and_what_lies_beside_the_slide(tmp_path: Path) -> None:
    draft = presentation(
        tmp_path / "a.pptx",
        tree("sld", shape(r("첫 장"), kind="title"), shape(r("보이는 말"))),
        tree("sld", shape(r("숨은 장"), kind="title"), more='show="0"'),
        tree(
            "sld",
            shape(r("셋째 장"), kind="title"),
            shape(r("옆에 둔 말"), x=9500),
            shape(r("숨긴 말"), hidden='hidden="1"'),
        ),
    )
    assert draft.text == "첫 장\n\n보이는 말\n\n셋째 장"
    assert [block.page for block in draft.blocks] == [1, 1, 3]


def test_raised_figures(tmp_path: Path) -> None:
    runs = (
        r("10"),
        r("6", 'baseline="30000"'),
        r(" Pa, CO"),
        r("2", 'baseline="-25000"'),
        r(" 40"),
        r("1)", 'baseline="30000"'),
    )
    draft = presentation(tmp_path / "a.pptx", tree("sld", shape(r("제목"), kind="title"), shape(*runs)))
    assert draft.text.endswith("10⁶ Pa, CO₂ 40¹⁾")


def test_what_runs_along_stands_once_and_notes_are_marked(tmp_path: Path) -> None:
    notes = tree("notes", shape(r("예산은 묻지 말 것."), kind="body"), shape(r("1"), kind="sldNum"))
    slides = [
        tree(
            "sld", shape(r(f"장 {at}"), kind="title"), shape(r("대외비"), kind="ftr"), shape(r(str(at)), kind="sldNum")
        )
        for at in (1, 2)
    ]
    draft = presentation(
        tmp_path / "a.pptx", *slides, notes=notes, master=shape(r("문서 PM-4 개정 2")), layout=shape(r("배치의 말"))
    )
    texts = draft.text.split("\n\n")
    assert sorted(texts) == sorted(
        ["장 1", "장 2", "대외비", "문서 PM-4 개정 2", "배치의 말", "[발표자 노트] 예산은 묻지 말 것."]
    )
