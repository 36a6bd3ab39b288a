"""A slice of a stored text as a quote, with what is needed to see it where it stands.

Ids are opaque three-character signs, so that a weak model cannot take them for ranks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from assistant.schema import Block, Document, Quote

#: Characters of stored text shown on either side of a quote.
_SURROUNDING = 300
_ALPHABET = "bcdfghjkmnpqrstvwxz"
_DIGITS = "23456789"


def quote_at(document: Document, text: str, block: Block, start: int, end: int, taken: Iterable[str] = ()) -> Quote:
    """The slice `start:end` of a document's stored `text`, inside or from `block` on. `taken`: ids in use."""
    first_page, last_page = block.pages(start, min(end, block.end))
    return Quote(
        id=quote_id(document.document_id, start, end, taken),
        document_id=document.document_id,
        title=document.title,
        path=document.path,
        version=document.version,
        effective_date=document.effective_date,
        page=first_page,
        heading_path=block.heading_path,
        quote=text[start:end],
        start=start,
        end=end,
        before=text[max(0, start - _SURROUNDING) : start],
        after=text[end : end + _SURROUNDING],
        table_header=block.table_header,
        superseded_by=document.superseded_by,
        sample=document.sample,
        labels=document.labels,
        last_page=last_page if last_page != first_page else None,
    )


def quote_id(document_id: str, start: int, end: int, taken: Iterable[str] = ()) -> str:
    """An opaque id such as `k3v`: the same slice gets the same id, unless another one has it already."""
    taken = set(taken)
    digest = int.from_bytes(hashlib.sha256(f"{document_id}:{start}:{end}".encode()).digest()[:8])
    while True:
        rest, first = divmod(digest, len(_ALPHABET))
        rest, second = divmod(rest, len(_DIGITS))
        name = _ALPHABET[first] + _DIGITS[second] + _ALPHABET[rest % len(_ALPHABET)]
        if name not in taken:
            return name
        digest += 1
