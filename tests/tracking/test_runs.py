"""Runs in a store of SQLite: one for each result, with exactly what the files say."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mlflow
import pandas as pd
import pytest

from mixplan.artifacts.files import read_json
from mixplan.demand.model import DemandModel
from mixplan.tracking import runs
from mixplan.tracking.record import Record, Scored
from mixplan.tracking.runs import add_scores, ensure_recorded, ensure_scored, git_commit
from mixplan.tracking.store import EXPERIMENT, open_store, tracking_uri

Write = Callable[..., Record]


def children(**tags: str) -> list[mlflow.entities.Run]:
    client = open_store()
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    where = " and ".join(f"tags.`mixplan.{name}` = '{value}'" for name, value in tags.items())
    return list(client.search_runs([experiment], where))


@pytest.fixture(scope="module")
def records(store: Path, write: Write) -> list[Record]:
    return [write(store, name) for name in ("ridge", "planner")]


@pytest.fixture(scope="module")
def recorded(records: list[Record]) -> dict[str, str]:
    return ensure_recorded(records)


@pytest.fixture
def run(workspace: Path, recorded: dict[str, str]) -> mlflow.entities.Run:
    return open_store().get_run(recorded["ridge"])


def test_a_result_is_recorded_once(workspace: Path, records: list[Record], recorded: dict[str, str]) -> None:
    count = len(children(task="demand"))
    assert ensure_recorded(records) == recorded
    assert ensure_recorded(records[::-1]) == recorded
    assert len(children(task="demand")) == count
    assert len(set(recorded.values())) == len(records)


def test_candidates_of_one_task_and_data_version_stand_under_one_parent(
    workspace: Path, records: list[Record], recorded: dict[str, str]
) -> None:
    (parent,) = children(kind="parent", task="demand", data_version="d1")
    for record in records:
        tags = open_store().get_run(recorded[record.candidate]).data.tags
        assert tags["mlflow.parentRunId"] == parent.info.run_id
        assert tags["mixplan.task"] == "demand"
        assert tags["mixplan.candidate"] == record.candidate
        assert tags["mixplan.data_version"] == "d1"
        assert tags["mixplan.fingerprint"] == record.fingerprint
        assert tags["mlflow.source.git.commit"] == git_commit()


def test_parameters_are_those_of_the_configuration(run: mlflow.entities.Run, records: list[Record]) -> None:
    assert run.data.params == {name: str(value) for name, value in records[0].parameters.items()}
    assert run.data.params == {"_target_": "mixplan.demand.linear.ridge", "alpha": "2.0"}


def test_metrics_are_those_of_the_file(run: mlflow.entities.Run, records: list[Record]) -> None:
    content = read_json(records[0].metrics)
    scores = {name: value for name, value in run.data.metrics.items() if not name.startswith(("horizon/", "cost/"))}
    assert scores == content["scores"]
    for name, values in content["by_horizon"].items():
        history = open_store().get_metric_history(run.info.run_id, f"horizon/{name}")
        assert {str(point.step): point.value for point in history} == values


def test_scores_beside_others_are_added_once_and_leave_the_leaderboard_alone(
    workspace: Path, write: Write, tmp_path: Path
) -> None:
    record = write(tmp_path, "ridge", rmse=8.5)
    for excess in (0.5, 0.5, 0.25):
        add_scores([record], "against_winner", {"ridge": {"excess": excess, "p_value": 0.125}})
    client, run_id = open_store(), ensure_recorded([record])["ridge"]
    history = client.get_metric_history(run_id, "against_winner/excess")
    assert [point.value for point in history] == [0.5, 0.25]
    assert len(client.get_metric_history(run_id, "against_winner/p_value")) == 1
    assert client.get_run(run_id).data.metrics.items() >= record.scores.items()
    assert client.get_run(run_id).info.status == "FINISHED"


def test_run_is_finished_and_shows_its_forecasts(run: mlflow.entities.Run) -> None:
    assert run.info.status == "FINISHED"
    assert run.info.run_name == "demand/ridge"
    names = [artifact.path for artifact in open_store().list_artifacts(run.info.run_id)]
    assert "actual_against_predicted.png" in names


@pytest.mark.parametrize("name", ["ridge", "planner"])
def test_logged_model_answers_as_the_saved_one(
    workspace: Path, records: list[Record], recorded: dict[str, str], rows: pd.DataFrame, name: str
) -> None:
    open_store()
    loaded = mlflow.pyfunc.load_model(f"runs:/{recorded[name]}/model")
    asked = rows.drop(columns="actual_kg")
    saved = DemandModel.load(workspace / "models" / "demand" / name)
    pd.testing.assert_frame_equal(loaded.predict(asked), saved.predict(asked), check_exact=True)
    signature = loaded.metadata.signature
    assert signature.inputs.input_names() == list(asked.columns)
    assert signature.outputs.input_names() == ["prediction_kg", "lower_kg", "upper_kg"]


def test_logged_model_holds_an_example_pinned_requirements_and_no_pickle(
    workspace: Path, recorded: dict[str, str], tmp_path: Path
) -> None:
    open_store()
    folder = Path(mlflow.artifacts.download_artifacts(f"runs:/{recorded['ridge']}/model", dst_path=str(tmp_path)))
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not {path.suffix for path in files} & {".pkl", ".pickle", ".cloudpickle", ".joblib"}
    assert {"MLmodel", "input_example.json", "model.json"} <= {path.name for path in files}
    requirements = (folder / "requirements.txt").read_text().split()
    assert all("==" in requirement for requirement in requirements)
    assert {requirement.partition("==")[0] for requirement in requirements} >= {"mixplan", "scikit-learn", "skops"}


def test_a_changed_result_is_another_run_under_the_same_parent(
    workspace: Path, recorded: dict[str, str], write: Write, tmp_path: Path
) -> None:
    changed = write(tmp_path, "ridge", rmse=11.0)
    run_id = ensure_recorded([changed])["ridge"]
    assert run_id != recorded["ridge"]
    one, other = (open_store().get_run(known).data for known in (recorded["ridge"], run_id))
    assert one.tags["mlflow.parentRunId"] == other.tags["mlflow.parentRunId"]
    assert (one.metrics["rmse_6m"], other.metrics["rmse_6m"]) == (12.5, 11.0)


def test_other_data_have_a_parent_of_their_own(workspace: Path, write: Write, tmp_path: Path) -> None:
    run_id = ensure_recorded([write(tmp_path, "planner", data_version="d2")])["planner"]
    (parent,) = children(kind="parent", task="demand", data_version="d2")
    assert open_store().get_run(run_id).data.tags["mlflow.parentRunId"] == parent.info.run_id


def test_a_run_that_was_cut_short_is_not_taken_for_a_whole_one(
    workspace: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = write(tmp_path, "planner", rmse=99.0)

    def broken(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(runs, "log_model", broken)
        with pytest.raises(OSError, match="disk full"):
            ensure_recorded([record])
    run_id = ensure_recorded([record])["planner"]
    assert open_store().get_run(run_id).info.status == "FINISHED"
    assert [run.info.run_id for run in children(fingerprint=record.fingerprint)] == [run_id]


def test_store_is_one_file_of_the_workspace_unless_the_environment_names_another(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tracking_uri() == f"sqlite:///{workspace}/tracking/mlflow.db"
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    assert tracking_uri() == f"sqlite:///{tmp_path.resolve()}/tracking/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert tracking_uri() == "http://127.0.0.1:5000"
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    monkeypatch.delenv("DVC_ROOT")
    monkeypatch.chdir(tmp_path)
    assert tracking_uri() == f"sqlite:///{tmp_path.resolve()}/tracking/mlflow.db"


def test_runs_go_where_the_environment_says(
    workspace: Path, recorded: dict[str, str], write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy of the store saves the seconds that a new one takes."""
    record, count = write(tmp_path, "planner", rmse=7.0), len(children(task="demand"))
    shutil.copy(workspace / "tracking" / "mlflow.db", tmp_path / "elsewhere.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/elsewhere.db")
    ensure_recorded([record])
    assert len(children(task="demand")) == count + 1
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    assert len(children(task="demand")) == count


