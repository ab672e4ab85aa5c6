"""Laws of the calendar of origins, for any configuration and any first and last day of sales."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mixplan.config.evaluation import EvaluationConfig
from mixplan.evaluation.origins import HistoryTooShortError, Origins, plan_origins

WEEK = pd.Timedelta(weeks=1)
CONFIG = EvaluationConfig(
    horizon_weeks=26,
    grid_weeks=2,
    training_step_weeks=4,
    selection_step_weeks=8,
    selection_origins=6,
    holdout_weeks=26,
    minimum_history_weeks=54,
)


@st.composite
def configs(draw: Any) -> EvaluationConfig:
    grid = draw(st.integers(1, 4))
    horizon = grid * draw(st.integers(1, 26 // grid))
    return EvaluationConfig(
        horizon_weeks=horizon,
        grid_weeks=grid,
        training_step_weeks=grid * draw(st.integers(1, 4)),
        selection_step_weeks=grid * draw(st.integers(1, 6)),
        selection_origins=draw(st.integers(1, 6)),
        holdout_weeks=horizon + grid * draw(st.integers(0, 5)),
        minimum_history_weeks=draw(st.integers(1, 60)),
    )


FIRST_DAYS = st.dates(date(2015, 1, 1), date(2017, 12, 31)).map(pd.Timestamp)


@st.composite
def plans(draw: Any) -> tuple[pd.Timestamp, pd.Timestamp, EvaluationConfig, Origins]:
    config, first_day = draw(configs()), draw(FIRST_DAYS)
    enough = config.minimum_history_weeks + 2 * config.horizon_weeks + config.holdout_weeks
    weeks = enough + config.selection_step_weeks * config.selection_origins + draw(st.integers(0, 90))
    last_day = first_day + pd.Timedelta(days=7 * weeks + draw(st.integers(14, 20)))
    return first_day, last_day, config, plan_origins(first_day, last_day, config)


@given(plans())
@settings(deadline=None)
def test_origins_are_mondays_in_order_on_one_grid(plan: Any) -> None:
    first_day, _, config, origins = plan
    everything = [*origins.grid, *origins.selection, origins.holdout, origins.final]
    assert all(day.weekday() == 0 and day == day.normalize() for day in everything)
    assert origins.grid.is_monotonic_increasing
    assert origins.grid.is_unique
    assert {(later - earlier) // WEEK for earlier, later in zip(origins.grid, origins.grid[1:], strict=False)} <= {
        config.grid_weeks
    }
    assert origins.grid[-1] == origins.final
    assert {*origins.selection, origins.holdout} <= set(origins.grid)
    assert origins.grid[0] >= first_day + config.minimum_history_weeks * WEEK


@given(plans())
@settings(deadline=None)
def test_no_choice_sees_the_holdout(plan: Any) -> None:
    _, _, config, origins = plan
    assert origins.selection[-1] + config.horizon_weeks * WEEK == origins.holdout
    assert (origins.selection + config.horizon_weeks * WEEK <= origins.holdout).all()
    assert origins.holdout + config.holdout_weeks * WEEK == origins.final
    assert len(origins.selection) == config.selection_origins
    steps = {(b - a) // WEEK for a, b in zip(origins.selection, origins.selection[1:], strict=False)}
    assert steps <= {config.selection_step_weeks}


@given(plans())
@settings(deadline=None)
def test_nothing_lies_after_the_last_complete_week(plan: Any) -> None:
    _, last_day, _, origins = plan
    after_the_last_day = last_day + pd.Timedelta(days=1)
    assert origins.final <= after_the_last_day < origins.final + WEEK
    assert origins.grid.max() == origins.final


@given(plans(), st.integers(1, 12))
@settings(deadline=None)
def test_training_origins_lie_before_the_origin_by_whole_steps(plan: Any, step: int) -> None:
    _, _, _, origins = plan
    for origin in (origins.final, origins.holdout, *origins.selection):
        expected, day = [], origins.final
        while day >= origins.grid[0]:
            if day in origins.grid and day < origin and ((origin - day) // WEEK) % step == 0:
                expected.append(day)
            day -= WEEK
        assert list(origins.training(origin, step)) == expected[::-1]


@given(plans())
@settings(deadline=None)
def test_every_selection_origin_has_whole_outcomes_to_learn_from(plan: Any) -> None:
    _, _, config, origins = plan
    before = origins.training(origins.selection[0], config.grid_weeks)
    assert before[0] + config.horizon_weeks * WEEK <= origins.selection[0]


@given(configs())
def test_overlap_counts_origins_whose_windows_share_a_week(config: EvaluationConfig) -> None:
    step, weeks = config.selection_step_weeks, range(config.horizon_weeks)
    sharing = [later for later in range(30) if {later * step + week for week in weeks} & set(weeks)]
    assert config.overlap == len(sharing)


@given(configs(), FIRST_DAYS, st.integers(8, 400))
@settings(deadline=None)
def test_history_is_enough_exactly_when_the_message_says_so(
    config: EvaluationConfig, first_day: pd.Timestamp, weeks: int
) -> None:
    monday = first_day + pd.Timedelta(days=-first_day.weekday() % 7)
    last_day = monday + weeks * WEEK - pd.Timedelta(days=1)
    needed = config.minimum_history_weeks + 2 * config.horizon_weeks + config.holdout_weeks
    needed += (config.selection_origins - 1) * config.selection_step_weeks
    if weeks >= needed:
        assert plan_origins(first_day, last_day, config).final == last_day + pd.Timedelta(days=1)
        return
    with pytest.raises(HistoryTooShortError, match=rf"sales: {weeks} complete weeks .* which needs {needed}; lower"):
        plan_origins(first_day, last_day, config)


@pytest.mark.parametrize(("last_day", "final"), [("2024-06-29", "2024-06-24"), ("2024-06-30", "2024-07-01")])
def test_an_unfinished_last_week_is_not_used(last_day: str, final: str) -> None:
    origins = plan_origins(pd.Timestamp("2019-01-01"), pd.Timestamp(last_day), CONFIG)
    assert origins.final == pd.Timestamp(final)


def test_calendar_of_the_configuration_in_full() -> None:
    """Counted by hand: 2024-07-01 less 26 weeks, less 26 again, and five times 8 weeks back from there."""
    origins = plan_origins(pd.Timestamp("2019-01-01"), pd.Timestamp("2024-06-30"), CONFIG)
    assert origins.holdout == pd.Timestamp("2024-01-01")
    assert [str(day.date()) for day in origins.selection] == [
        "2022-09-26",
        "2022-11-21",
        "2023-01-16",
        "2023-03-13",
        "2023-05-08",
        "2023-07-03",
    ]


def test_a_source_without_sales_is_refused() -> None:
    with pytest.raises(HistoryTooShortError, match=r"sales: there are none"):
        plan_origins(pd.NaT, pd.NaT, CONFIG)  # type: ignore[arg-type]


@given(configs(), st.sampled_from(["horizon_weeks", "training_step_weeks", "selection_step_weeks", "holdout_weeks"]))
def test_steps_off_the_grid_are_refused(config: EvaluationConfig, name: str) -> None:
    assume(config.grid_weeks > 1)
    with pytest.raises(ValueError, match=r"must be a multiple of grid_weeks"):
        EvaluationConfig(**config.model_dump() | {name: getattr(config, name) - 1 or config.grid_weeks + 1})


def test_a_holdout_shorter_than_the_horizon_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be shorter than horizon_weeks"):
        EvaluationConfig(**CONFIG.model_dump() | {"holdout_weeks": 24})
