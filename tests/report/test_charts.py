"""What the charts draw, against plain loops."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.report.boards import BASELINES, DRIVER_NAMES
from mixplan.report.charts import chart
from mixplan.report.forecast_charts import driver_band, plant_interval, plant_totals
from mixplan.report.inputs import read_results

CONF = Path(__file__).parents[2] / "conf"


def test_plant_totals_equal_a_loop_over_rows(root: Path) -> None:
    results = read_results(root)
    totals = plant_totals(results)
    assert len(totals) == 104 + 6
    newest: dict[tuple[str, pd.Timestamp], tuple[pd.Timestamp, float]] = {}
    for row in results.backtest.itertuples():
        key = (row.product, row.week)
        newest[key] = max(newest.get(key, (row.origin, row.prediction_kg)), (row.origin, row.prediction_kg))
    for week, drawn in totals.iterrows():
        end = week + pd.Timedelta(days=7)
        sold = sum(row.quantity_kg for row in results.sales.itertuples() if week <= row.sold_on < end) / 1000
        past = sum(kg for (_, monday), (_, kg) in newest.items() if monday == week) / 1000
        ahead = sum(row.prediction_kg for row in results.forecast.itertuples() if row.week == week) / 1000
        expected = {"actual": sold if week < results.origin else np.nan, "past_forecast": past or np.nan}
        pd.testing.assert_series_equal(drawn, pd.Series(expected | {"forecast": ahead or np.nan}, name=week))


def test_a_week_without_sales_is_zero_and_not_a_gap(root: Path) -> None:
    results = read_results(root)
    week = results.origin - pd.Timedelta(weeks=10)
    gone = results.sales["sold_on"].between(week, week + pd.Timedelta(days=6))
    object.__setattr__(results, "sales", results.sales[~gone])
    assert plant_totals(results).loc[week, "actual"] == 0.0


def test_the_band_of_a_driver_is_its_error_so_many_weeks_ahead(root: Path) -> None:
    results = read_results(root)
    low, high = driver_band(results, "temperature_c")
    expected = results.expected["temperature_c"].to_numpy()
    np.testing.assert_allclose(high - expected, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
    np.testing.assert_allclose(expected - low, [0.5, 1.0, 1.5, 2.0, 2.5, 3.0])


@given(
    ratios=st.lists(st.floats(0.1, 10), min_size=2, max_size=40),
    level=st.floats(0.1, 0.95),
    scale=st.floats(0.01, 1000),
)
def test_the_interval_holds_its_share_of_the_backtest_in_any_unit(
    ratios: list[float], level: float, scale: float
) -> None:
    weeks = pd.date_range("2024-01-01", periods=len(ratios), freq="W-MON")
    backtest = pd.DataFrame({"origin": weeks[0], "week": weeks, "actual_kg": ratios, "prediction_kg": 1.0})
    low, high = plant_interval(backtest, level)
    inside = sum(low - 1e-9 <= ratio <= high + 1e-9 for ratio in ratios)
    assert inside >= level * (len(ratios) - 1) - 1 - 1e-9
    scaled = backtest.assign(actual_kg=backtest["actual_kg"] * scale, prediction_kg=scale)
    assert plant_interval(scaled, level) == pytest.approx((low, high))


def test_products_that_miss_in_opposite_ways_cancel_in_the_plant() -> None:
    week = pd.Timestamp("2024-01-01")
    rows = [(week, week, 15.0, 10.0), (week, week, 5.0, 10.0)]
    backtest = pd.DataFrame(rows, columns=["origin", "week", "actual_kg", "prediction_kg"])
    assert plant_interval(backtest, 0.8) == (1.0, 1.0)


def test_two_charts_share_no_id_and_the_alternative_text_is_escaped() -> None:
    first, second = (
        chart(name, "caption", 'alt "<b>"', lambda figure, _: figure.add_subplot().plot([1, 2]), (2.0, 2.0))
        for name in ("first", "second")
    )
    ids = [
        {part.split('"')[0] for part in drawn.split(' id="')[1:]} for drawn in (first.wide, first.narrow, second.wide)
    ]
    assert all(ids)
    assert ids[0].isdisjoint(ids[1])
    assert ids[0].isdisjoint(ids[2])
    assert 'aria-label="alt &#34;&lt;b&gt;&#34;"' in first.wide


def test_every_baseline_is_a_candidate() -> None:
    candidates = {path.stem for kind in ("candidates", "policies") for path in CONF.glob(f"*/{kind}/*.yaml")}
    assert candidates >= BASELINES


def test_every_driver_has_a_name() -> None:
    from mixplan.mart.summary import DRIVERS

    assert set(DRIVER_NAMES) == set(DRIVERS)
