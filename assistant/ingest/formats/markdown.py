"""Markdown (CommonMark with GFM tables and footnotes) and its YAML front matter. Inline markup becomes plain text.

What is struck out is left out, and so is what HTML between the lines hides; raised and lowered figures are written as
such; a footnote's text follows the block that its mark stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from mdit_py_plugins.footnote import footnote_plugin

from assistant.ingest import frontmatter
from assistant.ingest.formats import html
from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.markdown_html import OpenTags
from assistant.ingest.formats.raised import lowered, raised
from assistant.ingest.formats.source import Source
from assistant.schema import Draft

MEDIA_TYPE = "text/markdown"

_SIGNS = re.compile(
    r"\A---[ \t]*\n[ \t]*[\w-]+[ \t]*:"  # front matter
    r"|^ {0,3}#{1,6}[ \t]+\S"  # heading
    r"|^ {0,3}\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?[ \t]*$"  # delimiter row of a table
    r"|^ {0,3}(?:```|~~~)"
    r"|\*\*\S[^*\n]*\*\*"
    r"|(?:^|(?<=[\s(]))~~[^\s~](?:[^~\n]*[^\s~])?~~"  # struck out
    r"|^\[\^[^\]\s]+\]:[ \t]"  # text of a footnote
    r"|\[[^\]\n]+\]\([^)\s]+\)",
    re.MULTILINE,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_STYLE = re.compile(r"<style\b.*?</style\s*>", re.IGNORECASE | re.DOTALL)
_NESTED = ("bullet_list", "ordered_list", "table", "fence", "code_block", "blockquote", "html_block", "heading")
_STRUCK = re.compile(r"~~(?=[^\s~])[^~]*(?<=[^\s~])~~")
#: Marks that are escaped, while those that are not are looked for.
_ESCAPED = str.maketrans("~*^", "\ufdd1\ufdd2\ufdd3")
_UNESCAPED = str.maketrans("\ufdd1\ufdd2\ufdd3", "~*^")
#: `10^6^`, `50^1)^`, `H~2~O` as Pandoc has them; a range such as 10~20 or a sum of powers is neither.
_RAISED = re.compile(r"\^([+\-−]?\d{1,4}(?:[.,/]\d{1,3})*\)?|[A-Za-z]\)?|\*{1,3}\)?|[주註]\s?\d{0,2}\)?)\^(?![\d^])")
_LOWERED = re.compile(r"(?<=[A-Za-z)])~(\d{1,3})~(?![\d~])")


def recognises(source: Source) -> bool:
    """Recognise text with at least one unmistakable mark of Markdown."""
    return bool(_SIGNS.search(source.text.lstrip("\ufeff")))


def read(source: Source) -> Draft:
    """Read headings, paragraphs, lists, tables, quotes and code in order; front matter becomes the metadata."""
    metadata, body = frontmatter.split(source.text.lstrip("\ufeff"), source.name)
    builder = DraftBuilder()
    # what is escaped stays apart from marks
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.disable("text_join").use(footnote_plugin, inline=False)
    root = SyntaxTreeNode(parser.parse(body))
    _Writer(builder, root).write()
    if builder.first_heading and not metadata.get("title"):
        metadata["title"] = builder.first_heading
    return builder.build(metadata)


class _Writer:
    """Writes the blocks of one document."""

    def __init__(self, builder: DraftBuilder, root: SyntaxTreeNode) -> None:
        self._builder = builder
        self._root = root
        blocks = [node.content for node in root.walk() if node.type == "html_block"]
        self._styles = "".join(found for block in blocks for found in _STYLE.findall(block))
        self._tags = OpenTags(builder, self._styles)
        self._notes = {
            int(note.meta["id"]): note
            for block in root.children
            if block.type == "footnote_block"
            for note in block.children
        }

    def write(self) -> None:
        """Write all of them, each with the footnotes that it is the first to name."""
        written: set[int] = set()
        for node in self._root.children:
            if node.type == "footnote_block":
                continue
            self._block(node)
            for number in self._named(node):
                if number in self._notes and number not in written and not self._tags.hidden:
                    written.add(number)
                    self._note(number)

    def _named(self, node: SyntaxTreeNode) -> list[int]:
        tokens = [token for child in node.walk() if child.type == "inline" and child.token for token in [child.token]]
        return [
            int(each.meta["id"]) for token in tokens for each in token.children or [] if each.type == "footnote_ref"
        ]

    def _note(self, number: int) -> None:
        texts = [self._inline(child) for child in self._notes[number].children]
        self._builder.paragraph(f"{_mark(number)} {' '.join(texts)}")

    def _block(self, node: SyntaxTreeNode) -> None:
        if node.type == "html_block":
            markup = self._tags.shown(node.content)
            if markup.strip():
                html.write_fragment(self._builder, self._styles + markup)
            self._tags.end_sections()
        elif self._tags.hidden:
            for child in node.walk():
                if child.type == "html_block":  # what opens or ends in a list or quote
                    self._tags.shown(child.content)
        elif node.type == "heading":
            self._builder.heading(int(node.tag[1]), self._inline(node))
        elif node.type == "paragraph":
            self._builder.paragraph(self._inline(node))
        elif node.type in ("bullet_list", "ordered_list"):
            self._list(node, depth=0)
        elif node.type == "table":
            rows = [[self._inline(cell) for cell in row.children] for part in node.children for row in part.children]
            self._builder.table(rows[0], rows[1:])
        elif node.type in ("fence", "code_block"):
            self._builder.code(node.content)
        elif node.type == "blockquote":
            for child in node.children:
                if child.type == "paragraph" and not self._tags.hidden:
                    self._builder.quote(self._inline(child))
                else:
                    self._block(child)

    def _list(self, node: SyntaxTreeNode, depth: int) -> None:
        first = int(node.attrs.get("start", 1))
        for number, item in enumerate(node.children, start=first):
            marker = f"{number}{item.markup}" if node.type == "ordered_list" else "-"
            # All paragraphs of an item are one block, so that a step is never torn apart.
            texts: list[str] = []
            for child in item.children:
                if child.type not in _NESTED:
                    texts += [] if self._tags.hidden else [self._inline(child)]
                    continue
                self._builder.list_item(" ".join(texts), marker=marker, depth=depth)
                marker, texts = ("", []) if texts else (marker, texts)
                if child.type in ("bullet_list", "ordered_list") and not self._tags.hidden:
                    self._list(child, depth + 1)
                else:
                    self._block(child)
            self._builder.list_item(" ".join(texts), marker=marker, depth=depth)

    def _inline(self, node: SyntaxTreeNode) -> str:
        tokens = [token for child in node.walk() if child.type == "inline" and child.token for token in [child.token]]
        return " ".join(self._line(token.children or []) for token in tokens)

    def _line(self, tokens: list[Token]) -> str:
        if any(token.type == "html_inline" and not _BREAK.fullmatch(token.content) for token in tokens):
            return html.inline_text(self._styles + f"<div>{_plain(tokens, as_html=True)}</div>")
        return _plain(tokens)


def _plain(tokens: list[Token], as_html: bool = False) -> str:
    """The text of tokens without what is struck out; `as_html`: with the HTML in it, and the rest escaped."""
    # CommonMark leaves `**제목(설명)**은` and `~~30%~~는` as they are: a letter follows the closing mark. Korean
    # writers mean bold and struck out, so marks that come in pairs count where they stand in text.
    bold = sum(token.content.count("**") for token in tokens if token.type == "text") % 2 == 0
    parts: list[str] = []
    depth = 0
    for token in _joined(tokens):
        if token.type in ("s_open", "s_close"):
            depth += 1 if token.type == "s_open" else -1
        elif depth:
            continue
        elif token.type == "html_inline" and as_html:
            parts.append(token.content)
        else:
            text = _text(token, bold)
            parts.append(escape(text) if as_html else text)
    return "".join(parts)


def _joined(tokens: list[Token]) -> Iterator[Token]:
    """The tokens with neighbouring texts as one; in it, escaped marks are characters that no text holds."""
    pending = ""
    for token in [*tokens, None]:
        if token is not None and token.type in ("text", "text_special"):
            pending += token.content.translate(_ESCAPED) if token.type == "text_special" else token.content
            continue
        if pending:
            yield Token("text", "", 0, content=pending)
            pending = ""
        if token is not None:
            yield token


def _text(token: Token, bold: bool) -> str:
    if token.type == "text":
        return _marked(token.content, bold).translate(_UNESCAPED)
    if token.type in ("softbreak", "hardbreak") or (token.type == "html_inline" and _BREAK.fullmatch(token.content)):
        return "\n"
    if token.type == "image":
        return _plain(token.children or [])
    if token.type == "footnote_ref":
        return _mark(int(token.meta["id"]))
    return token.content if token.type == "code_inline" else ""


def _marked(text: str, bold: bool) -> str:
    text = _STRUCK.sub("", text.replace("**", "") if bold else text)
    return _LOWERED.sub(lambda found: lowered(found[1]), _RAISED.sub(lambda found: raised(found[1]), text))


def _mark(number: int) -> str:
    return raised(f"{number + 1})")
