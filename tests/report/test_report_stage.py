"""The stage: the page and the tables that plots are drawn from."""

import csv
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mixplan.artifacts.files import read_parquet, sha256_of, write_json

ROOT = Path(__file__).parents[2]
LAST_WEEK = (4, 8, 13, 17, 21, 26)


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for position, candidate in enumerate(("planner", "lightgbm"), start=1):
        by_month = {str(month): float(position * month) for month in range(1, 7)}
        scores = dict.fromkeys(("rmse", "wape", "r2", "bias"), by_month)
        write_json(root / f"metrics/demand/{candidate}.json", {"by_horizon": scores})
    stage = runpy.run_path(str(ROOT / "pipelines/report.py"))
    monkeypatch.chdir(root)
    params = SimpleNamespace(demand=SimpleNamespace(interval=0.8, candidates={"planner": None, "lightgbm": None}))
    return lambda: stage["main"](params)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_stage_writes_the_page_and_the_plots(root: Path, run: Any) -> None:
    run()
    assert "Plan of 1 July 2024" in (root / "reports/index.html").read_text(encoding="utf-8")
    errors = rows_of(root / "plots/demand_by_horizon.csv")
    assert [tuple(row.values()) for row in errors[:2]] == [
        ("planner", "1", "1.0", "1.0", "1.0"),
        ("planner", "2", "2.0", "2.0", "2.0"),
    ]
    assert [row["candidate"] for row in errors] == ["planner"] * 6 + ["lightgbm"] * 6
    assert list(errors[0]) == ["candidate", "month", "rmse", "wape", "r2"]


def test_actual_and_predicted_are_sums_by_origin_product_and_month(root: Path, run: Any) -> None:
    run()
    expected: dict[tuple[str, str, str], list[float]] = {}
    for row in read_parquet(root / "predictions/demand/lightgbm.parquet").itertuples():
        month = next(number for number, last in enumerate(LAST_WEEK, start=1) if row.horizon_weeks <= last)
        sums = expected.setdefault((str(row.origin.date()), row.product, str(month)), [0.0, 0.0])
        sums[0] += row.actual_kg
        sums[1] += row.prediction_kg
    found = {
        (row["origin"], row["product"], row["month"]): [float(row["actual_kg"]), float(row["prediction_kg"])]
        for row in rows_of(root / "plots/demand_actual_vs_predicted.csv")
    }
    assert found == expected


def test_a_second_run_writes_the_same_bytes(root: Path, run: Any) -> None:
    run()
    first = [sha256_of(root / name) for name in ("reports", "plots")]
    run()
    assert [sha256_of(root / name) for name in ("reports", "plots")] == first
