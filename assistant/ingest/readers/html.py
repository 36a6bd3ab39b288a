"""HTML: the main content of a page as headings, paragraphs, lists and tables."""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.dammit import EncodingDetector
from bs4.element import CData, NavigableString, PageElement

from assistant.ingest.readers.draft import DraftBuilder
from assistant.ingest.readers.source import Source, decode
from assistant.schema import Draft

MEDIA_TYPE = "text/html"

_START = re.compile(r"<!doctype html|<html[\s>]|<head[\s>]|<body[\s>]")
_LEADING = re.compile(r"(?:\s|ï»¿|ÿþ|þÿ|<\?xml[^>]*>|<!--.*?-->)*", re.DOTALL)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")
_NEVER = [
    "script", "style", "noscript", "template", "nav", "footer", "aside", "iframe", "svg", "canvas", "button",
    "select", "input", "textarea", "object", "audio", "video", "head",
]  # fmt: skip
_NOT_CONTENT = (
    '[role="navigation"], [role="banner"], [role="contentinfo"], [role="search"], [hidden], [aria-hidden="true"],'
    ' .navheader, .navfooter, .breadcrumb, .breadcrumbs, body > header:not(:has(h1)), [style*="display:none"],'
    ' [style*="display: none"]'
)
_WARNING_BOX = {"warning", "caution", "danger"}
_CONTAINERS = {
    "html", "body", "div", "section", "article", "main", "header", "p", "center", "figure", "figcaption", "dl", "dt",
    "dd", "address", "details", "summary", "fieldset", "form", "li", "tr", "td", "th", "tbody", "thead", "tfoot",
    "caption", "hgroup",
}  # fmt: skip
_SPECIAL = {"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote", "hr"}
_BLOCKS = _CONTAINERS | _SPECIAL
#: Browsers stop here too; a page may claim a million.
_SPAN_LIMIT = 1000


def recognises(source: Source) -> bool:
    """A document type, or an html, head or body element at the very beginning."""
    head = source.head
    return bool(_START.match(head, _LEADING.match(head).end()))  # type: ignore[union-attr]  # always matches


def read(source: Source) -> Draft:
    """The page's main part; metadata: title, and language where the page declares Korean or English."""
    soup = BeautifulSoup(_XML_DECLARATION.sub("", _decoded(source)), "lxml")
    metadata: dict[str, Any] = {}
    root = soup.find("html")
    language = str(root.get("lang") or root.get("xml:lang") or "")[:2].lower() if isinstance(root, Tag) else ""
    if language in ("ko", "en"):
        metadata["language"] = language
    title = soup.title.get_text() if soup.title else ""
    _strip(soup)
    builder = DraftBuilder()
    body = soup.find("main") or soup.select_one('[role="main"]') or _only_article(soup) or soup.body or soup
    assert isinstance(body, Tag)
    _walk(builder, body)
    metadata["title"] = " ".join(title.split()) or builder.first_heading
    return builder.build(metadata)


def write_fragment(builder: DraftBuilder, markup: str) -> None:
    """Write a piece of HTML (inside Markdown) into a draft that is being built."""
    soup = BeautifulSoup(markup, "lxml")
    _strip(soup)
    if soup.body:
        _walk(builder, soup.body)


def _decoded(source: Source) -> str:
    declared = EncodingDetector.find_declared_encoding(source.content, is_html=True, search_entire_document=False)
    # What calls itself EUC-KR is often cp949, which holds all of EUC-KR.
    encoding = "cp949" if (declared or "").lower() in ("euc-kr", "ks_c_5601-1987", "ksc5601", "korean") else declared
    if encoding:
        try:
            return source.content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            pass  # the declaration is wrong; look at the bytes
    return decode(source.content, source.name)


def _strip(soup: BeautifulSoup) -> None:
    for element in [*soup.find_all(_NEVER), *soup.select(_NOT_CONTENT)]:
        element.decompose()


def _only_article(soup: BeautifulSoup) -> Tag | None:
    articles = soup.find_all("article")
    return articles[0] if len(articles) == 1 and isinstance(articles[0], Tag) else None


def _walk(builder: DraftBuilder, element: Tag) -> None:
    """Inline content between block elements is collected into paragraphs."""
    pending: list[str] = []

    def flush() -> None:
        builder.paragraph("".join(pending))
        pending.clear()

    for child in element.children:
        if isinstance(child, Tag) and (child.name in _BLOCKS or child.find(list(_SPECIAL)) is not None):
            flush()
            _block(builder, child)
        else:
            pending.append(_inline(child))
    flush()


