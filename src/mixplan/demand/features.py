"""What a demand model may know of a week: only what was known at the origin.

One function makes the rows for training, for the backtest and for the served forecast.
"""

import numpy as np
import pandas as pd

from mixplan.demand.active import active_share
from mixplan.demand.curve import QUARTER_WEEKS, demand_curve
from mixplan.demand.history import long_demand
from mixplan.demand.intermittent import intermittent_level
from mixplan.demand.newcomers import before_first_sale, distances
from mixplan.demand.public_holidays import known_holidays
from mixplan.evaluation.origins import HistoryTooShortError

YEAR_WEEKS = 52
SMOOTHED_WEEKS = 5
LEAST_USUAL = 0.05
"""A week in which a product was never sold is taken for this share of its level, as ratios are to it."""
PUBLISHED_WEEKS = 9
"""Monthly drivers are published late: their yearly mean ends this many weeks before the origin."""
KEYS = ["origin", "product", "week", "horizon_weeks", "level_kg"]


class FeatureBuilder:
    """Rows of features for any origin.

    Args:
        history: weekly demand, see ``weekly_demand``; only weeks before an origin are looked at.
        drivers: forecasts of the drivers by ``origin`` and ``week``, one column a driver, as made at that origin.
        observed: the same drivers as they came, by ``week``; only weeks before an origin are looked at.
        country: ISO code of the country whose public holidays count.
        recipes: product, material_code and share, by which products are alike, see ``before_first_sale``; where left
            out, weeks before a product's first sale are weeks without demand.
        purchases: the same demand by customer, see ``weekly_purchases``; where left out, all customers count as active.
    """

    def __init__(
        self,
        history: pd.DataFrame,
        drivers: pd.DataFrame,
        observed: pd.DataFrame,
        country: str,
        recipes: pd.DataFrame | None = None,
        purchases: pd.DataFrame | None = None,
    ) -> None:
        self.history = history
        self.purchases = purchases
        self._distances = None if recipes is None else distances(recipes)
        self.driver_names = [name for name in drivers.columns if name not in ("origin", "week")]
        self._forecasts = drivers.set_index(["origin", "week"])[self.driver_names].sort_index()
        self._observed = observed.set_index("week")[self.driver_names].sort_index()
        self._made: dict[tuple[pd.Timestamp, int], pd.DataFrame] = {}
        self._country = country

    def rows(self, origin: pd.Timestamp, horizon_weeks: int) -> pd.DataFrame:
        """One row for every product with sales in the year before ``origin`` and every week of the horizon.

        Returns:
            The columns of ``KEYS`` (``level_kg``: the product's mean weekly demand over that year by customers that are
            active at the origin, see ``active_share``) and the features. Features that are quantities are divided by
            the level, so that products of all sizes share one model; seasons, and how much demand varies, are relative
            to the year's mean demand of all customers.
            ``usual`` is the mean of two answers to what the week would bring. One repeats: the mean of the product's
            and the plant's same weeks of all earlier years, as the product's season alone is noise where it sells
            little, and the plant's alone knows no product. The other goes on from the last quarter: ``curve``, what
            ``demand_curve`` says of customers that are active. They err apart, the first where demand grows or
            shrinks, the second where it returns.

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
        if self._distances is not None:
            past = before_first_sale(past, self._distances)
        year = past.iloc[-YEAR_WEEKS:]
        mean = year.mean()
        mean = mean[mean > 0]
        rare = intermittent_level(past[mean.index])
        level = rare.combine_first(mean * self._active_share(origin, mean.index))[mean.index]
        weeks = pd.date_range(origin, periods=horizon_weeks, freq="W-MON", name="week")
        ratios = past[level.index] / level
        by_product = pd.DataFrame(
            {
                "level_kg": level,
                "mean_4": ratios.iloc[-4:].mean(),
                "mean_13": ratios.iloc[-13:].mean(),
                "mean_26": ratios.iloc[-26:].mean(),
                "weeks_sold": (year[level.index] > 0).mean(),
                "variation": year[level.index].std() / mean,
            }
        )
        last_year = ratios.reindex(weeks - pd.Timedelta(weeks=YEAR_WEEKS)).set_axis(weeks)
        own_season = _season(past[level.index] / mean, weeks)
        own_season[rare.index] = 1.0
        days_off = self._days_off(past.index.append(weeks), origin)
        curve = demand_curve(past[level.index], days_off)
        curve *= self._active_share(origin, mean.index, QUARTER_WEEKS) / level
        curve[rare.index] = np.nan
        rows = long_demand(last_year, "last_year").merge(long_demand(own_season, "own_season"), on=["week", "product"])
        rows = rows.merge(long_demand(curve, "curve"), on=["week", "product"])
        rows = rows.merge(by_product, left_on="product", right_index=True)
        rows = rows.merge(self._of_week(origin, weeks, past, days_off), left_on="week", right_index=True)
        repeated = (rows["own_season"] + rows["plant_season"]) / 2
        rows["curve"] = rows["curve"].fillna(repeated)
        rows["usual"] = ((repeated + rows["curve"]) / 2).clip(lower=LEAST_USUAL)
        rows.insert(0, "origin", origin)
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

    def _active_share(self, origin: pd.Timestamp, products: pd.Index, weeks: int = YEAR_WEEKS) -> pd.Series:
        if self.purchases is None:
            return pd.Series(1.0, products)
        return active_share(self.purchases, origin, weeks).reindex(products, fill_value=1.0)

    def _days_off(self, weeks: pd.Index, origin: pd.Timestamp) -> pd.Series:
        """Public holidays from Monday to Saturday that were known at the origin, by week."""
        starts, ends = weeks.to_numpy(), (weeks + pd.Timedelta(days=5)).to_numpy()
        free = known_holidays(self._country, weeks[0], weeks[-1] + pd.Timedelta(days=6), origin)
        days = free[free.weekday < 6].to_numpy()
        return pd.Series(np.searchsorted(days, ends, side="right") - np.searchsorted(days, starts), weeks)

    def _of_week(
        self, origin: pd.Timestamp, weeks: pd.DatetimeIndex, past: pd.DataFrame, days_off: pd.Series
    ) -> pd.DataFrame:
        """Features that all products share: season, holidays, plant volume and forecast drivers."""
        horizon = np.arange(1, len(weeks) + 1)
        angle = 2 * np.pi * weeks.dayofyear.to_numpy() / 365.25
        total = past.sum(axis=1).to_frame("plant")
        total = total / total.iloc[-YEAR_WEEKS:].mean()
        frame = pd.DataFrame(
            {
                "horizon_weeks": horizon,
                "holidays": days_off.reindex(weeks),
                "year_sin": np.sin(angle),
                "year_cos": np.cos(angle),
                "half_year_sin": np.sin(2 * angle),
                "half_year_cos": np.cos(2 * angle),
                "plant_season": _season(total, weeks)["plant"],
                "plant_mean_13": total["plant"].iloc[-13:].mean(),
            },
            index=weeks,
        )
        forecast = self._forecasts.loc[origin].reindex(weeks)
        year_end = origin - pd.Timedelta(weeks=PUBLISHED_WEEKS)
        mean = self._observed[self._observed.index < year_end].iloc[-YEAR_WEEKS:].mean()
        change = (forecast - mean).add_suffix("_change")
        return pd.concat([frame, forecast, change], axis=1)


def _season(weekly: pd.DataFrame, weeks: pd.DatetimeIndex) -> pd.DataFrame:
    """The mean of the same weeks of all earlier years, each smoothed by its neighbours: one odd week is no season."""
    smooth = weekly.rolling(SMOOTHED_WEEKS, center=True, min_periods=SMOOTHED_WEEKS // 2 + 1).mean()
    years = range(1, len(weekly) // YEAR_WEEKS + 2)  # the oldest year may hold the later weeks of the horizon alone
    same_weeks = [smooth.reindex(weeks - pd.Timedelta(weeks=YEAR_WEEKS * back)).set_axis(weeks) for back in years]
    return pd.concat(same_weeks).groupby(level=0).mean()
