"""What moves a product up or down for a customer, besides the model: parts with a value from 0 to 1 each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.rerank import RerankConfig

Values = npt.NDArray[np.float64]
PARTS = ("same_month", "segment", "price_band", "season", "makeable", "rest")
"""In the order of every array of parts; each is a field of ``RerankConfig``."""
DOWN = frozenset({"rest"})
"""Parts that move a product down."""
SAYING = {
    "same_month": "popular in these weeks of last year, in a product group that it buys",
    "price_band": "costs about what it usually pays",
    "season": "its season begins",
    "makeable": "its materials are in stock",
    "rest": "bought only now",
    "favourite_groups": "of its favourite product group",
    "often_bought": "often bought",
    "premium_and_seasonal": "premium or in season",
    "": "",
}
"""Reason in words; that of ``segment`` is what the segment prefers."""


@dataclass(frozen=True)
class Buyer:
    """A customer as the parts see it; arrays have one value a product."""

    orders: Values
    """Days with an order."""
    days_ago: Values
    """Days since the last order; infinite where there was none."""
    prefers: str
    """What its segment asks for; empty where it has none."""
    log_price: float
    """Mean log of the prices that it paid; NaN without prices."""


class Parts:
    """Values of all parts for the products of a shelf."""

    def __init__(self, products: pd.DataFrame, config: RerankConfig) -> None:
        self.config = config
        self.log_price = products["log_price"].to_numpy(np.float64)
        self.shared = {name: products[name].to_numpy(np.float64) for name in ("season", "same_month", "makeable")}
        self.likely = (products["premium"].to_numpy(np.float64) + self.shared["season"]) / 2
        self.group = pd.factorize(products["group"])[0]
        weights = [(-1.0 if name in DOWN else 1.0) * getattr(config, name).weight for name in PARTS]
        self.weights = np.array(weights)
        self.is_on = np.array([getattr(config, name).is_on for name in PARTS])

    def values(self, buyer: Buyer) -> Values:
        """(parts, products), each value from 0 to 1."""
        by_group = np.bincount(self.group, weights=buyer.orders).astype(np.float64)
        return np.stack(
            [
                self.shared["same_month"] * (by_group > 0)[self.group],
                self._segment(buyer, by_group),
                self._price_band(buyer),
                self.shared["season"],
                self.shared["makeable"],
                (buyer.days_ago <= self.config.rest_days).astype(np.float64),
            ]
        )

    def _segment(self, buyer: Buyer, by_group: Values) -> Values:
        if buyer.prefers == "favourite_groups":
            return _of_most(by_group)[self.group]
        if buyer.prefers == "often_bought":
            return _of_most(buyer.orders)
        return self.likely if buyer.prefers else np.zeros(len(self.group))

    def _price_band(self, buyer: Buyer) -> Values:
        """1 at the usual price, a third at ``price_factor`` times it; nothing where a price is missing."""
        apart = np.abs(self.log_price - buyer.log_price) / np.log(self.config.price_factor)
        near: Values = np.nan_to_num(np.exp(-apart), nan=0.0)
        return near

    def saying(self, part: str, buyer: Buyer) -> str:
        """A part's reason in words."""
        return SAYING[buyer.prefers if part == "segment" else part]


def _of_most(values: Values) -> Values:
    most = values.max(initial=0.0)
    return values / most if most > 0 else values
