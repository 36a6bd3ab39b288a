"""What a comparison says: frozen values that know nothing of how it was made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from assistant.schema import BlockKind, Document, Quote
from assistant.text.quantities.values import CALENDAR

ChangeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, date or code: `text` is exactly `stored_text[start:end]`.

    `key` is equal for the same value in another spelling; `unit` is empty for bare numbers and codes. `bound` is that
    of `assistant.text.quantities` ("at most" is "max"), empty for codes.
    """

    start: int
    end: int
    text: str
    key: str
    unit: str = ""
    bound: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether it is a figure that is neither a code nor a date."""
        return not self.is_code and self.unit not in CALENDAR

    @property
    def is_code(self) -> bool:
        """Whether it names something (a code, a clause, a standard) and measures nothing."""
        return not self.bound

    def to_json(self) -> dict[str, Any]:
        """The public JSON form."""
        return {name: getattr(self, name) for name in ("text", "start", "end", "bound")}


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A figure or code that one side gives in another way; None where a side gives none in its place."""

    old: Figure | None
    new: Figure | None

    def to_json(self) -> dict[str, Any]:
        """The public JSON form."""
        return {"old": self.old and self.old.to_json(), "new": self.new and self.new.to_json()}


@dataclass(frozen=True, slots=True)
class Change:
    """A heading, sentence, item, step, warning or table row that differs; `old` is None for what was added.

    `values` are the figures and codes that differ; empty where only words do. `block` is the kind of block that it
    stands in, of `new` unless there is none. The section is in the quotes.
    """

    kind: ChangeKind
    old: Quote | None
    new: Quote | None
    values: tuple[ValueChange, ...] = ()
    block: BlockKind = "paragraph"

    @property
    def piece(self) -> Quote:
        """The words of the newest version that has any."""
        if not (piece := self.new or self.old):
            raise ValueError("A change has an old or a new side.")
        return piece

    def to_json(self) -> dict[str, Any]:
        """The public JSON form."""
        return {
            "kind": self.kind,
            "old": self.old and self.old.to_json(),
            "new": self.new and self.new.to_json(),
            "values": [value.to_json() for value in self.values],
        }


@dataclass(frozen=True, slots=True)
class Moved:
    """A piece that both versions hold word for word, at another place: in another order or another section."""

    old: Quote
    new: Quote

    def to_json(self) -> dict[str, Any]:
        """The public JSON form."""
        return {"old": self.old.to_json(), "new": self.new.to_json()}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from `old` to `new`, in the order of `new`; `unchanged` counts the pieces that both say alike."""

    old: Document
    new: Document
    changes: tuple[Change, ...]
    moved: tuple[Moved, ...]
    unchanged: int

    @property
    def is_anew(self) -> bool:
        """Whether most of the text is new, so that what was added may say what was removed."""
        return self.unchanged < len(self.changes)

    def count(self, kind: ChangeKind) -> int:
        """How many changes are of this kind."""
        return sum(change.kind == kind for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        """The public JSON form."""
        names = ("document_id", "title", "version", "effective_date")
        return {
            "old": {name: getattr(self.old, name) for name in names},
            "new": {name: getattr(self.new, name) for name in names},
            "counts": {
                **{kind: self.count(kind) for kind in ("changed", "added", "removed")},
                "moved": len(self.moved),
                "unchanged": self.unchanged,
            },
            "changes": [change.to_json() for change in self.changes],
            "moved": [moved.to_json() for moved in self.moved],
        }
