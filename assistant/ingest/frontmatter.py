"""Metadata of a document: YAML front matter, a `<file>.meta.yaml` beside it, and the check of both.

A wrong value stops the document (MetadataError): a mistyped label must never make a document public. Values are
read as text, so that version 1.10 stays "1.10".
"""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from assistant.errors import MetadataError
from assistant.ingest.names import sidecar_of

#: Labels of a document that names none.
DEFAULT_LABELS = ("public",)

_LABEL = re.compile(r"[a-z0-9가-힣:_-]+")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_OPENED = re.compile(r"\A---[ \t]*\r?\n[ \t]*[\w-]+[ \t]*:")
_ABSENT = ("", "null", "Null", "NULL", "~")
_LIMIT = 100_000


class _Loader(yaml.BaseLoader):
    """All scalars as text; a key that is given twice is an error instead of a silent choice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' is given twice", node.start_mark)
        return super().construct_mapping(node, deep=True)


def parse(text: str, where: str) -> dict[str, Any]:
    """Read YAML into a mapping of text values. Raises MetadataError that names `where`."""
    hint = "Write one 'key: value' per line; put a value that holds ': ' or '#' in quotes."
    if len(text) > _LIMIT:
        raise MetadataError(f"The metadata in {where} is longer than {_LIMIT:,} characters.", hint)
    try:
        # _Loader derives from BaseLoader, which builds plain text, lists and mappings only.
        loaded = yaml.load(text, Loader=_Loader)  # nosec B506
    except (yaml.YAMLError, RecursionError) as exc:
        reason = " ".join(str(getattr(exc, "problem", None) or exc).split())
        mark = getattr(exc, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        raise MetadataError(f"The metadata in {where} is not valid YAML: {reason}{line}.", hint) from exc
    if loaded is None or loaded == "":
        return {}
    if not isinstance(loaded, dict):
        raise MetadataError(f"The metadata in {where} is not a list of keys and values.", hint)
    return {str(key): value for key, value in loaded.items()}


def split(text: str, where: str) -> tuple[dict[str, Any], str]:
    """Separate YAML front matter from the rest: (metadata, body). Raises MetadataError if it is not closed."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        if _OPENED.match(text):
            raise MetadataError(f"The front matter of {where} is not closed.", "End it with a line of three hyphens.")
        return {}, text
    return parse(match[1], where), text[match.end() :]


def sidecar(path: Path) -> dict[str, Any]:
    """Metadata of `<path>.meta.yaml`; empty if there is none. Raises MetadataError."""
    beside = sidecar_of(path)
    if beside is None:
        return {}
    try:
        text = beside.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except OSError as exc:
        raise MetadataError(f"{beside.name} cannot be read: {exc.strerror}.", "Make it readable.") from exc
    except UnicodeDecodeError as exc:
        raise MetadataError(f"{beside.name} cannot be read: {exc}.", "Save it as UTF-8.") from exc
    return parse(text, beside.name)


def merged(inside: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says about itself, overridden key by key by the sidecar."""
    return {**inside, **{key: value for key, value in beside.items() if key == "labels" or not _absent(value)}}


def validated(raw: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Check metadata and give every key a value.

    Keys: title, language ("ko", "en" or ""), collection, version, date, effective_date (ISO 8601: year, month
    or day), supersedes, superseded_by, pair (text, "" when absent), labels and source (tuples of text), sample
    (bool), and labels_stated: whether labels were given (bool). Unknown keys are ignored, unless they look like a
    misspelt `labels`. Raises MetadataError that names the key.
    """
    for key in raw:
        if key != "labels" and difflib.get_close_matches(key.lower(), ["labels"], cutoff=0.75):
            raise MetadataError(
                f"'{key}' in the metadata of {where} is not a known key.",
                "Did you mean 'labels'? Correct or remove it.",
            )
    checked: dict[str, Any] = {}
    for key, check in _CHECKS.items():
        given = raw.get(key)
        if key == "labels" and key in raw and _absent(given):
            raise MetadataError(
                f"'labels' of {where} is given but empty.", "Name at least one label, or remove the key (public)."
            )
        try:
            checked[key] = check(None if _absent(given) else given)
        except ValueError as exc:
            raise MetadataError(
                f"'{key}' of {where} cannot be used: {exc}.", f"Correct '{key}' in the metadata."
            ) from exc
    return {**checked, "labels_stated": "labels" in raw}


def _absent(value: Any) -> bool:
    return value is None or value in ([], {}) or (isinstance(value, str) and value.strip() in _ABSENT)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError("it must be one piece of text")
    return " ".join(unicodedata.normalize("NFC", value).split())


def _language(value: Any) -> str:
    text = _text(value)
    if text not in ("", "ko", "en"):
        raise ValueError(f"'{text}' is neither ko nor en")
    return text


def _date(value: Any) -> str:
    text = _text(value)
    if not text:
        return ""
    if not _DATE.fullmatch(text):
        raise ValueError(f"'{text}' is not an ISO 8601 date such as 2026-11-22")
    try:
        datetime.date.fromisoformat((text + "-01-01")[:10])
    except ValueError as exc:
        raise ValueError(f"'{text}' is not a day of the calendar") from exc
    return text


def _document_id(value: Any) -> str:
    text = _text(value)
    if text.startswith("/") or "\\" in text or ".." in text.split("/"):
        raise ValueError(f"'{text}' is not a document id such as rules/notice.ko.md")
    return text


def _texts(value: Any) -> tuple[str, ...]:
    values = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(values, list):
        raise ValueError("it must be a list of texts")
    texts = tuple(_text(item) for item in values)
    if not all(texts):
        raise ValueError("it holds an empty entry")
    return texts


def _labels(value: Any) -> tuple[str, ...]:
    labels = _texts(value)
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise ValueError(f"'{label}' is not a label (small letters, digits, Hangul and : _ - only)")
    return tuple(dict.fromkeys(labels)) or DEFAULT_LABELS


def _flag(value: Any) -> bool:
    text = _text(value).lower()
    if text not in ("", "true", "false", "yes", "no"):
        raise ValueError(f"'{text}' is neither true nor false")
    return text in ("true", "yes")


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "title": _text,
    "language": _language,
    "collection": _text,
    "version": _text,
    "date": _date,
    "effective_date": _date,
    "supersedes": _document_id,
    "superseded_by": _document_id,
    "labels": _labels,
    "source": _texts,
    "sample": _flag,
    "pair": _text,
}
