"""A proposal becomes a document: its text with figures and tables set in, in the format it asks for.

In the text ``{total}``, ``{government}``, ``{share}``, ``{own}``, ``{cash}`` and ``{in_kind}`` are the figures of the
whole project, with a number before a point (``{1.cash}``) those of that organisation; ``{summary}``, ``{roles}``,
``{parties}``, ``{items}`` and ``{years}`` on a line of their own are tables.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from pdf_build.blocks import Block, Heading, Notice
from pdf_build.errors import SourceError
from pdf_build.flowables import to_flowables
from pdf_build.markdown_document import markdown_blocks
from pdf_build.page import PageText, build_pdf
from pdf_build.sources import BuiltDocument

from .budget import Row, in_unit, item_table, party_table, percent, role_table, table, won, year_table
from .docx_file import docx_bytes
from .hwpx_file import hwpx_bytes
from .source import PROPOSALS, Proposal, load_proposal
from .xlsx_file import xlsx_bytes

WRITTEN = date(2026, 11, 22)
MARK = "예시 문서(가상 기업)"
REMARK = (
    f"<b>{MARK}</b> 이 문서의 기업, 기관, 설비, 금액과 수치는 모두 지어낸 것이며 실제 기업이나 과제와 관계가 없습니다."
)
SOURCE = "예시 제안서(가상 기업)"
PLACEHOLDER = re.compile(r"\{(?:(\d)\.)?([a-z_]+)\}")


def _figures(row: Row) -> dict[str, str]:
    return {
        "name": row.name,
        "total": won(row.total),
        "government": won(row.government),
        "share": percent(row.government, row.total),
        "own": won(row.own),
        "cash": won(row.cash),
        "cash_share": percent(row.cash, row.own),
        "in_kind": won(row.in_kind),
    }


def _summary(proposal: Proposal) -> str:
    whole = proposal.budget.sum
    partners = ", ".join(party.name for party in proposal.budget.parties[1:])
    return table(
        ["항목", "내용"],
        [
            ("과제명", proposal.title),
            ("문서 번호", f"{proposal.number} (판 {proposal.version}, {proposal.effective.isoformat()} 작성)"),
            ("주관기관", f"{proposal.firm} ({proposal.kind}, {proposal.division})"),
            ("공동기관", partners),
            ("수행 기간", proposal.term),
            ("총연구개발비", won(whole.total)),
            ("정부지원금", f"{won(whole.government)} (총연구개발비의 {percent(whole.government, whole.total)})"),
            ("기관부담금", f"{won(whole.own)} (현금 {won(whole.cash)}, 현물 {won(whole.in_kind)})"),
        ],
    )


def filled_body(proposal: Proposal) -> str:
    """The text of ``proposal`` as Markdown with every figure and table in it."""
    budget = proposal.budget
    sheet = proposal.format == "xlsx"
    show, unit = (in_unit(proposal.unit), f"({proposal.unit})") if sheet else (won, "")
    values = {
        **_figures(budget.sum),
        "firm": proposal.firm,
        "term": proposal.term,
        "summary": _summary(proposal),
        "roles": role_table(budget),
        "parties": party_table(budget, show, unit),
        "items": item_table(budget, show, unit),
        "years": year_table(budget, show, unit),
    }

    def value(found: re.Match[str]) -> str:
        known = _figures(budget.parties[int(found[1]) - 1]) if found[1] else values
        if found[2] not in known:
            raise SourceError(f"{proposal.slug}: no value {found[0]}")
        return known[found[2]]

    return PLACEHOLDER.sub(value, proposal.body)


def proposal_blocks(proposal: Proposal) -> list[Block]:
    """The whole document: title, mark, text."""
    return [
        Heading(1, proposal.title),
        Notice("note", REMARK),
        *markdown_blocks(filled_body(proposal), proposal.slug),
    ]


def _pdf(proposal: Proposal, blocks: list[Block]) -> bytes:
    text = PageText(
        title=proposal.title,
        subject=MARK,
        author=proposal.firm,
        language="ko",
        header_left=f"{proposal.firm} · {proposal.number}",
        header_right=MARK,
        footer_left=f"{proposal.number} · {proposal.effective.isoformat()}",
        page_word="쪽",
    )
    return build_pdf(to_flowables(blocks, proposal.slug), text)


def _metadata(proposal: Proposal) -> dict[str, Any]:
    return {
        "title": f"{proposal.firm}: {proposal.title}",
        "language": "ko",
        "collection": PROPOSALS,
        "version": proposal.version,
        "date": WRITTEN,
        "effective_date": proposal.effective,
        "supersedes": None,
        "superseded_by": None,
        "labels": [f"company:{proposal.company}", "staff"],
        "source": [SOURCE],
        "sample": True,
        "document_number": proposal.number,
    }


def build_proposal(path: Path) -> BuiltDocument:
    """Build the document of one source."""
    proposal = load_proposal(path)
    blocks = proposal_blocks(proposal)
    match proposal.format:
        case "docx":
            content = docx_bytes(blocks, proposal.title, proposal.firm, f"{MARK} · {proposal.number}", WRITTEN)
        case "hwpx":
            content = hwpx_bytes(blocks, proposal.title, proposal.firm, WRITTEN)
        case "xlsx":
            content = xlsx_bytes(blocks, proposal.title, proposal.firm, MARK, WRITTEN)
        case _:
            content = _pdf(proposal, blocks)
    return BuiltDocument(f"{PROPOSALS}/{proposal.slug}.{proposal.format}", _metadata(proposal), content)
