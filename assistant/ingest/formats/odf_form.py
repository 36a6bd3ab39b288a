"""What the fields of a form in an OpenDocument file show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.ingest.formats.odf_styles import FORM

if TYPE_CHECKING:
    from lxml.etree import _Element as Node


def controls(body: Node) -> dict[str, str]:
    """What the fields of a form show, by their ids: a value, or a ticked or empty box before its label."""
    found: dict[str, str] = {}
    for field_node in body.iter():
        if not isinstance(field_node.tag, str) or not field_node.tag.startswith(FORM):
            continue
        value = field_node.get(f"{FORM}current-value") or field_node.get(f"{FORM}value") or ""
        if field_node.tag in (f"{FORM}checkbox", f"{FORM}radio"):
            ticked = (
                field_node.get(f"{FORM}current-state") == "checked"
                or field_node.get(f"{FORM}current-selected") == "true"
            )
            value = f"{'☑' if ticked else '☐'} {field_node.get(f'{FORM}label', '')}"
        elif field_node.tag in (f"{FORM}button", f"{FORM}hidden", f"{FORM}password", f"{FORM}form"):
            continue
        elif field_node.tag in (f"{FORM}listbox", f"{FORM}fixed-text"):
            picked = [each for each in field_node if each.get(f"{FORM}current-selected") == "true"]
            value = ", ".join(each.get(f"{FORM}label", "") for each in picked) or field_node.get(f"{FORM}label", "")
        for name in (field_node.get(f"{FORM}id"), field_node.get("{http://www.w3.org/XML/1998/namespace}id")):
            if name and value:
                found[name] = value
    return found
