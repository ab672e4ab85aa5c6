"""``mixplan tune demand`` and ``mixplan folds`` in a project that holds the small plant."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner, Result

from mixplan.artifacts.files import write_json, write_parquet
from mixplan.cli import app
from mixplan.config.base import MixplanError
from mixplan.config.compose import compose
from mixplan.tracking.store import open_store

ROOT = Path(__file__).parents[2]
KEYS = ["sold_on", "customer_code", "product_code"]
OVERRIDES = [
    "evaluation.selection_origins=2",
    "demand.candidates.ridge.alpha=10.0",
    "demand.search.ridge.alpha.high=20.0",
]


@pytest.fixture
def project(plant: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The mart's sales and recipes, and the drivers' forecasts, of the small plant."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'runs.db'}")
    (tmp_path / "params.yaml").write_text(compose(ROOT / "conf", OVERRIDES), encoding="utf-8")
    sales = plant.sales.assign(product_code="P1", unit_price_krw=1.0, source_file="sales.csv")
    sales["source_line"] = range(2, len(sales) + 2)
    sales = sales[[*KEYS, "product", "region", "quantity_kg", "unit_price_krw", "source_file", "source_line"]]
    write_parquet(tmp_path / "data/mart/sales/all.parquet", sales)
    recipe = {"product": "PEMA-SR1000", "material_code": "M1", "share": 1.0, "component_product": ""}
    row = {**recipe, "source_file": "recipe.csv", "source_line": 2}
    write_parquet(tmp_path / "data/mart/recipes/all.parquet", pd.DataFrame([row]))
    write_parquet(tmp_path / "data/forecasts/drivers/weekly.parquet", plant.drivers)
    write_parquet(tmp_path / "data/forecasts/drivers/observed.parquet", plant.observed)
    write_json(tmp_path / "metrics/mart.json", {"data_version": "d1"})
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_search_prints_a_configuration_that_can_be_committed_and_where_its_trials_are(project: Path) -> None:
    result = call("tune", "demand", "ridge", "--minutes", "1", "--trials", "2")
    assert result.exit_code == 0, result.exception
    first, *found = result.stdout.splitlines()
    values = yaml.safe_load("\n".join(found))
    assert values["_target_"] == "mixplan.demand.linear.ridge"
    run_id = first.removeprefix("# conf/demand/candidates/ridge.yaml, found by MLflow run ")
    client = open_store()
    run = client.get_run(run_id)
    assert run.data.params == {"alpha": str(values["alpha"])}
    assert run.data.metrics["late_rmse_6m"] > 0
    trials = client.search_runs([run.info.experiment_id], f"tags.`mlflow.parentRunId` = '{run_id}'")
    assert {trial.data.params["alpha"] for trial in trials} >= {"10.0", str(values["alpha"])}
    assert len(trials) == 2
    assert f"try it: dvc exp run -S demand.candidates.ridge.alpha={values['alpha']}" in result.stderr
    assert "as configured: rmse_6m" in result.stderr
    assert "as found: rmse_6m" in result.stderr


def test_a_candidate_without_values_to_search_is_one_sentence_and_no_run(project: Path) -> None:
    result = call("tune", "demand", "planner")
    assert isinstance(result.exception, MixplanError)
    assert str(result.exception).startswith("'planner' has no values to search: demand.search has ridge, ")
    assert not (project / "runs.db").exists()


def test_folds_are_a_table_of_the_origins(project: Path, plant: Any) -> None:
    result = call("folds")
    assert result.exit_code == 0, result.exception
    lines = [line.split() for line in result.stdout.splitlines()]
    days = [line[-4:] for line in lines if line[:2] == ["chooses", "winners"]]
    assert [day[0] for day in days] == [str(origin.date()) for origin in plant.origins.selection]
    assert days[-1] == ["2023-02-27", "2023-08-27", "12", "2022-03-28"]
    assert ["scores", "the", "winner", "once", str(plant.origins.holdout.date())] in [line[:5] for line in lines]
    assert "Sales from 2021-03-03 to 2024-02-27" in result.stdout
