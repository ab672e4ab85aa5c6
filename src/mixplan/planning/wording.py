"""Quantities and periods as a buyer reads them."""

import pandas as pd


def weight(quantity_kg: float) -> str:
    """Tonnes, or kilograms below one tonne.

    >>> weight(41_240.0), weight(350.0), weight(0.52), weight(0.0)
    ('41.2 t', '350 kg', '0.5 kg', '0 t')
    """
    if quantity_kg == 0:
        return "0 t"
    return f"{round(quantity_kg, 1):,g} kg" if abs(quantity_kg) < 1000 else f"{quantity_kg / 1000:,.1f} t"


def day(date: pd.Timestamp) -> str:
    """A day without its year.

    >>> day(pd.Timestamp("2024-06-03"))
    '3 June'
    """
    return f"{date.day} {date.month_name()}"


def period(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """From day to day; the month is said once where both share it.

    >>> period(pd.Timestamp("2024-06-17"), pd.Timestamp("2024-06-30"))
    '17 to 30 June'
    >>> period(pd.Timestamp("2024-06-28"), pd.Timestamp("2024-07-04"))
    '28 June to 4 July'
    """
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same_month else day(first)} to {day(last)}"
