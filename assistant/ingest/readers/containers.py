"""Documents inside documents: members of an archive, attachments of a message. Each is read like a file of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath

from assistant.errors import ReadError
from assistant.ingest.readers.draft import DraftBuilder, clean
from assistant.ingest.readers.notes import Note
from assistant.ingest.readers.source import Source

#: An archive in a message in an archive is opened; what is below is named.
DEPTH_LIMIT = 2
#: All parts of one file together (bytes, number).
TOTAL_LIMIT = 200 * 2**20
COUNT_LIMIT = 1000


@dataclass
class Parts:
    """Writes the parts of a file into its draft, and keeps what must be said about those that could not be read."""

    source: Source
    builder: DraftBuilder
    notes: list[Note] = field(default_factory=list)
    read: int = 0

    def add(self, name: str, content: bytes) -> None:
        """Read a part and write it below a heading with its name."""
        from assistant.ingest.readers import read_source  # the readers know this module

        name = clean(name) or "?"
        if not content.strip(b" \t\r\n\0"):
            self.leave_out(name, "it is empty", "Check that it was packed completely.")
            return
        if self.source.depth >= DEPTH_LIMIT and is_container(content):
            self.leave_out(name, f"it is nested more than {DEPTH_LIMIT} deep", "Unpack it and give the files in it.")
            return
        try:
            draft = read_source(Source(PurePath(name), content, self.source.depth + 1))
        except ReadError as exc:
            self.leave_out(name, exc.message, exc.hint)
            return
        self.read += 1
        self.builder.part(name, draft)
        for note in draft.metadata.get("notes", ()):
            self.leave_out(f"{name} › {note['where']}", note["reason"], note["hint"])

    def leave_out(self, name: str, reason: str, hint: str) -> None:
        """A part that is missing from the draft."""
        self.notes.append({"where": name, "reason": reason, "hint": hint})


def is_container(content: bytes) -> bool:
    """Whether the content holds documents of its own."""
    from assistant.ingest.readers import archive, mail

    source = Source(PurePath("part"), content)
    return archive.recognises(source) or mail.recognises(source)
