"""The words by which a question refers to what was said before, in Korean and English. Patterns and lists only."""

from __future__ import annotations

import re

from assistant.schema import Language

#: Thanks and nods before the question itself.
LEAD = re.compile(
    r"^(?:(?:ok(?:ay)?|o\.k\.?|all ?right|i see|thanks?(?: you)?|got it|great|well|now|hmm+|umm*|ah|oh|sure|"
    r"네|예|아|음|아하|알겠(?:습니다|어요)|고마워요?|감사합니다)(?:[,.!~ ]+|$))+",
    re.I,
)
#: Words that join a question to the one before.
JOINED = re.compile(
    r"^(?:and|but|so|or|also|then|what about|how about|what if|only|otherwise|even if)\b[ ,]*"
    r"|^(?:그럼|그러면|그렇다면|그리고|그런데|근데|그래서|그래도|하지만|또|아니면|혹은|만약|추가로)(?=[ ,])[ ,]*",
    re.I,
)
#: Words that point back.
POINTS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|these|those|such|the same|the (?:former|latter)|both|either|neither)\b"
    r"|\bthis\b(?! (?:year|month|week|time|morning|afternoon))"
    r"|\b(?:for|about|of|from|with|like|after|before|by|than|is|was|does|did|do|in|on|to|under|at) that\b"
    r"|\bthat (?:one|is|was|will|would|amount|limit|sum|money|date|year|case|kind|type|rule|firm|call|alarm|code|"
    r"programme|program|project|loan|form|process)\b|\bthat(?=[?.!,]|$)"
    r"|(?<!is )(?<!are )(?<!was )(?<!were )\bthere(?=[?.!,]|$)"
    r"|\b(?:that|this|which|another|other|new|old|first|second|last|same) one\b|\bones\b|\bone(?=[?.!,]|$)"
    r"|\bone (?:say|says|said|has|is|was|do|does|did|of (?:them|these|those))\b"
    r"|\b(?:more information|tell me more|learn more|explain more|any(?:thing)? (?:other|else|more)|other ways?)\b"
    r"|(?<![가-힣])(?:그|이|저)(?:것|거|게|건|걸|곳|쪽|때|중|들)(?=[가-힣 ?,.]|$)|(?<![가-힣])(?:거기|여기|그중)"
    r"|(?<![가-힣])(?:그|해당|방금|아까|앞의|위의|같은|나머지|다른) (?=[가-힣])"
    r"|(?<![가-힣])이 (?=사업|프로그램|과제|제도|경우|알람|코드|장비|기계|문서|공고|규정|돈|금액|비율|회사|절차)"
    r"|둘 (?:다|중)|(?:첫|두|세) ?번째 (?:것|거|건)|마지막 (?:것|거|건)|더 (?:알려|자세히|설명)",
    re.I,
)
#: What only asks.
BARE = re.compile(
    r"^(?:(?:since|until|by|from) when|why(?: not| so)?|when|where|who|which|how(?: much| many| long| so| come)?|"
    r"really|yes|no|not|are you sure|for whom|with whom|by whom)\W*$"
    r"|^(?:왜|언제|어디|누가|누구|얼마|몇|어떻게|어느|무슨|정말|진짜|네|아니)[가-힣 ]{0,8}[?.!~]*$",
    re.I,
)
#: A Korean question that ends in its topic ("중견기업은?") or asks of it in general ("유형2는 어땠나요?").
VERBLESS = re.compile(
    r"(?:은|는|도|라면|이면|경우|경우는|경우엔|때는|때엔)요?\s*[?~]*$"
    r"|(?:은|는|도) ?(?:어때요?|어떤가요|어땠나요|어떻습니까|어떻게 (?:돼요|되나요|됩니까))\s*[?.!~]*$"
)
#: What follows the topic of such a question.
TOPIC_END = re.compile(
    r"(?:(?:의|인) 경우(?:에?는|엔)?|일 때(?:는|엔)?|이?라면|이면|은|는|도|이|가|을|를)?(?:요)?"
    r"(?:\s?(?:어때요?|어떤가요|어땠나요|어떻습니까|어떻게 \S+))?\s*[?.!~]*$"
)
#: "I meant the mini type", "아니 미니형 말이야", "미니형 말고 대형은?": the group holds what was meant.
CORRECTION = re.compile(
    r"^(?:(?:no|sorry|oops)[,. ]+)?(?:i (?:actually )?meant?|i was asking about|i asked about|not \S+(?: \S+){0,3} but)"
    r"[ ,]+(.+?)\W*$"
    r"|^(?:no|sorry)[,.]+ (?!i\b|we\b|it\b|that\b|not\b|thanks?\b|there\b)(\S+(?: \S+){0,3}?)\W*$"
    r"|^(?:아니+[요야오]?|아뇨)[, ]+(.+?)[을를이가은는]? ?(?:말이(?:야|에요|예요)|말입니다|말(?:하는|한) 거예요|"
    r"얘기예요|이?요|이야|입니다)?\s*[.!?~]*$"
    r"|^[제내] 말은[, ]+(.+?)(?:이?요|이?에요|이?예요|이?야|입니다)?\s*[.!?~]*$"
    r"|^(.+?)[을를]? ?말(?:이(?:야|에요|예요)|입니다|한 거예요)\s*[.!?~]*$"
    r"|^\S+(?: \S+)? ?말고 (.+?)[은는이가]?(?:이?요)?\s*[.!?~]*$",
    re.I,
)

