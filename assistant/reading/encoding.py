"""Question and excerpt as the network's input: the same form for learning and for reading.

    <s> question </s></s> title | heading | header row | text </s>

What stands before the text is read but never marked. A text that is too long for one pass is read in windows of whole
lines, each with the same words before it.
"""

from __future__ import annotations

#: Tokens of one pass, all included, and of the question in it.
MOST_TOKENS = 384
QUESTION_TOKENS = 72
_BEFORE_CHARS = 220
#: Between a question and its follow-up.
JOINT = " / "


def prefix_of(title: str, heading: str, table_header: str, text: str) -> str:
    """What the network reads before `text`: title, nearest heading and header row, unless the text has them itself."""
    parts = [title]
    if heading and heading != title and not text.startswith(heading):
        parts.append(heading)
    if table_header and table_header not in text:
        parts.append(table_header)
    words = " | ".join(part[:_BEFORE_CHARS] for part in parts if part)
    return f"{words} | " if words else ""


def with_before(question: str, before: str) -> str:
    """A follow-up with the question before it in front."""
    return f"{before}{JOINT}{question}" if before else question


def claim_of(sentence: str) -> str:
    """A sentence that is to be held against a quote, told apart from a question."""
    return f"claim: {sentence}"
