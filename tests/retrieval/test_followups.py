"""What a follow-up is understood as: reference words, ellipses, corrections, switches of language, new topics."""

from __future__ import annotations

import pytest

from assistant.language import detect
from assistant.retrieval.contrasts import exchanged
from assistant.retrieval.followups import answer_language, self_contained, wordings
from assistant.schema import Evidence, Turn

CASH = "중소기업은 기관부담금 중 현금을 얼마나 내야 하나요?"
CASH_EN = "How much of its own share must an SME pay in cash?"
ALARM = "SV0401 알람이 뜨면 무슨 뜻인가요?"
KIND = "2022년 상생형 유형1에서 도입하는 회사는 비용을 얼마나 부담했나요?"
TRACK = "How much support did the AI track of the autonomous factory programme give in 2025?"


def source(title: str, *headings: str) -> Evidence:
    return Evidence("a1", "d.md", title, "d.md", "", "", None, headings, "quote", 0, 5)


def said(question: str, *cited: Evidence, answer: str = "") -> list[Turn]:
    return [Turn(question, question, detect(question) or "ko", "answered", answer, cited)]


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        # one thing in the place of another of its kind
        (CASH, "그럼 중견기업은?", "중견기업은 기관부담금 중 현금을 얼마나 내야 하나요?"),
        (CASH, "대기업은요?", "대기업은 기관부담금 중 현금을 얼마나 내야 하나요?"),
        (CASH_EN, "and for mid-size firms?", "How much of its own share must mid-size firms pay in cash?"),
        (CASH_EN, "what about large companies?", "How much of its own share must large companies pay in cash?"),
        (ALARM, "SV0410은?", "SV0410 알람이 뜨면 무슨 뜻인가요?"),
        ("TL260에서 TH0403 뜨면 어떻게 해요?", "그럼 TH0406은요?", "TL260에서 TH0406 뜨면 어떻게 해요?"),
        (KIND, "유형2는 어땠나요?", "2022년 상생형 유형2에서 도입하는 회사는 비용을 얼마나 부담했나요?"),
        (KIND, "2023년은?", "2023년 상생형 유형1에서 도입하는 회사는 비용을 얼마나 부담했나요?"),
        (
            "How long can results stay non-public if they are national core technology?",
            "and for a trade secret?",
            "How long can results stay non-public for a trade secret?",
        ),
        # corrections
        (CASH, "아니 중견기업 말이야", "중견기업은 기관부담금 중 현금을 얼마나 내야 하나요?"),
        ("일반형 과제는 얼마까지 지원되나요?", "미니형 말고 대형은?", "대형 과제는 얼마까지 지원되나요?"),
        ("일반형 과제는 얼마까지 지원되나요?", "아니 미니형 말이야", "미니형 과제는 얼마까지 지원되나요?"),
        ("How much does the standard type pay?", "I meant the mini type", "How much does the mini type pay?"),
        ("How much does the standard type pay?", "no, the mini type", "How much does the mini type pay?"),
        # what is left out is put in front
        (ALARM, "그럼 조치는?", "SV0401 알람: 조치는?"),
        (ALARM, "원인은 뭐예요?", "SV0401 알람: 원인은 뭐예요?"),
        (CASH, "그 비율은 어느 규정에 있나요?", "중소기업 기관부담금 현금: 그 비율은 어느 규정에 있나요?"),
        (
            TRACK,
            "how long could such a project run?",
            "AI track, autonomous factory programme, 2025: how long could such a project run?",
        ),
        (
            "Is there a grace period after we grow beyond the SME limits?",
            "can we use it more than once?",
            "grace period, grow beyond, SME limits: can we use it more than once?",
        ),
        # a bare question word asks the whole question again
        (CASH, "왜?", "중소기업은 기관부담금 중 현금을 얼마나 내야 하나요: 왜?"),
        (CASH, "언제부터?", "중소기업은 기관부담금 중 현금을 얼마나 내야 하나요: 언제부터?"),
        (CASH_EN, "why?", "How much of its own share must an SME pay in cash: why?"),
        # the same question, in the other language
        (CASH, "In English please", CASH),
        (CASH_EN, "한국어로 알려줘", CASH_EN),
    ],
)
def test_a_follow_up_is_made_self_contained(before: str, question: str, understood: str) -> None:
    history = said(before)
    assert self_contained(question, history) == understood
    assert question in wordings(question, understood, history)  # what was typed is always searched too


