"""Materials needed day by day: by production to come and by past sales."""

import pandas as pd

from mixplan.config.planning import CalendarConfig
from mixplan.planning.bill_of_materials import explode
from mixplan.planning.calendar import day_shares
from mixplan.planning.errors import PlanningError
from mixplan.planning.tables import to_rows


def daily_requirements(production: pd.DataFrame, bill: pd.DataFrame, calendar: CalendarConfig) -> pd.DataFrame:
    """Material requirements of weekly production, spread over working days.

    Args:
        production: week, product, quantity_kg.
        bill: see ``bill_of_materials``.
        calendar: the plant's working days.

    Returns:
        date, material_code and requirement_kg for every day of every week and every material of the bill.

    >>> production = pd.DataFrame({"week": [pd.Timestamp("2024-05-06")], "product": "grout", "quantity_kg": 800.0})
    >>> bill = pd.DataFrame({"sand": [0.5]}, index=["grout"])
    >>> calendar = CalendarConfig(country="KR", weekday_weights=(1, 1, 1, 1, 1, 0, 0))
    >>> daily_requirements(production, bill, calendar)["requirement_kg"].tolist()
    [0.0, 100.0, 100.0, 100.0, 100.0, 0.0, 0.0]
    """
    weekly = explode(_by_product(production, "week"), bill)
    shares = day_shares(pd.DatetimeIndex(weekly.index), calendar)
    daily = weekly.to_numpy().repeat(7, axis=0) * shares["share"].to_numpy()[:, None]
    return to_rows(pd.DatetimeIndex(shares["date"]), weekly.columns, requirement_kg=daily)


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
    use = explode(_by_product(known, "sold_on"), bill)
    days = pd.date_range(known["sold_on"].min(), until - pd.Timedelta(days=1), name="date")
    return use.reindex(days, fill_value=0.0)


def _by_product(rows: pd.DataFrame, when: str) -> pd.DataFrame:
    """Kilograms by time (index) and product (columns)."""
    return rows.pivot_table("quantity_kg", when, "product", aggfunc="sum", fill_value=0)
