from __future__ import annotations

from assistant.retrieval.shop_words import with_shop_words


def test_the_manuals_words_stand_behind_those_of_the_shop_floor() -> None:
    assert with_shop_words("스핀들 몸풀기 몇 알피엠이에요") == "스핀들 몸풀기 몇 알피엠이에요 (주축, 예열, rpm)"


def test_what_the_question_says_itself_is_not_added() -> None:
    assert with_shop_words("주축(스핀들) 속도") == "주축(스핀들) 속도"
    assert with_shop_words("중견기업 지원 한도는 얼마입니까?") == "중견기업 지원 한도는 얼마입니까?"
