"""How much of last year's demand the customers of today stand for: some have left, others have only begun to buy."""

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


def active_share(purchases: pd.DataFrame, origin: pd.Timestamp) -> pd.Series:
    """What active customers buy in a week, as a share of what all customers bought in the mean week of the last year.

    Active is a customer that bought anything in the last ``ACTIVE_WEEKS`` weeks. What it bought of a product counts by
    the weeks since it first did, as far as the product itself was sold then, so that newcomers count in full.

    Args:
        purchases: from ``weekly_purchases``; only weeks before the origin are looked at.
        origin: a Monday.

    Returns:
        Index product, of those with sales in the year before the origin; at least ``LEAST_ACTIVE``, and 1 for all
        where no customer is active, as the plant itself stood still then.

    >>> weeks = pd.date_range("2023-01-02", periods=52, freq="W-MON")
    >>> stays = pd.DataFrame({"week": weeks, "product": "A", "customer_code": "stays", "quantity_kg": 2.0})
    >>> purchases = pd.concat([stays, stays[:26].assign(customer_code="left"), stays[26:].assign(customer_code="new")])
    >>> active_share(purchases, pd.Timestamp("2024-01-01")).to_dict()
    {'A': 1.0}
    >>> active_share(purchases[purchases["customer_code"] != "new"], pd.Timestamp("2024-01-01")).round(4).to_dict()
    {'A': 0.6667}
    """
    week = pd.Timedelta(weeks=1)
    past = purchases[purchases["week"] < origin]
    pairs = past.groupby(["product", "customer_code"], as_index=False)["week"].min()
    pairs["bought"] = ((origin - pairs["week"]) / week).clip(ACTIVE_WEEKS, YEAR_WEEKS)
    pairs["sold"] = pairs.groupby("product")["bought"].transform("max")
    last = past.groupby("customer_code")["week"].max()
    pairs["is_active"] = pairs["customer_code"].isin(last.index[last >= origin - ACTIVE_WEEKS * week])
    year = past[past["week"] >= origin - YEAR_WEEKS * week].merge(pairs.drop(columns="week"))
    all_kg = year["quantity_kg"].groupby(year["product"]).sum()
    if not pairs["is_active"].any():
        return pd.Series(1.0, all_kg.index)
    scaled = year["quantity_kg"] * year["sold"] / year["bought"] * year["is_active"]
    return (scaled.groupby(year["product"]).sum() / all_kg).clip(lower=LEAST_ACTIVE)
