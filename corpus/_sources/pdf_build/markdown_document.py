"""Markdown (CommonMark with tables) becomes blocks.

A block quote is a notice; its kind is read from a first bold word such as **경고** or **Warning**.
Pictures and HTML are not supported and are refused rather than dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from . import blocks
from .errors import SourceError
from .flowables import to_flowables
from .page import PageText, build_pdf
from .sources import BuiltDocument, ordered_metadata, split_front_matter

KINDS: dict[str, blocks.NoticeKind] = {
    "위험": "danger",
    "danger": "danger",
    "경고": "warning",
    "warning": "warning",
    "주의": "caution",
    "caution": "caution",
    "참고": "note",
    "알림": "note",
    "note": "note",
}
PAGE_WORD = {"ko": "쪽", "en": "Page"}
AUTHOR = {
    "ko": "AI 자율제조 얼라이언스 문서 모음",
    "en": "AI Autonomous Manufacturing Alliance documents",
}
AS_OF = {"ko": "기준일", "en": "As of"}
VERSION = {"ko": "판", "en": "Version"}


def _inline(tokens: list[Token], where: str) -> str:
    out: list[str] = []
    for token in tokens:
        match token.type:
            case "text":
                out.append(escape(token.content, quote=False))
            case "code_inline":
                out.append(f"<b>{escape(token.content, quote=False)}</b>")
            case "strong_open" | "strong_close" | "em_open" | "em_close":
                name = "b" if token.type.startswith("strong") else "i"
                out.append(f"<{'/' if token.nesting < 0 else ''}{name}>")
            case "softbreak":
                out.append(" ")
            case "hardbreak":
                out.append("<br/>")
            case "link_open":
                out.append(f'<link href="{escape(str(token.attrs["href"]))}">')
            case "link_close":
                out.append("</link>")
            case _:
                raise SourceError(f"{where}: Markdown part {token.type!r} is not supported")
    return "".join(out)


def _markup(node: SyntaxTreeNode, where: str) -> str:
    for child in node.children:
        if child.type == "inline":
            assert child.token is not None
            return _inline(child.token.children or [], where)
    return ""


def _notice(node: SyntaxTreeNode, where: str) -> list[blocks.Block]:
    found: list[blocks.Block] = []
    kind: blocks.NoticeKind | None = None
    for child in node.children:
        if child.type != "paragraph":
            found += _block(child, where, 0)
            continue
        markup = _markup(child, where)
        if kind is None:
            first = markup.removeprefix("<b>").split("</b>")[0] if markup.startswith("<b>") else ""
            kind = KINDS.get(first.strip(" :.").lower(), "quote")
        found.append(blocks.Notice(kind, markup))
    return found


def _list(node: SyntaxTreeNode, where: str, depth: int) -> list[blocks.Block]:
    found: list[blocks.Block] = []
    number = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else 0
    for offset, item in enumerate(node.children):
        named = False
        for child in item.children:
            if child.type == "paragraph" and not named:
                markup = _markup(child, where)
                found.append(blocks.Step(number + offset, markup, depth) if number else blocks.Bullet(markup, depth))
                named = True
            else:
                found += _block(child, where, depth + 1)
    return found


def _table(node: SyntaxTreeNode, where: str) -> blocks.Table:
    rows = [tuple(_markup(cell, where) for cell in row.children) for part in node.children for row in part.children]
    return blocks.Table(header=rows[0], rows=tuple(rows[1:]))


def _block(node: SyntaxTreeNode, where: str, depth: int) -> list[blocks.Block]:
    match node.type:
        case "heading":
            return [blocks.Heading(int(node.tag[1]), _markup(node, where))]
        case "paragraph":
            return [blocks.Paragraph(_markup(node, where))]
        case "bullet_list" | "ordered_list":
            return _list(node, where, depth)
        case "blockquote":
            return _notice(node, where)
        case "table":
            return [_table(node, where)]
        case "fence" | "code_block":
            return [blocks.Code(escape(node.content.rstrip("\n"), quote=False))]
        case "hr":
            return []
        case _:
            raise SourceError(f"{where}: Markdown part {node.type!r} is not supported")


def markdown_blocks(text: str, where: str) -> list[blocks.Block]:
    """Read Markdown; ``where`` names the file in errors."""
    parser = MarkdownIt("commonmark").enable("table")
    tree = SyntaxTreeNode(parser.parse(text))
    return [block for node in tree.children for block in _block(node, where, 0)]


def _page_text(metadata: Mapping[str, Any], language: str) -> PageText:
    header_right = f"{VERSION[language]} {metadata['version']}"
    return PageText(
        title=str(metadata["title"]),
        subject=str(metadata["collection"]),
        author=AUTHOR[language],
        language=language,
        header_left=str(metadata["title"]),
        header_right=header_right,
        footer_left=f"{AS_OF[language]} {metadata['effective_date']}",
        page_word=PAGE_WORD[language],
    )


def build_markdown(path: Path) -> BuiltDocument:
    """Build the PDF of one Markdown source."""
    metadata, text = split_front_matter(path)
    language = str(metadata["language"])
    document = markdown_blocks(text, str(path))
    if not any(isinstance(block, blocks.Heading) and block.level == 1 for block in document):
        document.insert(0, blocks.Heading(1, escape(str(metadata["title"]), quote=False)))
    pdf = build_pdf(to_flowables(document, str(path)), _page_text(metadata, language))
    name = f"{metadata['collection']}/{path.name.removesuffix('.md')}.pdf"
    return BuiltDocument(name, ordered_metadata(metadata), pdf)
