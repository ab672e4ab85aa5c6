"""The registry: a version for each content, and the alias that points at what is served."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest

from mixplan.artifacts.champion import CARD, Manifest, Task, Winner, write_manifest
from mixplan.tracking.outbox import DECISIONS, leave_decisions
from mixplan.tracking.record import Chosen, Record, write_chosen
from mixplan.tracking.registry import (
    UnknownRunError,
    register_challenger,
    register_champion,
    register_decided,
    restore_champions,
)
from mixplan.tracking.runs import ensure_recorded
from mixplan.tracking.store import open_store

Write = Callable[..., Record]
ONE, OTHER = "0123456789ab", "ba9876543210"


def manifest(version: str) -> Manifest:
    scores = {"rmse_6m": 12.5, "r2_6m": 1 / 3}
    task = Task(candidate="ridge", metrics=scores, chosen_by={}, version=version, data_version="d1")
    return Manifest(version=version, data_version="d2", tasks={"demand": task}, files={})


@pytest.fixture(scope="module")
def records(store: Path, write: Write, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    """Two results: the first champion's and its successor's."""
    successor = write(tmp_path_factory.mktemp("successor"), "planner", rmse=10.0)
    found = {ONE: write(store, "ridge"), OTHER: successor}
    ensure_recorded(list(found.values()))
    return found


@pytest.fixture
def promote(workspace: Path, records: dict[str, Record]) -> Callable[[str, str], Any]:
    def champion(name: str, version: str) -> Any:
        register_champion(name, records[version].fingerprint, manifest(version), "demand", "it is better", "# card")
        return open_store().get_model_version_by_alias(name, "champion")

    return champion


def numbers(name: str) -> list[str]:
    return sorted(str(found.version) for found in open_store().search_model_versions(f"name = '{name}'"))


def test_champion_is_a_version_with_an_alias(promote: Callable[[str, str], Any], records: dict[str, Record]) -> None:
    champion = promote("first", ONE)
    tags = champion.tags
    assert tags["mixplan.version"] == ONE
    assert tags["mixplan.data_version"] == "d1"
    assert tags["score.rmse_6m"] == "12.5"
    assert tags["score.r2_6m"] == "0.333333"
    assert champion.run_id == ensure_recorded([records[ONE]])["ridge"]


def test_decisions_are_registered_once_and_only_those_on_the_champion_that_is_there(
    workspace: Path, records: dict[str, Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a rollback, a note of what was promoted before it says nothing of the champion."""
    monkeypatch.setattr("mixplan.tracking.registry.workspace", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    champion, forecasts = Path("models/champion"), Path("data/forecasts")
    for task in ("demand", "recommend", "drivers"):
        write_chosen(
            forecasts / task / "winners.json", {"decided": Chosen.of(records[ONE])} if task == "drivers" else {}
        )
    (champion / "drivers").mkdir(parents=True)
    (champion / "drivers" / CARD).write_text("# card", encoding="utf-8")
    winner = Winner(candidate="ridge", metrics={"rmse_6m": 12.5}, chosen_by={})
    version = write_manifest(champion, "d1", {"drivers": winner}).version
    made = {"drivers": {"promote": True, "reason": "it is better"}}
    leave_decisions(ONE, "d1", made)
    register_decided(champion, forecasts)
    assert numbers("mixplan-decided") == []
    leave_decisions(version, "d1", made)
    for _ in range(2):
        register_decided(champion, forecasts)
    assert numbers("mixplan-decided") == ["1"]
    assert not DECISIONS.exists()
    found = open_store().get_model_version_by_alias("mixplan-decided", "champion")
    assert (found.tags["mixplan.changed"], found.description) == ("promoted: it is better", "# card")


def test_the_same_content_again_changes_nothing(promote: Callable[[str, str], Any]) -> None:
    one, again = promote("same", ONE), promote("same", ONE)
    assert dict(again) == dict(one)
    assert numbers("same") == ["1"]


def test_new_content_moves_the_alias_and_keeps_the_old_version(promote: Callable[[str, str], Any]) -> None:
    promote("moved", ONE)
    champion = promote("moved", OTHER)
    assert (str(champion.version), champion.tags["mixplan.version"]) == ("2", OTHER)
    assert numbers("moved") == ["1", "2"]
    back = promote("moved", ONE)
    assert back.tags["mixplan.version"] == ONE
    assert numbers("moved") == ["1", "2"]


def test_alias_loads_the_model_that_was_recorded(
    promote: Callable[[str, str], Any], records: dict[str, Record], rows: pd.DataFrame
) -> None:
    from mixplan.demand.model import DemandModel

    promote("loaded", ONE)
    asked = rows.drop(columns="actual_kg")
    served = mlflow.pyfunc.load_model("models:/loaded@champion").predict(asked)
    pd.testing.assert_frame_equal(served, DemandModel.load(records[ONE].model).predict(asked), check_exact=True)


def test_an_experiment_in_a_copy_of_the_workspace_leaves_the_registry_alone(
    promote: Callable[[str, str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, records: dict[str, Record]
) -> None:
    promote("kept", ONE)
    with monkeypatch.context() as patch:
        patch.chdir(tmp_path)
        register_champion("kept", records[OTHER].fingerprint, manifest(OTHER), "demand", "", "")
        register_champion("never", records[OTHER].fingerprint, manifest(OTHER), "demand", "", "")
    assert numbers("kept") == ["1"]
    assert open_store().get_model_version_by_alias("kept", "champion").tags["mixplan.version"] == ONE
    assert not open_store().search_registered_models("name = 'never'")


def test_a_winner_without_a_run_is_refused(workspace: Path) -> None:
    with pytest.raises(UnknownRunError, match=r"unknown: .* no run of this winner: run `dvc repro`"):
        register_champion("unknown", "f" * 16, manifest(ONE), "demand", "", "")
    assert not open_store().search_registered_models("name = 'unknown'")


def test_a_version_carries_its_card_and_why_it_was_promoted(promote: Callable[[str, str], Any]) -> None:
    champion = promote("described", ONE)
    assert champion.description == "# card"
    assert champion.tags["mixplan.changed"] == "promoted: it is better"


def test_the_champion_of_before_is_called_previous(promote: Callable[[str, str], Any]) -> None:
    promote("mixplan-before", ONE)
    assert "previous" not in open_store().get_registered_model("mixplan-before").aliases
    promote("mixplan-before", OTHER)
    previous = open_store().get_model_version_by_alias("mixplan-before", "previous")
    assert previous.tags["mixplan.version"] == ONE


def test_a_winner_that_did_not_replace_the_champion_is_called_challenger(
    promote: Callable[[str, str], Any], records: dict[str, Record]
) -> None:
    promote("challenged", ONE)
    for _ in range(2):
        register_challenger("challenged", records[OTHER].fingerprint, "d1", "not by the margin")
    challenger = open_store().get_model_version_by_alias("challenged", "challenger")
    assert challenger.run_id == ensure_recorded([records[OTHER]])["planner"]
    assert challenger.tags["mixplan.changed"] == "challenger: not by the margin"
    assert numbers("challenged") == ["1", "2"]
    assert open_store().get_model_version_by_alias("challenged", "champion").tags["mixplan.version"] == ONE


def test_a_rollback_moves_the_aliases_and_says_why(promote: Callable[[str, str], Any]) -> None:
    promote("mixplan-back", ONE)
    promote("mixplan-back", OTHER)
    changed = restore_champions(manifest(ONE), "rolled back by kim: doubled")
    assert "mixplan-back" in changed
    client = open_store()
    champion = client.get_model_version_by_alias("mixplan-back", "champion")
    assert (champion.tags["mixplan.version"], champion.tags["mixplan.changed"]) == (ONE, "rolled back by kim: doubled")
    assert client.get_model_version_by_alias("mixplan-back", "previous").tags["mixplan.version"] == OTHER
    assert "mixplan-back" not in restore_champions(manifest(ONE), "again")
