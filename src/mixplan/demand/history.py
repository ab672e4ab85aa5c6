"""Sales as weekly demand by product."""

import pandas as pd

HORIZON_MONTHS = {1: (1, 4), 2: (5, 8), 3: (9, 13), 4: (14, 17), 5: (18, 21), 6: (22, 26)}
"""Months of a horizon as first and last week: blocks of 4, 4 and 5 weeks, so that 13 weeks are exactly 3 months."""


def weekly_demand(sales: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Kilograms sold by week and product.

    Args:
        sales: the mart's ``sales``.
        until: first day that does not count; a Monday.

    Returns:
        One row a week (index ``week``, its Monday; the first is the first whole week), one column a product, 0.0 where
        nothing was sold.

    >>> sales = pd.DataFrame({"sold_on": pd.to_datetime(["2024-01-01", "2024-01-17", "2024-01-19"]),
    ...                       "product": ["A", "A", "B"], "quantity_kg": [5.0, 1.0, 2.0]})
    >>> weekly_demand(sales, pd.Timestamp("2024-01-22")).to_numpy().tolist()
    [[5.0, 0.0], [0.0, 0.0], [1.0, 2.0]]
    """
    known = sales[sales["sold_on"] < until]
    first = (known["sold_on"].min() + pd.Timedelta(days=6)).to_period("W-SUN").start_time
    week = known["sold_on"] - pd.to_timedelta(known["sold_on"].dt.weekday, unit="D")
    table = known.pivot_table(index=week, columns="product", values="quantity_kg", aggfunc="sum", fill_value=0.0)
    weeks = pd.date_range(first, until - pd.Timedelta(weeks=1), freq="W-MON", name="week")
    return table.reindex(weeks, fill_value=0.0).astype("float64")


def long_demand(weekly: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rows of week, product and the kilograms, called ``name``, of a table from ``weekly_demand``."""
    return weekly.rename_axis(columns=None).reset_index().melt("week", var_name="product", value_name=name)


def horizon_month(horizon_weeks: pd.Series) -> pd.Series:
    """The month of the horizon (1 to 6) that each week of the horizon belongs to.

    >>> horizon_month(pd.Series([1, 4, 5, 13, 14, 26])).tolist()
    [1, 1, 2, 3, 4, 6]
    """
    last_weeks = [last for _, last in HORIZON_MONTHS.values()]
    return pd.cut(horizon_weeks, [0, *last_weeks], labels=list(HORIZON_MONTHS)).astype("int64")
