"""How each customer buys, as of a day: recency, frequency, value, breadth, price level, season, trend and rhythm."""

import numpy as np
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
        config: the window.

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
        - price_level: mean log of the price paid over the product's mean price in the window; 0 without prices
        - seasonality: share of the window's kilograms in the customer's strongest quarter of the year; 0.25 is none
        - trend: log of (1 + order days of the window's later half) / (1 + those of its earlier half)

        A return counts as its negative quantity and value, so that a customer's value never falls below zero, and a
        day with nothing but returns is no order day. Customers who only ever returned goods have no row.

    Raises:
        NoSalesError: no sale is dated before ``as_of``.
    """
    known = sales[sales["sold_on"] < as_of]
    rhythm = _rhythm(known[known["quantity_kg"] > 0], as_of)
    if rhythm.empty:
        raise NoSalesError(f"sales: none is dated before {as_of.date()}; check the source or the date")
    window = known[known["sold_on"] >= as_of - pd.Timedelta(days=config.window_days)]
    is_priced = not window.empty and bool(window["unit_price_krw"].notna().all())
    value = window["quantity_kg"] * window["unit_price_krw"] if is_priced else window["quantity_kg"]
    ordered = window[window["quantity_kg"] > 0]
    totals = ordered.groupby("customer_code").agg(frequency=("sold_on", "nunique"), products=("product", "nunique"))
    monetary = value.groupby(window["customer_code"]).sum().clip(lower=0.0)
    totals = totals.assign(monetary=monetary).reindex(rhythm.index, fill_value=0)
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
            "price_level": _price_level(ordered).reindex(rhythm.index).fillna(0.0),
            "seasonality": _seasonality(ordered).reindex(rhythm.index).fillna(0.25),
            "trend": _trend(ordered, as_of - pd.Timedelta(days=config.window_days // 2), rhythm.index),
        }
    ).reset_index()


def _price_level(ordered: pd.DataFrame) -> pd.Series:
    usual = ordered.groupby("product")["unit_price_krw"].transform("mean")
    paid: pd.Series = (ordered["unit_price_krw"] / usual).apply(np.log)
    return paid.groupby(ordered["customer_code"]).mean()


def _seasonality(ordered: pd.DataFrame) -> pd.Series:
    quarters = ordered.groupby(["customer_code", ordered["sold_on"].dt.quarter])["quantity_kg"].sum()
    return quarters.groupby("customer_code").max() / quarters.groupby("customer_code").sum()


def _trend(ordered: pd.DataFrame, middle: pd.Timestamp, customers: pd.Index) -> pd.Series:
    is_late = ordered["sold_on"] >= middle
    late, early = (
        half.groupby("customer_code")["sold_on"].nunique().reindex(customers, fill_value=0)
        for half in (ordered[is_late], ordered[~is_late])
    )
    trend: pd.Series = ((1.0 + late) / (1.0 + early)).apply(np.log)
    return trend


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
