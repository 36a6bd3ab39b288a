"""The fixed sentences of an answer, in both languages."""

from __future__ import annotations

from assistant.schema import Language

REFUSAL: dict[Language, str] = {
    "ko": "등록된 문서에서는 이 질문의 답을 찾지 못했습니다. 해당 사업의 공고문이나 담당 기관에 확인해 주십시오.",
    "en": "The documents on hand do not answer this question. "
    "Please check the call notice or ask the agency in charge.",
}

#: Beneath an answer that no language server could phrase.
NOT_PHRASED: dict[Language, str] = {
    "ko": "언어 모델 서버가 응답하지 않아 문서에 적힌 문장을 그대로 보여 드립니다. 찾은 근거는 빠짐없이 그대로입니다.",
    "en": "The language model server does not answer, so the documents' own sentences are shown. "
    "The evidence is complete.",
}

#: A translated sentence with what it was translated from.
TRANSLATED: dict[Language, str] = {"ko": "{text} (원문: {original})", "en": "{text} (Original: {original})"}