def _block(builder: DraftBuilder, element: Tag) -> None:
    name = element.name
    if name[0] == "h" and name[1:].isdigit():
        builder.heading(int(name[1]), _inline(element))
    elif name in ("ul", "ol"):
        _list(builder, element, depth=0)
    elif name == "table":
        _table(builder, element)
    elif name == "pre":
        builder.code(element.get_text())
    elif name == "blockquote" or (_WARNING_BOX & _classes(element) and element.find(list(_SPECIAL)) is None):
        builder.quote(_inline(element))
    else:
        _walk(builder, element)


def _classes(element: Tag) -> set[str]:
    given = element.get("class")
    return set(given) if isinstance(given, list) else set()


def _list(builder: DraftBuilder, element: Tag, depth: int) -> None:
    number = _whole(element.get("start"), 1)
    for item in element.find_all(["li", "ul", "ol"], recursive=False):
        if item.name != "li":  # a list right inside a list, as old pages have it
            _list(builder, item, depth + 1)
            continue
        number = _whole(item.get("value"), number)
        _item(builder, item, f"{number}." if element.name == "ol" else "-", depth)
        number += 1


def _item(builder: DraftBuilder, item: Tag, marker: str, depth: int) -> None:
    pending: list[str] = []

    def flush() -> None:
        nonlocal marker
        text = "".join(pending)
        pending.clear()
        if text.strip():
            builder.list_item(text, marker=marker, depth=depth)
            marker = ""

    def gather(element: Tag) -> None:
        for child in element.children:
            if isinstance(child, Tag) and child.name in ("ul", "ol"):
                flush()
                _list(builder, child, depth + 1)
            elif isinstance(child, Tag) and child.name in _SPECIAL:
                flush()
                _block(builder, child)
            elif isinstance(child, Tag) and child.find(list(_SPECIAL)) is not None:
                gather(child)
            else:
                pending.append(_inline(child))

    gather(item)
    flush()


def _table(builder: DraftBuilder, table: Tag) -> None:
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    grid, heads = _grid(rows)
    if table.find("table") or max((len(row) for row in grid), default=0) < 2:  # only there for the layout
        _walk(builder, table)
        return
    if table.caption:
        builder.paragraph(_inline(table.caption))
    count = next((index for index, is_head in enumerate(heads) if not is_head), len(heads))
    if count == len(grid):
        count = 1
    columns = zip(*grid[:count], strict=True)
    builder.table([" ".join(dict.fromkeys(column)) for column in columns], grid[count:])


def _grid(rows: list[Tag]) -> tuple[list[list[str]], list[bool]]:
    """Cells with every span filled in, all rows of one width; and which rows are header rows."""
    grid: list[list[str]] = []
    heads: list[bool] = []
    reaching_down: dict[int, tuple[int, str]] = {}  # column → (rows left, text)
    for row in rows:
        line: list[str] = []
        cells = row.find_all(["td", "th"], recursive=False)

        def fill() -> None:
            while len(line) in reaching_down:  # noqa: B023
                left, text = reaching_down.pop(len(line))  # noqa: B023
                if left > 1:
                    reaching_down[len(line)] = (left - 1, text)  # noqa: B023
                line.append(text)  # noqa: B023

        for cell in cells:
            fill()
            text = " ".join(_inline(cell).split())
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for _ in range(across):
                if down > 1:
                    reaching_down[len(line)] = (down - 1, text)
                line.append(text)
        fill()
        grid.append(line)
        in_head = row.parent is not None and row.parent.name == "thead"
        heads.append(bool(cells) and (in_head or all(cell.name == "th" for cell in cells)))
    widest = max((len(line) for line in grid), default=0)
    return [line + [""] * (widest - len(line)) for line in grid], heads


def _span(cell: Tag, name: str) -> int:
    return max(1, min(_SPAN_LIMIT, _whole(cell.get(name), 1)))


def _whole(value: object, otherwise: int) -> int:
    text = str(value or "").strip()
    return int(text) if re.fullmatch(r"-?\d{1,6}", text) else otherwise


def _inline(node: PageElement) -> str:
    """Text of a node; block elements and line breaks become white space, inline elements do not."""
    if isinstance(node, Tag):
        if node.name == "br":
            return "\n"
        if node.name == "img":
            return str(node.get("alt") or "")
        text = "".join(_inline(child) for child in node.children)
        return f"\n{text}\n" if node.name in _BLOCKS else text
    return str(node) if type(node) in (NavigableString, CData) else ""
