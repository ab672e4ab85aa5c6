"""What a candidate left behind, read as one record."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mixplan.artifacts.files import write_json
from mixplan.config.demand import Ridge
from mixplan.tracking.record import Chosen, Record, read_chosen, record_of, write_chosen

Write = Callable[..., Record]


def other_metrics(root: Path) -> None:
    write_json(root / "metrics" / "demand" / "ridge.json", {"scores": {"rmse_6m": 0.0}})


def other_predictions(root: Path) -> None:
    pd.DataFrame({"actual_kg": [1.0]}).to_parquet(root / "predictions" / "demand" / "ridge.parquet")


def other_model(root: Path) -> None:
    (root / "models" / "demand" / "ridge" / "model.json").write_text("{}")


def other_data(root: Path) -> None:
    write_json(root / "metrics" / "mart.json", {"data_version": "d2"})


def nothing(root: Path) -> None:
    write_json(root / "metrics" / "demand" / "lasso.json", {"scores": {}})


@pytest.mark.parametrize("change", [other_metrics, other_predictions, other_model, other_data, nothing])
def test_fingerprint_changes_with_each_part_of_the_result(
    write: Write, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    record = write(tmp_path, "ridge")
    before = record.fingerprint
    change(tmp_path)
    candidate = Ridge(target="mixplan.demand.linear.ridge", alpha=record.parameters["alpha"])
    after = record_of("demand", "ridge", candidate, tmp_path).fingerprint
    assert (after == before) is (change is nothing)


def test_fingerprint_changes_with_parameters_names_and_not_with_the_folder(write: Write, tmp_path: Path) -> None:
    one, other = write(tmp_path / "one", "ridge"), write(tmp_path / "other", "ridge")
    assert one.fingerprint == other.fingerprint
    given = {"data_version": "d1", "model": one.model, "predictions": one.predictions, "metrics": one.metrics}
    parameters = one.parameters
    changed = [
        Record("demand", "ridge", parameters=parameters | {"alpha": 2.5}, **given),  # type: ignore[arg-type]
        Record("demand", "ridge_2", parameters=parameters, **given),  # type: ignore[arg-type]
        Record("drivers", "ridge", parameters=parameters, **given),  # type: ignore[arg-type]
    ]
    assert len({one.fingerprint, *(record.fingerprint for record in changed)}) == 4


def test_record_reads_scores_as_they_were_written(write: Write, tmp_path: Path) -> None:
    record = write(tmp_path, "ridge", rmse=3.5)
    assert record.scores == {"rmse_6m": 3.5, "r2_6m": -0.125, "interval_coverage": 0.8}
    assert record.by_horizon == {"rmse": {"1": 3.5, "2": 4.5}, "wape": {"1": 0.25, "2": 0.5}}
    assert record.parameters == {"_target_": "mixplan.demand.linear.ridge", "alpha": 2.0}


def test_winners_come_back(write: Write, tmp_path: Path) -> None:
    winners = {name: Chosen.of(write(tmp_path, name)) for name in ("ridge", "planner")}
    write_chosen(tmp_path / "winners.json", winners)
    assert read_chosen(tmp_path / "winners.json") == winners
