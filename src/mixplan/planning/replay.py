"""An ordering policy on history: what would have happened, had the plant ordered by it, and what would it have cost?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.bill_of_materials import bill_of_materials
from mixplan.planning.costs import costs_of
from mixplan.planning.errors import PlanningError
from mixplan.planning.lead_times import drawn_lead_times, planned_days
from mixplan.planning.levels import PLANT_RULE, set_levels
from mixplan.planning.orders import REVIEW_DAYS, plan_orders
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.policy import material_policy
from mixplan.planning.requirements import daily_margins, daily_requirements, daily_use
from mixplan.planning.stock import expected_receipt, stock_on_hand
from mixplan.planning.tables import TOLERANCE_KG, Values, to_matrix, to_rows


@dataclass(frozen=True)
class Replay:
    """What would have happened."""

    daily: pd.DataFrame
    """date, material_code, opening_kg, receipts_kg, wanted_kg, served_kg, lost_kg, closing_kg, ordered_kg,
    is_expedited."""
    summary: dict[str, float]
    """See ``summarise`` and ``costs_of``."""


def replay(
    forecasts: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    start: pd.Timestamp,
    config: PlanConfig,
    seed: int,
    ordering_policy: OrderingPolicy = PLANT_RULE,
) -> Replay:
    """Replay ``config.replay_weeks`` weeks day by day.

    Each weekly review orders with ``plan_orders`` from what was known that morning: the newest forecast made by then,
    stock, orders under way, and use, lead times and prices of the days before. Then comes what really came: the day's
    sales, exploded, and each order after a lead time drawn from all that its material's purchases ever took. A draw
    belongs to the day and the material, so two policies or forecasts meet the same suppliers.

    What stock cannot serve is lost, material by material and day by day: a mix that lacks one material still uses the
    others, and nothing is asked for again. Orders that the plant really had under way at the start arrive when they
    really did; later ones are replaced by the policy's. Customers' orders are not used, as the exports do not tell how
    they stood on a day of the past.

    Args:
        forecasts: origin, week, product, prediction_kg, upper_kg.
        tables: the mart's recipes, sales, purchases and stock_counts.
        start: first day, a Monday.
        config: the plan's configuration.
        seed: equal seeds give equal draws.
        ordering_policy: sets the levels anew at each review.

    Raises:
        PlanningError: sales end before the window does, or no forecast was made in time or reaches far enough.
    """
    days = pd.date_range(start, periods=REVIEW_DAYS * config.replay_weeks, name="date")
    bill, purchases = bill_of_materials(tables["recipes"], config.not_stocked), tables["purchases"]
    use = _use_until(days[-1], tables["sales"], bill)
    materials = use.columns
    buyer = _Buyer(_requirements(forecasts, bill, config), use, purchases, days[-1], config, ordering_policy)
    policy = material_policy(use, purchases, start, config)
    on_hand = stock_on_hand(tables["stock_counts"], purchases, use, policy, start)["on_hand_kg"].to_numpy()
    under_way = _under_way(purchases, policy, start)
    lead_days = drawn_lead_times(purchases, materials, len(days), config.lead_times.default_mean_days, seed)

    wanted = use.loc[days].to_numpy()
    receipts = to_matrix(under_way, days, materials, "arrives_on", "quantity_kg")
    opening, served, ordered, expedited = (np.zeros_like(wanted) for _ in range(4))
    for number, today in enumerate(days):
        if today.weekday() == config.ordering.weekday:
            orders = buyer.orders(today, on_hand, under_way[under_way["arrives_on"] >= today])
            took = lead_days[number, materials.get_indexer(pd.Index(orders["material_code"]))]
            orders["arrives_on"] = today + pd.to_timedelta(took, unit="D")
            under_way = pd.concat([under_way, orders], ignore_index=True)
            receipts += to_matrix(orders, days, materials, "arrives_on", "quantity_kg")
            ordered += to_matrix(orders, days, materials, "order_on", "quantity_kg")
            expedited += to_matrix(orders, days, materials, "order_on", "expedite")
        opening[number] = on_hand
        served[number] = np.minimum(on_hand + receipts[number], wanted[number])
        on_hand = on_hand + receipts[number] - served[number]
    daily = to_rows(
        days,
        materials,
        opening_kg=opening,
        receipts_kg=receipts,
        wanted_kg=wanted,
        served_kg=served,
        lost_kg=wanted - served,
        closing_kg=opening + receipts - served,
        ordered_kg=ordered,
        is_expedited=expedited > 0,
    )
    return Replay(daily, summarise(daily) | costs_of(daily, policy, config.costs))


def summarise(daily: pd.DataFrame) -> dict[str, float]:
    """What a replay comes to.

    Returns:
        fill_rate: kilograms served / kilograms wanted (1 where nothing was wanted).
        stock_out_days: days of a material on which something was lost.
        mean_stock_kg, peak_stock_kg: mean and highest of the evenings' stock of all materials together.
        orders: order lines placed.
        ordered_kg: kilograms ordered.
        expedites: order lines that would have come after they were needed.

    >>> daily = pd.DataFrame({"date": pd.to_datetime(["2024-01-01", "2024-01-02"]), "wanted_kg": [60.0, 40.0],
    ...                       "served_kg": [60.0, 30.0], "lost_kg": [0.0, 10.0], "closing_kg": [30.0, 0.0],
    ...                       "ordered_kg": [50.0, 0.0], "is_expedited": [True, False]})
    >>> summarise(daily)["fill_rate"], summarise(daily)["mean_stock_kg"]
    (0.9, 15.0)
    """
    wanted = daily["wanted_kg"].sum()
    stock = daily.groupby("date")["closing_kg"].sum()
    return {
        "fill_rate": float(daily["served_kg"].sum() / wanted) if wanted > 0 else 1.0,
        "stock_out_days": float((daily["lost_kg"] > TOLERANCE_KG).sum()),
        "mean_stock_kg": float(stock.mean()),
        "peak_stock_kg": float(stock.max()),
        "orders": float((daily["ordered_kg"] > 0).sum()),
        "ordered_kg": float(daily["ordered_kg"].sum()),
        "expedites": float(daily["is_expedited"].sum()),
    }


@dataclass(frozen=True)
class _Buyer:
    """Who orders, and knows nothing later than the day before."""

    requirements: Mapping[pd.Timestamp, pd.DataFrame]
    """Daily requirements and margins by the origin of their forecast."""
    use: pd.DataFrame
    purchases: pd.DataFrame
    last_day: pd.Timestamp
    config: PlanConfig
    ordering_policy: OrderingPolicy

    def orders(self, today: pd.Timestamp, on_hand: Values, awaited: pd.DataFrame) -> pd.DataFrame:
        """The review's orders."""
        terms = material_policy(self.use, self.purchases, today, self.config)
        reach = int(planned_days(terms["mean_lead_time_days"]).max()) + REVIEW_DAYS - 1
        required = self._required(today, today + pd.Timedelta(days=reach))
        policy = set_levels(
            self.ordering_policy, terms, self.use, self.purchases, required, required, today, self.config
        )
        stock = pd.DataFrame({"material_code": self.use.columns, "on_hand_kg": on_hand, "stock_source": "replayed"})
        orders = plan_orders(required, stock, awaited, policy, today, self.config.ordering)
        return orders[orders["order_on"] == today]

    def _required(self, today: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
        """What the newest forecast made by ``today`` says of the days up to ``until``."""
        origin = max((origin for origin in self.requirements if origin <= today), default=None)
        if origin is None:
            raise PlanningError(f"forecasts: none was made by {today.date()}; start the replay later")
        required = self.requirements[origin]
        if required["date"].max() < min(until, self.last_day):
            raise PlanningError(
                f"forecasts: the one made on {origin.date()} ends before {min(until, self.last_day).date()}, which "
                f"the review of {today.date()} must cover; forecast further or more often"
            )
        return required[(required["date"] >= today) & (required["date"] <= until)]


def _use_until(last_day: pd.Timestamp, sales: pd.DataFrame, bill: pd.DataFrame) -> pd.DataFrame:
    """Daily use up to and with ``last_day``, whose week must have sales."""
    if sales["sold_on"].max() <= last_day - pd.Timedelta(days=REVIEW_DAYS):
        raise PlanningError(
            f"sales: they end on {sales['sold_on'].max().date()}, before the replay does on {last_day.date()}; start "
            "it earlier or lower plan.replay_weeks"
        )
    return daily_use(sales, bill, last_day + pd.Timedelta(days=1))


def _requirements(forecasts: pd.DataFrame, bill: pd.DataFrame, config: PlanConfig) -> dict[pd.Timestamp, pd.DataFrame]:
    """Daily requirements of every forecast by its origin, with their margins."""
    weekly = forecasts.rename(columns={"prediction_kg": "quantity_kg"})
    found = {}
    for origin in pd.DatetimeIndex(weekly["origin"].unique()):
        rows = weekly[weekly["origin"] == origin]
        margins = daily_margins(rows, bill, config.calendar)
        found[origin] = daily_requirements(rows, bill, config.calendar).assign(margin_kg=margins["margin_kg"])
    return found


def _under_way(purchases: pd.DataFrame, policy: pd.DataFrame, start: pd.Timestamp) -> pd.DataFrame:
    """Purchases placed before the start and received on or after it."""
    rows = purchases[(purchases["ordered_on"] < start) & (purchases["received_on"] >= start)]
    rows = rows[rows["material_code"].isin(policy["material_code"])]
    return pd.DataFrame(
        {
            "material_code": rows["material_code"],
            "quantity_kg": rows["received_kg"],
            "expected_on": expected_receipt(rows, policy),
            "arrives_on": rows["received_on"],
        }
    )