@pytest.mark.parametrize(
    ("before", "question"),
    [
        (CASH, "K-SURE는 얼마를 지원하나요?"),
        (CASH, "제조혁신과 관련된 데이터 표준은 누가 정하나요?"),
        (CASH, "정비하기 전 잠금(LOTO) 절차는 어떤 순서인가요?"),
        (CASH_EN, "How much will K-SURE provide?"),
        (CASH_EN, "What are the lockout steps before servicing a machine?"),
        (ALARM, "선도프로젝트 하나에 최대 얼마가 지원되나요?"),
    ],
)
def test_a_new_topic_takes_nothing_from_the_talk(before: str, question: str) -> None:
    history = said(before)
    assert self_contained(question, history) == question
    assert wordings(question, question, history) == ()


@pytest.mark.parametrize(
    "question", ["그럼 중견기업은?", "왜?", "why?", "In English please", "and for mid-size firms?"]
)
def test_without_a_talk_nothing_is_filled_in(question: str) -> None:
    assert self_contained(question, []) == question and wordings(question, question, []) == ()


def test_a_colloquial_ellipsis_takes_the_topic_and_a_condition_ends_with_its_sentence() -> None:
    assert self_contained(
        "AI 팩토리 몫은요?", said("국민성장펀드에서 휴머노이드에는 얼마가 든다고 했어요?")
    ).startswith("국민성장펀드")
    history = said("Our result came in and we disagree. How many days do we have to object?")
    assert "object" in self_contained("and when it's a penalty notice instead?", history)
    assert not self_contained("and when it's a penalty notice instead?", history).startswith("Our result came when")


def test_a_question_on_the_same_matter_keeps_its_words_and_searches_the_talk_beside() -> None:
    history = said(CASH, source("정부지원 비율"), answer="중소기업의 현금 비율은 10% 이상입니다.")
    question = "기관부담금은 언제까지 입금하나요?"
    assert self_contained(question, history) == question
    titled, talk = wordings(question, question, history)
    assert titled == f"정부지원 비율: {question}" and "10% 이상" in talk


def test_the_topic_prefers_words_of_the_sources_titles() -> None:
    cited = source("벤처펀드 2024", "규모")
    assert self_contained("그 돈은 어디에 쓰나요?", said("산업부가 발표한 벤처펀드 규모가 얼마죠?", cited)) == (
        "벤처펀드: 그 돈은 어디에 쓰나요?"
    )


def test_a_title_is_never_put_into_the_question() -> None:
    """Sources may be confidential later; the question as understood is kept and shown again."""
    understood = self_contained("왜 그래요?", said("그건 얼마인가요?", source("가온정밀 제안서")))
    assert "가온정밀" not in understood


def test_the_answer_follows_the_language_of_the_question_or_the_one_asked_for() -> None:
    ko, en = said(CASH), said(CASH_EN)
    assert answer_language("In English please", ko) == "en" and answer_language("한국어로 알려줘", en) == "ko"
    assert answer_language("and for mid-size firms?", ko) == "en" and answer_language("그럼 대기업은?", en) == "ko"
    assert answer_language("2025?", ko) == "ko" and answer_language("2025?", []) is None
    assert answer_language("今日の天気はどうですか", ko) is None


def test_the_latest_turn_is_the_one_referred_to_and_the_talk_is_bounded() -> None:
    history = [*said(ALARM), *said(CASH, answer="긴 답입니다. " * 500)]
    assert self_contained("그럼 중견기업은?", history).startswith("중견기업은 기관부담금")
    assert all(len(wording) <= 400 for wording in wordings("왜?", "x", history))


@pytest.mark.parametrize(
    ("question", "term", "expected"),
    [
        ("2022년 유형1은 어땠나요?", "유형2", "2022년 유형2는 어땠나요?"),  # the particle follows the new word
        ("An SME pays 10 %.", "large firms", "large firms pays 10 %."),
        ("중소기업과 대기업은 어떻게 다른가요?", "중견기업", ""),  # which of the two is not plain
        ("접수는 언제인가요?", "중견기업", ""),  # nothing of its kind
        ("수출금융은 얼마인가요?", "무역금융", "무역금융은 얼마인가요?"),
        ("How much does the standard type pay?", "type", ""),
    ],
)
def test_only_one_thing_of_the_same_kind_is_exchanged(question: str, term: str, expected: str) -> None:
    assert exchanged(question, term) == expected
