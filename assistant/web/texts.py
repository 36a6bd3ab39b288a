"""Every text of the page, in Korean and English.

Knows nothing of HTML or Gradio: values are plain text with `{name}` places, escaped where they are rendered.
The texts of an answer itself (for instance the fixed refusal) come with the answer, in the question's language.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant import errors
from assistant.schema import Language

LANGUAGES: tuple[Language, ...] = ("ko", "en")

#: How each language is called in the language switch: in its own words, so that it can be found.
LANGUAGE_NAMES: Mapping[Language, str] = {"ko": "한국어", "en": "English"}

PAGE_TITLE = "얼라이언스 어시스턴트 · Alliance Assistant"

TEXTS: Mapping[Language, Mapping[str, str]] = {
    "ko": {
        "name": "얼라이언스 어시스턴트",
        "tagline": "AI 자율제조 얼라이언스 문서에서 답을 찾아, 근거 조항과 함께 보여 드립니다.",
        "language": "언어",
        "corpus": "문서 {documents}건 · 검색 단락 {chunks}개",
        "corpus_newest": "최신 기준일 {date}",
        "indexing_read": "문서를 등록하고 있습니다: {total}개 가운데 {done}개를 읽었습니다.",
        "indexing_embed": "의미 검색을 준비하고 있습니다: 단락 {total}개 가운데 {done}개를 마쳤습니다.",
        "indexing_left": "초당 {rate}개, 남은 시간 약 {left}.",
        "indexing_waiting": "단락 {waiting}개는 아직 낱말로만 검색됩니다.",
        "intro": "무엇이 궁금하신가요?",
        "intro_hint": "회원사, 지원 금액, 부담 비율, 절차를 물어보세요. 질문은 한국어와 영어 모두 됩니다.",
        "examples": "이런 질문을 해 보세요",
        "question": "질문",
        "placeholder": "질문을 입력하세요",
        "send": "질문하기",
        "stop": "중지",
        "clear": "새 대화",
        "delete": "대화 삭제",
        "understood": "다음과 같이 이해했습니다: {question}",
        "hidden_note": "지금 권한으로 볼 수 없는 근거와 그에 따른 문장은 뺐습니다.",
        "rate": "이 답이 도움이 되었나요?",
        "rate_up": "예",
        "rate_down": "아니요",
        "rated": "의견을 저장했습니다. 고맙습니다.",
        "note": "의견",
        "note_placeholder": "덧붙일 말 (선택)",
        "note_send": "보내기",
        "deleted": "이 대화를 지웠습니다.",
        "asked": "내 질문",
        "answer": "답변",
        "waiting": "앞에 {ahead}건의 질문이 있습니다. 차례를 기다리고 있습니다.",
        "searching": "문서에서 근거를 찾고 있습니다.",
        "writing": "근거를 찾았습니다. 답을 쓰고 한 문장씩 확인하고 있습니다.",
        "evidence": "찾은 근거",
        "evidence_hint": "눌러서 원문을 펼쳐 보세요.",
        "evidence_more": "근거 {count}개 더 보기",
        "cited": "이 답이 인용한 원문",
        "related": "관련 단락 (답이 아님)",
        "related_hint": "질문과 가까운 내용일 뿐, 질문에 대한 답이 아닙니다.",
        "related_more": "관련 단락 {count}개 더 보기",
        "status_answered": "문서로 답했습니다",
        "status_evidence_only": "근거만 보여 드립니다",
        "status_computed": "문서의 규정과 수치로 계산했습니다",
        "status_asked_back": "계산에 필요한 것을 여쭙습니다",
        "status_refused": "문서에 답이 없습니다",
        "status_stopped": "중지했습니다",
        "status_failed": "답하지 못했습니다",
        "evidence_only_note": "표·절차·경고와 확인을 통과하지 못한 정리는 문서의 문장 그대로 보여 드립니다.",
        "stopped_note": "요청하신 대로 멈췄습니다. 여기까지 보인 문장만 확인된 내용입니다.",
        "stopped_note_empty": "요청하신 대로 답을 쓰기 전에 멈췄습니다.",
        "open_source": "근거 {number} 원문 열기: {title}",
        "source": "근거 {number}",
        "close": "닫기",
        "effective_date": "기준일(시행일)",
        "version": "판",
        "place": "위치",
        "page": "쪽",
        "page_value": "{page}쪽",
        "file": "파일",
        "not_stated": "표시 없음",
        "table_header": "표의 머리행",
        "quote_hint": "표시된 부분이 문서에서 그대로 가져온 인용문입니다.",
        "sample": "예시 문서",
        "sample_note": "설명을 위한 예시 문서이며, 실제 효력이 있는 문서가 아닙니다.",
        "superseded": "대체된 문서",
        "superseded_note": "이 문서는 더 새로운 문서로 대체되었습니다: {document}",
        "timings": "근거 {evidence}초 · 전체 {total}초",
        "timings_first": "근거 {evidence}초 · 첫 문장 시작 {first}초 · 전체 {total}초",
        "promise": "답은 등록된 문서만을 근거로 합니다. 신청하거나 작업하기 전에 인용된 조항을 꼭 확인해 주세요.",
        "error_empty": "질문을 입력해 주세요.",
        "error_too_long": "질문이 너무 깁니다({length}자). {limit}자 이내로 줄여 주세요.",
        "error_question": "질문을 읽을 수 없습니다. 한국어나 영어 문장으로 다시 적어 주세요.",
        "error_index_missing": "아직 등록된 문서가 없습니다. 터미널에서 `assistant ingest`를 먼저 실행해 주세요.",
        "error_index_mismatch": "색인이 지금 설정과 다른 모델로 만들어졌습니다. "
        "운영자가 터미널의 안내에 따라 색인을 다시 만들어야 합니다.",
        "error_index_locked": "문서를 등록하는 중입니다. 잠시 뒤에 다시 질문해 주세요.",
        "error_index_corrupt": "색인 파일이 서로 맞지 않습니다. "
        "운영자가 터미널의 안내에 따라 색인을 다시 만들어야 합니다.",
        "error_weights": "모델 파일이 없거나 손상되었습니다. 터미널에서 `assistant weights pull`을 실행해 주세요.",
        "error_model": "언어 모델이 답을 만들지 못했습니다. 다시 질문해 주시고, 계속되면 운영자에게 알려 주세요.",
        "error_other": "질문을 처리하지 못했습니다. 자세한 내용은 서버를 실행한 터미널에 표시됩니다.",
    },
    "en": {
        "name": "Alliance Assistant",
        "tagline": "Finds the answer in the AI Autonomous Manufacturing Alliance's documents and shows the clause.",
        "language": "Language",
        "corpus": "{documents} documents · {chunks} searchable passages",
        "corpus_newest": "newest dated {date}",
        "indexing_read": "Documents are being added: {done} of {total} read.",
        "indexing_embed": "Search by meaning is being prepared: {done} of {total} passages done.",
        "indexing_left": "{rate} a second, about {left} left.",
        "indexing_waiting": "Passages found by their words only, for now: {waiting}.",
        "intro": "What would you like to know?",
        "intro_hint": "Ask about members, amounts, shares to pay or procedures. Korean and English both work.",
        "examples": "Try one of these",
        "question": "Question",
        "placeholder": "Type your question",
        "send": "Ask",
        "stop": "Stop",
        "clear": "New conversation",
        "delete": "Delete conversation",
        "understood": "Understood as: {question}",
        "hidden_note": "Evidence that you may no longer see, and what rests on it, is left out.",
        "rate": "Was this answer helpful?",
        "rate_up": "Yes",
        "rate_down": "No",
        "rated": "Your opinion has been stored. Thank you.",
        "note": "Note",
        "note_placeholder": "Anything to add? (optional)",
        "note_send": "Send",
        "deleted": "This conversation has been deleted.",
        "asked": "Your question",
        "answer": "Answer",
        "waiting": "Questions ahead of yours: {ahead}. Waiting for its turn.",
        "searching": "Looking for evidence in the documents.",
        "writing": "Evidence found. Writing the answer and checking it sentence by sentence.",
        "evidence": "Evidence found",
        "evidence_hint": "Select one to read it in its document.",
        "evidence_more": "Show {count} more",
        "cited": "Cited in this answer",
        "related": "Related, not an answer",
        "related_hint": "These passages are near your question, but they do not answer it.",
        "related_more": "Show {count} more",
        "status_answered": "Answered from the documents",
        "status_evidence_only": "Only evidence",
        "status_computed": "Computed from the documents' rules and figures",
        "status_asked_back": "More is needed to compute this",
        "status_refused": "The documents do not say",
        "status_stopped": "Stopped",
        "status_failed": "No answer",
        "evidence_only_note": "Tables, steps, warnings and unchecked summaries are shown as the document has them.",
        "stopped_note": "Stopped as you asked. Only the sentences shown so far have been checked.",
        "stopped_note_empty": "Stopped as you asked, before an answer was written.",
        "open_source": "Open evidence {number}: {title}",
        "source": "Evidence {number}",
        "close": "Close",
        "effective_date": "Effective date",
        "version": "Version",
        "place": "Section",
        "page": "Page",
        "page_value": "p. {page}",
        "file": "File",
        "not_stated": "not stated",
        "table_header": "Header row of the table",
        "quote_hint": "The marked part is the quote, word for word from the document.",
        "sample": "Sample",
        "sample_note": "A sample document written for illustration; it has no legal effect.",
        "superseded": "Superseded",
        "superseded_note": "This document has been superseded by a newer one: {document}",
        "timings": "evidence {evidence} s · total {total} s",
        "timings_first": "evidence {evidence} s · first words {first} s · total {total} s",
        "promise": "Answers come only from the registered documents. Check the cited clause before you apply or act.",
        "error_empty": "Please type a question.",
        "error_too_long": "The question is too long ({length} characters). Please shorten it to {limit}.",
        "error_question": "The question could not be read. Please write it again in Korean or English.",
        "error_index_missing": "There are no documents yet. Run `assistant ingest` in a terminal first.",
        "error_index_mismatch": "The index was built by another model than the one now set. "
        "The operator must rebuild it as the terminal explains.",
        "error_index_locked": "Documents are being added right now. Please ask again in a moment.",
        "error_index_corrupt": "The files of the index contradict each other. "
        "The operator must rebuild it as the terminal explains.",
        "error_weights": "A model file is missing or damaged. Run `assistant weights pull` in a terminal.",
        "error_model": "The language model could not write an answer. Please ask again, "
        "and tell the operator if it happens again.",
        "error_other": "The question could not be handled. The terminal that runs the server shows the details.",
    },
}

EXAMPLES: Mapping[Language, tuple[str, ...]] = {
    "ko": (
        "2024년 7월 출범할 때 몇 개 기업과 기관이 참여했나요?",
        "선도 프로젝트 하나에 최대 얼마까지 지원되나요?",
        "중소기업은 기관부담금 중 현금을 얼마나 내야 하나요?",
        "무역보험공사(K-SURE)는 얼마를 지원하나요?",
        "정비하기 전 잠금(LOTO) 절차는 어떤 순서인가요?",
    ),
    "en": (
        "How many companies and institutions joined at the launch in July 2024?",
        "Up to how much can one lead project receive?",
        "How much of its own share must an SME pay in cash?",
        "How much will K-SURE provide?",
        "What are the lockout steps before servicing a machine?",
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
