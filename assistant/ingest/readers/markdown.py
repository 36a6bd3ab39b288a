"""Markdown (CommonMark with GFM tables) and its YAML front matter. Inline markup becomes plain text."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode

from assistant.ingest import frontmatter
from assistant.ingest.readers import html
from assistant.ingest.readers.draft import DraftBuilder
from assistant.ingest.readers.source import Source
from assistant.schema import Draft

MEDIA_TYPE = "text/markdown"

_SIGNS = re.compile(
    r"\A---[ \t]*\n[ \t]*[\w-]+[ \t]*:"  # front matter
    r"|^ {0,3}#{1,6}[ \t]+\S"  # heading
    r"|^ {0,3}\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$"  # delimiter row of a table
    r"|^ {0,3}(?:```|~~~)"
    r"|\*\*\S[^*\n]*\*\*"
    r"|\[[^\]\n]+\]\([^)\s]+\)",
    re.MULTILINE,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_NESTED = ("bullet_list", "ordered_list", "table", "fence", "code_block", "blockquote", "html_block", "heading")


def recognises(source: Source) -> bool:
    """Text with at least one unmistakable mark of Markdown."""
    return bool(_SIGNS.search(source.text.lstrip("\ufeff")))


def read(source: Source) -> Draft:
    """Headings, paragraphs, lists, tables, quotes and code in order; front matter becomes the metadata."""
    metadata, body = frontmatter.split(source.text.lstrip("\ufeff"), source.name)
    builder = DraftBuilder()
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for node in SyntaxTreeNode(parser.parse(body)).children:
        _block(builder, node)
    if builder.first_heading and not metadata.get("title"):
        metadata["title"] = builder.first_heading
    return builder.build(metadata)


def _block(builder: DraftBuilder, node: SyntaxTreeNode) -> None:
    if node.type == "heading":
        builder.heading(int(node.tag[1]), _inline(node))
    elif node.type == "paragraph":
        builder.paragraph(_inline(node))
    elif node.type in ("bullet_list", "ordered_list"):
        _list(builder, node, depth=0)
    elif node.type == "table":
        _table(builder, node)
    elif node.type in ("fence", "code_block"):
        builder.code(node.content)
    elif node.type == "html_block":
        html.write_fragment(builder, node.content)
    elif node.type == "blockquote":
        for child in node.children:
            if child.type == "paragraph":
                builder.quote(_inline(child))
            else:
                _block(builder, child)


def _list(builder: DraftBuilder, node: SyntaxTreeNode, depth: int) -> None:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start=first):
        marker = f"{number}{item.markup}" if node.type == "ordered_list" else "-"
        # All paragraphs of an item are one block, so that a step is never torn apart.
        texts: list[str] = []
        for child in item.children:
            if child.type not in _NESTED:
                texts.append(_inline(child))
                continue
            builder.list_item(" ".join(texts), marker=marker, depth=depth)
            marker, texts = ("", []) if texts else (marker, texts)
            if child.type in ("bullet_list", "ordered_list"):
                _list(builder, child, depth + 1)
            else:
                _block(builder, child)
        builder.list_item(" ".join(texts), marker=marker, depth=depth)


def _table(builder: DraftBuilder, node: SyntaxTreeNode) -> None:
    rows = [[_inline(cell) for cell in row.children] for part in node.children for row in part.children]
    builder.table(rows[0], rows[1:])


def _inline(node: SyntaxTreeNode) -> str:
    tokens = [token for child in node.walk() if child.type == "inline" and child.token for token in [child.token]]
    return " ".join(_plain(token.children or []) for token in tokens)


def _plain(tokens: list[Token]) -> str:
    # CommonMark leaves `**제목(설명)**은` as it is, because a letter follows the closing mark; Korean writers
    # mean bold, so marks that come in pairs are dropped from what is text.
    stray = sum(token.content.count("**") for token in tokens if token.type == "text") % 2 == 0
    parts = []
    for token in tokens:
        if token.type == "text":
            parts.append(token.content.replace("**", "") if stray else token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "html_inline":
            parts.append("\n" if _BREAK.fullmatch(token.content) else "")
        elif token.type == "image":
            parts.append(_plain(token.children or []))
        else:
            parts.append(token.content if token.type == "code_inline" else "")
    return "".join(parts)
