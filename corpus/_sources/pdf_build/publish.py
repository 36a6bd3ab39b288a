"""Writes built documents below ``corpus/``, or compares them with the ones that lie there.

The comparison is of extracted text and metadata, not of bytes: another version of the font or of
reportlab may write other bytes for the same document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pypdfium2

from .errors import SourceError
from .sources import BuiltDocument

SIDECAR = ".meta.yaml"


def extract_text(pdf: bytes | Path) -> str:
    """Text of all pages as pypdfium2 reads it, pages apart by a form feed."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\f".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


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
    """Write each PDF and its metadata file; return the paths that changed."""
    changed = []
    for document in documents:
        target = corpus / document.path
        metadata = target.with_name(target.name + SIDECAR)
        wrote_pdf = _write(target, document.pdf)
        wrote_metadata = _write(metadata, document.sidecar.encode())
        if wrote_pdf or wrote_metadata:
            changed.append(document.path)
    return changed


def differences(corpus: Path, documents: Sequence[BuiltDocument]) -> list[str]:
    """Say, one line each, where the files below ``corpus`` are not what the sources give."""
    found = []
    for document in documents:
        target = corpus / document.path
        metadata = target.with_name(target.name + SIDECAR)
        if not target.is_file() or not metadata.is_file():
            found.append(f"{document.path}: PDF or metadata file is missing")
            continue
        if metadata.read_text(encoding="utf-8") != document.sidecar:
            found.append(f"{document.path}{SIDECAR}: differs from its source")
        try:
            text = extract_text(target)
        except pypdfium2.PdfiumError as exc:
            raise SourceError(f"{target}: not readable as PDF: {exc}") from exc
        if text != extract_text(document.pdf):
            found.append(f"{document.path}: text differs from its source")
    found += [f"{path}: no source gives this file" for path in strays(corpus, documents)]
    return found


def strays(corpus: Path, documents: Iterable[BuiltDocument]) -> list[str]:
    """PDF files in the collections of ``documents`` that none of them is."""
    wanted = {document.path for document in documents}
    collections = sorted({path.split("/")[0] for path in wanted})
    return [
        f"{collection}/{path.name}"
        for collection in collections
        for path in sorted((corpus / collection).glob("*.pdf"))
        if f"{collection}/{path.name}" not in wanted
    ]
