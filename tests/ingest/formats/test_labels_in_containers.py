"""Packing protects: labels, ignore rules and metadata hold for parts of archives and messages, however deep."""

from __future__ import annotations

import unicodedata
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from assistant.errors import MetadataError, ReadError
from assistant.ingest.formats import read
from assistant.schema import Draft
from tests.ingest.formats.test_archive import exact, packed

OPEN = "공개 안내입니다.".encode()
CLOSED = "비공개 단가는 431만원입니다.".encode()
LABELS = b"labels: [company:haneul]\n"
FRONT = b"---\nlabels: [company:haneul]\n---\n\n" + CLOSED


def of(tmp_path: Path, content: bytes, sidecar: str = "") -> Draft:
    path = tmp_path / "bundle.bin"
    path.write_bytes(content)
    beside = tmp_path / "bundle.bin.meta.yaml"
    beside.unlink(missing_ok=True)
    if sidecar:
        beside.write_text(sidecar, encoding="utf-8")
    return read(path)


def posted(attachments: dict[str, bytes], text: str = "첨부를 보십시오.\n") -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@maru.example", "b@maru.example", "x"
    message.set_content(text)
    for name, content in attachments.items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


PACKERS = {
    "zip": packed,
    "eml": posted,
    "zip in zip": lambda members: packed({"안.zip": packed(members)}),
    "eml in eml": lambda members: posted({"안.eml": posted(members)}),
    "zip in eml": lambda members: posted({"안.zip": packed(members)}),
    "eml in zip": lambda members: packed({"안.eml": posted(members)}),
}
PROTECTED = {
    "front matter": {"단가.md": FRONT},
    "sidecar": {"단가.txt": CLOSED, "단가.txt.meta.yaml": LABELS},
    "sidecar before": {"단가.txt.meta.yaml": b"\xef\xbb\xbftitle: x\n" + LABELS, "단가.txt": CLOSED},
    "sidecar of a Mac": {
        unicodedata.normalize("NFD", "단가.txt"): CLOSED,
        unicodedata.normalize("NFC", "단가.txt.meta.yaml"): LABELS,
    },
    "folder": {".labels.yaml": LABELS, "단가.txt": CLOSED},
}


#: The text of a message and what is attached to it are one thing; the files of an archive are not.
ARCHIVES = ("zip", "zip in zip", "zip in eml")


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("how", PROTECTED)
def test_labels_of_a_part_hold_for_the_whole_if_nothing_is_open(tmp_path: Path, packer: str, how: str) -> None:
    beside = {} if packer in ARCHIVES else {"안내.txt": OPEN}
    draft = of(tmp_path, PACKERS[packer]({**beside, **PROTECTED[how]}))
    exact(draft)
    assert draft.metadata["labels"] == ("company:haneul",) and draft.metadata["labels_stated"]
    assert "431만원" in draft.text and "meta.yaml" not in draft.text


@pytest.mark.parametrize("packer", ARCHIVES)
@pytest.mark.parametrize("how", [how for how in PROTECTED if how != "folder"])
@pytest.mark.parametrize("first", [True, False])
def test_a_closed_file_of_an_archive_closes_only_itself(tmp_path: Path, packer: str, how: str, first: bool) -> None:
    members = {"안내.txt": OPEN, **PROTECTED[how]} if first else {**PROTECTED[how], "안내.txt": OPEN}
    draft = of(tmp_path, PACKERS[packer](members))
    exact(draft)
    assert draft.metadata["labels"] == ("public",) and "공개 안내입니다." in draft.text
    assert "단가" not in draft.text and "431" not in draft.text and not draft.metadata["notes"]
    (closed,) = draft.metadata["closed"]
    exact(closed)
    assert (
        closed.metadata["labels"] == ("company:haneul",)
        and "431만원" in closed.text
        and "안내입니다" not in closed.text
    )
    assert closed.metadata["name"].endswith(("단가.md", "단가.txt")) and closed.metadata["title"]
    labelled = of(tmp_path, PACKERS[packer](members), "labels: [company:haneul]")
    assert labelled.metadata["labels"] == ("company:haneul",) and "431만원" in labelled.text


@pytest.mark.parametrize("packer", PACKERS)
def test_both_labels_bind(tmp_path: Path, packer: str) -> None:
    alone = {"단가.md": FRONT.replace(b"haneul]", b"haneul, staff]")}
    assert of(tmp_path, PACKERS[packer](alone), "labels: [staff, company:maru]").metadata["labels"] == ("staff",)
    content = PACKERS[packer]({"안내.txt": OPEN, **alone})
    both = of(tmp_path, content, "labels: [staff, company:maru]")
    kept = packer not in ARCHIVES
    assert (
        both.metadata["labels"] == (("staff",) if kept else ("staff", "company:maru")) and ("431" in both.text) == kept
    )
    draft = of(tmp_path, content, "labels: [company:maru]")
    assert draft.metadata["labels"] == ("company:maru",)
    assert "431만원" not in draft.text and "단가" not in draft.text and "공개 안내입니다." in draft.text
    (note,) = draft.metadata["notes"]
    assert "none in common" in note["reason"] and "단가" not in note["where"] + note["reason"]


def test_parts_whose_labels_have_none_in_common(tmp_path: Path) -> None:
    draft = of(tmp_path, packed({"a.md": FRONT, "b.md": FRONT.replace(b"haneul", b"maru").replace(b"431", b"432")}))
    assert draft.metadata["labels"] == ("company:haneul",) and "432만원" not in draft.text
    (closed,) = draft.metadata["closed"]
    assert closed.metadata["labels"] == ("company:maru",) and "432만원" in closed.text and "431" not in closed.text


