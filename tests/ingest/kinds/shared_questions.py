"""The questions of the reported cases, each asked of an index of its own.

Embedder, search and reader are the real ones; no language model is there, so answers are quotes in their own words.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from assistant.answering import Assistant
from assistant.answering.opening import open_language_model, open_reader
from assistant.errors import PathError
from assistant.ingest import ingest
from assistant.ingest.opened import open_set_index, write_set_index
from assistant.ingest.withdraw import withdraw
from assistant.retrieval import HybridRetriever
from assistant.schema import Answer, Finished, as_turn
from assistant.settings import Settings
from assistant.weights.embedder import SentenceEmbedder

_REFUSED = "(refused)"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, what its answer or the quotes below it have to say (`_REFUSED`: nothing), and what they may not."""

    question: str
    right: str
    never: tuple[str, ...] = ()


#: Case → its folder and its questions; those of 13 are one conversation.
_CASES: dict[str, tuple[str, tuple[Asked, ...]]] = {
    "01": (
        "01-struck-out",
        (
            Asked("한들정밀의 국내 출장 일비는?", "4만원"),
            Asked("시제품 제작비 한도는?", "4천만원"),
            Asked("자기부담률은 몇 퍼센트?", "20%", ("30%",)),
            Asked("현물을 부담금으로 인정하나요?", "부담금의 절반까지 인정한다"),
            Asked("1인당 교육비 한도는?", "120만원"),
        ),
    ),
    "02": (
        "02-raised-figures",
        (
            Asked("도담계측의 기업당 지원 한도는 몇 백만원?", "50¹⁾백만원", ("501)",)),
            Asked("설계 압력은?", "10⁶ Pa", ("106 Pa",)),
            Asked("What is the equipment limit per firm?", "25² million won", ("252 million",)),
        ),
    ),
    "03": (
        "03-filled-form",
        (
            Asked("누리정공 신청서의 신청 금액은 얼마인가요?", "147,500,000"),
            Asked("신청한 설비 이름은?", "TORQUE TESTER BT-9"),
        ),
    ),
    "04": (
        "04-open-sided-table",
        (
            Asked("가람 공정혁신 사업에서 중견기업의 민간부담 비율은?", "40%"),
            Asked("대기업의 지방비는?", "8%"),
            Asked("사업성의 최저점은?", "20점"),
        ),
    ),
    "05": (
        "05-codes-at-page-top",
        (
            Asked("TQ0102 알람이 떴어요. 어떻게 하나요?", "25 N·m"),
            Asked("TQ0104의 원인은?", "제어기"),
            Asked("덮개를 열기 전에 무엇을 해야 하나요?", "5분"),
        ),
    ),
    "06": (
        "06-unseen-text",
        (
            Asked("이슬산업 창고의 월 임대료는?", "4만원", ("9만원", "관리자 지시")),
            Asked("지게차의 하루 대여료는?", "12만원", tuple(f"{won}만원" for won in range(77, 83))),
        ),
    ),
    "07": (
        "07-warnings-on-web-pages",
        (
            Asked("DG-4 압력계를 풀기 전에 배관 압력은 얼마여야 하나요?", "0.02 MPa"),
            Asked("DG-4의 조임 토크는?", "18 N·m"),
            Asked("임차 공장도 신청할 수 있나요?", "2년"),
        ),
    ),
    "08": (
        "08-labels-in-containers",
        (
            Asked("하늘기계의 BT-9 납품 단가는?", _REFUSED, ("871만원", "872만원", "7.5%")),
            Asked("하늘기계 회의록의 할인율은?", _REFUSED, ("871만원", "872만원", "7.5%")),
        ),
    ),
    "09": (
        "09-names-from-a-mac",
        (
            Asked("하늘기계의 BT-9 납품 단가는?", _REFUSED, ("873만원",)),
            Asked("하늘기계의 2027년 설비 예산은?", _REFUSED, ("14억원",)),
            Asked("하늘기계의 공장은 어디에 있나요?", "평택"),
        ),
    ),
    "13": (
        "13-follow-ups",
        (
            Asked("HD-20 유량계 정기점검 요금은?", "180,000"),
            Asked("그럼 긴급출동은?", "260,000"),
            Asked("KP-7은?", "155,000"),
            Asked("부품교체는요?", "130,000"),
            Asked("긴급출동 접수는 몇 시에 마감하나요?", "16시 30분"),
            Asked("How much is a routine check of the KP-7?", "95,000"),
            Asked("And an emergency visit?", "155,000"),
        ),
    ),
}
#: What belongs to the pages: their tests.
_PAGES = {
    "11": "tests/web/test_serving.py::test_large_bodies_fill_neither_memory_nor_disk_nor_log",
    "12": "tests/web/test_browser.py::test_a_reload_in_the_middle_of_an_answer_loses_nothing",
}


