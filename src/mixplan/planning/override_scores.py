"""What people's decisions were worth, once it is known what came: beside what the system had proposed."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mixplan.evaluation.metrics import wape
from mixplan.planning.overrides import Override
from mixplan.planning.policies.interface import REVIEW_DAYS
from mixplan.planning.stock import stock_on_hand
from mixplan.planning.tables import TOLERANCE_KG, Values

FORECASTS = ["number", "product", "week", "proposed_kg", "decided_kg", "actual_kg"]
ORDERS = [
    "number",
    "material_code",
    "order_on",
    "proposed_kg",
    "decided_kg",
    "proposed_mean_kg",
    "decided_mean_kg",
    "proposed_short_days",
    "decided_short_days",
]
_WHO = ("proposed", "decided")


def score_forecasts(overrides: Sequence[Override], sales: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """What was sold in the weeks whose forecast somebody decided, of weeks that are over.

    Args:
        overrides: decisions that nobody took back.
        sales: the mart's ``sales``.
        until: first day that is not known.

    Returns:
        The columns of ``FORECASTS``.
    """
    own = [each for each in overrides if each.kind == "forecast" and pd.Timestamp(each.expected_on) < until]
    week = sales["sold_on"] - pd.to_timedelta(sales["sold_on"].dt.weekday, unit="D")
    sold = sales["quantity_kg"].groupby([sales["product"], week]).sum()
    rows = [(each.number, *each.key, each.old_kg, each.new_kg, float(sold.get(each.key, 0.0))) for each in own]
    return pd.DataFrame(rows, columns=FORECASTS)


def score_orders(
    overrides: Sequence[Override],
    tables: Mapping[str, pd.DataFrame],
    use: pd.DataFrame,
    terms: pd.DataFrame,
    until: pd.Timestamp,
) -> pd.DataFrame:
    """Stock in the week that an order was for, as it was and as it would have been with the system's proposal.

    An order that arrives on day t serves the days until the next week's order does. Stock as it was: the latest count
    before t, and what was received and used since. With the proposal it would have been higher or lower by the
    difference between both orders, from t on.

    Args:
        overrides: decisions that nobody took back; those whose week is over are scored.
        tables: the mart's purchases and stock_counts.
        use: see ``daily_use``; known up to the day before ``until``.
        terms: see ``material_policy``; materials that were never counted have no stock to score.
        until: first day that is not known.

    Returns:
        The columns of ``ORDERS``: mean stock of the week's evenings (not below 0), and days that end below 0.
    """
    length = pd.Timedelta(days=REVIEW_DAYS)
    own = [each for each in overrides if each.kind == "order" and pd.Timestamp(each.expected_on) + length <= until]
    rows = []
    for each in own:
        evenings = _evenings(each, tables, use, terms)
        if evenings is None:
            continue
        proposed = evenings + each.old_kg - each.new_kg
        means = [float(kg.clip(0.0).mean()) for kg in (proposed, evenings)]
        short = [int((kg < -TOLERANCE_KG).sum()) for kg in (proposed, evenings)]
        rows.append((each.number, *each.key, each.old_kg, each.new_kg, *means, *short))
    return pd.DataFrame(rows, columns=ORDERS)


def _evenings(
    order: Override, tables: Mapping[str, pd.DataFrame], use: pd.DataFrame, terms: pd.DataFrame
) -> Values | None:
    """Stock in each evening of the week from the day on which the order was expected; None where it is unknown."""
    own, start = terms[terms["material_code"] == order.code], pd.Timestamp(order.expected_on)
    purchases = tables["purchases"][tables["purchases"]["material_code"] == order.code]
    if own.empty:
        return None
    opening = stock_on_hand(tables["stock_counts"], purchases, use, own, start)["book_kg"].iloc[0]
    if np.isnan(opening):
        return None
    days = pd.date_range(start, periods=REVIEW_DAYS)
    received = purchases.groupby("received_on")["received_kg"].sum().reindex(days, fill_value=0.0)
    evenings: Values = opening + (received - use[order.code].reindex(days)).cumsum().to_numpy(dtype="float64")
    return evenings


def value_added(forecasts: pd.DataFrame, orders: pd.DataFrame) -> dict[str, float]:
    """What decisions were worth in all: forecast value added, and stock-out days and mean stock saved.

    Returns:
        Counts; of forecasts both WAPEs and the difference (above 0: people were closer); of orders both numbers of
        days and both mean stocks. What nothing is known of is left out.

    >>> forecasts = pd.DataFrame({"proposed_kg": [10.0], "decided_kg": [16.0], "actual_kg": [20.0]})
    >>> value_added(forecasts, pd.DataFrame(columns=ORDERS))["forecast_value_added"]
    0.3
    """
    found: dict[str, float] = {"forecasts": len(forecasts), "orders": len(orders)}
    if forecasts.get("actual_kg", pd.Series(dtype="float64")).sum() > 0:
        of = {who: wape(forecasts["actual_kg"].to_numpy(), forecasts[f"{who}_kg"].to_numpy()) for who in _WHO}
        found |= {f"wape_{who}": value for who, value in of.items()}
        found["forecast_value_added"] = of["proposed"] - of["decided"]
    if len(orders):
        found |= {f"{who}_short_days": int(orders[f"{who}_short_days"].sum()) for who in _WHO}
        found |= {f"{who}_mean_kg": float(orders[f"{who}_mean_kg"].mean()) for who in _WHO}
    return found
