"""Verdicts: what is open asks, what nobody said is assumed aloud, and without its clause nothing is said."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import QuestionError
from assistant.finder.finding import find_programmes
from assistant.finder.values import Found, Match
from assistant.index import Index
from assistant.index.store import write_index
from assistant.ingest import ingest
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder, FakeReader, MarkingReader
from tests.finder.conftest import copied

TODAY = date(2026, 11, 30)


def match(documents: Index, *labels: str, today: date = TODAY, **profile: Any) -> Match:
    return find_programmes(documents.seen_by(labels or {"public"}), None, profile=profile, language="ko", today=today)


def one(documents: Index, name: str, **more: Any) -> Found:
    return next(each for each in match(documents, **more).programmes if each.programme == name)


def test_eligible_programmes_come_first_and_the_reason_that_decides_comes_first_in_each(documents: Index) -> None:
    found = match(documents, sales="90억", robots=2)
    order = [each.verdict for each in found.programmes]
    assert order == sorted(order, key=["eligible", "depends", "not", "unknown"].index)
    closed = one(documents, "autonomous-factory-2026", level="basic")
    assert [reason.state for reason in closed.reasons[:2]] == ["failed", "failed"] and closed.amounts == ()


def test_what_is_open_names_its_question_and_the_answer_settles_it(documents: Index) -> None:
    found = one(documents, "bank-loan", ai=True)
    assert (found.verdict, found.depends_on) == ("depends", ("recommended",))
    asked = next(each for each in match(documents, ai=True).questions if each.field == "recommended")
    assert asked.question and asked.programmes == ("bank-loan",)
    assert one(documents, "bank-loan", ai=True, recommended=True).verdict == "eligible"
    assert one(documents, "bank-loan", ai=True, recommended=False).verdict == "not"


def test_what_nobody_said_is_assumed_and_said(documents: Index) -> None:
    found = one(documents, "national-rnd", size="sme")
    assert found.verdict == "eligible"
    assert [reason.state for reason in found.reasons] == ["met", "assumed", "assumed", "assumed"]
    assert one(documents, "national-rnd", size="sme", banned=True).verdict == "not"


@pytest.mark.parametrize(
    ("name", "said", "verdict"),
    [
        ("general-type-2026", {"months": 9, "times": 1, "received": "2억", "mentors": True}, "depends"),
        ("general-type-2026", {"months": 10}, "not"),
        ("general-type-2026", {"times": 2}, "not"),
        ("general-type-2026", {"received": "2억 5천만"}, "not"),
        ("general-type-2026", {"mentors": False}, "not"),
        ("general-type-2026", {"smart_factory": False}, "not"),
        ("smartisation-loan", {"smart_factory": False}, "not"),
        ("ai-factory-2026", {"ai": False, "ai_rnd": False}, "not"),
        ("ai-factory-2026", {"ai": False, "ai_rnd": True}, "depends"),
        ("national-rnd", {"arrears": True}, "depends"),
        ("venture-fund", {"size": "midsize"}, "not"),
        ("venture-fund", {"size": "midsize", "startup": True}, "depends"),
        ("ksure-ai-plus", {"ai": True, "loan": "3억", "exports": True}, "eligible"),
        ("ksure-ai-plus", {"ai": True, "loan": "3억", "exports": True, "abroad": True}, "depends"),
        ("contribution-waiver", {"service_only": True}, "eligible"),
        ("infrastructure-2026", {"shared_space": False}, "not"),
        ("win-win-2022", {"ai": True}, "not"),
    ],
)
def test_conditions_decide_at_their_bounds(documents: Index, name: str, said: dict[str, Any], verdict: str) -> None:
    assert one(documents, name, **{"size": "sme", **said}).verdict == verdict


def test_a_limit_for_the_length_and_for_what_was_received_is_counted(documents: Index) -> None:
    def worked(name: str, today: date = TODAY, **profile: Any) -> dict[str, Any]:
        return {each.name: each.value for each in one(documents, name, today=today, **profile).amounts if each.value}

    autonomous = {"size": "sme", "level": "intermediate-1", "ai": True, "aas": True, "money": "14억"}
    open_day = date(2026, 1, 5)
    for months, support in ((None, 600_000_000), (12, 300_000_000), (13, 600_000_000), (24, 600_000_000)):
        found = worked("autonomous-factory-2026", open_day, **autonomous, months=months)
        assert found == {"support": support, "own": 1_400_000_000 - support}
    general = {"size": "sme", "money": "1억 6천만"}
    assert worked("general-type-2026", **general) == {"support": 160_000_000}
    assert worked("general-type-2026", **general, received="1.8억") == {"support": 70_000_000, "own": 90_000_000}
    robots = {"size": "sme", "money": "8억", "robots": 4}
    assert worked("robot-demonstration", **robots)["support"] == 280_000_000
    assert worked("robot-demonstration", **robots, processes=2)["support"] == 400_000_000
    assert worked("national-rnd", size="sme", money="8억", rnd_cost="4억")["grant"] == 300_000_000


def test_sales_alone_say_that_they_are_alone(documents: Index) -> None:
    found = match(documents, sales="90억")
    assert found.size == "sme" and "매출로만" in found.size_because[-1].text
    assert match(documents, sales="600억", assets="300억").size == ""
    assert match(documents, size="midsize", sales="90억").size == "midsize"


def test_money_that_was_not_named_is_asked_for_and_never_guessed(documents: Index) -> None:
    found = one(documents, "national-rnd", size="sme")
    assert found.wanted == ("money",) and found.amounts == ()
    worked = {each.name: each for each in one(documents, "national-rnd", size="sme", money="4억").amounts}
    assert worked["grant"].text == "최대 3억 원" and "75%" in worked["grant"].formula
    assert worked["cash"].text == "1,000만 원 이상" and worked["cash"].role == "bears"


@pytest.mark.parametrize(
    "profile", [{"colour": "red"}, {"size": "huge"}, {"sales": "much"}, {"ai": "perhaps"}, {}, {"money": float("nan")}]
)
def test_a_profile_that_cannot_be_used_is_told(documents: Index, profile: dict[str, Any]) -> None:
    with pytest.raises(QuestionError):
        find_programmes(documents.seen_by({"public"}), None, profile=profile)


def test_places_and_industries_have_other_names(documents: Index) -> None:
    found = match(documents, region="창원", industry="metal processing")
    assert {entry.field: entry.value for entry in found.taken} == {
        "region": "gyeongnam",
        "industry": "fabricated-metal",
    }


# --- without its clause -----------------------------------------------------------------------------------------------


def changed(folder: Path, path: str, old: str, new: str) -> None:
    file = folder / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def without(found: Match, name: str) -> Found:
    each = next(each for each in found.programmes if each.programme == name)
    assert each.verdict == "unknown" and not each.reasons[0].citations
    assert (each.amounts, each.deadlines, each.not_known, each.depends_on) == ((), (), (), ())
    return each


def test_a_removed_relabelled_or_changed_document_makes_verdicts_unknown(tmp_path: Path) -> None:
    folder = copied(tmp_path / "corpus")
    (folder / "finance" / "ksure-ai-plus.ko.md").unlink()
    changed(folder, "finance/sme-loans.ko.md", "labels: [public]", "labels: [staff]")
    changed(folder, "finance/bank-loans-and-equity.ko.md", "추천한 기업이 이용합니다", "추천한 곳이 이용합니다")
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([folder], index, FakeEmbedder())
        public = match(index, ai=True, recommended=True, loan="7억", exports=True, ai_specialist=True)
        for name in ("ksure-ai-plus", "ai-specialist", "smartisation-loan", "bank-loan"):
            without(public, name)
        shown = json.dumps(public.to_json(), ensure_ascii=False)
        assert "기업당 최대 100억 원" not in shown and "sme-loans" not in shown
        staff = match(index, "public", "staff", ai_specialist=True)
        assert {each.verdict for each in staff.programmes if each.programme == "ai-specialist"} == {"eligible"}
        failed = next(each for each in match(index, ai=False, ai_rnd=False).programmes if each.programme == "bank-loan")
        assert failed.verdict == "not"  # what can be shown decides


def test_a_document_that_was_superseded_decides_nothing(tmp_path: Path) -> None:
    folder = copied(tmp_path / "corpus")
    changed(folder, "finance/ksure-ai-plus.ko.md", "superseded_by: null", "superseded_by: finance/ksure-2027.ko.md")
    (folder / "finance" / "ksure-2027.ko.md").write_text(
        "---\nlanguage: ko\nlabels: [public]\nsupersedes: finance/ksure-ai-plus.ko.md\n---\n\n새 조건입니다.\n",
        encoding="utf-8",
    )
    with write_index(tmp_path / "index", FAKE_FINGERPRINT) as index:
        ingest([folder], index, FakeEmbedder())
        without(match(index, ai=True, loan="7억", exports=True), "ksure-ai-plus")
        regional = next(each for each in match(index, robots=1).programmes if each.programme == "regional-type-2025")
        assert regional.verdict == "not"  # its clause is known to be of an earlier document


def test_a_size_that_was_only_asked_about_gives_way_to_the_figures(documents: Index) -> None:
    text = "Our total assets are exactly KRW 500 billion; do we count as an SME?"
    reader = MarkingReader(
        {"total assets?": "KRW 500 billion", "an SME, a mid-size": "SME"}, ["The company size is: SME."]
    )
    found = find_programmes(documents.seen_by({"public"}), reader, text=text, today=TODAY)
    assert found.size == "" and "size" in found.unsure
    assert any("not an SME" in note.text for note in found.size_because)


def test_a_sentence_is_shown_back_and_fields_come_before_it(documents: Index) -> None:
    found = find_programmes(
        documents.seen_by({"public"}),
        FakeReader(),
        text="창원에 있는 공장입니다.",
        profile={"region": "busan"},
        today=TODAY,
    )
    assert found.text == "창원에 있는 공장입니다." and found.language == "ko"
    assert next(entry.value for entry in found.taken if entry.field == "region") == "busan"


def test_nothing_is_assumed_of_what_was_spoken_of_unclearly(documents: Index) -> None:
    text, marks = "국내 법인이 아니라고 할 수도 있습니다.", {"외국법인입니까": "국내 법인이 아니라고"}
    found = find_programmes(documents.seen_by({"public"}), MarkingReader(marks), text=text, today=TODAY)
    national = next(each for each in found.programmes if each.programme == "national-rnd")
    assert found.unsure == ("foreign",)
    assert (national.verdict, national.depends_on) == ("depends", ("foreign", "partner"))
