"""A window of history, made ready once so that any ordering policy can be replayed on it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.planning import PlanConfig, SuppliersConfig
from mixplan.planning.bill_of_materials import bill_of_materials, plannable
from mixplan.planning.errors import PlanningError
from mixplan.planning.lead_times import drawn_lead_times, planned_days
from mixplan.planning.levels import known_at
from mixplan.planning.policies.interface import REVIEW_DAYS, Known
from mixplan.planning.policy import material_policy, suppliers_of
from mixplan.planning.requirements import daily_margins, daily_requirements, daily_use
from mixplan.planning.simulation import Batch
from mixplan.planning.stock import expected_receipt, stock_on_hand
from mixplan.planning.supply_calendar import Window, next_open, supply_calendar
from mixplan.planning.tables import Integers, Values


@dataclass(frozen=True)
class History:
    """What came, and what was known on the morning of each review."""

    days: pd.DatetimeIndex
    materials: pd.Index
    wanted_kg: Values
    """Days x materials: what was sold, exploded."""
    took_days: Integers
    """Days x materials: the drawn days from a review on that day to the receipt of its order."""
    on_hand_kg: Values
    """By material, in the morning of the first day."""
    under_way: tuple[Batch, ...]
    """What the plant really had on order at the start and received later."""
    known: Mapping[int, Known]
    """By the position of the review's day."""
    windows: Mapping[int, Window]
    """By the same: when the review's orders are expected."""
    price_krw: pd.Series
    """By material: what a kilogram is worth; NaN where it was never bought."""


def history_of(
    forecasts: pd.DataFrame,
    shares_by_day: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    start: pd.Timestamp,
    end: pd.Timestamp,
    config: PlanConfig,
    seed: int,
) -> History:
    """The days from ``start`` to the one before ``end``.

    A review knows the newest forecast made by its day, and use, suppliers, lead times and prices of the days before. An
    order takes days drawn from all that purchases of the material from its supplier took that were received before
    ``end``, and comes on the supplier's next working day; a draw belongs to the day and the material, so that two
    policies or forecasts meet the same suppliers. Customers' orders are not used, as the exports do not tell how they
    stood on a day of the past.

    Args:
        forecasts: origin, week, product, prediction_kg, upper_kg.
        shares_by_day: origin, week, date, share: how the weeks of each forecast divide over their days.
        tables: the mart's recipes, sales, purchases and stock_counts.
        start: first day, a Monday.
        end: first day that is not replayed.
        config: the plan's configuration.
        seed: equal seeds give equal draws.

    Raises:
        PlanningError: sales end before the window does, or no forecast was made in time or reaches far enough.
    """
    days = pd.date_range(start, end - pd.Timedelta(days=1), name="date")
    recipes, _ = plannable(tables["recipes"])
    bill, purchases = bill_of_materials(recipes, config.not_stocked), tables["purchases"]
    use = _use_until(days[-1], tables["sales"], bill)
    terms = material_policy(use, purchases, start, config)
    required = _requirements(forecasts, shares_by_day, bill)
    # Of a window that comes before all receipts, the later ones are the only suppliers that are known.
    came = purchases[purchases["received_on"] < end] if (purchases["received_on"] < end).any() else purchases
    suppliers = suppliers_of(came, use.columns, end, config)
    supply = supply_calendar(suppliers, start, config.calendar, config.ordering.suppliers)
    drawn = drawn_lead_times(came, suppliers, len(days), config.lead_times, seed).astype("int64")
    reviews = {
        today: _review(required, use, purchases, days, (today, later), config)
        for today, later in supply.reviews(config.ordering.weekday, len(days))
    }
    return History(
        days=days,
        materials=use.columns,
        wanted_kg=use.loc[days].to_numpy(),
        took_days=supply.arrives(np.arange(len(days))[:, None], drawn) - np.arange(len(days))[:, None],
        on_hand_kg=stock_on_hand(tables["stock_counts"], purchases, use, terms, start)["on_hand_kg"].to_numpy(),
        under_way=tuple(_under_way(purchases, terms, start, config.ordering.suppliers)),
        known={today: known for today, (known, _) in reviews.items()},
        windows={today: window for today, (_, window) in reviews.items()},
        price_krw=_prices(terms, purchases),
    )


