from __future__ import annotations

from pathlib import Path

from assistant.conversations import Conversations, Judged, Progress, answers_citing, judged_in
from assistant.schema import Answer, Quote
from assistant.staff.groups import Groups, key_of, open_ones
from assistant.staff.journal import Entry, Journal, withdrawn
from tests.fakes import FakeEmbedder


def judged(question: str, at: str = "2026-11-01T00:00:00+00:00", rating: str = "") -> Judged:
    return Judged(question, "refused", rating, "", at)  # type: ignore[arg-type]


def test_questions_of_one_meaning_stand_together_the_most_asked_first() -> None:
    embedder = FakeEmbedder()
    groups = Groups(embedder)
    asked = [
        judged("AI Plus+ 한도"),
        judged("공모 접수 마감일"),
        judged("접수 마감일 공모"),
        judged("공모 접수 마감일"),
    ]
    found = groups.of(asked)
    assert [len(group.asked) for group in found] == [3, 1]
    shown = found[0].to_json()
    assert (shown["title"], shown["count"], shown["refused"]) == ("공모 접수 마감일", 3, 3)
    assert [each["count"] for each in shown["asked"]] == [2, 1]
    groups.of(asked)
    assert len(embedder.queries) == 3  # each question once


def test_what_was_dealt_with_comes_last_until_somebody_asks_again() -> None:
    groups = Groups(FakeEmbedder()).of([judged("하나", "2026-11-02"), judged("둘", "2026-11-01")])
    first = groups[0]
    noted = {key_of("하나"): ("asked", "2026-11-03")}
    assert [state for _, state in open_ones(groups, noted)] == ["", "asked"]
    assert open_ones(groups, noted)[-1][0] is first
    again = Groups(FakeEmbedder()).of([judged("하나", "2026-11-04"), judged("하나", "2026-11-02")])
    assert [state for _, state in open_ones(again, noted)] == [""]


def test_only_refusals_and_bad_ratings_whose_evidence_one_may_see(place: Path | str) -> None:
    assert judged_in(place, {"staff"}) == [] and answers_citing(place, "x") == 0
    talk = Conversations(place, max_turns=9, max_chars=100_000)
    chat = talk.begin("u1")

    def said(question: str, status: str, label: str) -> int:
        quote = Quote("q1", "doc.md", "t", "doc.md", "", "", None, (), "글", 0, 1, labels=(label,))
        answer = Answer(question, "ko", status, "답", related=(quote,))  # type: ignore[arg-type]
        number = talk.take(chat, "u1", question)
        talk.keep(chat, "u1", number, Progress("finished", shown=(quote,), answer=answer))
        return number

    said("거절됨", "refused", "public")
    said("숨은 것", "refused", "company:gaon")
    said("답함", "answered", "public")
    talk.rate(chat, "u1", said("나쁨", "answered", "staff"), "down", "틀림")
    talk.take(chat, "u1", "아직 답하는 중")
    talk.close()
    found = judged_in(place, {"public", "staff"})
    assert {each.question for each in found} == {"거절됨", "나쁨"}
    assert next(each.note for each in found if each.rating) == "틀림"
    assert {each.question for each in judged_in(place, {"public"})} == {"거절됨"}
    assert answers_citing(place, "doc.md") == 4 and answers_citing(place, "doc") == 0
    assert answers_citing(place, "DOC.md") == 0


def test_the_journal_tells_what_is_withdrawn_to_whoever_might_see_it(place: Path | str) -> None:
    journal = Journal(place)

    def note(action: str, name: str, *labels: str, why: str = "") -> None:
        journal.note(Entry(action, "mina", name, f"/x/{name}", "/x", name, labels, why))  # type: ignore[arg-type]

    note("publish", "a.md", "public")
    note("withdraw", "a.md", "public", why="고침")
    note("withdraw", "b.md", "public")
    note("restore", "b.md", "public")
    note("withdraw", "c.md", "company:gaon", "staff")
    assert [each.document_id for each in withdrawn(journal.history({"public"}))] == ["a.md"]
    assert [each.document_id for each in withdrawn(journal.history({"company:gaon"}))] == ["c.md"]
    assert journal.history({"company:haneul"}) == []
    assert next(each.reason for each in journal.history({"public"}) if each.reason) == "고침"
    journal.mark("note", ["n1", "n2"], "seen", "mina")
    journal.mark("note", ["n1"], "", "mina")
    assert journal.marks("note").keys() == {"n2"} and journal.marks("question") == {}
    journal.close()
