"""Build the PDF and office documents of the corpus from their sources.

    python corpus/_sources/build.py            write corpus/<collection>/<name> and <name>.meta.yaml
    python corpus/_sources/build.py --check    write nothing; exit 1 when a document is not up to date

Markdown: ``corpus/_sources/<collection>/<slug>.<lang>.md``. Manuals: ``corpus/_sources/manuals/``.
Proposals: ``corpus/_sources/proposals/<slug>.yaml``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pdf_build.errors import SourceError
from pdf_build.manual_document import build_manuals
from pdf_build.markdown_document import build_markdown
from pdf_build.publish import PDF_READERS, differences, publish, strays
from pdf_build.sources import BuiltDocument, manual_folders, markdown_sources
from proposal_build.document import build_proposal
from proposal_build.reading import READERS as OFFICE_READERS
from proposal_build.source import proposal_sources

HERE = Path(__file__).resolve().parent
READERS = {**PDF_READERS, **OFFICE_READERS}


def build_all(root: Path, only: str = "") -> list[BuiltDocument]:
    """Build every document whose source path below ``root`` contains ``only``."""
    documents: list[BuiltDocument] = []
    for path in markdown_sources(root):
        if only in str(path.relative_to(root)):
            documents.append(build_markdown(path))
    for folder in manual_folders(root):
        if only in str(folder.relative_to(root)):
            documents.extend(build_manuals(folder))
    for path in proposal_sources(root):
        if only in str(path.relative_to(root)):
            documents.append(build_proposal(path))
    return documents


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("--only", default="", help="part of a source path, to build fewer files")
    parser.add_argument("--corpus", type=Path, default=HERE.parent, help="folder to write into")
    options = parser.parse_args(arguments)
    try:
        documents = build_all(HERE, options.only)
        if options.check:
            found = differences(options.corpus, documents, READERS)
            if options.only:
                found = [line for line in found if not line.endswith("no source gives this file")]
            sys.stdout.write("".join(f"{line}\n" for line in found or ["all built documents are up to date"]))
            return 1 if found else 0
        changed = publish(options.corpus, documents)
    except SourceError as exc:
        sys.stderr.write(f"corpus build: {exc}\n")
        return 2
    sys.stdout.write(f"{len(documents)} documents, {len(changed)} of them new or changed\n")
    for path in [] if options.only else strays(options.corpus, documents, READERS):
        sys.stderr.write(f"warning: no source gives {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
