"""Forecasts kept as they were known, and scored by what came, against plain loops over days."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.demand.vintages import by_calendar_month, keep, plans_ahead, read_vintages, score_vintages

ORIGIN = pd.Timestamp("2024-01-29")
WEEK = pd.Timedelta(weeks=1)


def forecast(origin: pd.Timestamp = ORIGIN, weeks: int = 13, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [(origin, product, origin + ahead * WEEK) for product in ("A", "B") for ahead in range(weeks)]
    frame = pd.DataFrame(rows, columns=["origin", "product", "week"])
    return frame.assign(prediction_kg=rng.uniform(10.0, 90.0, len(frame)), candidate="ridge")


@pytest.fixture
def sales() -> pd.DataFrame:
    """Every day of product A, product B never in March."""
    days = pd.date_range("2024-01-01", "2024-06-30")
    rng = np.random.default_rng(3)
    parts = [
        pd.DataFrame({"sold_on": days, "product": product, "quantity_kg": rng.uniform(1.0, 15.0, len(days))})
        for product in ("A", "B", "C")
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame[(frame["product"] != "B") | (frame["sold_on"].dt.month != 3)]


def kept(folder: Path, *frames: pd.DataFrame, data_version: str = "d1") -> pd.DataFrame:
    for frame in frames:
        keep(folder, frame, frame["origin"].iloc[0], data_version)
    return read_vintages(folder)


def monthly(rows: pd.DataFrame, column: str) -> dict[tuple[str, str], float]:
    """By product and month, day by day."""
    totals: dict[tuple[str, str], float] = {}
    for row in rows.to_dict("records"):
        for day in range(7):
            key = (row["product"], f"{row['week'] + pd.Timedelta(days=day):%Y-%m}")
            totals[key] = totals.get(key, 0.0) + row[column] / 7
    return totals


def test_a_vintage_is_written_once_and_never_changed(tmp_path: Path) -> None:
    keep(tmp_path, forecast(), ORIGIN, "d1")
    before = sha256_of(tmp_path)
    keep(tmp_path, forecast(), ORIGIN, "d1")
    assert sha256_of(tmp_path) == before
    keep(tmp_path, forecast(seed=2), ORIGIN, "d1")
    keep(tmp_path, forecast(), ORIGIN, "d2")
    keep(tmp_path, forecast(ORIGIN + WEEK), ORIGIN + WEEK, "d1")
    files = sorted(path.name for path in tmp_path.iterdir())
    assert len(files) == 4
    assert [name[:10] for name in files] == ["2024-01-29"] * 3 + ["2024-02-05"]
    first = read_vintages(tmp_path).query("data_version == 'd2'").drop(columns=["data_version", "vintage"])
    pd.testing.assert_frame_equal(first[forecast().columns].reset_index(drop=True), forecast())


def test_no_rows_are_no_vintage(tmp_path: Path) -> None:
    keep(tmp_path / "planners", forecast().iloc[:0], ORIGIN, "d1")
    assert not (tmp_path / "planners").exists()
    assert read_vintages(tmp_path / "planners").empty


def test_months_are_those_of_a_loop_over_days() -> None:
    found = by_calendar_month(forecast().sample(frac=1.0, random_state=1))
    expected = monthly(forecast(), "prediction_kg")
    assert {f"{month:%Y-%m}" for month in found["month"]} == {"2024-02", "2024-03"}  # until Sunday 28 April
    for row in found.itertuples():
        assert row.prediction_kg == pytest.approx(expected[row.product, f"{row.month:%Y-%m}"])


def test_a_month_that_begins_and_ends_with_the_forecast_is_whole() -> None:
    whole = by_calendar_month(forecast(pd.Timestamp("2027-02-01"), weeks=4))
    assert set(whole["month"]) == {pd.Timestamp("2027-02-01")}


def test_plans_for_months_that_had_begun_are_no_forecast() -> None:
    plans = pd.DataFrame(
        {
            "month": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]),
            "product": "A",
            "quantity_kg": 1.0,
            "source_file": "plan.csv",
        }
    )
    assert plans_ahead(plans, ORIGIN)["month"].tolist() == [pd.Timestamp("2024-02-01"), pd.Timestamp("2024-03-01")]
    assert plans_ahead(plans, pd.Timestamp("2024-02-01"))["month"].iloc[0] == pd.Timestamp("2024-02-01")


@pytest.mark.parametrize(
    ("until", "months"), [("2024-02-29", 0), ("2024-03-01", 1), ("2024-03-31", 1), ("2024-07-01", 2)]
)
def test_months_are_scored_when_they_are_over(tmp_path: Path, sales: pd.DataFrame, until: str, months: int) -> None:
    found = score_vintages(kept(tmp_path, forecast()), pd.DataFrame(), sales, pd.Timestamp(until))
    assert [row["months"] for row in found] == [float(months)] * (months > 0)


def test_scores_are_those_of_a_loop(tmp_path: Path, sales: pd.DataFrame) -> None:
    (found,) = score_vintages(kept(tmp_path, forecast()), pd.DataFrame(), sales, pd.Timestamp("2024-07-01"))
    sold: dict[tuple[str, str], float] = {}
    for row in sales.itertuples():
        key = (row.product, f"{row.sold_on:%Y-%m}")
        sold[key] = sold.get(key, 0.0) + row.quantity_kg
    expected = monthly(forecast(), "prediction_kg")
    errors = [
        (expected[product, month] - sold.get((product, month), 0.0), sold.get((product, month), 0.0))
        for product in "AB"
        for month in ("2024-02", "2024-03")
    ]
    total = sum(actual for _, actual in errors)
    assert found["wape"] == pytest.approx(sum(abs(error) for error, _ in errors) / total)
    assert found["bias"] == pytest.approx(sum(error for error, _ in errors) / total)
    assert found["rmse"] == pytest.approx((sum(error**2 for error, _ in errors) / 4) ** 0.5)
    assert (found["origin"], found["data_version"], found["candidate"]) == ("2024-01-29", "d1", "ridge")
    assert "value_added" not in found


def test_planners_are_scored_on_what_both_forecast_on_the_same_day(tmp_path: Path, sales: pd.DataFrame) -> None:
    """Planners: A in February alone, with a later plan that must not count."""
    forecasts = kept(tmp_path / "forecasts", forecast())
    plans = pd.DataFrame(
        {"origin": [ORIGIN], "product": ["A"], "month": pd.Timestamp("2024-02-01"), "quantity_kg": 300.0}
    )
    later = plans.assign(origin=ORIGIN + WEEK, quantity_kg=0.0)
    planners = kept(tmp_path / "planners", plans, later)
    (found,) = score_vintages(forecasts, planners, sales, pd.Timestamp("2024-07-01"))
    actual = sales.loc[(sales["product"] == "A") & (sales["sold_on"].dt.month == 2), "quantity_kg"].sum()
    own = abs(monthly(forecast(), "prediction_kg")["A", "2024-02"] - actual) / actual
    theirs = abs(300.0 - actual) / actual
    assert found["planners_wape"] == pytest.approx(theirs)
    assert found["value_added"] == pytest.approx(1 - own / theirs)


def test_two_forecasts_of_one_day_are_scored_apart(tmp_path: Path, sales: pd.DataFrame) -> None:
    until = pd.Timestamp("2024-07-01")
    both = score_vintages(kept(tmp_path, forecast(), forecast(seed=2)), pd.DataFrame(), sales, until)
    assert len({row["wape"] for row in both}) == 2


def test_nothing_kept_is_nothing_scored(sales: pd.DataFrame) -> None:
    assert score_vintages(pd.DataFrame(), pd.DataFrame(), sales, pd.Timestamp("2024-07-01")) == []
