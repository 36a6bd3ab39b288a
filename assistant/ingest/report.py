"""What a run did, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Report:
    """What a run did, by document id.

    `failed` holds `{path, stage, reason, hint}` with stage scan, read, chunk, store or embed; `incomplete`
    `{path, stage, reason, hint}` with stage part: documents that went in without some of their parts; `moved`
    `{document_id, before}`; `duplicates` `{path, document_id}`, the file and the document whose bytes and labels it
    has; `superseded` `{document_id, superseded_by}` as far as newly found; `away` documents that were kept although
    their file is not there, because no drive is mounted where one was. `passages` counts those in the index, `embedded`
    those that needed a new vector. Paths are those below the folder that was given.
    """

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    incomplete: list[dict[str, str]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    moved: list[dict[str, str]] = field(default_factory=list)
    duplicates: list[dict[str, str]] = field(default_factory=list)
    superseded: list[dict[str, str]] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
    passages: int = 0
    embedded: int = 0

    @property
    def changed(self) -> bool:
        """Whether the run changed anything."""
        return bool(self.added or self.updated or self.removed or self.moved or self.superseded or self.embedded)

    def to_json(self) -> dict[str, Any]:
        """The public JSON form, as `assistant ingest --json` prints it."""
        return asdict(self)

    def summary(self) -> str:
        """One line; what there is none of is left out, except for the first five."""
        counts = [(len(getattr(self, name)), name) for name in ("added", "updated", "removed", "unchanged", "failed")]
        more = [
            (len(getattr(self, name)), name) for name in ("incomplete", "moved", "duplicates", "superseded", "away")
        ]
        parts = [f"{count:,} {name}" for count, name in counts] + [f"{count:,} {name}" for count, name in more if count]
        return f"{', '.join(parts)}. {self.passages:,} passages, {self.embedded:,} newly embedded."
