"""The frame of forecasts and the models that are kept, with the cheapest candidate."""

import numpy as np
import pandas as pd
import pytest

from mixplan.config.drivers import Climatology, DriversConfig
from mixplan.drivers.backtest import Backtest, backtest
from mixplan.drivers.interface import DriverError
from mixplan.evaluation.origins import Origins

CANDIDATE = Climatology(target="mixplan.drivers.climatology.Climatology", harmonics=1)


@pytest.fixture(scope="module")
def result(series: dict[str, pd.Series], origins: Origins, config: DriversConfig) -> Backtest:
    return backtest(CANDIDATE, series, origins, config, 56, seed=1)


def test_every_driver_origin_and_day_has_one_row(result: Backtest, origins: Origins) -> None:
    rows = result.predictions
    columns = ["driver", "origin", "date", "horizon_days", "actual", "mean", "lower", "upper"]
    assert list(rows.columns) == columns
    daily = pd.date_range(origins.selection[0], origins.selection[-1])
    assert set(rows["origin"]) == {*origins.grid, *daily}
    assert rows.groupby(["driver", "origin"]).size().tolist() == [56] * 2 * rows["origin"].nunique()
    assert not rows.duplicated(["driver", "origin", "horizon_days"]).any()
    assert (rows["date"] == rows["origin"] + pd.to_timedelta(rows["horizon_days"] - 1, unit="D")).all()
    assert rows.drop(columns="actual").notna().all(axis=None)


def test_actuals_are_looked_up_and_unknown_ones_missing(result: Backtest, series: dict[str, pd.Series]) -> None:
    for row in result.predictions.iloc[::97].itertuples():
        values = series[row.driver]
        step = row.date if row.driver == "temperature_c" else row.date.replace(day=1)
        expected = values[step] if step in values.index else np.nan
        np.testing.assert_equal(row.actual, expected)
    assert result.predictions["actual"].isna().any()


def test_each_day_has_its_months_forecast(result: Backtest, series: dict[str, pd.Series]) -> None:
    rows = result.predictions[result.predictions["driver"] == "construction_index"]
    season = result.models["construction_index"].season
    expected = season.mean(pd.DatetimeIndex(rows["date"].dt.to_period("M").dt.start_time))
    np.testing.assert_allclose(rows["mean"], np.maximum(expected, 0.0))


def test_parameters_come_from_the_first_selection_origin(
    result: Backtest, series: dict[str, pd.Series], origins: Origins
) -> None:
    daily = series["temperature_c"]
    model = result.models["temperature_c"]
    before = daily[daily.index < origins.selection[0]]
    expected = CANDIDATE.build(facts=model.facts, interval=0.8).fit(before).season.coefficients
    np.testing.assert_array_equal(model.season.coefficients, expected)


def test_models_have_observed_what_the_final_origin_knows(result: Backtest, origins: Origins) -> None:
    daily, monthly = result.models["temperature_c"], result.models["construction_index"]
    assert daily.history.index[-1] == origins.final - pd.Timedelta(days=1)
    assert monthly.history.index[-1] == pd.Timestamp(
        "2022-10-01"
    )  # November ended less than 30 days before 26 December
    final = result.predictions[result.predictions["origin"] == origins.final].set_index("driver")
    forecast = daily.predict(56)
    pd.testing.assert_frame_equal(final.loc["temperature_c", forecast.columns].reset_index(drop=True), forecast)


def test_driver_that_begins_too_late_is_named(
    series: dict[str, pd.Series], origins: Origins, config: DriversConfig
) -> None:
    late = {"temperature_c": series["temperature_c"].loc["2022-09-01":]}
    with pytest.raises(
        DriverError, match="temperature_c: its first value is of 2022-09-01, later than the first origin"
    ):
        backtest(CANDIDATE, late, origins, config, 56, seed=1)
