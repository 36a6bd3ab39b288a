from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from assistant.errors import PathError
from assistant.ingest.labels import of_folders
from assistant.ingest.scan import scan
from assistant.staff.reach import Reach, company_in, reach_of
from assistant.staff.shelf import Shelf, safe_name


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "uploads")


def brought(tmp_path: Path, name: str) -> Path:
    file = tmp_path / "brought" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("# 글\n", encoding="utf-8")
    return file


def named(shelf: Shelf) -> list[str]:
    return [found.document_id for found in scan([shelf.folder]) if not found.failure]


def test_a_document_lies_with_its_metadata_and_never_in_anothers_place(shelf: Shelf, tmp_path: Path) -> None:
    first = shelf.put(brought(tmp_path, "a.md"), {"title": "하나", "labels": ["public"]})
    second = shelf.put(brought(tmp_path, "a.md"), {"title": "둘", "labels": ["public"]})
    assert (first.name, second.name) == ("a.md", "a-2.md")
    assert yaml.safe_load((shelf.folder / "a-2.md.meta.yaml").read_text("utf-8"))["title"] == "둘"
    assert named(shelf) == ["a-2.md", "a.md"] and shelf.holds(first)


def test_the_metadata_is_there_before_the_document(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assistant.staff.shelf.shutil.move", fails)
    with pytest.raises(PathError, match="No space"):
        shelf.put(brought(tmp_path, "a.md"), {"title": "x", "labels": ["staff"]})
    assert not (shelf.folder / "a.md").exists()


def test_a_companys_folder_binds_whatever_a_file_says(shelf: Shelf, tmp_path: Path) -> None:
    place = shelf.put(brought(tmp_path, "plan.md"), {"title": "x", "labels": ["company:gaon", "staff"]})
    assert place == shelf.folder / "company" / "gaon" / "plan.md"
    (place.parent / "plan.md.meta.yaml").unlink()
    assert of_folders(place) == ("company:gaon", "staff")
    moved = shelf.relabel(place, ["public"])
    assert moved == shelf.folder / "plan.md" and not place.exists() and of_folders(moved) == ()


@pytest.mark.parametrize("name", ["a.md", "공고 [2026] #1.md", "!a*b?.md", "끝 .md", "a\\b.md"])
def test_what_is_withdrawn_is_passed_over_and_nothing_else(shelf: Shelf, tmp_path: Path, name: str) -> None:
    for each in (name, f"x{name}", "b.md"):
        shelf.put(brought(tmp_path, each), {"title": "x", "labels": ["public"]})
    path = shelf.folder / name
    shelf.ignore(path)
    assert name not in named(shelf) and {f"x{name}", "b.md"} <= set(named(shelf)) and shelf.ignored(path)
    shelf.heed(path)
    assert name in named(shelf) and not shelf.ignored(path)
    shelf.ignore(path)
    shelf.remove(path)
    assert not path.exists() and not shelf.ignored(path) and len(list(shelf.folder.iterdir())) == 5


def test_nothing_outside_is_removed(shelf: Shelf, tmp_path: Path) -> None:
    shelf.folder.mkdir()
    outside = brought(tmp_path, "a.md")
    with pytest.raises(PathError):
        shelf.remove(outside)
    assert outside.exists()
    assert not shelf.holds(shelf.staging("mina") / "x" / "a.md")


def test_an_unwritable_folder_is_an_error_that_says_so(shelf: Shelf, tmp_path: Path) -> None:
    shelf.folder.mkdir()
    shelf.folder.chmod(0o500)
    if os.access(shelf.folder, os.W_OK):
        pytest.skip("this user may write everywhere")
    with pytest.raises(PathError, match="cannot be written"):
        shelf.put(brought(tmp_path, "a.md"), {"title": "x", "labels": ["public"]})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("a.pdf", "a.pdf"), ("C:\\x\\a.pdf", "a.pdf"), ("/etc/../a.pdf", "a.pdf"), (".a", "a"), ("__a.md", "a.md"),
     ("a\x00\n\u202eb.md", "ab.md"), ("가.pdf", "가.pdf"), ("x" * 300 + ".pdf", "x" * 176 + ".pdf")],
)  # fmt: skip
def test_names_are_kept_as_far_as_they_are_names(typed: str, kept: str) -> None:
    assert safe_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "..", "/", "._", "a.meta.yaml", "Thumbs.db", "~$a.docx", "a.tmp"])
def test_what_no_scan_would_read_is_refused(typed: str) -> None:
    with pytest.raises(PathError):
        safe_name(typed)


# --- how far somebody reaches --------------------------------------------------------------------------------------


def test_the_page_is_for_staff_and_for_companies() -> None:
    assert reach_of({"public", "member"}) is None and reach_of({"public"}) is None
    staff, gaon = reach_of({"public", "staff"}), reach_of({"public", "member", "company:gaon"})
    assert staff is not None and staff.staff and staff.labels == {"public", "staff"}
    assert gaon == Reach(frozenset({"company:gaon"}), ("company:gaon",)) and not gaon.staff


def test_a_member_has_no_choice_of_readers() -> None:
    gaon = Reach(frozenset({"company:gaon"}), ("company:gaon",))
    assert gaon.labels_for("company:gaon") == ("company:gaon", "staff")
    for audience in ("public", "member", "staff", "company:haneul", "company:", "", "company:../x"):
        assert gaon.labels_for(audience) is None, audience


def test_staff_choose_among_groups_that_exist() -> None:
    staff = Reach(frozenset({"staff"}))
    assert staff.labels_for("public") == ("public",) and staff.labels_for("member") == ("member", "staff")
    assert staff.labels_for("company:gaon") == ("company:gaon", "staff")
    for audience in ("admin", "company:../x", "company:", "nobody", ""):
        assert staff.labels_for(audience) is None, audience


def test_a_company_is_named_once() -> None:
    assert company_in(["company:gaon", "staff"]) == "gaon"
    assert company_in(["company:gaon", "company:haneul"]) == company_in(["staff"]) == ""
