"""The table of folds, against dates that are counted day by day."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mixplan.config.evaluation import EvaluationConfig
from mixplan.evaluation.folds import folds
from mixplan.evaluation.origins import HistoryTooShortError, plan_origins

WEEK = timedelta(weeks=1)


def mondays(first: date, until: date) -> list[date]:
    days = (first + timedelta(days=ahead) for ahead in range((until - first).days))
    return [day for day in days if day.weekday() == 0]


@given(
    st.dates(date(2019, 1, 1), date(2020, 1, 1)),
    st.integers(700, 1500),
    st.integers(1, 2),
    st.integers(1, 4),
    st.integers(1, 13),
    st.integers(1, 4),
)
@settings(deadline=None)
def test_folds_are_those_of_a_calendar(
    first: date, days: int, grid: int, training: int, horizon: int, origins: int
) -> None:
    config = EvaluationConfig(
        horizon_weeks=horizon * grid,
        grid_weeks=grid,
        training_step_weeks=training * grid,
        selection_step_weeks=4 * grid,
        selection_origins=origins,
        holdout_weeks=13 * grid,
        minimum_history_weeks=54,
    )
    last = first + timedelta(days=days)
    try:
        planned = plan_origins(pd.Timestamp(first), pd.Timestamp(last), config)
    except HistoryTooShortError:
        assume(False)
    table = folds(planned, config)
    whole = mondays(first, last + timedelta(days=1))
    final = max(day for day in [*whole, whole[-1] + WEEK] if day <= last + timedelta(days=1))
    holdout = final - 13 * grid * WEEK
    chosen = [holdout - horizon * grid * WEEK - back * 4 * grid * WEEK for back in range(origins)][::-1]
    assert [day.date() for day in table["origin"]] == [*chosen, holdout, final]
    assert table["use"].tolist() == [*["chooses winners"] * origins, "scores the winner once", "is acted on"]
    for fold in table.itertuples():
        origin = fold.origin.date()
        assert fold.until.date() == origin + horizon * grid * WEEK - timedelta(days=1)
        first_week = min(day for day in mondays(first, last) if day >= first)
        earlier = [day for day in whole if day < origin and day >= first_week + 54 * WEEK]
        learnt = [day for day in earlier if (origin - day).days % (7 * training * grid) == 0]
        assert fold.training_origins == len(learnt)
        assert pd.isna(fold.training_from) if not learnt else fold.training_from.date() == min(learnt)


def test_no_window_that_chooses_reaches_into_the_last_one() -> None:
    config = EvaluationConfig(
        horizon_weeks=26,
        grid_weeks=2,
        training_step_weeks=4,
        selection_step_weeks=8,
        selection_origins=3,
        holdout_weeks=26,
        minimum_history_weeks=54,
    )
    table = folds(plan_origins(pd.Timestamp("2019-01-01"), pd.Timestamp("2022-06-30"), config), config)
    last = table.loc[table["use"] == "scores the winner once", "origin"].item()
    assert (table.loc[table["use"] == "chooses winners", "until"] < last).all()
    assert table["until"].iloc[-3] == last - pd.Timedelta(days=1)
    assert pytest.approx(table["training_origins"].diff().iloc[1:3].tolist()) == [2.0, 2.0]
