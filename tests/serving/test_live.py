"""Champions that change under a running service."""

import json
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mixplan.artifacts.champion import ChampionError, Winner, write_manifest
from mixplan.artifacts.files import read_json, replace_folder, write_json
from mixplan.client.schemas import ForecastRequest
from serving import live
from serving.forecast import Forecast, Forecasts
from serving.live import Live
from serving.recommend import Recommend
from serving.reorder import Reorder
from serving.service import Mixplan

FOUR_WEEKS = ForecastRequest(weeks=4)


@pytest.fixture
def folder(plant: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A champion that may be replaced."""
    shutil.copytree(plant.folder, tmp_path / "champion")
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(tmp_path / "champion"))
    return tmp_path / "champion"


def promote(source: Path, target: Path) -> None:
    with replace_folder(target) as fresh:
        shutil.copytree(source, fresh, dirs_exist_ok=True)


def answers_of(*plants: Any) -> dict[str, Any]:
    """What each plant's champion answers when nothing changes, by its version."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        for plant in plants:
            patch.setenv("MIXPLAN_CHAMPION", str(plant.folder))
            found[plant.version("demand")] = Forecasts().answer(FOUR_WEEKS).model_dump(mode="json")
    return found


class Turns:
    """Champions that take each other's place, three at a time, as soon as the last of them has answered."""

    def __init__(self, folder: Path, champions: list[Any]) -> None:
        self.folder, self.champions = folder, champions
        self.count, self.answered, self.over = 0, threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.take)

    def take(self) -> None:
        while not self.over.is_set():
            for champion in self.champions:
                promote(champion.folder, self.folder)
            self.answered.clear()
            while not (self.over.is_set() or self.answered.wait(0.1)):
                pass
            self.champions.append(self.champions.pop(0))
            self.count += 1

    def see(self, version: str) -> None:
        """Say who answered."""
        if version == self.champions[-1].version("demand"):
            self.answered.set()


@pytest.fixture
def turns(plant: Any, planner_plant: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    monkeypatch.setattr(live, "SECONDS_BETWEEN_LOOKS", 0.001)
    turns = Turns(folder, [plant, planner_plant, plant, planner_plant])
    turns.thread.start()
    yield turns
    turns.over.set()
    turns.thread.join()


def test_every_answer_is_wholly_of_one_champion(plant: Any, planner_plant: Any, turns: Turns) -> None:
    expected, answers = answers_of(plant, planner_plant), 0
    watched = Live(Forecasts)
    watched.watch()
    try:
        while answers < 2000 or turns.count < 6:
            answer = watched.loaded.answer(FOUR_WEEKS).model_dump(mode="json")
            assert answer == expected[answer["model_version"]]
            turns.see(answer["model_version"])
            answers += 1
    finally:
        watched.stop()
    assert watched.refusal is None


def other_fields(folder: Path) -> None:
    """A champion of another code: its files are as promoted, and say what this code does not know."""
    context = read_json(folder / "demand/context.json")
    write_json(folder / "demand/context.json", context | {"granularity": "day"})
    winner = Winner(candidate="small", metrics={}, chosen_by={})
    write_manifest(folder, "other", dict.fromkeys(("demand", "reorder", "recommend", "customers"), winner))


def one_byte(folder: Path) -> None:
    path = folder / "demand/history.parquet"
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("damage", "named"),
    [(one_byte, "history.parquet is not the file"), (other_fields, "granularity"), (no_manifest, "no champion")],
)
def test_a_champion_that_does_not_fit_is_refused_and_the_one_before_goes_on(
    plant: Any,
    folder: Path,
    damage: Callable[[Path], None],
    named: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    watched = Live(Forecasts)
    before = watched.loaded.answer(FOUR_WEEKS)
    with replace_folder(folder) as fresh:
        shutil.copytree(plant.folder, fresh, dirs_exist_ok=True)
        damage(fresh)
    with caplog.at_level(logging.ERROR):
        watched.look()
        watched.look()
    assert watched.loaded.answer(FOUR_WEEKS) == before
    assert watched.refusal is not None
    assert named in watched.refusal
    assert [named in record.getMessage() for record in caplog.records] == [True]
    promote(plant.folder, folder)
    watched.look()
    assert watched.refusal is None


def test_nothing_is_loaded_again_while_the_champion_stays(folder: Path) -> None:
    loads = []
    watched = Live(lambda: loads.append(1) or Forecasts())
    for _ in range(3):
        watched.look()
    assert len(loads) == 1


def test_a_service_that_never_had_a_champion_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(tmp_path / "nowhere"))
    with pytest.raises(ChampionError, match="no champion to serve"):
        Live(Forecasts)


SERVICES = [Mixplan, Forecast, Reorder, Recommend]
STOPPED = [(each, damage) for each in SERVICES for damage in (one_byte, no_manifest)]


@pytest.mark.parametrize(("service", "damage"), [*STOPPED, (Mixplan, other_fields), (Forecast, other_fields)])
def test_a_service_stops_before_its_worker_starts_where_no_champion_fits(
    service: Any, damage: Callable[[Path], None], folder: Path
) -> None:
    """BentoML runs what is marked so before it starts a worker; a worker that fails it would start again for ever."""
    members = [getattr(service.inner, name) for name in dir(service.inner)]
    (check,) = (each for each in members if getattr(each, "__bentoml_deployment_hook__", False))
    check()
    damage(folder)
    with pytest.raises(SystemExit, match=r"^error: .*run `(make demo|dvc repro promote)`") as stopped:
        check()
    assert "\n" not in str(stopped.value)


def test_what_a_library_says_of_a_file_is_one_sentence(folder: Path) -> None:
    other_fields(folder)
    with pytest.raises(
        ChampionError, match=r"does not fit this code .*granularity.*run `dvc repro promote`"
    ) as refusal:
        Live(Forecasts)
    assert "\n" not in str(refusal.value)
    assert json.loads((folder / "manifest.json").read_text())["data_version"] == "other"
