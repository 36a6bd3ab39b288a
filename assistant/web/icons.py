"""The few signs that the pages draw, as SVG: they take the colour of their text and are never alone without words."""

from __future__ import annotations

_PATHS = {
    "ok": '<path d="m4 12 5 6L20 6"/>',
    "half": '<circle cx="12" cy="12" r="9"/><path d="M12 7v6m0 4v.5"/>',
    "x": '<path d="M5 5l14 14M19 5 5 19"/>',
    "copy": '<rect x="8" y="8" width="12" height="12" rx="2"/><path d="M4 16V6a2 2 0 0 1 2-2h10"/>',
    "again": '<path d="M20 5v6h-6M20 11a8 8 0 1 0 1 5"/>',
    "pen": '<path d="M4 20l1-5L16 4l4 4L9 19z"/>',
    "up": '<path d="M7 11v9H4v-9zM7 11l4-8c2 0 3 1 3 3l-1 4h6c1 0 2 1 2 2l-2 7c0 1-1 1-2 1H7"/>',
    "down": '<path d="M7 13V4H4v9zM7 13l4 8c2 0 3-1 3-3l-1-4h6c1 0 2-1 2-2l-2-7c0-1-1-1-2-1H7"/>',
    "next": '<path d="m9 5 7 7-7 7"/>',
    "prev": '<path d="m15 5-7 7 7 7"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "save": '<path d="M12 4v11m-5-5 5 5 5-5M5 20h14"/>',
    "open": '<path d="M14 4h6v6M20 4l-9 9M18 14v6H4V6h6"/>',
    "moon": '<circle cx="12" cy="12" r="9"/><path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor"/>',
    "list": '<path d="M4 6h16M4 12h16M4 18h10"/>',
    "turn": '<path d="M5 5v8h13m-5-5 5 5-5 5"/>',
    "dot": '<circle cx="12" cy="12" r="4" fill="currentColor"/>',
    "ring": '<circle cx="12" cy="12" r="5"/>',
    "more": '<path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3.5"/>',
}


def icon(name: str) -> str:
    """Draw a sign; readers of screens skip it."""
    return f'<svg class="ico" viewBox="0 0 24 24" aria-hidden="true">{_PATHS[name]}</svg>'
