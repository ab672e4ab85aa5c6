"""Scores against a plain loop, on the rows that may be looked at."""

import math

import numpy as np
import pandas as pd
import pytest

from mixplan.drivers.interface import DriverError
from mixplan.drivers.scores import score
from mixplan.evaluation.origins import Origins


@pytest.fixture
def predictions(origins: Origins) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    rows = pd.MultiIndex.from_product(
        [["rain_mm", "snow_cm"], origins.grid, range(1, 57)], names=["driver", "origin", "horizon_days"]
    ).to_frame(index=False)
    rows["date"] = rows["origin"] + pd.to_timedelta(rows["horizon_days"] - 1, unit="D")
    rows["actual"] = rng.gamma(1.0, 5.0, len(rows)).round(1)
    rows["mean"] = rng.gamma(1.0, 5.0, len(rows))
    rows["lower"], rows["upper"] = rows["mean"] * 0.5, rows["mean"] * 2.0
    return rows


def test_scores_equal_a_plain_loop(predictions: pd.DataFrame, origins: Origins) -> None:
    scores = score(predictions, origins).set_index(["driver", "horizon_days", "metric"])
    for lead in (0, 1, 30):
        chosen = [
            row
            for row in predictions.itertuples()
            if row.driver == "rain_mm"
            and origins.selection[0] <= row.origin <= origins.selection[-1]
            and lead in (0, row.horizon_days)
        ]
        n, mean = len(chosen), sum(row.actual for row in chosen) / len(chosen)
        squares = sum((row.actual - row.mean) ** 2 for row in chosen)
        expected = {
            "r2": 1 - squares / sum((row.actual - mean) ** 2 for row in chosen),
            "rmse": math.sqrt(squares / n),
            "mae": sum(abs(row.actual - row.mean) for row in chosen) / n,
            "bias": sum(row.mean - row.actual for row in chosen) / sum(row.actual for row in chosen),
            "coverage": sum(row.lower <= row.actual <= row.upper for row in chosen) / n,
        }
        for metric, value in expected.items():
            assert scores.loc[("rain_mm", lead, metric), "value"] == pytest.approx(value)
            assert scores.loc[("rain_mm", lead, metric), "n"] == n


def test_only_leads_that_the_horizon_has_are_scored(predictions: pd.DataFrame, origins: Origins) -> None:
    assert set(score(predictions, origins)["horizon_days"]) == {0, 1, 30}


def test_rows_outside_the_selection_change_nothing(predictions: pd.DataFrame, origins: Origins) -> None:
    outside = (
        (predictions["origin"] < origins.selection[0])
        | (predictions["origin"] > origins.selection[-1])
        | (predictions["date"] >= origins.holdout)
    )
    spoilt = predictions.assign(actual=predictions["actual"].mask(outside, 1e6))
    pd.testing.assert_frame_equal(score(spoilt, origins), score(predictions, origins))


def test_unknown_actuals_are_left_out_and_counted(predictions: pd.DataFrame, origins: Origins) -> None:
    unknown = predictions["horizon_days"] == 56
    scores = score(predictions.assign(actual=predictions["actual"].mask(unknown)), origins)
    pooled = scores[scores["horizon_days"] == 0]
    all_rows = score(predictions, origins).query("horizon_days == 0")
    assert (pooled["n"] * 56 == all_rows["n"] * 55).all()


def test_bias_is_absent_where_nothing_fell(predictions: pd.DataFrame, origins: Origins) -> None:
    dry = predictions.assign(actual=predictions["actual"].mask(predictions["driver"] == "snow_cm", 0.0))
    scores = score(dry, origins)
    assert set(scores.loc[scores["driver"] == "snow_cm", "metric"]) == {"r2", "rmse", "mae", "coverage"}


def test_driver_without_actuals_is_named(predictions: pd.DataFrame, origins: Origins) -> None:
    unknown = predictions.assign(actual=predictions["actual"].mask(predictions["driver"] == "snow_cm"))
    with pytest.raises(DriverError, match="snow_cm: nothing is observed"):
        score(unknown, origins)
