"""Adapter of scikit-surprise's ``BaselineOnly``: it learns, NumPy answers."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from mixplan.recommend.model import ArrayModel, Positions, Values, with_unknown
from mixplan.recommend.surprise_data import inner_customers, inner_products, trainset


@dataclass
class BaselineOnly(ArrayModel):
    """mean + b_u + b_i (Koren 2010, section 2.1); the bias of an unknown customer or product is zero."""

    reason: ClassVar[str] = "this customer's usual rating of a product so popular is {score:.1f}"
    n_epochs: int
    reg_customer: float
    reg_product: float

    def _learn(self, ratings: pd.DataFrame) -> dict[str, Values]:
        from surprise import BaselineOnly as Theirs

        train = trainset(ratings)
        options = {"method": "als", "n_epochs": self.n_epochs, "reg_u": self.reg_customer, "reg_i": self.reg_product}
        fitted = Theirs(bsl_options=options, verbose=False).fit(train)
        return {
            "mean": np.array(train.global_mean, dtype=np.float64),
            "customer_bias": with_unknown(fitted.bu[inner_customers(train, self.customers)]),
            "product_bias": with_unknown(fitted.bi[inner_products(train, self.products)]),
        }

    def _estimates(self, customer: int, products: Positions) -> Values:
        known = self.arrays
        estimates: Values = known["mean"] + known["customer_bias"][customer] + known["product_bias"][products]
        return estimates
