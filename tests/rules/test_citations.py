"""A computed answer can show the lines of the documents that its figures stand in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assistant.ingest.formats import read
from assistant.rules.citations import passages
from assistant.rules.engine import evaluate
from assistant.schema import Language
from tests.conftest import PROJECT


@pytest.mark.parametrize(("language", "row"), [("ko", "중소기업"), ("en", "SME")])
def test_the_row_of_the_size_is_shown(language: Language, row: str) -> None:
    result = evaluate("share", {"size": "sme", "total": Decimal(10**9)}, date(2026, 11, 22))
    clause = result.clauses["annex-1"]
    draft = read(PROJECT / "corpus" / clause.document_id(language))
    shown = [
        draft.text[block.start : block.end] for block in passages(clause, result, language, draft.text, draft.blocks)
    ]
    assert len(shown) == 1 and shown[0].startswith(row) and "75%" in shown[0]
    for other in result.clauses.values():
        assert passages(other, result, language, draft.text, draft.blocks)
