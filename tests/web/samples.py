"""Quote and answers that the page's tests show."""

from __future__ import annotations

from dataclasses import replace

from assistant.schema import Answer, Event, EvidenceFound, Finished, Language, Quote, Sentence, Understood

LAUNCH = Quote(
    id="k7",
    document_id="alliance/launch-2024.ko.md",
    title="AI 자율제조 얼라이언스 출범 (2024년 7월 22일)",
    path="alliance/launch-2024.ko.md",
    version="1.0",
    effective_date="2024-07-22",
    page=None,
    heading_path=("출범식", "참여 규모"),
    quote="2024년 7월 출범 당시 12개 업종 분과에 153개 기업과 기관이 참여했습니다.",
    start=120,
    end=167,
    before="출범식은 2024년 7월 22일 서울 대한상공회의소에서 열렸고 약 250명이 참석했습니다.\n\n",
    after=" 회원사 매출을 더하면 국내 제조업 매출의 40%에 가깝습니다.",
    labels=("public",),
)
SHARES = Quote(
    id="m2",
    document_id="rules/government-share-and-cash.ko.md",
    title="정부지원 비율, 기관부담금, 현금 비율 (국가연구개발혁신법 기준)",
    path="rules/government-share-and-cash.pdf",
    version="1.0",
    effective_date="2026-07-28",
    page=2,
    heading_path=("기업 규모별 한도",),
    quote="중소기업 | 최대 75% | 10% 이상",
    start=800,
    end=822,
    after="\n중견기업 | 최대 70% | 13% 이상",
    table_header="기업 구분 | 정부지원 한도 | 기관부담금 중 현금 비율",
    labels=("public",),
)
HOSTILE = Quote(
    id="x9",
    document_id="<b>id</b>",
    title='<img src=x onerror="window.hacked=1">',
    path="a\"b'<i>.md",
    version="<v>",
    effective_date="2024-01-01",
    page=1,
    heading_path=("<h1>heading</h1>", "${window.hacked=1}"),
    quote="<script>window.hacked=1</script> & `${1+1}` {{value}}",
    start=0,
    end=10,
    before="</blockquote></div><script>window.hacked=1</script>",
    after="<a href='javascript:window.hacked=1'>x</a>",
    table_header="<th>",
    superseded_by="<new>",
)
OLD = replace(
    LAUNCH, id="p4", title="옛 계획", superseded_by="alliance/new-plan.ko.md", quote="옛 문장입니다.", start=1
)
SAMPLE = replace(LAUNCH, id="s5", title="예시 공고", sample=True, quote="예시 문장입니다.", start=2)
FOURTH = replace(LAUNCH, id="t6", title="네 번째 문서", quote="네 번째 문장입니다.", start=3)

SENTENCE = Sentence("2024년 7월 출범 당시 153개 기업과 기관이 참여했습니다.", ("k7",))
SECOND = Sentence("중소기업의 현금 비율은 10% 이상입니다.", ("m2", "k7"))

TIMINGS = {"retrieval": 180.0, "evidence": 420.0, "first_token": 2310.0, "total": 5080.0}


def answered(question: str, language: Language = "ko") -> Answer:
    """An answer of two sentences that cites both documents."""
    sentences = (SENTENCE, SECOND)
    return Answer(
        question=question,
        language=language,
        status="answered",
        answer=" ".join(one.text for one in sentences),
        sentences=sentences,
        citations=(LAUNCH, SHARES),
        timings_ms=TIMINGS,
    )


def refused(question: str, language: Language = "ko") -> Answer:
    """A refusal with two passages that are only near the question."""
    return Answer(
        question=question,
        language=language,
        status="refused",
        answer="등록된 문서에서 이 질문의 답을 찾지 못했습니다.",
        related=(FOURTH, OLD),
        timings_ms={"retrieval": 150.0, "evidence": 300.0, "total": 310.0},
    )


def evidence_only(question: str, language: Language = "ko") -> Answer:
    """No sentence of the model passed the check: a quote stands in its place."""
    return Answer(
        question=question,
        language=language,
        status="evidence_only",
        answer=f"문서에는 다음과 같이 적혀 있습니다.\n{LAUNCH.quote}",
        sentences=(Sentence(LAUNCH.quote, ("k7",)),),
        citations=(LAUNCH,),
        timings_ms=TIMINGS,
    )


def refusal_events(question: str) -> list[Event]:
    """The whole stream of a refusal."""
    return [Understood(question, "ko"), Finished(refused(question))]


def opening_events(question: str) -> list[Event]:
    """The stream up to the evidence."""
    return [Understood(question, "ko"), EvidenceFound((LAUNCH, SHARES, OLD, SAMPLE, FOURTH))]
