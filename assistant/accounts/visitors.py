"""Who asks: a signed-in user or anyone. The one value that every door hands on."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.access import PUBLIC


@dataclass(frozen=True, slots=True)
class Visitor:
    """`user_id` owns what is stored ('' for anyone), `labels` admit documents, `session` names the browser session.

    `scopes`: what a program with a token may do; a browser may do everything that its user may.
    """

    user_id: str = ""
    name: str = ""
    labels: frozenset[str] = frozenset({PUBLIC})
    session: str = ""
    scopes: frozenset[str] | None = None

    @property
    def signed_in(self) -> bool:
        """Whether this is somebody."""
        return bool(self.user_id)


#: A reader without a name: public documents only.
ANYONE = Visitor()
