"""Forecasts against the planners' numbers of the first whole month, by hand."""

import pandas as pd
import pytest

from mixplan.demand.planners import skill_against_planners, with_planners_skill

ORIGINS = pd.to_datetime(["2024-01-29", "2024-04-22"])
SALES = pd.DataFrame(
    {
        "sold_on": pd.to_datetime(["2024-02-10", "2024-02-11", "2024-05-02", "2024-03-05"]),
        "product": ["A", "B", "A", "A"],
        "quantity_kg": [200.0, 100.0, 400.0, 9e9],
    }
)


def backtest(daily_kg: float) -> pd.DataFrame:
    rows = [
        (origin, product, origin + pd.Timedelta(weeks=ahead), 7 * daily_kg)
        for origin in ORIGINS
        for product in ("A", "B")
        for ahead in range(13)
    ]
    return pd.DataFrame(rows, columns=["origin", "product", "week", "prediction_kg"])


def plans(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["month", "product", "quantity_kg"])
    return frame.assign(month=pd.to_datetime(frame["month"]))


def test_skill_is_of_the_first_whole_month_of_each_origin() -> None:
    """February has 29 days and May 31; March is no first month, and for B in May planners gave nothing."""
    given = plans(
        ("2024-02-01", "A", 150.0), ("2024-02-01", "B", 150.0), ("2024-05-01", "A", 300.0), ("2024-03-01", "A", 0)
    )
    theirs = 50.0 + 50.0 + 100.0
    own = abs(10 * 29 - 200.0) + abs(10 * 29 - 100.0) + abs(10 * 31 - 400.0)
    assert skill_against_planners(backtest(10.0), given, SALES) == pytest.approx(1 - own / theirs)


def test_candidates_keep_their_scores_and_those_with_a_skill_get_it() -> None:
    given = plans(("2024-02-01", "A", 150.0))
    scores = {"ridge": {"wape_6m": 0.5}}
    with_skill = with_planners_skill(scores, {"ridge": backtest(10.0)}, given, SALES)
    assert with_skill == {"ridge": {"wape_6m": 0.5, "skill_planners_own": pytest.approx(1 - 90.0 / 50.0)}}
    assert with_planners_skill(scores, {"ridge": backtest(10.0)}, plans(), SALES) == scores


@pytest.mark.parametrize(
    "given",
    [plans(), plans(("2024-03-01", "A", 1.0)), plans(("2024-02-01", "A", 200.0)), plans(("2024-05-01", "B", 5.0))],
    ids=["no plans", "other months", "never wrong", "nothing sold"],
)
def test_without_an_error_of_theirs_there_is_no_skill(given: pd.DataFrame) -> None:
    assert skill_against_planners(backtest(10.0), given, SALES) is None
