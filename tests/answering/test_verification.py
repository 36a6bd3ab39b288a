"""What a sentence may not do to its source; and what it may."""

from __future__ import annotations

import pytest

from assistant.answering.verification import problems
from assistant.schema import Evidence, Language


def piece(quote: str, header: str = "", heading: str = "", date: str = "2024-07-22") -> Evidence:
    return Evidence(
        id="k3v", document_id="d.md", title="문서", path="/d.md", version="1", effective_date=date, page=None,
        heading_path=(heading,) if heading else (), quote=quote, start=0, end=len(quote), table_header=header,
    )  # fmt: skip


SIZES = "출범 당시 참여 기업을 수로 나누면 대기업이 21%, 중견기업이 23%, 중소기업이 56%입니다."
SIZES_EN = "By number, large companies are 21%, mid-size firms 23% and SMEs 56%."
LIMIT = "선도프로젝트 1개에는 최대 100억 원의 예산이 지원됩니다."
BAN = "A guard must not be removed while the machine runs."


@pytest.mark.parametrize(
    ("sentence", "quote", "question", "language"),
    [
        ("중견기업의 비율은 56%입니다.", SIZES, "중견기업 비율은?", "ko"),  # a neighbour's figure
        ("Mid-size firms are 56%.", SIZES_EN, "What share are mid-size firms?", "en"),
        (
            "대기업은 최대 70%까지 지원됩니다.",
            "중견기업은 최대 70%까지 지원됩니다.",
            "대기업은 몇 %까지 지원되나요?",
            "ko",
        ),
        ("중소기업이 65%입니다.", SIZES, "중소기업 비율은?", "ko"),  # another figure
        ("선도프로젝트 1개에는 100억 원이 지원됩니다.", LIMIT, "얼마가 지원되나요?", "ko"),  # the bound is lost
        ("선도프로젝트 1개에는 최대 100만 원이 지원됩니다.", LIMIT, "얼마가 지원되나요?", "ko"),
        ("선도프로젝트 1개에는 최대 100억 달러가 지원됩니다.", LIMIT, "얼마가 지원되나요?", "ko"),
        ("A guard must be removed while the machine runs.", BAN, "May I remove the guard?", "en"),
        ("A guard must not be removed while the robot runs.", BAN, "May I remove the guard?", "en"),
        ("A lead project gets up to KRW 10 billion.", LIMIT, "얼마가 지원되나요?", "ko"),  # another language
        ("삼성전자의 선도프로젝트 1개에는 최대 100억 원의 예산이 지원됩니다.", LIMIT, "얼마가 지원되나요?", "ko"),
        ("알람 SV0402는 과부하입니다.", "SV0401 | 서보 과부하", "SV0402가 무엇인가요?", "ko"),  # another code
    ],
)
def test_lies_are_caught(sentence: str, quote: str, question: str, language: Language) -> None:
    assert problems(sentence, [piece(quote)], question, language)


@pytest.mark.parametrize(
    ("sentence", "evidence", "question", "language"),
    [
        ("중견기업이 23%입니다.", piece(SIZES), "중견기업 비율은?", "ko"),
        ("출범 당시 중소기업이 56%입니다.", piece(SIZES), "중소기업 비율은?", "ko"),
        ("SMEs are 56%.", piece(SIZES_EN), "What share are SMEs?", "en"),
        ("선도프로젝트 1개에는 최대 100억 원의 예산이 지원됩니다.", piece(LIMIT), "얼마가 지원되나요?", "ko"),
        ("선도프로젝트에는 최대 100억 원이 지원됩니다.", piece(LIMIT), "얼마가 지원되나요?", "ko"),
        ("A guard must not be removed.", piece(BAN), "May I remove the guard?", "en"),
        ("A lead project gets up to KRW 10 billion.", piece(LIMIT), "How much does a lead project get?", "en"),
        (
            "철강 분과의 앵커기업은 포스코홀딩스입니다.",
            piece("철강 | 포스코홀딩스", header="분과 | 앵커기업"),
            "철강은?",
            "ko",
        ),
    ],
)
def test_faithful_sentences_pass(sentence: str, evidence: Evidence, question: str, language: Language) -> None:
    assert problems(sentence, [evidence], question, language) == []


def test_no_citation_is_a_problem() -> None:
    assert problems("중견기업이 23%입니다.", [], "질문", "ko") == ["no citation"]
