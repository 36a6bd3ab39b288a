"""What the floor page, the command line and the service worker show of a machine; everything inside the asker's labels.

A pack holds a whole alarm list with its procedures, so that a page that has one answers codes without asking anybody.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Protocol

from assistant.floor.codes import codes_like
from assistant.floor.machines import Machine, called, machines
from assistant.floor.manual import Manual, open_manual
from assistant.floor.result import alarm_result, sections_of
from assistant.floor.words import Finds, Suggestion, suggestions
from assistant.index import Visible
from assistant.schema import Document, Language

#: Manuals that are kept taken apart.
_KEPT = 32


class Readable(Protocol):
    """What is needed of the index."""

    def seen_by(self, labels: Iterable[str]) -> Visible:
        """Give the reads of a holder of `labels`."""


class Floor:
    """Looks things up in the manuals of machines. Safe for several threads."""

    def __init__(self, index: Readable, finds: Finds | None = None) -> None:
        """`finds`: search and reader, for symptoms in words; codes need neither."""
        self.index = index
        self._finds = finds
        self._manuals: OrderedDict[tuple[str, str], Manual] = OrderedDict()
        self._lock = threading.Lock()

    def machines(self, labels: Iterable[str]) -> dict[str, Machine]:
        """The machines with a manual that a holder of `labels` may see, by name."""
        return machines(self.index.seen_by(labels).documents())

    def listed(self, labels: Iterable[str], language: Language) -> list[dict[str, Any]]:
        """The machines as a reader chooses among them."""
        return [self._about(machine, language) for machine in self.machines(labels).values()]

    def pack(self, machine: str, labels: Iterable[str], language: Language) -> dict[str, Any] | None:
        """All that is known of a machine, as JSON; None when there is none that a holder of `labels` may see."""
        found = self._opened(machine, labels, language)
        if found is None:
            return None
        known, manual, before = found
        alarms = [alarm_result(manual, alarm, before) for alarm in manual.alarms.values()]
        return {
            **self._about(known, language),
            "groups": [{"letters": letters, "name": name} for letters, name in manual.groups()],
            "alarms": alarms,
            "sections": sections_of(manual),
            "before": {"version": before.document.version, "since": before.document.effective_date} if before else None,
        }

    def look_up(
        self, machine: str, typed: str, labels: Iterable[str], language: Language
    ) -> tuple[dict[str, Any], list[str]] | None:
        """The pack of a machine with the codes that `typed` means, best first; None when there is no such machine."""
        pack = self.pack(machine, labels, language)
        if pack is None:
            return None
        return pack, codes_like(typed, [alarm["code"] for alarm in pack["alarms"]])

    def words(self, machine: str, query: str, labels: Iterable[str], language: Language) -> list[Suggestion] | None:
        """What of a machine's manual is about a symptom, nearest first; None when there is no such machine."""
        labels = frozenset(labels)
        found = self._opened(machine, labels, language)
        if found is None or self._finds is None:
            return None
        manual = found[1]
        return suggestions(query, manual, called(manual.document)[1], self._finds, labels)

    def _opened(
        self, name: str, labels: Iterable[str], language: Language
    ) -> tuple[Machine, Manual, Manual | None] | None:
        seen = self.index.seen_by(labels)
        machine = machines(seen.documents()).get(name)
        if machine is None:
            return None
        document = machine.manual(language)
        older = machine.before(document)
        manual = self._manual(document, seen)
        return (machine, manual, self._manual(older, seen) if older else None) if manual else None

    def _manual(self, document: Document, seen: Visible) -> Manual | None:
        """`document` has just been seen: what is kept of this very text may be shown."""
        key = (document.document_id, document.content_hash)
        with self._lock:
            if key in self._manuals:
                self._manuals.move_to_end(key)
                return self._manuals[key]
        manual = open_manual(seen, document.document_id)
        if manual is not None:
            with self._lock:
                self._manuals[key] = manual
                while len(self._manuals) > _KEPT:
                    self._manuals.popitem(last=False)
        return manual

    def _about(self, machine: Machine, language: Language) -> dict[str, Any]:
        manual = machine.manual(language)
        name, model = called(manual)
        return {
            "machine": machine.name,
            "name": name,
            "model": model,
            "language": manual.language,
            "document": manual.document_id,
            "title": manual.title,
            "version": manual.version,
            "since": manual.effective_date,
            "sample": manual.sample,
            "state": manual.content_hash[:16],
        }
