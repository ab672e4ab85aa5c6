import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mixplan.artifacts.champion import ChampionError, Manifest, Winner, read_champion, version_of, write_manifest

FILES = {"demand/model/model.json": b"{}", "demand/context.json": b"[1]", "reorder/policy.parquet": b"PAR1"}
WINNERS = {
    "demand": Winner(candidate="ridge", metrics={"rmse_3m": 1200.5}, chosen_by={}),
    "reorder": Winner(candidate="weekly_review", metrics={}, chosen_by={}),
}


def fill(folder: Path) -> Path:
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.fixture
def champion(tmp_path: Path) -> Path:
    write_manifest(fill(tmp_path / "champion"), "9a3e5b7c1d20", WINNERS)
    return tmp_path / "champion"


def test_the_manifest_is_read_back_as_written(tmp_path: Path) -> None:
    written = write_manifest(fill(tmp_path), "9a3e5b7c1d20", WINNERS)
    assert read_champion(tmp_path) == written
    assert written.data_version == "9a3e5b7c1d20"
    assert written.tasks["demand"].candidate == "ridge"
    assert written.tasks["demand"].metrics == {"rmse_3m": 1200.5}


def test_every_file_and_version_is_the_hash_that_a_plain_loop_computes(champion: Path) -> None:
    def version(names: list[str]) -> str:
        text = "".join(f"{name}\0{hashlib.sha256(FILES[name]).hexdigest()}\n" for name in sorted(names))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    manifest = read_champion(champion)
    assert manifest.files == {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    assert manifest.version == version(list(FILES))
    assert manifest.tasks["demand"].version == version(["demand/model/model.json", "demand/context.json"])
    assert manifest.tasks["reorder"].version == version(["reorder/policy.parquet"])


def test_equal_folders_have_equal_manifests_wherever_they_lie(tmp_path: Path) -> None:
    for name in ("here", "there"):
        write_manifest(fill(tmp_path / name), "data", WINNERS)
    here, there = ((tmp_path / name / "manifest.json").read_bytes() for name in ("here", "there"))
    assert here == there
    write_manifest(tmp_path / "here", "data", WINNERS)
    assert (tmp_path / "here" / "manifest.json").read_bytes() == here


def test_a_change_in_one_task_leaves_the_other_tasks_version(tmp_path: Path) -> None:
    before = write_manifest(fill(tmp_path), "data", WINNERS)
    (tmp_path / "demand" / "context.json").write_bytes(b"[2]")
    after = write_manifest(tmp_path, "data", WINNERS)
    assert after.tasks["reorder"] == before.tasks["reorder"]
    assert after.tasks["demand"].version != before.tasks["demand"].version
    assert after.version != before.version


def test_a_champion_that_stays_is_given_as_it_was_and_gets_the_version_of_its_files(tmp_path: Path) -> None:
    old = write_manifest(fill(tmp_path), "data", WINNERS)
    assert write_manifest(tmp_path, "data", old.tasks) == old
    (tmp_path / "demand" / "context.json").write_bytes(b"[2]")
    assert write_manifest(tmp_path, "data", old.tasks).tasks["demand"].version != old.tasks["demand"].version


def test_a_champion_that_stays_on_new_data_keeps_the_data_that_it_learnt_from(tmp_path: Path) -> None:
    old = write_manifest(fill(tmp_path), "old", WINNERS)
    new = write_manifest(tmp_path, "new", WINNERS | {"demand": old.tasks["demand"]})
    assert new.data_version == "new"
    assert {task: entry.data_version for task, entry in new.tasks.items()} == {"demand": "old", "reorder": "new"}
    assert read_champion(tmp_path) == new


def test_a_task_whose_name_begins_another_keeps_its_own_files(tmp_path: Path) -> None:
    for name in ("plan/a", "planner/b"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    winner = Winner(candidate="c", metrics={}, chosen_by={})
    manifest = write_manifest(tmp_path, "data", {"plan": winner, "planner": winner})
    assert manifest.tasks["plan"].version == version_of({"plan/a": manifest.files["plan/a"]})


def change(folder: Path) -> None:
    (folder / "demand" / "context.json").write_bytes(b"[2]")


def remove(folder: Path) -> None:
    (folder / "demand" / "context.json").unlink()


def add(folder: Path) -> None:
    (folder / "demand" / "extra.pkl").write_bytes(b"")


def rename(folder: Path) -> None:
    (folder / "demand" / "context.json").rename(folder / "demand" / "contexts.json")


def edit(path: str, value: object) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        *parents, last = path.split(".")
        place = manifest
        for parent in parents:
            place = place[parent]
        place[last] = value
        (folder / "manifest.json").write_text(json.dumps(manifest))

    return apply


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (change, "demand/context.json is not the file"),
        (remove, "demand/context.json is missing"),
        (add, "demand/extra.pkl is not in the manifest"),
        (rename, "demand/context.json is missing"),
        (edit("version", "0" * 12), "its version"),
        (edit("version", 7), "version"),
        (edit("tasks.demand.version", "0" * 12), "demand is given a version"),
        (edit("tasks.demand.host", "laptop"), "tasks.demand.host"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "Invalid JSON"),
        (lambda folder: (folder / "manifest.json").unlink(), "make demo"),
    ],
)
def test_a_damaged_champion_is_refused_in_one_sentence(
    champion: Path, damage: Callable[[Path], None], named: str
) -> None:
    damage(champion)
    with pytest.raises(ChampionError, match=named) as refusal:
        read_champion(champion)
    assert "\n" not in str(refusal.value)
    assert "run `" in str(refusal.value)


def test_a_task_without_files_and_files_without_a_task_are_refused(tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(ChampionError, match="drivers"):
        write_manifest(tmp_path, "data", WINNERS | {"drivers": WINNERS["demand"]})
    with pytest.raises(ChampionError, match="reorder"):
        write_manifest(tmp_path, "data", {"demand": WINNERS["demand"]})
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.parametrize("metric", [float("nan"), float("inf")])
def test_a_score_that_json_cannot_say_is_refused(metric: float) -> None:
    with pytest.raises(ValidationError, match="finite"):
        Winner(candidate="c", metrics={"rmse": metric}, chosen_by={})


def test_a_manifest_cannot_change(champion: Path) -> None:
    manifest = read_champion(champion)
    with pytest.raises(ValidationError, match="frozen"):
        manifest.version = "0" * 12
    assert isinstance(manifest, Manifest)


@given(st.dictionaries(st.text(st.characters(codec="ascii", exclude_characters="\0\n")), st.sampled_from("abc")))
def test_a_version_does_not_depend_on_the_order_of_files(files: dict[str, str]) -> None:
    assert version_of(dict(reversed(files.items()))) == version_of(files)