def test_opening_the_store_again_changes_nothing(workspace: Path) -> None:
    before = open_store().get_experiment_by_name(EXPERIMENT)
    after = open_store().get_experiment_by_name(EXPERIMENT)
    assert after.experiment_id == before.experiment_id
    assert after.artifact_location == (workspace / "tracking" / "artifacts").as_uri()


def test_commit_of_a_folder_without_git_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert git_commit() == "unknown"


def test_each_replay_is_a_run_logged_once(workspace: Path) -> None:
    scores = {"fill_rate": 0.99, "cost_krw": 1234.5}
    replays = [
        Scored("reorder", f"min_max {level:g}", "d9", {"_target_": "MinMax", "service_level": level}, scores)
        for level in (0.9, 0.98)
    ]
    for _ in range(2):
        ensure_scored(replays)
    found = children(task="reorder", data_version="d9")
    parent = next(run for run in found if run.data.tags.get("mixplan.kind") == "parent")
    runs_of = {run.data.tags["mixplan.candidate"]: run for run in found if run is not parent}
    assert sorted(runs_of) == ["min_max 0.9", "min_max 0.98"]
    assert len(found) == 3
    for run in runs_of.values():
        assert run.data.metrics == scores
        assert run.data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert runs_of["min_max 0.98"].data.params == {"_target_": "MinMax", "service_level": "0.98"}
    ensure_scored([replace(replays[0], scores=scores | {"fill_rate": 0.98})])
    assert len(children(task="reorder", data_version="d9")) == 4, "another result is another run"
