"""How likely a day is of a kind that stops pours: what a driver's forecast leaves open is taken from past years.

Rain and snow are zero on most days, so that their expected amount says little of a single day: whether it is wet, and
how much falls, is read off the days of that time of the year, moved to where the forecast lies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mixplan.config.drivers import DriversConfig, EventConfig
from mixplan.drivers.bands import Band
from mixplan.drivers.history import known_steps
from mixplan.drivers.interface import Values
from mixplan.drivers.losses import origin_test
from mixplan.drivers.scores import scored_rows
from mixplan.drivers.season import Season, errors_by_slot, slots
from mixplan.evaluation.origins import Origins

HARMONICS = 2
"""Pairs of sine and cosine that draw the course of the year about which days stray."""


@dataclass(frozen=True, eq=False)
class PastDays:
    """How far days of the past lay from the course of the year."""

    season: Season
    errors: list[Values]
    """By position in the year, the sorted errors of days near it."""

    @classmethod
    def of(cls, history: pd.Series, interval: float) -> "PastDays":
        """The days of a daily history; ``interval`` is that of the forecasts to come."""
        season = Season.fit(history, "D", HARMONICS, interval)
        return cls(season, errors_by_slot(season.departures(history), "D"))

    def probability(self, forecasts: pd.DataFrame, event: EventConfig) -> Values:
        """The share of errors that would make the event of a forecast.

        Errors are as much smaller than the past ones as the upper half of the forecast's interval is than the season's.

        Args:
            forecasts: rows with ``date``, ``mean`` and ``upper``.
            event: the limit, in the driver's unit, and its side.
        """
        at = slots(pd.DatetimeIndex(forecasts["date"]), "D")
        mean, width, usual = forecasts["mean"].to_numpy(), forecasts["upper"].to_numpy(), self.season.upper[at]
        scale = np.divide(width - mean, usual, out=np.ones(len(at)), where=(usual > 0) & (width > mean))
        needed, below = (event.limit - mean) / scale, np.empty(len(at))
        for slot in np.unique(at):
            here, errors = at == slot, self.errors[slot]
            below[here] = np.searchsorted(errors, needed[here]) / len(errors)
        return below if event.side == "below" else 1.0 - below


def event_forecasts(
    forecasts: pd.DataFrame,
    usual: pd.DataFrame,
    series: Mapping[str, pd.Series],
    origins: Origins,
    config: DriversConfig,
) -> pd.DataFrame:
    """The probability of each event on each day ahead.

    Args:
        forecasts: the winners', from ``of_winners``.
        usual: the climatology's, of the same rows.
        series: observed values by driver; only what is known at the first selection origin is looked at.
        origins: when forecasts are made.
        config: the events, and the forecasts' interval.

    Returns:
        Rows of event, origin, date, horizon_days, probability, ``usual`` (the climatology's probability) and
        ``happened`` (NaN where unknown). Events of a driver that the source lacks have no rows.
    """
    none = forecasts.loc[forecasts.index[:0], _KEYS].assign(event="", probability=0.0, usual=0.0, happened=0.0)
    parts = []
    for name, event in config.events.items():
        if event.driver not in series:
            continue
        history, facts = series[event.driver], config.series[event.driver]
        known = int(known_steps(history, origins.selection[:1], facts)[0])
        past = PastDays.of(history.iloc[:known], config.interval)
        own, climate = (rows[rows["driver"] == event.driver] for rows in (forecasts, usual))
        climate = own[_KEYS].merge(climate, on=_KEYS, validate="one_to_one")
        probabilities = {"probability": past.probability(own, event), "usual": past.probability(climate, event)}
        happened = _happened(own["actual"], event)
        parts.append(own[_KEYS].assign(event=name, **probabilities, happened=happened))
    return pd.concat(parts or [none], ignore_index=True)[_COLUMNS]


_KEYS = ["origin", "date", "horizon_days"]
_COLUMNS = ["event", *_KEYS, "probability", "usual", "happened"]


def _happened(values: pd.Series, event: EventConfig) -> pd.Series:
    is_one = values < event.limit if event.side == "below" else values >= event.limit
    return is_one.astype("float64").where(values.notna())


def score_events(
    events: pd.DataFrame, origins: Origins, bands: Mapping[str, Sequence[Band]], config: DriversConfig
) -> dict[str, dict[str, Any]]:
    """How good the probabilities were on the days that choose.

    Args:
        events: from ``event_forecasts``.
        origins: see ``mixplan.drivers.scores.scored_rows``.
        bands: by driver.
        config: the events.

    Returns:
        By event what it is (``driver``, ``side``, ``limit``) and by band: ``share`` of days with the event, ``brier``
        (mean squared difference of probability and outcome; Brier 1950), ``brier_usual`` of the climatology's
        probability, ``skill`` (the share of it that is saved) and ``p_value``, the chance of such a lead by luck.
    """
    rows = scored_rows(events.rename(columns={"event": "driver", "happened": "actual"}), origins)
    losses = rows[["driver", "origin", "horizon_days", "actual"]].assign(
        own=(rows["probability"] - rows["actual"]) ** 2, usual=(rows["usual"] - rows["actual"]) ** 2
    )
    found = {}
    for name, of_event in losses.groupby("driver", sort=False):
        event = config.events[str(name)]
        scores = {band.label: _scores(of_event, band, event.driver, config) for band in bands[event.driver]}
        found[str(name)] = {**event.model_dump(), "bands": scores}
    return found


def _scores(losses: pd.DataFrame, band: Band, driver: str, config: DriversConfig) -> dict[str, float]:
    within = losses[losses["horizon_days"].between(*band)].groupby("origin")[["actual", "own", "usual"]].mean()
    share, own, usual = (float(within[column].mean()) for column in within)
    lead = origin_test(band, config.series[driver], config.select.level).lead(within["own"], within["usual"])
    skill = 1.0 - own / usual if usual else 0.0
    return {"share": share, "brier": own, "brier_usual": usual, "skill": skill, "p_value": lead.p_value}


def expected_days(events: pd.DataFrame) -> pd.DataFrame:
    """Days of each kind that a week is expected to have: rows by origin and week (its Monday), one column an event."""
    week = events["origin"] + pd.to_timedelta((events["horizon_days"] - 1) // 7 * 7, unit="D")
    return (
        events.assign(week=week)
        .pivot_table(index=["origin", "week"], columns="event", values="probability", aggfunc="sum", sort=False)
        .rename_axis(columns=None)
        .reset_index()
    )