_AGAIN = (
    r"^(?:(?:and|please|now|again|answer|say (?:it|that)|tell me|(?:can|could) you (?:say|repeat|answer) ?(?:it|that)?)"
    r"[ ,]*)*in {english}\b[ ,]*(?:please|again)?\W*$"
    r"|^(?:{korean})로(?: ?(?:다시|좀|답해|말해|알려|설명해|번역해|부탁))*[가-힣 ]{{0,6}}\W*$"
)
#: "In English please", "한국어로 다시": the same question, answered in that language.
SWITCH: dict[Language, re.Pattern[str]] = {
    "en": re.compile(_AGAIN.format(english="english", korean="영어"), re.I),
    "ko": re.compile(_AGAIN.format(english="korean", korean="한국어|한글|한국말|우리말"), re.I),
}

#: What a thing has: these alone leave their topic out ("접수 기한은?", "what are the requirements?").
ATTRIBUTES = frozenset(
    """process procedure step requirement condition deadline limit amount rate share eligibility document form paper
    option cost fee price penalty schedule result period support reason cause date place location rule benefit clause
    source detail part number
    경우 결론 며칠 기한 기간 한도 금액 비율 조건 대상 자격 방법 절차 서류 조치 원인 이유 접수 신청 마감 담당 담당자
    문의 연락처 예산 규모 개수 혜택 벌칙 제재 일정 날짜 시작 시작일 결과 발표 선정 평가 지원 지원금 지원금액 신청서
    제출 신청기간 접수기간 종류 내용 설명 근거 조항 규정 출처 예외 차이 의미 뜻 이름 위치 주소 전화 전화번호 시간 순서
    해결 해결방법 대처 대처법 점검 확인""".split()  # noqa: SIM905
)
#: Words that ask, and name neither a thing nor what it has.
ASKING = ATTRIBUTES | frozenset(
    """need want know help tell say explain find go come make take give show see look use do work happen long more
    thing information question way kind type sort case example other else same good best possible able sure please
    thanks hello hi people someone anyone bring send provide submit apply time year month day office contact online
    mail next first last before after now still already again just really also even only include including change
    pay pays paid put get receive stay start begin end own there
    답 질문 회사 기업 곳 사람 돈 것 거 수 때 중 다음 처음 마지막 최대 최소 얼마 언제 어디 누구 무엇 뭐 추가 필요 가능
    포함 우리 저희 정도 대략 정확 하나 둘 각각 전체 총 몇 개 명 년 월 일 번""".split()  # noqa: SIM905
)
