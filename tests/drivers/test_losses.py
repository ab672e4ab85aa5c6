"""Losses against plain loops, on the rows that may be looked at."""

import numpy as np
import pandas as pd
import pytest

from mixplan.config.drivers import DriversConfig
from mixplan.drivers.bands import Band
from mixplan.drivers.losses import losses_by_origin, origin_test
from mixplan.evaluation.origins import Origins

BANDS = {"temperature_c": [Band(1, 1), Band(2, 56)], "construction_index": [Band(1, 56)]}


@pytest.fixture
def predictions(origins: Origins) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(6)
    days = origins.grid.union(pd.date_range(origins.selection[0], origins.selection[-1]))
    rows = pd.MultiIndex.from_product(
        [list(BANDS), days, range(1, 57)], names=["driver", "origin", "horizon_days"]
    ).to_frame(index=False)
    rows["date"] = rows["origin"] + pd.to_timedelta(rows["horizon_days"] - 1, unit="D")
    rows["actual"] = rng.normal(size=len(rows))
    return {name: rows.assign(mean=rng.normal(size=len(rows))) for name in ("simple", "rich")}


@pytest.mark.parametrize("metric", ["r2", "mae"])
def test_a_daily_driver_loses_its_mean_error_at_each_origin(
    predictions: dict[str, pd.DataFrame], origins: Origins, config: DriversConfig, metric: str
) -> None:
    losses = losses_by_origin(predictions, origins, BANDS, config.series, metric)["temperature_c"][Band(2, 56)]
    assert list(losses.index) == list(pd.date_range(origins.selection[0], origins.selection[-1]))
    for name, rows in predictions.items():
        for origin, loss in losses[name].items():
            errors = [
                abs(row.mean - row.actual)
                for row in rows[rows["origin"] == origin].itertuples()
                if row.driver == "temperature_c" and row.horizon_days > 1
            ]
            assert loss == pytest.approx(sum(error ** (1 if metric == "mae" else 2) for error in errors) / len(errors))


def test_origins_of_one_month_are_one_piece_of_evidence_of_a_monthly_driver(
    predictions: dict[str, pd.DataFrame], origins: Origins, config: DriversConfig
) -> None:
    losses = losses_by_origin(predictions, origins, BANDS, config.series, "rmse")["construction_index"][Band(1, 56)]
    months = sorted({day.to_period("M") for day in pd.date_range(origins.selection[0], origins.selection[-1])})
    assert list(losses.index.to_period("M")) == months
    rows = predictions["rich"]
    chosen = (
        (rows["driver"] == "construction_index")
        & rows["origin"].between(origins.selection[0], origins.selection[-1])
        & (rows["origin"].dt.to_period("M") == months[0])
    )
    squares = (rows["mean"] - rows["actual"])[chosen] ** 2
    assert losses["rich"].iloc[0] == pytest.approx(squares.mean())


def test_rows_outside_the_selection_change_nothing(
    predictions: dict[str, pd.DataFrame], origins: Origins, config: DriversConfig
) -> None:
    def losses(of: dict[str, pd.DataFrame]) -> pd.DataFrame:
        return losses_by_origin(of, origins, BANDS, config.series, "r2")["temperature_c"][Band(1, 1)]

    spoilt = {
        name: rows.assign(
            actual=rows["actual"].mask((rows["date"] >= origins.holdout) | (rows["origin"] < origins.selection[0]), 1e9)
        )
        for name, rows in predictions.items()
    }
    pd.testing.assert_frame_equal(losses(spoilt), losses(predictions))


@pytest.mark.parametrize(
    ("driver", "band", "overlap"),
    [
        ("temperature_c", Band(1, 1), 1),  # the day is over when the next origin comes
        ("temperature_c", Band(2, 7), 7),
        ("construction_index", Band(1, 1), 2),  # its month ends 29 days later at most, and is published 30 days on
        ("construction_index", Band(31, 91), 5),
    ],
)
def test_windows_overlap_until_what_they_ask_for_is_published(
    config: DriversConfig, driver: str, band: Band, overlap: int
) -> None:
    assert origin_test(band, config.series[driver], 0.1).overlap == overlap