@pytest.mark.parametrize(
    "members",
    [
        {"단가.txt": CLOSED, "단가.txt.meta.yaml": b"labels: [TOP]\n"},
        {"단가.txt": CLOSED, "단가.txt.meta.yaml": b"labels: ["},
        {"단가.txt": CLOSED, "단가.txt.meta.yaml": b"\xff\xfe\xfd"},
        {"단가.md": FRONT.replace(b"labels", b"lables")},
        {"단가.md": FRONT.replace(b"company:haneul", b"")},
        {"단가.txt": CLOSED, ".labels.yaml": b"labels: []\n"},
        {"단가.exe": b"MZ\x90\0", "단가.exe.meta.yaml": LABELS},
        {"단가.txt": b" ", "단가.txt.meta.yaml": LABELS},
    ],
)
def test_what_may_be_closed_is_neither_stored_nor_named(tmp_path: Path, members: dict[str, bytes]) -> None:
    content = packed({"안.zip": packed(members), "안내/안내.txt": OPEN})
    draft = of(tmp_path, content)
    assert "431만원" not in draft.text and "단가" not in draft.text and "공개 안내입니다." in draft.text
    assert draft.metadata["labels"] == ("public",) and draft.metadata["notes"]
    assert not any("단가" in note["where"] + note["reason"] + note["hint"] for note in draft.metadata["notes"])


def test_folders_rules_and_litter_in_an_archive(tmp_path: Path) -> None:
    draft = of(
        tmp_path,
        packed(
            {
                "안내.txt": OPEN,
                unicodedata.normalize("NFD", "초안_예산.txt"): CLOSED,
                ".assistantignore": "초안*\n".encode(),
                "_drafts/a.txt": CLOSED,
                "__MACOSX/._안내.txt": b"x",
                "~$안내.docx": b"x",
                "Thumbs.db": b"x",
                ".DS_Store": b"x",
            }
        ),
    )
    assert "431만원" not in draft.text and not draft.metadata["notes"] and draft.metadata["labels"] == ("public",)


def test_metadata_that_belongs_to_nothing_is_noted(tmp_path: Path) -> None:
    draft = of(tmp_path, packed({"안내.txt": OPEN, "안네.txt.meta.yaml": LABELS}))
    assert ["belongs to no file" in note["reason"] for note in draft.metadata["notes"]] == [True]


def test_the_text_of_a_message_may_state_labels(tmp_path: Path) -> None:
    draft = of(tmp_path, posted({"a.txt": OPEN}, FRONT.decode()))
    assert draft.metadata["labels"] == ("company:haneul",) and "labels:" not in draft.text


def test_labels_of_folders_around_a_file(tmp_path: Path) -> None:
    inner = tmp_path / "제안" / "하늘"
    inner.mkdir(parents=True)
    (tmp_path / "제안" / ".labels.yaml").write_text("labels: [staff, company:haneul]\n", encoding="utf-8")
    files = {"a.txt": OPEN, "b.md": FRONT, "c.zip": packed({"x.md": FRONT}), "d.md": b"---\nlabels: [public]\n---\n\nx"}
    for name, content in files.items():
        (inner / name).write_bytes(content)
    assert read(inner / "a.txt").metadata["labels"] == ("staff", "company:haneul")
    assert read(inner / "b.md").metadata["labels"] == read(inner / "c.zip").metadata["labels"] == ("company:haneul",)
    assert read(inner / "d.md").metadata["labels"] == ("staff", "company:haneul"), "a file cannot widen its folder"
    (inner / ".labels.yaml").write_text("labels: [staff]\n", encoding="utf-8")
    assert read(inner / "a.txt").metadata["labels"] == ("staff",)
    with pytest.raises(MetadataError, match="none in common"):
        read(inner / "b.md")
    (inner / ".labels.yaml").write_text("title: x\n", encoding="utf-8")
    with pytest.raises(ReadError, match="names no labels"):
        read(inner / "a.txt")


def test_a_closed_part_is_met_by_what_binds_the_container(tmp_path: Path) -> None:
    two = FRONT.replace(b"haneul]", b"haneul, staff]")
    inner = packed({"안내.txt": OPEN, "단가.md": two})
    outer = packed({"공개.txt": OPEN, "안.zip": inner, "안.zip.meta.yaml": b"labels: [staff]\n"})
    draft = of(tmp_path, outer)
    closed = {each.metadata["name"]: each for each in draft.metadata["closed"]}
    assert "공개 안내입니다." in draft.text and draft.metadata["labels"] == ("public",)
    assert {name: each.metadata["labels"] for name, each in closed.items()} == {
        "안.zip": ("staff",),
    }, "the sidecar of the inner archive leaves staff, who may see all of it"
    assert "431만원" in closed["안.zip"].text
    mailed = posted({"안.zip": inner, "메모.md": FRONT.replace(b"haneul", b"maru").replace(b"431", b"433")})
    draft = of(tmp_path, mailed)
    assert draft.metadata["labels"] == ("company:maru",) and "431만원" not in draft.text
    assert not draft.metadata.get("closed") and "none in common" in draft.metadata["notes"][0]["reason"]


def test_names_of_closed_parts_stay_below_the_archive(tmp_path: Path) -> None:
    members = {"안내.txt": OPEN, "a/단가.md": FRONT, "a\\단가.md": FRONT, "/a//단가.md": FRONT, "../단가.md": FRONT}
    names = [each.metadata["name"] for each in of(tmp_path, packed(members)).metadata["closed"]]
    assert names == ["a/단가.md", "a/단가.md (2)", "a/단가.md (3)"]
