"""Materials needed day by day: by production to come and by past sales.

Products that the bill lacks are left out here; ``mixplan.planning.unplanned`` says which, and why.
"""

import pandas as pd

from mixplan.planning.bill_of_materials import explode
from mixplan.planning.calendar import day_shares
from mixplan.planning.errors import PlanningError
from mixplan.planning.tables import Values, to_rows


def daily_requirements(production: pd.DataFrame, bill: pd.DataFrame, shares_by_day: pd.DataFrame) -> pd.DataFrame:
    """Material requirements of weekly demand, on the days on which it comes.

    Args:
        production: week, product, quantity_kg.
        bill: see ``bill_of_materials``.
        shares_by_day: week, date, share: how a week divides over its days.

    Returns:
        date, material_code and requirement_kg for every day of every week and every material of the bill.

    >>> production = pd.DataFrame({"week": [pd.Timestamp("2024-05-06")], "product": "grout", "quantity_kg": 800.0})
    >>> bill = pd.DataFrame({"sand": [0.5]}, index=["grout"])
    >>> shares = pd.DataFrame({"week": pd.Timestamp("2024-05-06"), "date": pd.date_range("2024-05-06", periods=7),
    ...                        "share": [0.0, 0.25, 0.25, 0.25, 0.25, 0.0, 0.0]})
    >>> daily_requirements(production, bill, shares)["requirement_kg"].tolist()
    [0.0, 100.0, 100.0, 100.0, 100.0, 0.0, 0.0]
    """
    dates, daily = _over_days(explode(_by_product(production, "week", bill), bill), shares_by_day)
    return to_rows(dates, bill.columns, requirement_kg=daily)


def lot_requirements(lots: pd.DataFrame, bill: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Material requirements of lots, on the days when they are made.

    Args:
        lots: made_on, product, quantity_kg.
        bill: see ``bill_of_materials``.
        days: every day of the plan.

    Returns:
        date, material_code and requirement_kg for every day and every material of the bill.

    >>> lots = pd.DataFrame({"made_on": [pd.Timestamp("2024-06-04")], "product": "grout", "quantity_kg": 800.0})
    >>> bill = pd.DataFrame({"sand": [0.5]}, index=["grout"])
    >>> lot_requirements(lots, bill, pd.date_range("2024-06-03", periods=3))["requirement_kg"].tolist()
    [0.0, 400.0, 0.0]
    """
    made = _by_product(lots, "made_on", bill).reindex(days, fill_value=0.0)
    return to_rows(days, bill.columns, requirement_kg=explode(made, bill).to_numpy())


def daily_margins(forecast: pd.DataFrame, bill: pd.DataFrame, shares_by_day: pd.DataFrame) -> pd.DataFrame:
    """How much more than expected the materials may need, by the upper end of the forecast's interval.

    The errors of products are taken as independent, so a material's margin is the root of the sum of the squares of
    what they need of it: 3 kg and 4 kg make 5 kg.

    Args:
        forecast: week, product, quantity_kg, upper_kg.
        bill: see ``bill_of_materials``.
        shares_by_day: week, date, share: how a week divides over its days.

    Returns:
        date, material_code and margin_kg for every day of every week and every material of the bill.

    >>> forecast = pd.DataFrame({"week": [pd.Timestamp("2024-05-06")] * 2, "product": ["grout", "paste"],
    ...                          "quantity_kg": 800.0, "upper_kg": [812.0, 816.0]})
    >>> bill = pd.DataFrame({"sand": [1.0, 1.0]}, index=["grout", "paste"])
    >>> shares = pd.DataFrame({"week": pd.Timestamp("2024-05-06"), "date": pd.date_range("2024-05-06", periods=7),
    ...                        "share": [0.0, 0.25, 0.25, 0.25, 0.25, 0.0, 0.0]})
    >>> daily_margins(forecast, bill, shares)["margin_kg"].tolist()
    [0.0, 5.0, 5.0, 5.0, 5.0, 0.0, 0.0]
    """
    squares = forecast.assign(quantity_kg=(forecast["upper_kg"] - forecast["quantity_kg"]) ** 2)
    dates, daily = _over_days(explode(_by_product(squares, "week", bill), bill**2).pow(0.5), shares_by_day)
    return to_rows(dates, bill.columns, margin_kg=daily)


def daily_use(sales: pd.DataFrame, bill: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Materials that past sales used, on the days of the sales: goods are mixed to order and leave when made.

    Args:
        sales: the mart's ``sales``.
        bill: see ``bill_of_materials``.
        until: first day that does not count.

    Returns:
        One row a calendar day from the first sale to the day before ``until`` (days without sales are 0), one column a
        material, kg.

    Raises:
        PlanningError: nothing was sold before ``until``.
    """
    known = sales[sales["sold_on"] < until]
    if known.empty:
        raise PlanningError(f"sales: none before {until.date()}, so the use of materials is unknown; start later")
    use = explode(_by_product(known, "sold_on", bill), bill)
    days = pd.date_range(known["sold_on"].min(), until - pd.Timedelta(days=1), name="date")
    return use.reindex(days, fill_value=0.0)


def _over_days(weekly: pd.DataFrame, shares_by_day: pd.DataFrame) -> tuple[pd.DatetimeIndex, Values]:
    """A week's kilograms (index: Mondays) on its days."""
    shares = day_shares(shares_by_day, pd.DatetimeIndex(weekly.index))
    daily = weekly.to_numpy().repeat(7, axis=0) * shares["share"].to_numpy()[:, None]
    return pd.DatetimeIndex(shares["date"]), daily


def _by_product(rows: pd.DataFrame, when: str, bill: pd.DataFrame) -> pd.DataFrame:
    """Kilograms by time (index) and product (columns) of the bill."""
    wide = rows.pivot_table("quantity_kg", when, "product", aggfunc="sum", fill_value=0)
    return wide[wide.columns.intersection(bill.index)]
