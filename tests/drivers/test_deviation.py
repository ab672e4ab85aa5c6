"""How far forecasts err, against plain loops."""

import math

import numpy as np
import pandas as pd
import pytest

from mixplan.drivers.bands import Band
from mixplan.drivers.deviation import weekly_deviation, with_deviation
from mixplan.evaluation.leaderboard import Entry
from mixplan.evaluation.origins import Origins

BANDS = {"rain_mm": [Band(1, 1), Band(2, 7), Band(8, 30), Band(31, 56)]}


@pytest.fixture
def forecasts(origins: Origins) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    days = origins.grid.union(pd.date_range(origins.selection[0], origins.selection[-1]))
    rows = pd.MultiIndex.from_product(
        [["rain_mm"], days, range(1, 57)], names=["driver", "origin", "horizon_days"]
    ).to_frame(index=False)
    rows["date"] = rows["origin"] + pd.to_timedelta(rows["horizon_days"] - 1, unit="D")
    return rows.assign(actual=rng.normal(size=len(rows)), mean=rng.normal(size=len(rows)))


def test_a_day_takes_the_error_of_its_bands_winner(forecasts: pd.DataFrame) -> None:
    entries = {
        band: [Entry("best", {"rmse": float(band.last)}, 1), Entry("worse", {"rmse": 99.0}, 0)]
        for band in BANDS["rain_mm"]
    }
    found = with_deviation(forecasts, {"rain_mm": entries})
    expected = {1: 1.0, 2: 7.0, 7: 7.0, 8: 30.0, 30: 30.0, 31: 56.0, 56: 56.0}
    for days, deviation in expected.items():
        assert set(found.loc[found["horizon_days"] == days, "deviation"]) == {deviation}


def test_weeks_of_a_band_share_the_root_mean_square_of_their_errors(forecasts: pd.DataFrame, origins: Origins) -> None:
    found = weekly_deviation(forecasts, origins, BANDS).set_index("weeks_ahead")["deviation"]
    assert list(found.index) == list(range(1, 9))
    by_origin = {
        origin: rows.sort_values("horizon_days")
        for origin, rows in forecasts.groupby("origin")
        if origins.selection[0] <= origin <= origins.selection[-1]
    }
    for weeks in ([1], [2, 3, 4], [5, 6, 7, 8]):
        squares = []
        for rows in by_origin.values():
            errors = (rows["mean"] - rows["actual"]).tolist()
            squares += [(sum(errors[7 * week - 7 : 7 * week]) / 7) ** 2 for week in weeks]
        for week in weeks:
            assert found[week] == pytest.approx(math.sqrt(sum(squares) / len(squares)))


def test_a_week_with_an_unknown_day_counts_nowhere(forecasts: pd.DataFrame, origins: Origins) -> None:
    wild = forecasts.assign(mean=forecasts["mean"].where(forecasts["horizon_days"] != 9, 1e6))
    unknown = wild.assign(actual=wild["actual"].mask(wild["horizon_days"] == 10))
    found = weekly_deviation(unknown, origins, BANDS)
    assert found["deviation"].max() < 10.0
    assert 2 not in found["weeks_ahead"].tolist()
