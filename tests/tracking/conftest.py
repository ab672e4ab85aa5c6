"""A workspace with the files of two demand candidates, and one tracking store for all tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.artifacts.files import write_json, write_parquet
from mixplan.config.base import Candidate
from mixplan.config.demand import Planner, Ridge
from mixplan.demand.model import DemandModel
from mixplan.tracking.record import Record, record_of

CANDIDATES: dict[str, Candidate] = {
    "ridge": Ridge(target="mixplan.demand.linear.ridge", alpha=2.0),
    "planner": Planner(target="mixplan.demand.baselines.Planner"),
}
ORIGINS = pd.date_range("2023-01-02", periods=8, freq="4W-MON")

Write = Callable[..., Record]


@pytest.fixture(scope="session")
def rows() -> pd.DataFrame:
    """Training rows of one product: eight origins, four weeks each."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        [(origin, "A", origin + pd.Timedelta(weeks=week), week + 1, 50.0) for origin in ORIGINS for week in range(4)],
        columns=["origin", "product", "week", "horizon_weeks", "level_kg"],
    )
    frame["usual"], frame["weeks_sold"], frame["variation"] = 1.0, 1.0, 0.3
    frame["mean_13"] = rng.uniform(0.5, 1.5, len(frame))
    frame["temperature_c"] = rng.normal(10.0, 8.0, len(frame))
    return frame.assign(actual_kg=frame["level_kg"] * (0.5 + 0.5 * frame["mean_13"]))


@pytest.fixture(scope="session")
def write(rows: pd.DataFrame) -> Write:
    """Write what a candidate's stage leaves behind."""

    def files(root: Path, name: str, data_version: str = "d1", rmse: float = 12.5, seed: int = 1) -> Record:
        candidate: Any = CANDIDATES[name]
        folder = root / "models" / "demand" / name
        model = DemandModel(candidate, 0.8, seed).fit(rows, ORIGINS[5])
        model.save(folder)
        write_parquet(folder / "input_example.parquet", rows.drop(columns="actual_kg").head(3))
        predictions = pd.concat([rows[["actual_kg"]], model.predict(rows)], axis=1)
        write_parquet(root / "predictions" / "demand" / f"{name}.parquet", predictions)
        by_horizon = {"rmse": {"1": rmse, "2": rmse + 1}, "wape": {"1": 0.25, "2": 0.5}}
        scores = {"rmse_6m": rmse, "r2_6m": -0.125, "interval_coverage": 0.8}
        write_json(root / "metrics" / "demand" / f"{name}.json", {"scores": scores, "by_horizon": by_horizon})
        write_json(root / "metrics" / "mart.json", {"data_version": data_version})
        return record_of("demand", name, candidate, root)

    return files


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace whose store is set up; the environment is as before when the tests are over."""
    import mlflow

    from mixplan.tracking.store import open_store

    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("workspace").resolve()
        # MLflow writes this variable itself when a store is opened.
        patch.setenv("MLFLOW_TRACKING_URI", "")
        patch.setenv("DVC_ROOT", str(folder))
        patch.chdir(folder)
        open_store()
        yield folder
    mlflow.set_tracking_uri(None)


@pytest.fixture
def workspace(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace as a stage finds it."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    assert os.environ["DVC_ROOT"] == str(store)
    return store