def _review(
    required: Mapping[pd.Timestamp, pd.DataFrame],
    use: pd.DataFrame,
    purchases: pd.DataFrame,
    days: pd.DatetimeIndex,
    positions: tuple[int, int],
    config: PlanConfig,
) -> tuple[Known, Window]:
    """What was known on the morning of a review, and what its orders can reach; the next review is in view too."""
    today, later = (int(position) for position in positions)
    terms = material_policy(use, purchases, days[today], config)
    supply = supply_calendar(terms["supplier_code"], days[0], config.calendar, config.ordering.suppliers)
    window = supply.window(today, later, planned_days(terms["mean_lead_time_days"]).to_numpy())
    # What takes longer than the plan is long is ordered by hand: see ``unplanned``.
    in_plan = window.arrives < REVIEW_DAYS * config.weeks
    reach = int(np.where(in_plan, window.next_arrives, later - today).max()) - 1
    rows = _newest(required, days[today], days[today] + pd.Timedelta(days=reach), days[-1])
    return known_at(terms, use, purchases, rows, rows, days[today], config), window


def _newest(
    required: Mapping[pd.Timestamp, pd.DataFrame], today: pd.Timestamp, until: pd.Timestamp, last_day: pd.Timestamp
) -> pd.DataFrame:
    """What the newest forecast made by ``today`` says of the days up to ``until``."""
    origin = max((origin for origin in required if origin <= today), default=None)
    if origin is None:
        raise PlanningError(f"forecasts: none was made by {today.date()}; start the replay later")
    rows = required[origin]
    if rows["date"].max() < min(until, last_day):
        raise PlanningError(
            f"forecasts: the one made on {origin.date()} ends before {min(until, last_day).date()}, which "
            f"the review of {today.date()} must cover; forecast further or more often"
        )
    return rows[(rows["date"] >= today) & (rows["date"] <= until)]


def _use_until(last_day: pd.Timestamp, sales: pd.DataFrame, bill: pd.DataFrame) -> pd.DataFrame:
    """Daily use up to and with ``last_day``, whose week must have sales."""
    if sales["sold_on"].max() <= last_day - pd.Timedelta(days=REVIEW_DAYS):
        raise PlanningError(
            f"sales: they end on {sales['sold_on'].max().date()}, before the replay does on {last_day.date()}; end it "
            "earlier"
        )
    return daily_use(sales, bill, last_day + pd.Timedelta(days=1))


def _requirements(
    forecasts: pd.DataFrame, shares_by_day: pd.DataFrame, bill: pd.DataFrame
) -> dict[pd.Timestamp, pd.DataFrame]:
    """Daily requirements of every forecast by its origin, with their margins."""
    weekly = forecasts.rename(columns={"prediction_kg": "quantity_kg"})
    found = {}
    for origin in pd.DatetimeIndex(weekly["origin"].unique()):
        rows, own = (frame[frame["origin"] == origin] for frame in (weekly, shares_by_day))
        margins = daily_margins(rows, bill, own)
        found[origin] = daily_requirements(rows, bill, own).assign(margin_kg=margins["margin_kg"])
    return found


def _under_way(
    purchases: pd.DataFrame, terms: pd.DataFrame, start: pd.Timestamp, suppliers: SuppliersConfig
) -> list[Batch]:
    """Purchases placed before the start and received on or after it, when they really were."""
    materials = pd.Index(terms["material_code"])
    rows = purchases[(purchases["ordered_on"] < start) & (purchases["received_on"] >= start)]
    rows = rows[rows["material_code"].isin(materials)]
    expected_on = next_open(expected_receipt(rows, terms), rows["supplier_code"], suppliers)
    expected, arrives = ((days - start).dt.days for days in (expected_on, rows["received_on"]))
    is_of = np.equal.outer(rows["material_code"].to_numpy(), materials.to_numpy())
    return [
        Batch(np.where(mine, kilograms, 0.0)[None], np.where(mine, due, 0), np.where(mine, comes, -1)[None])
        for mine, kilograms, due, comes in zip(is_of, rows["received_kg"], expected, arrives, strict=True)
    ]


def _prices(terms: pd.DataFrame, purchases: pd.DataFrame) -> pd.Series:
    """The price known at the start; where there was none, the mean of all that was ever paid.

    What a kilogram is worth judges the replay, and no review sees it, so a later price is better than none.
    """
    known = terms.set_index("material_code")["unit_price_krw"]
    return known.fillna(purchases.groupby("material_code")["unit_price_krw"].mean())
