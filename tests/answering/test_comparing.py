"""What changed between two versions: told with the words of both, to who may see both, and only when it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant.answering.ask import Assistant
from assistant.answering.comparing import compare_versions
from assistant.answering.computing import Computation
from assistant.index import Index, Visible
from assistant.index.store import write_index
from assistant.ingest import ingest
from assistant.reading.encoding import JOINT
from assistant.retrieval import HybridRetriever
from assistant.schema import Answer, EvidenceFound, Excerpt, Finished, Hit, Question, Reading, SentenceReady, Turn
from assistant.settings import Settings
from assistant.tuning import tuning
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder, FakeLanguageModel, FakeReader

ASKED = {"en": "What changed in revision B of the saw manual?", "ko": "톱 설명서 개정 B에서 뭐가 바뀌었나요?"}
CARD = {"en": "Compares two versions", "ko": "두 판을 비교해"}
COUNTS = {"en": "Compared with Saw manual", "ko": "개정 A에 비해"}

SAW = {
    "en": """# Saw manual

## 1. Pressures

| Item | Set value |
|---|---|
| Oil | 3.5 MPa |
| Air | 0.5 MPa |

1. Set the regulator to 3.5 MPa.
2. Close the guard.

> **Warning:** Oil at 3.5 MPa pierces the skin.

The belt is changed every 4,000 hours.
""",
    "ko": """# 톱 설명서

## 1. 압력

| 항목 | 설정값 |
|---|---|
| 오일 | 3.5 MPa |
| 공기 | 0.5 MPa |

1. 조정기를 3.5 MPa에 맞춥니다.
2. 덮개를 닫습니다.

> **경고:** 오일이 3.5 MPa로 피부를 뚫습니다.

