"""The texts of the page for staff, by language. What readers of files say of a failure stays in their own words."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.schema import Language
from assistant.web.staff.texts_en import EN
from assistant.web.staff.texts_ko import KO

TEXTS: Mapping[Language, Mapping[str, str]] = {"ko": KO, "en": EN}


def text(language: Language, key: str, **values: object) -> str:
    """The text of `key` with its places filled. KeyError for an unknown key or a missing value."""
    return TEXTS[language][key].format(**values)
