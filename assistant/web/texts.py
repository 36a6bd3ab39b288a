"""Every text of the chat page, in Korean and English.

Knows nothing of HTML or Gradio: values are plain text with `{name}` places, escaped where they are rendered.
The texts of an answer itself (for instance the fixed refusal) come with the answer, in the question's language.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant import errors
from assistant.answering.texts import NOT_PHRASED
from assistant.schema import Language
from assistant.web.texts_en import TEXTS as ENGLISH
from assistant.web.texts_ko import TEXTS as KOREAN

LANGUAGES: tuple[Language, ...] = ("ko", "en")

#: How each language is called in the language switch: in its own words, so that it can be found.
LANGUAGE_NAMES: Mapping[Language, str] = {"ko": "한국어", "en": "English"}

PAGE_TITLE = "얼라이언스 어시스턴트 · Alliance Assistant"

TEXTS: Mapping[Language, Mapping[str, str]] = {
    "ko": {**KOREAN, "quotes_only_note": NOT_PHRASED["ko"]},
    "en": {**ENGLISH, "quotes_only_note": NOT_PHRASED["en"]},
}

#: What the collections of the starter corpus are called; others are called as their folders are.
COLLECTIONS: Mapping[Language, Mapping[str, str]] = {
    "ko": {
        "alliance": "얼라이언스",
        "finance": "금융",
        "glossary": "용어",
        "manuals": "설비 설명서",
        "practice": "현장 실무",
        "programmes": "사업과 공모",
        "proposals": "사업계획서",
        "rules": "법령과 규칙",
    },
    "en": {
        "alliance": "Alliance",
        "finance": "Finance",
        "glossary": "Glossary",
        "manuals": "Machine manuals",
        "practice": "Practice",
        "programmes": "Programmes",
        "proposals": "Proposals",
        "rules": "Rules",
    },
}

#: Questions to begin with, each below its topic.
EXAMPLES: Mapping[Language, tuple[tuple[str, str], ...]] = {
    "ko": (
        ("신청 자격", "회사도 국가연구개발사업에 참여할 수 있나요?"),
        ("금액", "연구개발비가 10억 원인 중소기업은 현금을 얼마나 내야 하나요?"),
        ("금융", "AI Plus+는 어떤 위험을 보장하나요?"),
        ("출범", "2024년 7월 출범할 때 몇 개 기업과 기관이 참여했나요?"),
        ("바뀐 기준", "중소기업 매출액 기준은 얼마인가요?"),
        ("설비", "CNC 선반에 TH0401 알람이 뜨면 무엇을 하나요?"),
    ),
    "en": (
        ("Who may apply", "Can a company take part in national R&D projects?"),
        ("Amounts", "How much cash must an SME pay if its R&D cost is KRW 1 billion?"),
        ("Finance", "Which risk does AI Plus+ cover?"),
        ("Launch", "How many companies and institutions joined at the launch in July 2024?"),
        ("What changed", "Up to which sales is a firm an SME?"),
        ("Machines", "CNC lathe: what to do when alarm TH0401 comes?"),
    ),
}

#: The text of each expected error; a subclass without its own line takes its base's.
ERROR_TEXTS: Mapping[type[Exception], str] = {
    errors.AssistantError: "error_other",
    errors.QuestionError: "error_question",
    errors.WeightsError: "error_weights",
    errors.ModelError: "error_model",
    errors.IndexMissing: "error_index_missing",
    errors.IndexMismatch: "error_index_mismatch",
    errors.IndexLocked: "error_index_locked",
    errors.IndexCorrupt: "error_index_corrupt",
    errors.Stopping: "error_stopping",
    errors.LineFull: "error_line_full",
    errors.OneAtATime: "error_one_at_a_time",
}


def text(language: Language, key: str, **values: object) -> str:
    """The text of `key` with its places filled. KeyError for an unknown key or a missing value."""
    return TEXTS[language][key].format(**values)


def error_key(error: BaseException) -> str:
    """The key of the sentence that tells a reader about `error`, without its technical detail."""
    for kind in type(error).__mro__:
        if kind in ERROR_TEXTS:
            return ERROR_TEXTS[kind]
    return "error_other"
