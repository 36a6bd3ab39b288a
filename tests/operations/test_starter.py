"""`assistant init`: what it lays, and that it never overwrites or brings back what somebody has changed or removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import PathError, SettingsError
from assistant.ingest.scan import scan
from assistant.operations import starter
from assistant.operations.starter import lay
from assistant.settings import CHECKOUT, home, load_settings, shipped


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Starter documents of the test's own."""
    folder = tmp_path / "starter"
    for name, text in {"a.md": "A", "b.md": "B", "deep/c.md": "C", ".assistantignore": "README.md"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "_sources").mkdir()
    (folder / "_sources" / "build.py").write_text("")
    monkeypatch.setattr(starter, "shipped", lambda name: folder)
    return folder


def files(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_documents_settings_and_a_private_place_for_indexes_are_laid(source: Path, tmp_path: Path) -> None:
    laid = lay(tmp_path / "home")
    corpus = tmp_path / "home" / "corpus"
    assert files(corpus) == {"a.md", "b.md", "deep/c.md", ".assistantignore", ".starter.json"}
    assert laid.settings and sorted(laid.added) == [".assistantignore", "a.md", "b.md", "deep/c.md"]
    assert (tmp_path / "home" / "indexes").stat().st_mode & 0o777 == 0o700
    assert {found.document_id for found in scan([corpus])} == {"a.md", "b.md", "deep/c.md"}


def test_a_later_version_brings_in_step_what_nobody_touched(source: Path, tmp_path: Path) -> None:
    corpus = tmp_path / "home" / "corpus"
    lay(tmp_path / "home")
    (corpus / "a.md").write_text("A, changed here")
    (corpus / "mine.md").write_text("mine")
    (tmp_path / "home" / "assistant.toml").write_text("port = 1")
    (source / "a.md").write_text("A2")
    (source / "b.md").write_text("B2")
    (source / "deep" / "c.md").unlink()
    (source / "d.md").write_text("D")
    laid = lay(tmp_path / "home")
    assert (laid.kept, laid.updated, laid.removed, laid.added) == (["a.md"], ["b.md"], ["deep/c.md"], ["d.md"])
    assert (corpus / "a.md").read_text() == "A, changed here" and (corpus / "mine.md").read_text() == "mine"
    assert not laid.settings and (tmp_path / "home" / "assistant.toml").read_text() == "port = 1"
    again = lay(tmp_path / "home")
    assert (again.kept, again.updated, again.removed, again.added) == (["a.md"], [], [], [])


def test_a_document_that_was_taken_out_does_not_come_back(source: Path, tmp_path: Path) -> None:
    lay(tmp_path / "home")
    (tmp_path / "home" / "corpus" / "b.md").unlink()
    assert lay(tmp_path / "home").added == []
    assert not (tmp_path / "home" / "corpus" / "b.md").exists()


def test_what_was_interrupted_is_finished(source: Path, tmp_path: Path) -> None:
    lay(tmp_path / "home")
    (tmp_path / "home" / "corpus" / ".starter.json").unlink()  # written last
    (tmp_path / "home" / "corpus" / "b.md").unlink()
    assert lay(tmp_path / "home").added == ["b.md"]


def test_where_they_come_from_nothing_is_laid(source: Path, tmp_path: Path) -> None:
    source.rename(tmp_path / "corpus")
    with pytest.raises(PathError, match="come from"):
        starter_at(tmp_path / "corpus", tmp_path)
    assert not (tmp_path / "assistant.toml").exists()


def starter_at(source: Path, target: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starter, "shipped", lambda name: source)
        lay(target)


def test_a_folder_that_cannot_be_made_is_one_sentence(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PathError, match="cannot be written"):
        lay(tmp_path / "file" / "home")


# --- the home folder --------------------------------------------------------------------------------------------------


def test_commands_find_the_home_folder_from_anywhere_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_HOME", raising=False)
    (tmp_path / "here" / "below").mkdir(parents=True)
    (tmp_path / "here" / "assistant.toml").write_text("port = 8123\n")
    monkeypatch.chdir(tmp_path / "here" / "below")
    settings = load_settings()
    assert settings.port == 8123 and settings.corpus == tmp_path / "here" / "corpus"
    assert settings.prompts == shipped("prompts"), "prompts come with the version"
    monkeypatch.chdir(tmp_path)
    assert home() == CHECKOUT and load_settings().port != 8123
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "here"))
    assert load_settings().index == tmp_path / "here" / "indexes" / "default"
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match="no folder"):
        load_settings()


def test_outside_a_checkout_the_current_folder_is_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_HOME", raising=False)
    monkeypatch.setattr("assistant.settings.CHECKOUT", None)
    monkeypatch.chdir(tmp_path)
    assert home() == tmp_path
    assert shipped("prompts").parts[-2:] == ("shipped", "prompts")
