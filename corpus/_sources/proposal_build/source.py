"""Reads the sources of the proposals: ``proposals/<slug>.yaml``, one for each document.

A budget sheet names the proposal it belongs to (``budget_of``) and takes firm and figures from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pdf_build.errors import SourceError
from pdf_build.sources import read_yaml

from .budget import UNITS, Budget, read_budget

PROPOSALS = "proposals"
FORMATS = ("docx", "hwpx", "pdf", "xlsx")
TEXTS = ("title", "number", "version", "format", "body")
FIRM_TEXTS = ("name", "latin", "kind", "division")


@dataclass(frozen=True)
class Proposal:
    """One document to be written; ``company`` is the firm's label, ``unit`` that of a budget sheet."""

    slug: str
    title: str
    number: str
    version: str
    effective: date
    format: str
    firm: str
    company: str
    kind: str
    division: str
    term: str
    budget: Budget
    body: str
    unit: str = "원"


def proposal_sources(root: Path) -> list[Path]:
    """All proposal sources below ``root``, sorted."""
    return sorted((root / PROPOSALS).glob("*.yaml"))


def _text(raw: Mapping[str, Any], key: str, where: Path) -> str:
    found = raw.get(key)
    if not isinstance(found, str) or not found.strip():
        raise SourceError(f"{where}: {key} is missing or no text")
    return found


def load_proposal(path: Path) -> Proposal:
    """Read one source. Raises SourceError when a key is missing or the budget does not add up."""
    raw = read_yaml(path)
    if not isinstance(raw, dict):
        raise SourceError(f"{path}: not a set of keys")
    title, number, version, form, body = (_text(raw, key, path) for key in TEXTS)
    if form not in FORMATS or not isinstance(raw.get("effective"), date):
        raise SourceError(f"{path}: format must be one of {', '.join(FORMATS)}, effective a date")
    owner = raw
    if "budget_of" in raw:
        owner = read_yaml(path.with_name(f"{_text(raw, 'budget_of', path)}.yaml"))
    name, latin, kind, division = (_text(owner.get("firm", {}), key, path) for key in FIRM_TEXTS)
    unit = str(raw.get("unit", "원"))
    if unit not in UNITS:
        raise SourceError(f"{path}: unit must be one of {', '.join(UNITS)}")
    return Proposal(
        slug=path.stem,
        title=title,
        number=number,
        version=version,
        effective=raw["effective"],
        format=form,
        firm=name,
        company=latin,
        kind=kind,
        division=division,
        term=_text(owner, "term", path),
        budget=read_budget(owner.get("budget", {}), str(path)),
        body=body,
        unit=unit,
    )
