"""Writes built documents below ``corpus/``, or compares them with the ones that lie there.

The comparison is of extracted text and metadata, not of bytes: another version of the font or of
reportlab may write other bytes for the same document. How the text of a kind of file is read, the caller says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pypdfium2

from .errors import SourceError
from .sources import BuiltDocument

SIDECAR = ".meta.yaml"


#: how the text of a file is read, by the ending of its name
Readers = Mapping[str, Callable[[bytes], str]]


def extract_text(pdf: bytes) -> str:
    """Text of all pages as pypdfium2 reads it, pages apart by a form feed. Raises SourceError if it is no PDF."""
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as exc:
        raise SourceError(f"not readable as PDF: {exc}") from exc
    try:
        return "\f".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


PDF_READERS: Readers = {".pdf": extract_text}


def _write(path: Path, content: bytes) -> bool:
    """Write ``content`` unless it lies there already; return whether anything changed."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    partial.replace(path)
    return True


def publish(corpus: Path, documents: Iterable[BuiltDocument]) -> list[str]:
    """Write each document and its metadata file; return the paths that changed."""
    changed = []
    for document in documents:
        target = corpus / document.path
        metadata = target.with_name(target.name + SIDECAR)
        wrote_document = _write(target, document.content)
        wrote_metadata = _write(metadata, document.sidecar.encode())
        if wrote_document or wrote_metadata:
            changed.append(document.path)
    return changed


def differences(corpus: Path, documents: Sequence[BuiltDocument], readers: Readers = PDF_READERS) -> list[str]:
    """Say, one line each, where the files below ``corpus`` are not what the sources give."""
    found = []
    for document in documents:
        target = corpus / document.path
        metadata = target.with_name(target.name + SIDECAR)
        if not target.is_file() or not metadata.is_file():
            found.append(f"{document.path}: document or metadata file is missing")
            continue
        if metadata.read_text(encoding="utf-8") != document.sidecar:
            found.append(f"{document.path}{SIDECAR}: differs from its source")
        read = readers[target.suffix]
        try:
            text = read(target.read_bytes())
        except SourceError as exc:
            raise SourceError(f"{target}: {exc}") from exc
        if text != read(document.content):
            found.append(f"{document.path}: text differs from its source")
    found += [f"{path}: no source gives this file" for path in strays(corpus, documents, readers)]
    return found


def strays(corpus: Path, documents: Iterable[BuiltDocument], readers: Readers = PDF_READERS) -> list[str]:
    """Files of the kinds of ``readers`` in the collections of ``documents`` that none of them is."""
    wanted = {document.path for document in documents}
    collections = sorted({path.split("/")[0] for path in wanted})
    return [
        f"{collection}/{path.name}"
        for collection in collections
        for path in sorted((corpus / collection).iterdir())
        if path.suffix in readers and f"{collection}/{path.name}" not in wanted
    ]
