"""How much of past demand the customers of today stand for: some have left, others have only begun to buy."""

import pandas as pd

YEAR_WEEKS = 52
ACTIVE_WEEKS = 8
"""A customer that bought nothing for longer has left; a first purchase that is younger tells no pace yet."""
LEAST_ACTIVE = 0.05
"""A product whose customers have all left is taken for this share of its demand: another may come."""


def weekly_purchases(sales: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Kilograms by week, product and customer.

    Args:
        sales: the mart's ``sales``.
        until: first day that does not count; a Monday.

    Returns:
        week (its Monday), product, customer_code and quantity_kg, of weeks in which the customer bought the product.
    """
    known = sales[sales["sold_on"] < until]
    week = (known["sold_on"] - pd.to_timedelta(known["sold_on"].dt.weekday, unit="D")).rename("week")
    by = [week, known["product"], known["customer_code"]]
    return known.groupby(by)["quantity_kg"].sum().reset_index()


def active_share(purchases: pd.DataFrame, origin: pd.Timestamp, weeks: int = YEAR_WEEKS) -> pd.Series:
    """What active customers buy in a week, as a share of what all customers bought in a mean week.

    Active is a customer that bought anything in the last ``ACTIVE_WEEKS`` weeks. What it bought of a product counts by
    the weeks since it first did, as far as the product itself was sold then, so that newcomers count in full. Their
    first purchase begins those weeks and is not of them, as one that buys twice a year may have bought yesterday.

    Args:
        purchases: from ``weekly_purchases``; only weeks before the origin are looked at.
        origin: a Monday.
        weeks: how far to look back for the mean week.

    Returns:
        Index product, of those with sales in these weeks before the origin; at least ``LEAST_ACTIVE``, and 1 for all
        where no customer is active, as the plant itself stood still then.

    >>> weeks = pd.date_range("2023-01-02", periods=52, freq="W-MON")
    >>> stays = pd.DataFrame({"week": weeks, "product": "A", "customer_code": "stays", "quantity_kg": 2.0})
    >>> purchases = pd.concat([stays, stays[:26].assign(customer_code="left"), stays[26:].assign(customer_code="new")])
    >>> active_share(purchases, pd.Timestamp("2024-01-01")).round(4).to_dict()
    {'A': 0.9808}
    >>> active_share(purchases[purchases["customer_code"] != "new"], pd.Timestamp("2024-01-01")).round(4).to_dict()
    {'A': 0.6667}
    """
    week = pd.Timedelta(weeks=1)
    past = purchases[purchases["week"] < origin]
    pairs = past.groupby(["product", "customer_code"])["week"].min().rename("first").reset_index()
    pairs["since"] = ((origin - pairs["first"]).dt.days / 7).clip(ACTIVE_WEEKS, weeks)
    pairs["sold"] = pairs.groupby("product")["since"].transform("max")
    last = past.groupby("customer_code")["week"].max()
    pairs["is_active"] = pairs["customer_code"].isin(last.index[last >= origin - ACTIVE_WEEKS * week])
    bought = past[past["week"] >= origin - weeks * week].merge(pairs)
    all_kg = bought["quantity_kg"].groupby(bought["product"]).sum()
    if not pairs["is_active"].any():
        return pd.Series(1.0, all_kg.index)
    begins = (bought["week"] == bought["first"]) & (bought["since"] < bought["sold"])
    scaled = bought["quantity_kg"] * bought["sold"] / bought["since"] * (bought["is_active"] & ~begins)
    return (scaled.groupby(bought["product"]).sum() / all_kg).clip(lower=LEAST_ACTIVE)
