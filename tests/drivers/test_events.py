"""Probabilities of days on which nobody pours, against plain loops and worlds where the truth is known."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mixplan.config.drivers import Climatology, DriversConfig, EventConfig, HarmonicArima
from mixplan.drivers.backtest import backtest
from mixplan.drivers.bands import Band
from mixplan.drivers.events import PastDays, event_forecasts, expected_days, score_events
from mixplan.evaluation.origins import Origins

COLD = EventConfig(driver="temperature_c", side="below", limit=27.0)
WARM = EventConfig(driver="temperature_c", side="at_least", limit=27.0)
CLIMATOLOGY = Climatology(_target_="mixplan.drivers.climatology.Climatology", harmonics=2)
BANDS = {"temperature_c": [Band(1, 1), Band(2, 56)]}


@pytest.fixture(scope="module")
def rule(config: DriversConfig) -> DriversConfig:
    """One daily driver and two kinds of days, one of them of a driver that the source lacks."""
    daily = config.series["temperature_c"]
    events = {"too_cold": COLD, "too_wet": EventConfig(driver="rain_mm", side="at_least", limit=5.0)}
    return config.model_copy(update={"series": {"temperature_c": daily, "rain_mm": daily}, "events": events})


@pytest.fixture(scope="module")
def history(series: dict[str, pd.Series]) -> pd.Series:
    return series["temperature_c"]


@pytest.fixture(scope="module")
def usual(series: dict[str, pd.Series], origins: Origins, rule: DriversConfig) -> pd.DataFrame:
    return backtest(CLIMATOLOGY, {"temperature_c": series["temperature_c"]}, origins, rule, 56, 3).predictions


def test_the_usual_days_probability_is_their_share_about_the_season(
    history: pd.Series, usual: pd.DataFrame, origins: Origins, rule: DriversConfig
) -> None:
    """Days within a month of the date in past years, moved by what the season changed since."""
    events = event_forecasts(usual, usual, {"temperature_c": history}, origins, rule)
    assert set(events["event"]) == {"too_cold"}
    pd.testing.assert_series_equal(events["probability"], events["usual"], check_names=False)
    known = history[history.index < origins.selection[0]]
    past = PastDays.of(known, rule.interval)
    season = pd.Series(past.season.mean(pd.DatetimeIndex(known.index)), index=known.index)
    for row in events.sample(20, random_state=1).itertuples():
        apart = abs(known.index.dayofyear - row.date.dayofyear)
        near = np.minimum(apart, 366 - apart) <= 30
        moved = (known - season)[near] + past.season.mean(pd.DatetimeIndex([row.date]))[0]
        assert row.probability == pytest.approx((moved < COLD.limit).mean())
        assert (row.happened == 1.0) == (history.get(row.date, 99.0) < 27.0)
        assert np.isnan(row.happened) == (row.date > history.index[-1])


def test_what_is_not_below_is_at_least(history: pd.Series, usual: pd.DataFrame) -> None:
    past = PastDays.of(history, 0.8)
    np.testing.assert_allclose(past.probability(usual, COLD) + past.probability(usual, WARM), 1.0)


def test_a_narrower_forecast_is_surer(history: pd.Series) -> None:
    past, date = PastDays.of(history, 0.8), pd.to_datetime(["2023-04-20"] * 2)
    width = past.season.upper[109]
    near = pd.DataFrame({"date": date, "mean": [26.0, 26.0], "upper": [26.0 + width, 26.0 + width / 4]})
    usual, sure = past.probability(near, COLD)
    assert 0.5 < usual < sure


def test_a_day_without_a_spread_is_told_by_its_mean_and_past_errors() -> None:
    days = pd.date_range("2021-01-01", periods=730)
    past = PastDays.of(pd.Series(0.0, index=days), 0.8)
    row = pd.DataFrame({"date": days[:1], "mean": [0.0], "upper": [0.0]})
    assert past.probability(row, EventConfig(driver="snow_cm", side="at_least", limit=1.0)).tolist() == [0.0]


def test_probabilities_come_true_where_the_model_is_the_world(
    simulate: Callable[..., pd.Series], usual: pd.DataFrame, origins: Origins, rule: DriversConfig
) -> None:
    """Errors that fade by 0.7 a day: of tomorrow more can be said than the season does."""
    history = simulate(rule.series["temperature_c"], 731)
    arima = HarmonicArima(
        _target_="mixplan.drivers.harmonic_arima.HarmonicArima",
        max_harmonics=1,
        max_p=1,
        max_q=0,
        information_criterion="aicc",
    )
    own = backtest(arima, {"temperature_c": history}, origins, rule, 56, 3).predictions
    events = event_forecasts(own, usual, {"temperature_c": history}, origins, rule)
    scores = score_events(events, origins, BANDS, rule)["too_cold"]
    assert scores["limit"] == 27.0
    assert scores["bands"]["1d"]["skill"] > 0.1
    assert scores["bands"]["1d"]["brier"] < scores["bands"]["1d"]["brier_usual"]
    known = events.dropna(subset=["happened"])
    assert known["probability"].mean() == pytest.approx(known["happened"].mean(), abs=0.03)
    near = known[known["horizon_days"] == 1]
    assert near["probability"][near["happened"] == 1.0].mean() > near["usual"][near["happened"] == 1.0].mean()


def test_scores_equal_a_plain_loop(
    history: pd.Series, usual: pd.DataFrame, origins: Origins, rule: DriversConfig
) -> None:
    events = event_forecasts(usual, usual, {"temperature_c": history}, origins, rule)
    events["probability"] = np.random.default_rng(1).uniform(size=len(events))
    found = score_events(events, origins, BANDS, rule)["too_cold"]["bands"]["2-56d"]
    chosen = [
        row
        for row in events.itertuples()
        if origins.selection[0] <= row.origin <= origins.selection[-1] and 2 <= row.horizon_days <= 56
    ]
    brier = sum((row.probability - row.happened) ** 2 for row in chosen) / len(chosen)
    usual_brier = sum((row.usual - row.happened) ** 2 for row in chosen) / len(chosen)
    assert found["brier"] == pytest.approx(brier)
    assert found["brier_usual"] == pytest.approx(usual_brier)
    assert found["skill"] == pytest.approx(1 - brier / usual_brier)
    assert found["share"] == pytest.approx(sum(row.happened for row in chosen) / len(chosen))


def test_nothing_after_the_first_selection_origin_shapes_a_probability(
    history: pd.Series, usual: pd.DataFrame, origins: Origins, rule: DriversConfig
) -> None:
    spoilt = history.where(history.index < origins.selection[0], -999.0)
    as_it_was = event_forecasts(usual, usual, {"temperature_c": history}, origins, rule)
    pd.testing.assert_frame_equal(
        event_forecasts(usual, usual, {"temperature_c": spoilt}, origins, rule), as_it_was, check_exact=True
    )


def test_a_week_expects_the_sum_of_its_days(
    history: pd.Series, usual: pd.DataFrame, origins: Origins, rule: DriversConfig
) -> None:
    events = event_forecasts(usual, usual, {"temperature_c": history}, origins, rule)
    weeks = expected_days(events)
    assert list(weeks.columns) == ["origin", "week", "too_cold"]
    row = weeks[weeks["origin"] == origins.final].iloc[1]
    days = events[(events["origin"] == origins.final) & events["horizon_days"].between(8, 14)]
    assert row["week"] == origins.final + pd.Timedelta(weeks=1)
    assert row["too_cold"] == pytest.approx(days["probability"].sum())


def test_a_source_without_the_drivers_has_no_events(usual: pd.DataFrame, origins: Origins, rule: DriversConfig) -> None:
    lacking = rule.model_copy(update={"events": {"too_wet": rule.events["too_wet"]}})
    events = event_forecasts(usual, usual, {}, origins, lacking)
    assert events.empty
    assert score_events(events, origins, {}, lacking) == {}
    assert expected_days(events).empty


def test_a_monthly_driver_tells_no_days(config: DriversConfig) -> None:
    with pytest.raises(ValueError, match=r"events.slack: construction_index is no daily driver of series"):
        DriversConfig.model_validate(
            config.model_dump() | {"events": {"slack": {"driver": "construction_index", "side": "below", "limit": 0.1}}}
        )
