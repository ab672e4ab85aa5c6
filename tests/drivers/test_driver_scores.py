"""Scores against a plain loop, on the rows that may be looked at."""

import math

import numpy as np
import pandas as pd
import pytest

from mixplan.drivers.bands import Band
from mixplan.drivers.interface import DriverError
from mixplan.drivers.scores import by_last_day, named, score
from mixplan.evaluation.origins import Origins

BANDS = {driver: [Band(1, 1), Band(2, 30), Band(31, 56)] for driver in ("rain_mm", "snow_cm")}


@pytest.fixture
def predictions(origins: Origins) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    rows = pd.MultiIndex.from_product(
        [["rain_mm", "snow_cm"], origins.grid.union(origins.selection), range(1, 57)],
        names=["driver", "origin", "horizon_days"],
    ).to_frame(index=False)
    rows["date"] = rows["origin"] + pd.to_timedelta(rows["horizon_days"] - 1, unit="D")
    rows["actual"] = rng.gamma(1.0, 5.0, len(rows)).round(1)
    rows["mean"] = rng.gamma(1.0, 5.0, len(rows))
    rows["lower"], rows["upper"] = rows["mean"] * 0.5, rows["mean"] * 2.0
    return rows


def test_scores_equal_a_plain_loop(predictions: pd.DataFrame, origins: Origins) -> None:
    scores = score(predictions, origins, BANDS).set_index(["driver", "first_day", "last_day", "metric"])
    for first, last in ((1, 56), (1, 1), (2, 30)):
        chosen = [
            row
            for row in predictions.itertuples()
            if row.driver == "rain_mm"
            and origins.selection[0] <= row.origin <= origins.selection[-1]
            and first <= row.horizon_days <= last
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
            assert scores.loc[("rain_mm", first, last, metric), "value"] == pytest.approx(value)
            assert scores.loc[("rain_mm", first, last, metric), "n"] == n


def test_bands_have_names_and_make_curves(predictions: pd.DataFrame, origins: Origins) -> None:
    scores = score(predictions, origins, BANDS)
    value = scores.set_index(["driver", "first_day", "last_day", "metric"])["value"]
    names, curves = named(scores), by_last_day(scores)
    assert names["rain_mm/r2"] == value["rain_mm", 1, 56, "r2"]
    assert names["rain_mm/r2_1d"] == value["rain_mm", 1, 1, "r2"]
    assert names["snow_cm/rmse_2-30d"] == value["snow_cm", 2, 30, "rmse"]
    assert list(curves["rain_mm/mae"]) == ["1", "30", "56"]
    assert curves["rain_mm/mae"]["56"] == value["rain_mm", 31, 56, "mae"]


def test_rows_outside_the_selection_change_nothing(predictions: pd.DataFrame, origins: Origins) -> None:
    outside = (
        (predictions["origin"] < origins.selection[0])
        | (predictions["origin"] > origins.selection[-1])
        | (predictions["date"] >= origins.holdout)
    )
    spoilt = predictions.assign(actual=predictions["actual"].mask(outside, 1e6))
    pd.testing.assert_frame_equal(score(spoilt, origins, BANDS), score(predictions, origins, BANDS))


def test_unknown_actuals_are_left_out_and_counted(predictions: pd.DataFrame, origins: Origins) -> None:
    unknown = predictions["horizon_days"] == 56
    scores = score(predictions.assign(actual=predictions["actual"].mask(unknown)), origins, BANDS)
    pooled = scores.query("first_day == 1 and last_day == 56")
    all_rows = score(predictions, origins, BANDS).query("first_day == 1 and last_day == 56")
    assert (pooled["n"] * 56 == all_rows["n"] * 55).all()


def test_bias_is_absent_where_nothing_fell(predictions: pd.DataFrame, origins: Origins) -> None:
    dry = predictions.assign(actual=predictions["actual"].mask(predictions["driver"] == "snow_cm", 0.0))
    scores = score(dry, origins, BANDS)
    assert set(scores.loc[scores["driver"] == "snow_cm", "metric"]) == {"r2", "rmse", "mae", "coverage"}


def test_driver_without_actuals_is_named(predictions: pd.DataFrame, origins: Origins) -> None:
    unknown = predictions.assign(actual=predictions["actual"].mask(predictions["driver"] == "snow_cm"))
    with pytest.raises(DriverError, match="snow_cm: nothing is observed"):
        score(unknown, origins, BANDS)
