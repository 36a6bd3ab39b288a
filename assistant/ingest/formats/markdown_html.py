"""HTML elements that stay open between the blocks of a Markdown file: `<div hidden>`, text, `</div>`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag

from assistant.ingest.formats.draft import DraftBuilder
from assistant.ingest.formats.html_seen import hides

_TAG = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][\w-]*)((?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>", re.DOTALL)
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
#: Elements whose end may be left out, and whose content is one block anyway.
_LOOSE = {"p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody"}


@dataclass
class OpenTags:
    """Follows the tags of HTML blocks in order. `styles`: the style sheets of the document, as markup."""

    builder: DraftBuilder
    styles: str
    _open: list[tuple[str, bool, int]] = field(default_factory=list)
    _ended: list[int] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        """Whether what comes next stands in an element that hides it or strikes it out."""
        return any(hides_all for _, hides_all, _ in self._open)

    def shown(self, markup: str) -> str:
        """Follow the tags of a block; returns what of it can be seen, its own hidden elements still in it."""
        shown: list[str] = []
        at = 0
        for found in _TAG.finditer(markup):
            before = self.hidden
            if not before:
                shown.append(markup[at : found.start()])
            at = found.end()
            if found[2] is None or found[2].lower() in _VOID or found[3].endswith("/"):
                shown.append("" if before else found[0])
            elif not found[1]:
                name = found[2].lower()
                # what both opens and ends in this block is left to the reader of HTML
                ends_here = re.search(rf"</{name}\s*>", markup[found.end() :], re.IGNORECASE) is not None
                hides_all = not ends_here and name not in _LOOSE and self._hides(found[0])
                if name not in _LOOSE:
                    self._open.append((name, hides_all, self.builder.level))
                stays_open = name == "details" and not ends_here  # its section ends where its tag does
                shown.append("" if before or hides_all else "<div>" if stays_open else found[0])
            else:
                self._close(found[2].lower())
                shown.append("" if before else found[0])
        if not self.hidden:
            shown.append(markup[at:])
        return "".join(shown)

    def end_sections(self) -> None:
        """End the sections of details that ended in the last block."""
        for level in self._ended:
            self.builder.end_section(level + 1)
        self._ended.clear()

    def _close(self, name: str) -> None:
        names = [each for each, _, _ in self._open]
        if name in names:
            at = len(names) - 1 - names[::-1].index(name)
            if name == "details":
                self._ended.append(self._open[at][2])
            del self._open[at:]

    def _hides(self, tag: str) -> bool:
        soup = BeautifulSoup(f"{self.styles}<div>{tag}x", "lxml")
        outer = soup.find_all("div")
        inside = outer[0].find(True) if outer and isinstance(outer[0], Tag) else None
        return isinstance(inside, Tag) and hides(inside, soup)
