"""What must be made by when: open orders one by one, and what they leave of the forecast."""

import numpy as np
import pandas as pd

from mixplan.planning.buckets import WEEK_DAYS, Buckets
from mixplan.planning.calendar import day_shares

KINDS = ("rush", "order", "forecast")
"""The most urgent first."""
COLUMNS = ["kind", "reference", "product", "quantity_kg", "needed_on", "bucket"]


def demands_of(
    production: pd.DataFrame, orders: pd.DataFrame, buckets: Buckets, shares_by_day: pd.DataFrame, lead_days: int
) -> pd.DataFrame:
    """Everything that lots may serve.

    An order must be made ``lead_days`` before it is due, a rush order on the day that it is due; what should have been
    made before the plan's first day is needed on it. The forecast of a week is wanted a little on each day that sells;
    where no line works on that day, it is made before as an order would be, or is late.

    Args:
        production: see ``plan_production``.
        orders: see ``open_orders``.
        buckets: time as the plan cuts it.
        shares_by_day: week, date, share: how a week's forecast divides over its days.
        lead_days: days from the mixer to the customer.

    Returns:
        The columns of ``COLUMNS``, the earliest first: kind (see ``KINDS``), reference (the order's number, or the
        forecast's week), and the bucket in which it must be made at the latest.
    """
    first, last = buckets.days[0], buckets.days[-1]
    due = orders[orders["due_on"] <= last]
    days = np.where(due["is_rush"], 0, lead_days).astype("timedelta64[D]")
    needed = (due["due_on"] - days).clip(lower=first)
    confirmed = pd.DataFrame(
        {
            "kind": np.where(due["is_rush"], "rush", "order"),
            "reference": due["order_no"].to_numpy(),
            "product": due["product"].to_numpy(),
            "quantity_kg": due["open_kg"].to_numpy(dtype="float64"),
            "needed_on": needed.to_numpy(),
            "bucket": buckets.finished_by(needed),
        }
    )
    expected = _expected(production, buckets, shares_by_day, lead_days)
    rows = pd.concat([confirmed, expected], ignore_index=True) if len(confirmed) else expected
    return rows.sort_values(["needed_on", "kind", "reference", "product"], ignore_index=True)[COLUMNS]


def _expected(production: pd.DataFrame, buckets: Buckets, shares_by_day: pd.DataFrame, lead_days: int) -> pd.DataFrame:
    """The forecast by product, week and bucket, needed on the bucket's last day."""
    weekly = production[production["from_forecast_kg"] > 0]
    shares = day_shares(shares_by_day, buckets.days[::WEEK_DAYS])
    rows = weekly[["week", "product", "from_forecast_kg"]].merge(shares[shares["share"] > 0], on="week")
    rows["quantity_kg"] = rows["from_forecast_kg"] * rows["share"]
    rows["bucket"] = buckets.holding(rows["date"] - pd.Timedelta(days=lead_days))
    summed = rows.groupby(["product", "week", "bucket"])["quantity_kg"].sum().reset_index()
    return summed.assign(
        kind="forecast",
        reference="forecast " + summed["week"].dt.strftime("%Y-%m-%d"),
        needed_on=buckets.days[buckets.last[summed["bucket"]]],
    )