class _Models:
    """Embedder and reader, loaded once; a language server that nobody answers at."""

    def __init__(self) -> None:
        self.settings = Settings(language_server=("http://127.0.0.1:9/v1",))
        self.embedder = SentenceEmbedder(self.settings.embedder, self.settings.cache, self.settings.threads)
        self._reader = open_reader(self.settings)
        self._silent = open_language_model(self.settings)

    def read(self, index: Path, *folders: Path) -> None:
        """Ingest folders into an index as `assistant ingest` does."""
        for folder in folders:
            with write_set_index(self._settings_of(index)) as opened:
                ingest([folder], opened, self.embedder)

    def answers(self, index: Path, questions: Sequence[str]) -> list[Answer]:
        """Ask somebody's questions, who holds no labels, in one conversation."""
        settings, turns, found = self._settings_of(index), [], []
        with closing(open_set_index(settings)) as opened:
            retriever = HybridRetriever(opened, self.embedder)
            assistant = Assistant(opened, retriever, self._reader, self._silent, self.embedder, settings)
            for question in questions:
                events = assistant.ask(question, history=turns)
                (answer,) = (event.answer for event in events if isinstance(event, Finished))
                turns.append(as_turn(question, answer))
                found.append(answer)
        return found

    def _settings_of(self, index: Path) -> Settings:
        return self.settings.model_copy(update={"index": index})


def asked(folder: Path) -> Iterator[tuple[str, str]]:
    """Give each case of a folder with what came of its questions: "right", or each answer that is not.

    Raises WeightsMissing when the embedder is not there.
    """
    models = _Models()
    for number, (name, questions) in _CASES.items():
        with tempfile.TemporaryDirectory() as place:
            source, index = folder / name, Path(place) / "index"
            if number == "09":
                source = Path(place) / "documents"
                subprocess.run([sys.executable, folder / name / "make.py", source], check=True)
            models.read(index, source)
            conversation = number == "13"
            texts = [each.question for each in questions]
            answers = models.answers(index, texts) if conversation else [models.answers(index, [t])[0] for t in texts]
            faults = [f for one, answer in zip(questions, answers, strict=True) if (f := _fault(one, answer))]
            yield number, "; ".join(faults) or f"right ({len(questions)} questions)"
    yield "10", _replaced_and_withdrawn(folder / "10-replaced-and-deleted", models)
    for number, test in _PAGES.items():
        ended = subprocess.run([sys.executable, "-m", "pytest", "-q", "-x", test], capture_output=True, text=True)
        yield number, "right (test)" if ended.returncode == 0 else ended.stdout.strip().splitlines()[-1]


def _fault(one: Asked, answer: Answer) -> str:
    told = "\n".join([answer.answer, *(piece.quote for piece in answer.citations)])
    if shown := [words for words in one.never if words in told]:
        return f"{one.question} tells {shown[0]}"
    if answer.status == "refused":
        return "" if one.right == _REFUSED else f"{one.question} is refused"
    return "" if one.right in told else f"{one.question} is answered {answer.answer!r}"


def _replaced_and_withdrawn(original: Path, models: _Models) -> str:
    """Case 10 on a copy: the newer notice answers; what was deleted or withdrawn is told no more."""
    faults = []
    with tempfile.TemporaryDirectory() as place:
        folder, index = Path(place) / "documents", Path(place) / "index"
        shutil.copytree(original, folder)
        models.read(index, folder / "old", folder / "new")
        limit = Asked("가람 공정혁신 지원공고의 기업당 지원 한도는?", "2억원")
        answer = models.answers(index, [limit.question])[0]
        faults.append(
            _fault(limit, answer) or ("3억원 first" if "3억원" in answer.answer.partition("2억원")[0] else "")
        )
        (folder / "old" / "지원공고.txt").unlink()
        models.read(index, folder / "old", folder / "withdrawn")
        with closing(open_set_index(models.settings.model_copy(update={"index": index}))) as opened:
            count = len(opened.seen_by(("public",)).documents())
        faults.append("" if count == 2 else f"{count} documents instead of 2")
        shutil.rmtree(folder / "withdrawn")
        try:
            models.read(index, folder / "withdrawn")
            faults.append("a folder that is gone is ingested")
        except PathError as exc:
            faults.append("" if "documents withdraw" in exc.hint else f"the way out is not named: {exc.hint}")
        with write_set_index(models.settings.model_copy(update={"index": index})) as opened:
            withdraw(opened, [str(folder / "withdrawn")])
        share = Asked("솔빛 야간가동 지원사업의 보조율은?", _REFUSED, ("55%",))
        faults.append(_fault(share, models.answers(index, [share.question])[0]))
    return "; ".join(filter(None, faults)) or "right (3 parts)"
