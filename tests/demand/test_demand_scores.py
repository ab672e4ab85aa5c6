"""Scores at product and month of the horizon, against plain loops."""

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.demand.history import HORIZON_MONTHS
from mixplan.demand.scores import by_horizon_month, by_month, planners_own_score, score

Sums = dict[tuple[pd.Timestamp, str, int], tuple[float, float]]


@pytest.fixture(scope="module")
def predictions() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    rows = [
        (origin, product, origin + pd.Timedelta(weeks=ahead - 1), ahead)
        for origin in pd.to_datetime(["2023-01-02", "2023-02-27"])
        for product in ("A", "B", "C")
        for ahead in range(1, 27)
    ]
    frame = pd.DataFrame(rows, columns=["origin", "product", "week", "horizon_weeks"])
    frame["actual_kg"] = rng.lognormal(6.0, 1.0, len(frame))
    frame["prediction_kg"] = frame["actual_kg"] * rng.lognormal(0.1, 0.4, len(frame))
    frame["lower_kg"], frame["upper_kg"] = frame["prediction_kg"] * 0.7, frame["prediction_kg"] * 1.2
    return frame.sample(frac=1.0, random_state=1)


def month_of(week: int) -> int:
    return next(month for month, (first, last) in HORIZON_MONTHS.items() if first <= week <= last)


def sums(predictions: pd.DataFrame) -> Sums:
    totals: defaultdict[tuple[pd.Timestamp, str, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in predictions.itertuples():
        total = totals[row.origin, row.product, month_of(row.horizon_weeks)]
        total[0] += row.actual_kg
        total[1] += row.prediction_kg
    return {key: (actual, predicted) for key, (actual, predicted) in totals.items()}


def naive_scores(pairs: list[tuple[float, float]]) -> dict[str, float]:
    count, total = len(pairs), sum(actual for actual, _ in pairs)
    squared = sum((predicted - actual) ** 2 for actual, predicted in pairs)
    return {
        "r2": 1 - squared / sum((actual - total / count) ** 2 for actual, _ in pairs),
        "rmse": math.sqrt(squared / count),
        "mae": sum(abs(predicted - actual) for actual, predicted in pairs) / count,
        "wape": sum(abs(predicted - actual) for actual, predicted in pairs) / total,
        "bias": sum(predicted - actual for actual, predicted in pairs) / total,
    }


def test_sums_are_those_of_a_loop(predictions: pd.DataFrame) -> None:
    found = by_month(predictions).set_index(["origin", "product", "month"])
    expected = sums(predictions)
    assert len(found) == len(expected) == 2 * 3 * 6
    for key, (actual, predicted) in expected.items():
        assert found.loc[key, ["actual_kg", "prediction_kg"]].tolist() == pytest.approx([actual, predicted])


def test_scores_are_those_of_a_loop(predictions: pd.DataFrame) -> None:
    totals, expected = sums(predictions), {}
    for ahead in (3, 6):
        pairs = [pair for (_, _, month), pair in totals.items() if month <= ahead]
        expected |= {f"{name}_{ahead}m": value for name, value in naive_scores(pairs).items()}
    inside = [row.lower_kg <= row.actual_kg <= row.upper_kg for row in predictions.itertuples()]
    expected["interval_coverage"] = sum(inside) / len(inside)
    assert score(predictions) == pytest.approx(expected)


def test_scores_by_month_are_those_of_a_loop(predictions: pd.DataFrame) -> None:
    totals = sums(predictions)
    weeks_before = pd.date_range(end=predictions["origin"].min() - pd.Timedelta(weeks=1), periods=60, freq="W-MON")
    sold = {name: 100.0 + 10.0 * number for number, name in enumerate(sorted(predictions["product"].unique()))}
    # What is sold grows by a tenth at the end of the year: eight weeks of sixty can be held against the year before.
    history = pd.DataFrame({name: [kg] * 52 + [1.1 * kg] * 8 for name, kg in sold.items()}, weeks_before)
    rows = by_horizon_month(predictions, history, 0.8).set_index("month").to_dict("index")
    assert list(rows) == list(HORIZON_MONTHS)
    for month, scores in rows.items():
        weeks = [row for row in predictions.itertuples() if month_of(row.horizon_weeks) == month]
        inside = [row.lower_kg <= row.actual_kg <= row.upper_kg for row in weeks]
        assert scores.pop("coverage") == pytest.approx(sum(inside) / len(inside))
        width = [
            max(0.1 * (row.actual_kg - row.lower_kg), 0.9 * (row.lower_kg - row.actual_kg))
            + max(0.9 * (row.actual_kg - row.upper_kg), 0.1 * (row.upper_kg - row.actual_kg))
            for row in weeks
        ]
        assert scores.pop("pinball") == pytest.approx(sum(width) / len(width) / 2)
        scaled = [abs(row.actual_kg - row.prediction_kg) / (0.1 * sold[row.product]) for row in weeks]
        assert scores.pop("mase") == pytest.approx(sum(scaled) / len(scaled))
        assert scores == pytest.approx(naive_scores([pair for key, pair in totals.items() if key[2] == month]))


@pytest.mark.parametrize("column", ["actual_kg", "prediction_kg", "lower_kg"])
def test_a_missing_value_is_an_error(predictions: pd.DataFrame, column: str) -> None:
    """A model must not win by declining a hard week, nor a week without its outcome count as zero."""
    spoilt = predictions.copy()
    spoilt.loc[spoilt.index[7], column] = np.nan
    with pytest.raises(ValueError, match="must be finite"):
        score(spoilt)


SALES = pd.DataFrame(
    {
        "sold_on": pd.to_datetime(["2023-05-31", "2023-06-01", "2023-06-30", "2023-07-15", "2023-07-31", "2023-08-02"]),
        "product": ["A", "A", "A", "A", "B", "A"],
        "quantity_kg": [900.0, 10.0, 20.0, 50.0, 5.0, 700.0],
    }
)
PLANS = pd.DataFrame(
    {
        "month": pd.to_datetime(["2023-05-01", "2023-06-01", "2023-06-01", "2023-07-01", "2023-07-01", "2023-08-01"]),
        "product": ["A", "A", "B", "A", "B", "A"],
        "quantity_kg": [1.0, 40.0, 6.0, 40.0, 5.0, 1.0],
    }
)


def test_planners_are_scored_on_whole_months_of_the_time_asked_for() -> None:
    """Sold 30, 0, 50 and 5 against 40, 6, 40 and 5 planned; May and August are not whole."""
    scores = planners_own_score(PLANS, SALES, pd.Timestamp("2023-05-08"), pd.Timestamp("2023-08-07"))
    assert scores == pytest.approx(naive_scores([(30.0, 40.0), (0.0, 6.0), (50.0, 40.0), (5.0, 5.0)]))


def test_planners_without_plans_have_no_score() -> None:
    assert planners_own_score(PLANS.iloc[:0], SALES, pd.Timestamp("2023-05-08"), pd.Timestamp("2023-08-07")) == {}
    assert planners_own_score(PLANS, SALES, pd.Timestamp("2023-06-05"), pd.Timestamp("2023-07-31")) == {}


def test_columns_of_a_score_are_the_ones_that_may_pick_a_winner(predictions: pd.DataFrame) -> None:
    scores: dict[str, Any] = score(predictions)
    assert {"rmse_6m", "r2_6m", "mae_6m", "wape_6m"} <= set(scores)
