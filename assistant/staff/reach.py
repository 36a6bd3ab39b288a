"""How far somebody reaches on the page for staff: all that their labels admit, or their own company's documents."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assistant.access import PUBLIC
from assistant.accounts.groups import is_group

STAFF = "staff"
_COMPANY = "company:"
#: Whom staff can show a document to, by the word that the page sends; beside them one company.
AUDIENCES = {"public": (PUBLIC,), "member": ("member", STAFF), "operator": ("operator", STAFF), "staff": (STAFF,)}


@dataclass(frozen=True, slots=True)
class Reach:
    """`labels` admit documents here; `companies` are a member's own (none for staff, who act for all)."""

    labels: frozenset[str]
    companies: tuple[str, ...] = ()

    @property
    def staff(self) -> bool:
        """Whether this is somebody of the staff."""
        return not self.companies

    def labels_for(self, audience: str) -> tuple[str, ...] | None:
        """The labels of a document for `audience` (a key of AUDIENCES, or `company:<name>`); None when it may not be.

        What goes to a company is for its members and for staff. A member has no other choice than the own company.
        """
        if audience.startswith(_COMPANY) and is_group(audience) and (self.staff or audience in self.companies):
            return (audience, STAFF)
        return AUDIENCES.get(audience) if self.staff else None


def reach_of(labels: Collection[str]) -> Reach | None:
    """The reach of a holder of `labels`; None for whom the page does not exist."""
    if not {STAFF, "admin"}.isdisjoint(labels):
        return Reach(frozenset(labels))
    companies = tuple(sorted(label for label in labels if label.startswith(_COMPANY)))
    return Reach(frozenset(companies), companies) if companies else None


def company_in(labels: Collection[str]) -> str:
    """The name of the one company that labels name; '' for none or several."""
    found = [label.removeprefix(_COMPANY) for label in labels if label.startswith(_COMPANY)]
    return found[0] if len(found) == 1 else ""
