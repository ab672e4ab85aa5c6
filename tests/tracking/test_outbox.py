"""Results that wait for the store, and a store that does not answer."""

import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mixplan.cli import app
from mixplan.config.base import MixplanError
from mixplan.tracking import outbox, predictors
from mixplan.tracking.record import Record, Scored
from mixplan.tracking.results import results_of
from mixplan.tracking.runs import ensure_recorded, log_waiting
from mixplan.tracking.store import StoreError, open_store

Write = Callable[..., Record]
ROOT = Path(__file__).parents[2]
CLOSED = "http://plant:s3cret@127.0.0.1:9"
"""Nobody listens at this port, by agreement."""


@pytest.fixture
def waits(workspace: Path, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Record:
    """A candidate's result in a folder of its own, as its stage leaves it; numbers differ from test to test."""
    monkeypatch.chdir(tmp_path)
    record = write(Path(), "ridge", data_version=f"d{zlib.crc32(tmp_path.name.encode())}")
    outbox.leave(record, train_seconds=2.5)
    return record


def test_what_waits_is_logged_once_with_what_it_took(waits: Record) -> None:
    assert list(outbox.waiting("demand")) == [waits]
    log_waiting("demand")
    (result,) = results_of("demand", waits.data_version)
    assert result.metrics["cost/train_seconds"] == 2.5
    assert list(outbox.waiting("demand")) == []
    log_waiting("demand")
    assert len(results_of("demand", waits.data_version)) == 1


def test_a_leaderboard_logs_what_waits(waits: Record) -> None:
    Path("params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    answer = CliRunner().invoke(app, ["leaderboard", "demand"], catch_exceptions=False)
    assert "ridge" in answer.stdout
    assert [result.candidate for result in results_of("demand", waits.data_version)] == ["ridge"]


def test_results_of_other_tasks_go_on_waiting(waits: Record) -> None:
    log_waiting("recommend")
    assert list(outbox.waiting("demand")) == [waits]


def test_a_newer_result_takes_the_place_of_one_that_waits(waits: Record, write: Write) -> None:
    newer = write(Path(), "ridge", data_version=waits.data_version, rmse=3.0)
    assert list(outbox.waiting("demand")) == []
    assert outbox.noted_answer(newer) is None
    outbox.leave(newer, train_seconds=1.5)
    log_waiting("demand")
    (result,) = results_of("demand", waits.data_version)
    assert (result.metrics["rmse_6m"], result.metrics["cost/train_seconds"]) == (3.0, 1.5)


def test_scores_without_a_model_wait_each_for_itself_and_are_logged_once(waits: Record) -> None:
    """Two runs may leave the same rule with other scores before anybody logs them."""
    version = waits.data_version
    results = [Scored("reorder", "min_max 0.98", version, {"level": 0.98}, {"cost_krw": cost}) for cost in (2.5, 3.5)]
    for _ in range(2):
        outbox.leave_scored(results)
        assert len(list(outbox.waiting("reorder"))) == 2
        log_waiting()
        assert list(outbox.waiting()) == []
    assert sorted(found.metrics["cost_krw"] for found in results_of("reorder", version)) == [2.5, 3.5]
    assert [found.candidate for found in results_of("demand", version)] == ["ridge"]


def test_a_model_is_not_asked_again_when_its_answer_waits(waits: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it answered where it was trained is in the note; to load it would load its library, such as TensorFlow."""

    def asked(*_: object) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(predictors, "predictor", asked)
    log_waiting("demand")
    (result,) = results_of("demand", waits.data_version)
    assert {"cost/predict_ms", "cost/train_seconds", "cost/model_kb"} <= set(result.metrics)


def test_a_note_without_its_files_is_passed_over(waits: Record) -> None:
    waits.metrics.unlink()
    assert list(outbox.waiting("demand")) == []


def test_a_stage_leaves_its_result_without_mlflow(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    record = write(Path(), "planner")
    for name in [name for name in sys.modules if name.partition(".")[0] == "mlflow"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    outbox.leave(record, train_seconds=0.5)
    noted = outbox.noted_answer(record)
    assert noted is not None
    assert noted.costs["train_seconds"] == 0.5


def test_a_store_that_does_not_answer_is_said_in_a_sentence_and_nothing_is_lost(
    waits: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with monkeypatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", CLOSED)
        with pytest.raises(
            StoreError, match=r"MLflow's store http://127\.0\.0\.1:9 fails: .*MLFLOW_TRACKING_URI"
        ) as said:
            log_waiting("demand")
        assert "s3cret" not in str(said.value)
        assert "\n" not in str(said.value)
    assert list(outbox.waiting("demand")) == [waits]
    log_waiting("demand")
    assert len(results_of("demand", waits.data_version)) == 1


def test_a_store_that_fails_while_it_is_written_to_is_said_in_a_sentence(
    waits: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.exceptions import MlflowException

    def fails(*_: object, **__: object) -> None:
        raise MlflowException("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("mlflow.MlflowClient.log_batch", fails)
        with pytest.raises(MixplanError, match="database is locked"):
            ensure_recorded([waits])
    assert list(outbox.waiting("demand")) == [waits]


def test_a_store_of_a_kind_that_nobody_knows_is_refused_in_a_sentence(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "bogus://somewhere?token=s3cret")
    with pytest.raises(StoreError, match="MLflow's store bogus://somewhere fails") as said:
        open_store()
    assert "s3cret" not in str(said.value)
