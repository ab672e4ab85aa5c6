"""What a demand model may know of a week: only what was known at the origin.

One function makes the rows for training, for the backtest and for the served forecast.
"""

from typing import TypeVar

import holidays
import numpy as np
import pandas as pd

from mixplan.demand.history import long_demand
from mixplan.evaluation.origins import HistoryTooShortError

YEAR_WEEKS = 52
PUBLISHED_WEEKS = 9
"""Monthly drivers are published late: their yearly mean ends this many weeks before the origin."""
Weekly = TypeVar("Weekly", pd.Series, pd.DataFrame)
KEYS = ["origin", "product", "week", "horizon_weeks", "level_kg"]


class FeatureBuilder:
    """Rows of features for any origin.

    Args:
        history: weekly demand, see ``weekly_demand``; only weeks before an origin are looked at.
        drivers: forecasts of the drivers by ``origin`` and ``week``, one column a driver, as made at that origin.
        observed: the same drivers as they came, by ``week``; only weeks before an origin are looked at.
        country: ISO code of the country whose public holidays count.
    """

    def __init__(self, history: pd.DataFrame, drivers: pd.DataFrame, observed: pd.DataFrame, country: str) -> None:
        self.history = history
        self.products = list(history.columns)
        self.driver_names = [name for name in drivers.columns if name not in ("origin", "week")]
        self._forecasts = drivers.set_index(["origin", "week"])[self.driver_names].sort_index()
        self._observed = observed.set_index("week")[self.driver_names].sort_index()
        years = range(history.index[0].year, history.index[-1].year + 2)
        self._made: dict[tuple[pd.Timestamp, int], pd.DataFrame] = {}
        self._holidays = pd.DatetimeIndex(sorted(holidays.country_holidays(country, years=years)))

    def rows(self, origin: pd.Timestamp, horizon_weeks: int) -> pd.DataFrame:
        """One row for every product with sales in the year before ``origin`` and every week of the horizon.

        Returns:
            The columns of ``KEYS`` (``level_kg``: the product's mean weekly demand over that year) and the features.
            Features that are quantities are divided by the level, so that products of all sizes share one model.

        Raises:
            HistoryTooShortError: less than a year of sales lies before the origin.
        """
        # Every fold of a backtest trains on the same earlier origins.
        key = (origin, horizon_weeks)
        if key not in self._made:
            self._made[key] = self._make(origin, horizon_weeks)
        return self._made[key].copy()

    def _make(self, origin: pd.Timestamp, horizon_weeks: int) -> pd.DataFrame:
        past = self.history[self.history.index < origin]
        if len(past) < YEAR_WEEKS:
            raise HistoryTooShortError(
                f"sales: the origin {origin.date()} has {len(past)} weeks before it, too few to look a year back; "
                f"set evaluation.minimum_history_weeks to {YEAR_WEEKS} or more"
            )
        year = past.iloc[-YEAR_WEEKS:]
        level = year.mean()
        products = level.index[level > 0]
        weeks = pd.date_range(origin, periods=horizon_weeks, freq="W-MON")
        ratios = past[products] / level[products]
        by_product = pd.DataFrame(
            {
                "level_kg": level[products],
                "mean_4": ratios.iloc[-4:].mean(),
                "mean_13": ratios.iloc[-13:].mean(),
                "mean_26": ratios.iloc[-26:].mean(),
                "weeks_sold": (year[products] > 0).mean(),
                "variation": ratios.iloc[-YEAR_WEEKS:].std(),
            }
        )
        seasonal = _same_week_last_year(ratios, weeks)
        rows = seasonal.merge(by_product, left_on="product", right_index=True)
        rows = rows.merge(self._of_week(origin, weeks, past), left_on="week", right_index=True)
        rows.insert(0, "origin", origin)
        which = pd.DataFrame(np.eye(len(self.products)), self.products, [f"is_{name}" for name in self.products])
        rows = rows.merge(which, left_on="product", right_index=True)
        rows = rows.sort_values(["product", "week"], ignore_index=True)
        return rows[KEYS + [name for name in rows.columns if name not in KEYS]]

    def training_rows(self, origins: pd.DatetimeIndex, horizon_weeks: int, known_until: pd.Timestamp) -> pd.DataFrame:
        """Rows of many origins with their outcome: ``actual_kg``, and only weeks that ended by ``known_until``.

        Raises:
            HistoryTooShortError: there is no origin.
        """
        if origins.empty:
            raise HistoryTooShortError(
                f"sales: no origin before {known_until.date()} gives rows to train on; "
                "lower evaluation.training_step_weeks, evaluation.minimum_history_weeks or evaluation.selection_origins"
            )
        rows = pd.concat([self.rows(origin, horizon_weeks) for origin in origins], ignore_index=True)
        return self.with_actuals(rows[rows["week"] < known_until].reset_index(drop=True))

    def with_actuals(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows and what was really sold in their week, as ``actual_kg`` (NaN for weeks to come)."""
        return rows.merge(
            long_demand(self.history, "actual_kg"), on=["week", "product"], how="left", validate="many_to_one"
        )

    def _of_week(self, origin: pd.Timestamp, weeks: pd.DatetimeIndex, past: pd.DataFrame) -> pd.DataFrame:
        """Features that all products share: season, holidays, plant volume and forecast drivers."""
        horizon = np.arange(1, len(weeks) + 1)
        angle = 2 * np.pi * weeks.dayofyear.to_numpy() / 365.25
        starts, ends = weeks.to_numpy(), (weeks + pd.Timedelta(days=5)).to_numpy()
        days_off = self._holidays[self._holidays.weekday < 6].to_numpy()
        total = past.sum(axis=1)
        total = total / total.iloc[-YEAR_WEEKS:].mean()
        frame = pd.DataFrame(
            {
                "horizon_weeks": horizon,
                "holidays": np.searchsorted(days_off, ends, side="right") - np.searchsorted(days_off, starts),
                "year_sin": np.sin(angle),
                "year_cos": np.cos(angle),
                "half_year_sin": np.sin(2 * angle),
                "half_year_cos": np.cos(2 * angle),
                "plant_last_year": _smooth(total).reindex(weeks - pd.Timedelta(weeks=YEAR_WEEKS)).to_numpy(),
                "plant_mean_13": total.iloc[-13:].mean(),
            },
            index=weeks,
        )
        forecast = self._forecasts.loc[origin].reindex(weeks)
        year_end = origin - pd.Timedelta(weeks=PUBLISHED_WEEKS)
        mean = self._observed[self._observed.index < year_end].iloc[-YEAR_WEEKS:].mean()
        change = (forecast - mean).add_suffix("_change")
        return pd.concat([frame, forecast, change], axis=1)


def _smooth(weekly: Weekly) -> Weekly:
    """Each week's mean with its two neighbours, so that one odd week does not become next year's forecast."""
    return weekly.rolling(3, center=True, min_periods=2).mean()


def _same_week_last_year(ratios: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    """Long rows of product and week with last year's ratio, as sold and smoothed over three weeks."""
    last_year = weeks - pd.Timedelta(weeks=YEAR_WEEKS)
    smooth = _smooth(ratios)
    sold, smoothed = (table.reindex(last_year).set_axis(weeks.rename("week")) for table in (ratios, smooth))
    return long_demand(sold, "last_year").merge(long_demand(smoothed, "last_year_smooth"), on=["week", "product"])
