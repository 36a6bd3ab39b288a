"""HTML: the main content of a page as headings, paragraphs, lists and tables."""

from __future__ import annotations

import re
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.dammit import EncodingDetector
from bs4.element import CData, NavigableString, PageElement

from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.html_parts import beside, leave_around, leave_content
from assistant.ingest.formats.html_seen import leave_seen
from assistant.ingest.formats.html_tables import write_table
from assistant.ingest.formats.source import Source, codec_of, decode
from assistant.schema import Draft

MEDIA_TYPE = "text/html"

_START = re.compile(
    r"<!doctype html|<(?:html|head|body|meta|link|title|style|base)[\s>]|(?:<!doctype svg[^>]*>\s*)?<svg[\s>]"
)
#: A piece of a page, as exports and mail programs save it: elements from the first to the last, and no Markdown.
_PIECE = re.compile(
    r"<(div|p|table|section|article|main|header|center|h[1-6]|ul|ol|dl|form|font|span|blockquote)(?:\s[^<>]*)?>"
    r"(?=.*</\1>\s*\Z)(?!.*^(?:#{1,6} |[-*+] |\d+\. |\|?[ :]*-{3,}|```|> ))",
    re.DOTALL | re.MULTILINE,
)
_LEADING = re.compile(r"(?:\s|ï»¿|ÿþ|þÿ|<\?xml[^>]*>|<!--.*?-->)*", re.DOTALL)
_LARGEST_PIECE = 2_000_000
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")
_WARNING_BOX = {"warning", "caution", "danger"}
_CONTAINERS = {
    "html", "body", "div", "section", "article", "main", "header", "p", "center", "figure", "figcaption", "dl", "dt",
    "dd", "address", "details", "summary", "fieldset", "form", "li", "tr", "td", "th", "tbody", "thead", "tfoot",
    "caption", "hgroup",
}  # fmt: skip
_SPECIAL = {"h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote", "hr"}
_BLOCKS = _CONTAINERS | _SPECIAL


def recognises(source: Source) -> bool:
    """Recognise a document type, an element of a page's head or a drawing at the beginning, or a piece of a page."""
    head = source.head
    at = _LEADING.match(head).end()  # type: ignore[union-attr]  # always matches
    if _START.match(head, at):
        return True
    if not head.startswith("<", at) or len(source.content) > _LARGEST_PIECE:
        return False
    return _PIECE.match(source.content.decode("latin-1").lower(), at) is not None


def read(source: Source) -> Draft:
    """Read the page's main part; metadata: title, and language where the page declares Korean or English."""
    soup = BeautifulSoup(_XML_DECLARATION.sub("", _decoded(source)), "lxml")
    metadata: dict[str, Any] = {}
    root = soup.find("html")
    language = str(root.get("lang") or root.get("xml:lang") or "")[:2].lower() if isinstance(root, Tag) else ""
    if language in ("ko", "en"):
        metadata["language"] = language
    title = soup.title.get_text() if soup.title else ""
    leave_seen(soup, source.other)
    leave_content(soup)
    builder = DraftBuilder()
    root = soup.body or soup
    body = soup.find("main") or soup.select_one('[role="main"]') or root
    assert isinstance(body, Tag)
    articles = root.find_all("article")
    if body is root and len(articles) == 1:
        leave_around(articles[0], root)
    before, after = beside(body, root)
    for part in (*before, body, *after):
        _walk(builder, part)
    metadata["title"] = " ".join(title.split()) or builder.first_heading
    return builder.build(metadata)


def write_fragment(builder: DraftBuilder, markup: str) -> None:
    """Write a piece of HTML (inside Markdown, the body of a message) into a draft that is being built."""
    soup = BeautifulSoup(markup, "lxml")
    leave_seen(soup)
    leave_content(soup)
    for opener in soup.select("[data-opens]"):
        opener.name = f"h{min(6, max(int(opener.name[1]), builder.level + 1))}"
    if soup.body:
        _walk(builder, soup.body)


def inline_text(markup: str) -> str:
    """Give the text of a piece of HTML inside a line, as a reader sees it."""
    soup = BeautifulSoup(markup, "lxml")
    leave_seen(soup)
    leave_content(soup)
    return _inline(soup.body) if soup.body else ""


def _decoded(source: Source) -> str:
    declared = EncodingDetector.find_declared_encoding(source.content, is_html=True, search_entire_document=False)
    encoding = codec_of(declared or "")
    if encoding and not encoding.startswith("utf-16"):  # a declaration that could be read as ASCII is no UTF-16
        try:
            return source.content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            pass  # the declaration is wrong; look at the bytes
    return decode(source.content, source.name)


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
    elif name == "details":
        _walk(builder, element)
        opener = element.find(["h1", "h2", "h3", "h4", "h5", "h6"])
        if isinstance(opener, Tag) and opener.has_attr("data-opens"):
            builder.end_section(int(opener.name[1]))
    elif name in ("ul", "ol"):
        _list(builder, element, depth=0)
    elif name == "table":
        if not write_table(builder, element, _inline):
            _walk(builder, element)
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


def _whole(value: object, otherwise: int) -> int:
    text = str(value or "").strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,6}", text) else otherwise


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
