"""The fixed sentences of an answer, in both languages."""

from __future__ import annotations

from assistant.schema import Language

REFUSAL: dict[Language, str] = {
    "ko": "등록된 문서에서는 이 질문의 답을 찾지 못했습니다. 해당 사업의 공고문이나 담당 기관에 확인해 주십시오.",
    "en": "The documents on hand do not answer this question. "
    "Please check the call notice or ask the agency in charge.",
}

#: A translated sentence with what it was translated from.
TRANSLATED: dict[Language, str] = {"ko": "{text} (원문: {original})", "en": "{text} (Original: {original})"}

EVIDENCE_ONLY: dict[Language, str] = {
    "ko": "문서에는 다음과 같이 적혀 있습니다.",
    "en": "The documents say the following.",
}
