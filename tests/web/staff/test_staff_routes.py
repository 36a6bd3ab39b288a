"""The routes of the page for staff: from an upload to an answer, and who may do what to which document."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.index.store import write_index
from assistant.index.writer import writer_lock
from assistant.ingest import ingest
from tests.conftest import FAKE_FINGERPRINT
from tests.fakes import FakeEmbedder
from tests.web.site import Site
from tests.web.staff.office import NEWER, NOTICE, Desk, open_office


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_office(tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest.fixture(scope="module")
def mina(site: Site) -> Desk:
    return Desk(site, "mina")


@pytest.fixture(scope="module")
def gaon(site: Site) -> Desk:
    return Desk(site, "gaon")


@pytest.fixture(scope="module")
def haneul(site: Site) -> Desk:
    return Desk(site, "haneul")


def test_from_an_upload_to_a_search_that_finds_it_and_back(mina: Desk) -> None:
    job = mina.publish("notice.md", NOTICE, title="2027년 공고", effective_date="2027-01-04")
    assert job["state"] == "done" and job["document_id"] == "notice.md"
    row = mina.rows()["notice.md"]
    assert (row["status"], row["labels"], row["title"]) == ("coming", ["public"], "2027년 공고")
    assert "notice.md" in mina.found("접수 마감")
    assert mina.get("uploads").json()["uploads"] == []

    newer = mina.publish(
        "notice-2.md", NEWER, title="2027년 공고, 고침", effective_date="2027-02-01", supersedes="notice.md"
    )
    assert newer["kind"] == "replace"
    rows = mina.rows()
    assert (rows["notice.md"]["status"], rows["notice.md"]["superseded_by"]) == ("superseded", "notice-2.md")
    compared = mina.browser.http.get("/documents/compare?new=notice-2.md").text
    assert "<del>5억 원</del>" in compared and "<ins>7억 원</ins>" in compared

    assert mina.change("withdraw", "notice-2.md", reason="고칠 것이 있음")["state"] == "done"
    row = mina.rows()["notice-2.md"]
    assert (row["status"], row["why"]) == ("withdrawn", "고칠 것이 있음")
    assert "notice-2.md" not in mina.found("접수 마감")
    assert mina.rows()["notice.md"]["status"] == "coming"  # nothing takes its place any more
    assert mina.change("restore", "notice-2.md")["document_id"] == "notice-2.md"
    assert mina.rows()["notice.md"]["status"] == "superseded"

    uploads = mina.site.settings.uploads
    assert (uploads / "notice-2.md").is_file()
    assert mina.change("delete", "notice-2.md")["state"] == "done"
    assert not list(uploads.glob("notice-2*")) and "notice-2.md" not in mina.rows()
    actions = [each["action"] for each in mina.get("about", key="notice.md").json()["history"]]
    assert actions == ["publish"]


def test_what_the_page_wrote_is_what_the_command_line_reads(mina: Desk) -> None:
    mina.publish("both [1] #a.md", NOTICE.replace("공고", "안내"), title="안내문", version="3", audience="member")
    before = mina.rows()["both [1] #a.md"]
    settings = mina.site.settings
    with write_index(settings.index, FAKE_FINGERPRINT) as index:
        report = ingest([settings.uploads], index, FakeEmbedder(), roots=[settings.corpus])
    assert not report.added and not report.updated and not report.removed and not report.failed
    assert mina.rows()["both [1] #a.md"] == before and before["labels"] == ["member", "staff"]
    mina.change("withdraw", "both [1] #a.md")
    with write_index(settings.index, FAKE_FINGERPRINT) as index:
        ingest([settings.uploads], index, FakeEmbedder(), roots=[settings.corpus])
    assert mina.rows()["both [1] #a.md"]["status"] == "withdrawn"


def test_documents_of_other_folders_are_relabelled_and_withdrawn_where_they_lie(mina: Desk) -> None:
    assert mina.rows()["lockout.en.md"]["may"] == ["replace", "relabel", "withdraw"]
    assert mina.change("relabel", "lockout.en.md", audience="staff")["state"] == "done"
    assert mina.rows()["lockout.en.md"]["labels"] == ["staff"]
    assert "lockout.en.md" not in Desk(mina.site, "gaon").found("lock each device")
    assert mina.change("withdraw", "lockout.en.md")["state"] == "done"
    assert mina.change("restore", "lockout.en.md")["document_id"] == "lockout.en.md"
    assert mina.change("relabel", "lockout.en.md", audience="public")["state"] == "done"
    assert (mina.site.settings.corpus / "lockout.en.md").is_file()


def test_a_file_that_cannot_be_read_is_listed_with_the_reason(mina: Desk) -> None:
    row = next(row for row in mina.rows().values() if row["status"] == "failed")
    assert row["file"] == "broken.pdf" and row["reason"] and row["may"] == []


def test_a_hostile_or_wrong_file_does_no_harm(mina: Desk) -> None:
    program = mina.read("photo.pdf", b"\x7fELF" + b"\0" * 500)
    assert program["state"] == "failed" and "program" in program["reason"]
    assert (
        mina.post(f"uploads/{program['id']}/publish", title="x", effective_date="2026", audience="public").status_code
        == 404
    )
    for name, kept in {
        "../../etc/pass wd.md": "pass wd.md",
        "a\\b\\..\\c.md": "c.md",
        ".labels.yaml": "labels.yaml",
    }.items():
        assert mina.upload(name, "# x\n\n글입니다.").json()["name"] == kept
    for name in ("x.meta.yaml", "...", "", "Thumbs.db"):
        assert mina.upload(name, "# x").status_code == 422, name
    assert mina.upload("empty.md", b"").status_code == 422
    page = mina.read("page.html", "<title>t</title><script>alert(1)</script><p>본문입니다.</p>")
    seen = mina.get(f"uploads/{page['id']}").json()
    assert [block["text"] for block in seen["blocks"]] == ["본문입니다."]
    assert mina.browser.http.delete(f"/staff/uploads/{page['id']}").status_code == 403  # not from our page
    for each in mina.get("uploads").json()["uploads"]:
        mina.browser.http.delete(f"/staff/uploads/{each['id']}", headers={"x-form": mina.mark})
    assert mina.get("uploads").json()["uploads"] == []


def test_limits_hold_on_the_route_itself(mina: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mina.raw_upload(f"content-length: {100 * 2**20 + 1}", "expect: 100-continue").startswith(b"HTTP/1.1 413 ")

    def parts() -> Iterator[bytes]:
        yield b"x"

    answer = mina.browser.http.post("/staff/upload?name=a.md", content=parts(), headers={"x-form": mina.mark})
    assert answer.status_code == 411
    monkeypatch.setattr("assistant.staff.staging.MOST_FILES", 1)
    assert mina.upload("one.md", "# 하나\n\n글입니다.").status_code == 201
    assert mina.upload("two.md", "# 둘\n\n글입니다.").status_code == 413
    for each in mina.get("uploads").json()["uploads"]:
        mina.browser.http.delete(f"/staff/uploads/{each['id']}", headers={"x-form": mina.mark})


def test_title_date_and_readers_are_required_and_suggested(mina: Desk) -> None:
    facts = 'title: 적힌 제목\nversion: "2"\neffective_date: 2026-05-01\nlabels: [staff]'
    stated = f"---\n{facts}\n---\n\n# 다른 제목\n\n글입니다.\n"
    upload = mina.read("name.md", stated)
    seen = mina.get(f"uploads/{upload['id']}").json()
    assert seen["facts"]["title"] == "적힌 제목" and seen["facts"]["effective_date"] == "2026-05-01"
    assert {"title", "version", "effective_date"} <= set(seen["stated"]) and seen["labels"] == ["staff"]
    good = {"title": "제목", "effective_date": "2026-05-01", "audience": "public"}
    for name, value in (
        ("title", " "),
        ("effective_date", "내일"),
        ("effective_date", ""),
        ("audience", ""),
        ("audience", "admin"),
        ("audience", "company:../x"),
        ("supersedes", "nothing.md"),
    ):
        assert mina.post(f"uploads/{upload['id']}/publish", **{**good, name: value}).status_code == 422, (name, value)
    named = mina.get(f"uploads/{mina.read('이름.txt', '글만 있습니다.')['id']}").json()
    assert named["facts"]["title"] == "이름" and "title" not in named["stated"]


def test_the_same_file_is_not_added_twice(mina: Desk) -> None:
    text = "# 한 번\n\n한 번만 있습니다.\n"
    assert mina.publish("once.md", text)["state"] == "done"
    again = mina.read("twice.md", text)
    assert mina.get(f"uploads/{again['id']}").json()["same"] == "once.md"
    job = mina.post(f"uploads/{again['id']}/publish", title="t", effective_date="2026", audience="public").json()
    assert mina.ended(job["id"])["key"] == "duplicate"
    assert "twice.md" not in mina.rows() and not (mina.site.settings.uploads / "twice.md").exists()


def test_a_change_waits_behind_whoever_writes_and_says_who(mina: Desk) -> None:
    with writer_lock(mina.site.settings.index, who="ingest"):
        upload = mina.read("later.md", "# 나중\n\n나중에 들어갑니다.\n")
        job = mina.post(
            f"uploads/{upload['id']}/publish", title="나중", effective_date="2026", audience="public"
        ).json()
        said = mina.until(lambda: next((s for s in [mina.get("state").json()] if s["jobs"][-1]["behind"]), None))
        assert said["writer"]["who"] == "ingest" and said["jobs"][-1]["state"] == "waiting"
        assert "later.md" not in mina.rows()
    assert mina.ended(job["id"])["state"] == "done"


def test_the_glossary_says_which_version_says_what_and_what_changed(mina: Desk) -> None:
    first = "# Words\n\n## Cell\n\nAn island of machines.\n\n## Twin\n\nA copy that looks every 30 seconds.\n"
    told = {"title": "Words", "collection": "glossary"}
    mina.publish("words.md", first, version="1.0", effective_date="2026-01-05", **told)
    later = first.replace("30 seconds", "10 seconds").replace("## Cell\n\nAn island of machines.\n\n", "")
    mina.publish("words-2.md", later, version="2.0", effective_date="2026-06-01", supersedes="words.md", **told)

    found = {term["name"]: term for term in mina.get("glossary").json()["terms"]}
    assert list(found) == ["Twin", "Cell"] and found["Cell"]["text"] == ""
    twin, change = found["Twin"], found["Twin"]["revisions"][0]
    assert twin["text"] == "A copy that looks every 10 seconds."
    assert (twin["document"]["document_id"], twin["document"]["version"]) == ("words-2.md", "2.0")
    assert (change["old"]["version"], change["new"]["version"], change["kind"]) == ("1.0", "2.0", "value")
    assert ["-", "30"] in change["words"] and ["+", "10"] in change["words"]
    assert {each["kind"] for each in found["Cell"]["revisions"]} == {"removed"}
    for name in ("words-2.md", "words.md"):
        mina.change("delete", name)
    assert mina.get("glossary").json() == {"terms": []}


# --- members --------------------------------------------------------------------------------------------------------


def test_a_member_adds_replaces_and_withdraws_the_own_documents_alone(mina: Desk, gaon: Desk, haneul: Desk) -> None:
    assert set(gaon.rows()) == {"proposal.ko.md"} and gaon.rows()["proposal.ko.md"]["may"] == []
    job = gaon.publish(
        "plan.md",
        "---\nlabels: [public]\n---\n\n# 계획\n\n가온의 비밀 계획 ZX-77입니다.\n",
        title="계획",
        audience="company:gaon",
    )
    key = job["document_id"]
    assert gaon.rows()[key]["labels"] == ["company:gaon", "staff"] and key == "company/gaon/plan.md"
    assert key in mina.rows() and key not in haneul.rows()
    for other in (haneul, Desk(mina.site, "plain")):
        assert other.found("비밀 계획 ZX-77") == [] or key not in other.found("비밀 계획 ZX-77")
    newer = gaon.publish(
        "plan-b.md", "# 계획\n\n가온의 새 계획입니다.\n", title="계획 B", audience="company:gaon", supersedes=key
    )
    assert newer["state"] == "done" and gaon.rows()[key]["status"] == "superseded"
    assert gaon.change("withdraw", key)["state"] == "done"
    assert gaon.rows()[key]["status"] == "withdrawn"


def test_a_member_cannot_name_another_label(gaon: Desk) -> None:
    upload = gaon.read("plan-c.md", "# 셋째\n\n셋째 계획입니다.\n")
    for audience in ("public", "staff", "member", "company:haneul", ""):
        answer = gaon.post(f"uploads/{upload['id']}/publish", title="t", effective_date="2026", audience=audience)
        assert answer.status_code == 422, audience


def test_a_member_cannot_touch_anothers_document_by_its_id(mina: Desk, gaon: Desk, haneul: Desk) -> None:
    key = gaon.publish("secret.md", "# 비밀\n\n가온만 아는 비밀입니다.\n", title="비밀", audience="company:gaon")[
        "document_id"
    ]
    waits = gaon.read("waits.md", "# 대기\n\n아직 올리지 않았습니다.\n")["id"]
    mine = haneul.read("mine.md", "# 내 것\n\n하늘의 문서입니다.\n")["id"]
    made_up = "made-up.md"
    for action in ("withdraw", "restore", "delete", "relabel"):
        answers = [
            haneul.post("changes", action=action, key=each, audience="company:haneul")
            for each in (key, "launch.ko.md", made_up)
        ]
        assert {(answer.status_code, answer.text) for answer in answers} == {(404, '{"detail":"Not Found"}')}
    for path in (f"uploads/{waits}", f"uploads/{waits}/page?page=1"):
        assert haneul.get(path).status_code == 404
    facts = {"title": "t", "effective_date": "2026", "audience": "company:haneul"}
    assert haneul.post(f"uploads/{waits}/publish", **facts).status_code == 404
    assert haneul.browser.http.delete(f"/staff/uploads/{waits}", headers={"x-form": haneul.mark}).status_code == 404
    assert haneul.post(f"uploads/{mine}/publish", **facts, supersedes=key).status_code == 422
    assert haneul.get("about", key=key).status_code == 404
    assert gaon.rows()[key]["status"] == "current"
    # what was theirs and is another's by the time that the index is free stays as it is
    with writer_lock(gaon.site.settings.index):
        job = gaon.post("changes", action="withdraw", key=key).json()
    gaon.ended(job["id"])


def test_what_is_for_staff_does_not_exist_for_members(gaon: Desk) -> None:
    for path in ("questions", "passages?question=x", "notes", "report"):
        assert gaon.get(path).status_code == 404, path
    assert gaon.post("marks", kind="note", key="x", state="seen").status_code == 404
    state = gaon.get("state").json()
    assert state["open"] == {} and state["progress"] is None


@pytest.mark.parametrize("user", ["plain", ""])
def test_for_everybody_else_there_is_no_such_page(site: Site, user: str) -> None:
    browser = site.browser(user)
    page = browser.http.get("/staff")
    assert (page.status_code, page.headers.get("location")) == ((404, None) if user else (303, "/sign-in?next=/staff"))
    for path in (
        "state",
        "documents",
        "about?key=launch.ko.md",
        "uploads",
        "uploads/x",
        "questions",
        "notes",
        "report",
    ):
        assert browser.http.get(f"/staff/{path}").status_code == 404, path
    body = {"action": "delete", "key": "launch.ko.md", "kind": "note", "state": "seen"}
    body |= {"title": "t", "effective_date": "2026", "audience": "public"}
    for path in ("changes", "upload?name=a.md", "uploads/x/publish", "marks"):
        answer = browser.http.post(f"/staff/{path}", json=body)
        assert answer.status_code == 404, path


def test_a_form_of_another_page_is_refused(mina: Desk, gaon: Desk) -> None:
    for mark in ("", "x", gaon.mark):
        headers = {"x-form": mark}
        for path, body in (
            ("changes", {"action": "withdraw", "key": "launch.ko.md"}),
            ("marks", {"kind": "note", "key": "x", "state": ""}),
        ):
            assert mina.browser.http.post(f"/staff/{path}", json=body, headers=headers).status_code == 403
        assert mina.browser.http.post("/staff/upload?name=a.md", content=b"x", headers=headers).status_code == 403
    assert mina.rows()["launch.ko.md"]["status"] == "current"


def test_whose_a_broken_file_is_follows_from_its_folder(mina: Desk, gaon: Desk, haneul: Desk) -> None:
    folder = mina.site.settings.uploads / "company" / "gaon"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".labels.yaml").write_text('labels: ["company:gaon", staff]\n', encoding="utf-8")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7 nothing")
    with write_index(mina.site.settings.index, FAKE_FINGERPRINT) as index:
        ingest([mina.site.settings.uploads], index, FakeEmbedder(), roots=[mina.site.settings.corpus])

    def failed(desk: Desk) -> list[str]:
        return [row["key"] for row in desk.rows().values() if row["file"] == "company/gaon/scan.pdf"]

    assert failed(gaon) == failed(mina) != [] and failed(haneul) == []
    (key,) = failed(gaon)
    assert haneul.post("changes", action="delete", key=key).status_code == 404
    assert gaon.change("delete", key)["state"] == "done"
    assert failed(mina) == [] and not (folder / "scan.pdf").exists()