벨트는 4,000시간마다 바꿉니다.
""",
}
EDITS = {
    "en": [("3.5 MPa", "4.0 MPa"), ("2. Close the guard.", "2. Close the guard.\n3. Lock the guard."),
           ("\nThe belt is changed every 4,000 hours.\n", "")],
    "ko": [("3.5 MPa", "4.0 MPa"), ("2. 덮개를 닫습니다.", "2. 덮개를 닫습니다.\n3. 덮개를 잠급니다."),
           ("\n벨트는 4,000시간마다 바꿉니다.\n", "")],
}  # fmt: skip
TOLD = {
    "en": "Compared with “Saw manual, Revision A” (2025-03-03), “Saw manual, Revision B” (2026-02-02) changes 1 value "
    "in 3 places, adds 1 step, and removes 1 sentence.",
    "ko": "「톱 설명서, 개정 A」(2025-03-03)에 비해 「톱 설명서, 개정 B」(2026-02-02)에서는 값 1개(3곳)가 바뀌었고, "
    "단계 1개가 추가되었고, 문장 1개가 삭제되었습니다.",
}


def _write(folder: Path, language: str, letter: str, text: str, name: str = "saw") -> None:
    title = f"{name.title()} manual, Revision {letter}" if language == "en" else f"톱 설명서, 개정 {letter}"
    dated = {"A": "2025-03-03", "B": "2026-02-02"}[letter]
    supersedes = f"supersedes: {name}-a.{language}.md\n" if letter == "B" else ""
    (folder / f"{name}-{letter.lower()}.{language}.md").write_text(
        f'---\ntitle: "{title}"\nlanguage: {language}\nversion: {letter}\neffective_date: {dated}\n'
        f"labels: [public]\n{supersedes}---\n\n{text}",
        encoding="utf-8",
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "manuals"
    made.mkdir()
    for language, text in SAW.items():
        _write(made, language, "A", text)
        for old, new in EDITS[language]:
            text = text.replace(old, new)
        _write(made, language, "B", text)
    return made


@pytest.fixture
def saws(folder: Path, tmp_path: Path) -> Iterator[Index]:
    with write_index(tmp_path / "saws", FAKE_FINGERPRINT) as index:
        ingest([folder], index, FakeEmbedder())
        yield index


def sure_reader() -> FakeReader:
    """Takes every question for one that a comparison answers."""
    reader = FakeReader()
    reader.answers = {**dict.fromkeys(CARD.values(), 0.9), **dict.fromkeys(COUNTS.values(), 0.9)}
    return reader


def compared(
    index: Index,
    language: str,
    reader: FakeReader,
    labels: frozenset[str] = frozenset({"public"}),
    text: str = "",
    before: Turn | None = None,
) -> tuple[Computation | None, list[str]]:
    """What is computed, and what was searched for it."""
    retriever, searched = HybridRetriever(index, FakeEmbedder()), []

    def search(query: str, visible: Visible) -> list[Hit]:
        searched.append(query)
        return retriever.search(query, visible.labels, 20)

    text = text or ASKED[language]
    asked = Question(text, text, language, date(2026, 11, 30), before=before)  # type: ignore[arg-type]
    return compare_versions(asked, search, index.seen_by(labels), reader, tuning()), searched


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_counts_come_first_then_the_words_of_both_versions(saws: Index, language: str) -> None:
    found, _ = compared(saws, language, sure_reader())
    assert found is not None and not found.asks
    first, *changes = found.sentences
    assert first.text == TOLD[language]
    visible, by_id = saws.seen_by(["public"]), {quote.id: quote for quote in found.evidence}
    assert len(by_id) == len(found.evidence)
    for quote in found.evidence:
        _, text = visible.document_text(quote.document_id) or (None, "")
        assert text[quote.start : quote.end] == quote.quote
    assert all(sentence.citations and set(sentence.citations) <= set(by_id) for sentence in found.sentences)
    sides = [[by_id[name].version for name in sentence.citations] for sentence in changes]
    assert sorted(sides) == [["A"], ["A", "B"], ["B"]]
    changed = next(sentence for sentence, side in zip(changes, sides, strict=True) if side == ["A", "B"])
    assert "3.5 MPa → 4.0 MPa" in changed.text and changed.text.endswith(
        "(the same in 2 more places)" if language == "en" else "(같은 변경 2곳 더)"
    )
    old, new = (by_id[name] for name in changed.citations)
    for quote, value in ((old, "3.5 MPa"), (new, "4.0 MPa")):
        assert quote.span and quote.quote[quote.span[0] - quote.start : quote.span[1] - quote.start] == value
    compared_documents = [found.comparisons[0][side]["document_id"] for side in ("old", "new")]
    assert compared_documents == [f"saw-a.{language}.md", f"saw-b.{language}.md"]


def test_the_change_nearest_to_the_question_comes_first(saws: Index) -> None:
    for word, text in (("Lock the guard", "Added: 3. Lock the guard."), ("belt", "Removed: The belt")):
        reader = sure_reader()
        reader.answers |= {**dict.fromkeys(["MPa", "Lock the guard", "belt"], 0.1), word: 0.8}
        found, _ = compared(saws, "en", reader)
        assert found is not None and found.sentences[1].text.startswith(text)


def test_of_what_is_about_as_near_the_changed_values_come_first(saws: Index) -> None:
    reader = sure_reader()
    reader.answers |= {"Lock the guard": 0.4, "belt": 0.3, "MPa": 0.2}
    found, _ = compared(saws, "en", reader)
    assert found is not None
    assert [each.text.split(":")[0] for each in found.sentences[1:4]] == ["Changed", "Added", "Removed"]


def test_what_is_left_out_is_counted(saws: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.answering.comparing._SHOWN", 1)
    found, _ = compared(saws, "en", sure_reader())
    assert found is not None and len(found.sentences) == 3
    reader = sure_reader()
    reader.answers |= {"MPa": 0.1, "Lock the guard": 0.1, "belt": 0.8}
    found, _ = compared(saws, "en", reader)  # three places of a value and a step are left
    assert found is not None and found.sentences[-1].text == "There are 4 more changes."
    assert found.comparisons[0]["shown"] == 1 and found.comparisons[0]["counts"]["changed"] == 3


def test_another_question_costs_one_card_and_no_search(saws: Index) -> None:
    reader = FakeReader()
    reader.answers = dict.fromkeys(CARD.values(), 0.01)
    assert compared(saws, "en", reader) == (None, []) and len(reader.asked) == 1


def test_a_question_that_the_comparison_does_not_answer_is_left_to_the_documents(saws: Index) -> None:
    reader = sure_reader()
    reader.answers |= {CARD["en"]: 0.2, COUNTS["en"]: 0.02}
    found, searched = compared(saws, "en", reader, text="Did the oil pressure change in revision B?")
    assert found is None and len(searched) == 1


class AloneReader(FakeReader):
    """Doubts whatever is read behind an earlier question."""

    def read(self, question: str, excerpts: Sequence[Excerpt]) -> list[Reading]:
        """Nothing answers two questions."""
        found = super().read(question, excerpts)
        return [replace(each, answers=0.01) for each in found] if JOINT in question else found


def test_a_follow_up_must_be_meant_so_behind_the_question_before_it(saws: Index) -> None:
    earlier = Turn("How long is the belt?", "How long is the belt?", "en", "answered", "")
    alone = AloneReader()
    alone.answers = sure_reader().answers
    for reader, before, seen in ((alone, None, True), (alone, earlier, False), (sure_reader(), earlier, True)):
        found, searched = compared(saws, "en", reader, before=before)
        assert (found is not None) == seen
        assert not found or searched == [f"{earlier.question}{JOINT}{ASKED['en']}" if before else ASKED["en"]]


def test_what_may_be_meant_as_well_is_told_too(folder: Path, tmp_path: Path) -> None:
    for letter in "AB":
        text = (folder / f"saw-{letter.lower()}.en.md").read_text(encoding="utf-8").partition("---\n\n")[2]
        _write(folder, "en", letter, text.replace("Saw", "Drill"), "drill")
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([folder], index, FakeEmbedder())
        reader = sure_reader()
        reader.answers["Compared with Drill manual"] = 0.9
        both, _ = compared(index, "en", reader, text="What changed in revision B?")
        assert both is not None and len(both.comparisons) == 2
        assert {piece.document_id[:3] for piece in both.evidence} == {"saw", "dri"}
        reader.answers["Compared with Drill manual"] = 0.05
        one, _ = compared(index, "en", reader, text="What changed in revision B of the saw manual?")
        assert one is not None and {piece.document_id[:3] for piece in one.evidence} == {"saw"}


def test_nobody_learns_of_a_version_that_he_may_not_see(folder: Path, tmp_path: Path) -> None:
    text = (folder / "saw-a.en.md").read_text(encoding="utf-8")
    (folder / "saw-a.en.md").write_text(text.replace("[public]", "[staff]"), encoding="utf-8")
    newer = (folder / "saw-b.en.md").read_text(encoding="utf-8")
    (folder / "saw-b.en.md").write_text(newer.replace("[public]", "[staff, public]"), encoding="utf-8")
    for name in ("saw-a.ko.md", "saw-b.ko.md"):
        (folder / name).unlink()
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([folder], index, FakeEmbedder())
        for labels, seen in (({"public"}, False), (set(), False), ({"staff"}, True)):
            found, _ = compared(index, "en", sure_reader(), frozenset(labels))
            assert (found is not None) == seen


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_flow_answers_with_it_and_without_the_language_model(
    saws: Index, settings: Settings, language: str
) -> None:
    embedder, reader, model = FakeEmbedder(), sure_reader(), FakeLanguageModel()
    assistant = Assistant(saws, HybridRetriever(saws, embedder), reader, model, embedder, settings)
    events = list(assistant.ask(ASKED[language]))
    assert [type(event) for event in events[1:3]] == [EvidenceFound, SentenceReady]
    last = events[-1]
    assert isinstance(last, Finished) and model.prompts == []
    answer: Answer = last.answer
    assert answer.status == "computed" and answer.answer.startswith(TOLD[language])
    told = answer.to_json()
    assert [one["version"] for one in (told["comparisons"][0]["old"], told["comparisons"][0]["new"])] == ["A", "B"]
    assert told["comparisons"][0]["counts"] == {"changed": 3, "added": 1, "removed": 1, "moved": 0, "unchanged": 5}
    assert {one["document_id"] for one in told["citations"]} == {f"saw-{side}.{language}.md" for side in "ab"}
    reader.answers |= dict.fromkeys(CARD.values(), 0.01)
    other = next(e.answer for e in assistant.ask("Close the guard?") if isinstance(e, Finished))
    assert "comparisons" not in other.to_json()
