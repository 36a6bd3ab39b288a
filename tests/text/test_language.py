"""Language, questions and sentences."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import QuestionError
from assistant.text.language import clean_question, detect, sentences

LANGUAGES = [
    ("ko", "중소기업은 얼마를 받나요?"), ("ko", "AI 팩토리 budget?"),
    ("ko", "SERVO amplifier alarm code SV0401 원인은?"), ("ko", "지원금"),
    ("ko", "M.AX 얼라이언스 구성"), ("ko", "How much 지원금을 받나요?"), ("ko", "제12조"),
    ("ko", "韓國 제조업의 매출은?"), ("ko", "SV0401이 뜨면 어떻게 하나요"),
    ("en", "How much do SMEs get?"), ("en", "SV0401"), ("en", "M.AX"), ("en", "What does 얼라이언스 mean?"),
    ("en", "What is the budget of 얼라이언스?"),
    ("en", "résumé of the call"), ("en", "torque limit"), ("en", "When was the alliance (얼라이언스) launched?"),
    ("en", "a café nearby?"),
    (None, "予算はいくらですか"), (None, "预算是多少"), (None, "Какой бюджет?"), (None, "งบประมาณเท่าไหร่"),
    (None, "ميزانية"),
    (None, "Quel est le budget du programme ?"), (None, "¿Cuál es el presupuesto?"), (None, "Wie hoch ist das Budget?"),
    (None, "Qual è il bilancio del programma?"),
    (None, "Ngân sách là bao nhiêu?"), (None, "Berapa anggaran yang tersedia untuk ini?"), (None, "Jaki jest budżet?"),
    (None, "123?"), (None, ""), (None, "?!"), (None, "🙂"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "text"), LANGUAGES)
def test_detect(language: str | None, text: str) -> None:
    assert detect(text) == language
    assert detect(unicodedata.normalize("NFD", text)) == language


def test_clean_question() -> None:
    assert clean_question("  예산은\t얼마\n인가요?\x00\u200b ", 100) == "예산은 얼마 인가요?"
    decomposed = unicodedata.normalize("NFD", "지원금은 얼마인가요?")
    assert clean_question(decomposed, 20) == "지원금은 얼마인가요?"
    assert clean_question("SV0401", 6) == "SV0401"


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\u200b", "?!…", "--- ", "x" * 101])
def test_unusable_questions(text: str) -> None:
    with pytest.raises(QuestionError) as caught:
        clean_question(text, 100)
    assert caught.value.message and caught.value.hint


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_a_clean_question_is_one_line_and_stays_clean(text: str) -> None:
    try:
        once = clean_question(text, 200)
    except QuestionError:
        return
    assert once == clean_question(once, 200)
    assert once.isprintable() and "  " not in once


# Each inner list is what the joined text must be cut into.
SENTENCES = [
    ["정부는 2024. 7. 22. 얼라이언스를 출범했다.", "예산은 2.5조 원이다."],
    ["The launch was in 2024.", "The alliance grew, e.g. by 1.8 m.", "Next one!", "Is it?"],
    ["See No. 2 and Fig. 3 for details.", "It is done."],
    ["제92조제2항에 따른다.", "M.AX 1.0 is new.", "J. Kim said so."],
    ["1. 밸브를 잠근다.", "2. 전원을 끈다."], ["3. Check the valve.", "Then wait 5 min.", "The lamp goes out."],
    ["가. 신청 자격을 본다.", "나. 서류를 낸다."],
    ['그는 "한다. 그렇다."라고 말했다.', "장관은 떠났다."], ["지원한다(단, 대기업은 제외한다. 예외 없음).", "끝이다."],
    ['He said "Stop." and left.', "The machine stopped."],
    ["Samsung Electronics Co., Ltd. makes it.", "The U.S. market grew."],
    ["접수는 2025. 3. 1. ~ 3. 31. 이다.", "결과는 4월에 나온다."], ["합니까?", "네!", "그렇다…", "Yes."],
    ["The share rose from 5.0 to 40.5 percent.", "That is 8.1 times."],
    ["정격 토크는 120 N·m이다.", "The limit is 150 N·m."],
    ["Dr. Lee vs. Prof. Park, cf. Art. 92 etc. are named."], ["예산 총액은 3억 원임.", "기간은 3년임."],
    ["가격은 1.5억 원이다.", "'24. 7. 22. 시행되었다."], ["Work starts at 9 a.m. on Monday."],
]  # fmt: skip


@pytest.mark.parametrize("expected", SENTENCES)
@pytest.mark.parametrize("joint", [" ", "\n", "  \n\n "])
def test_sentences(expected: list[str], joint: str) -> None:
    text = joint.join(expected)
    assert [text[start:end] for start, end in sentences(f"  {text} \n")] != []
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_korean_sentences_without_a_blank_are_cut() -> None:
    text = "신청합니다.그리고 기다립니다. (주)한빛은 된다."
    assert [text[a:b] for a, b in sentences(text)] == ["신청합니다.", "그리고 기다립니다.", "(주)한빛은 된다."]


@settings(max_examples=300)
@given(st.one_of(st.text(max_size=80), st.text(st.sampled_from(list("가다. 1)(\"'“”\n!?…Ae")), max_size=60)))
def test_sentences_cover_all_but_blanks_in_order(text: str) -> None:
    last = 0
    for start, end in sentences(text):
        assert last <= start < end
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        last = end
    assert not text[last:].strip()


@pytest.mark.parametrize("piece", ["A. ", "가. ", "(", '"', "1. "])
def test_long_lines_of_one_pattern_are_cut_at_all(piece: str) -> None:
    # quadratic work would make this test hang rather than fail
    text = piece * 20_000
    assert sentences(text)
