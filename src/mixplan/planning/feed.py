"""Materials for goods that are made ahead: what is there before a new order can come."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.planning.tables import Integers, Values, arrivals


@dataclass(frozen=True)
class Feed:
    """D days, P products and M materials."""

    bill: pd.DataFrame
    """(P, M), see ``bill_of_materials``."""
    there_kg: Values
    """(D, M): stock and all confirmed receipts up to that day; infinite once an order of the plan can have come, as
    the plan orders for its lots."""

    def recipe(self, products: list[str]) -> Values:
        """(M, P): kilograms of each material in one of each product; 0 of products that the bill lacks."""
        shares: Values = self.bill.reindex(products, fill_value=0.0).to_numpy(dtype="float64").T
        return shares


def feed_of(
    bill: pd.DataFrame, stock: pd.DataFrame, awaited: pd.DataFrame, days: pd.DatetimeIndex, first_arrives: Integers
) -> Feed:
    """What there is for the lots of these days.

    Args:
        bill: see ``bill_of_materials``.
        stock: see ``stock_on_hand``; one line a material of the bill.
        awaited: see ``open_purchases``.
        days: every day of the plan.
        first_arrives: (M): the day, from 0 on, on which the first order of the plan can come.

    >>> bill = pd.DataFrame({"sand": [1.0]}, index=["grout"])
    >>> stock = pd.DataFrame({"material_code": ["sand"], "on_hand_kg": [5.0]})
    >>> days = pd.date_range("2024-06-03", periods=4)
    >>> awaited = pd.DataFrame({"material_code": ["sand"], "quantity_kg": [2.0], "expected_on": [days[1]]})
    >>> feed_of(bill, stock, awaited, days, np.array([3])).there_kg.ravel().tolist()
    [5.0, 7.0, 7.0, inf]
    """
    on_hand = stock.set_index("material_code").loc[bill.columns, "on_hand_kg"].to_numpy(dtype="float64")
    there = on_hand + np.cumsum(arrivals(awaited, days, bill.columns), axis=0)
    return Feed(bill, np.where(np.arange(len(days))[:, None] >= first_arrives, np.inf, there))
