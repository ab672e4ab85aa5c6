"""How each customer buys, as of a day: recency, frequency, value, rhythm, and a rule for who is at risk."""

import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.config.customers import CustomersConfig


class NoSalesError(MixplanError):
    """There is nothing to learn about customers."""


def behaviour(sales: pd.DataFrame, as_of: pd.Timestamp, config: CustomersConfig) -> pd.DataFrame:
    """One row for every customer who bought before ``as_of``.

    Args:
        sales: the mart's ``sales``.
        as_of: first day that is not known.
        config: the window and the rule of risk.

    Returns:
        Sorted by customer_code:

        - customer_code
        - recency_days: days from the last order to ``as_of``; yesterday is 1
        - frequency: days with an order in the window of ``window_days`` before ``as_of``
        - monetary: value bought in the window, in monetary_unit
        - monetary_unit: ``KRW`` where every sale in the window has a price, otherwise ``kg`` for all customers
        - products: different products bought in the window
        - mean_interval_days: mean time between order days over all that is known; NaN after a single order day
        - overdue_ratio: recency_days / mean_interval_days; NaN after a single order day
        - at_risk: overdue_ratio is above ``at_risk_above`` and recency_days above ``at_risk_after_days``. This is a
          rule that a person can check, not a prediction; a customer with a single order day has no rhythm to be
          behind, and is not flagged.

    Raises:
        NoSalesError: no sale is dated before ``as_of``.
    """
    known = sales[sales["sold_on"] < as_of]
    if known.empty:
        raise NoSalesError(f"sales: none is dated before {as_of.date()}; check the source or the date")
    rhythm = _rhythm(known, as_of)
    window = known[known["sold_on"] >= as_of - pd.Timedelta(days=config.window_days)]
    is_priced = not window.empty and bool(window["unit_price_krw"].notna().all())
    value = window["quantity_kg"] * window["unit_price_krw"] if is_priced else window["quantity_kg"]
    totals = (
        window.assign(value=value)
        .groupby("customer_code")
        .agg(frequency=("sold_on", "nunique"), monetary=("value", "sum"), products=("product", "nunique"))
    )
    totals = totals.reindex(rhythm.index, fill_value=0)
    overdue_ratio = rhythm["recency_days"] / rhythm["mean_interval_days"]
    return pd.DataFrame(
        {
            "recency_days": rhythm["recency_days"],
            "frequency": totals["frequency"].astype("int64"),
            "monetary": totals["monetary"].astype("float64"),
            "monetary_unit": "KRW" if is_priced else "kg",
            "products": totals["products"].astype("int64"),
            "mean_interval_days": rhythm["mean_interval_days"],
            "overdue_ratio": overdue_ratio,
            "at_risk": (overdue_ratio > config.at_risk_above) & (rhythm["recency_days"] > config.at_risk_after_days),
        }
    ).reset_index()


def _rhythm(known: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Recency and mean interval by customer: the gaps between n order days add up to last - first."""
    days = known.groupby("customer_code")["sold_on"].agg(["min", "max", "nunique"])
    gaps = (days["nunique"] - 1).where(days["nunique"] > 1)
    return pd.DataFrame(
        {
            "recency_days": (as_of - days["max"]).dt.days,
            "mean_interval_days": (days["max"] - days["min"]).dt.days / gaps,
        }
    )
