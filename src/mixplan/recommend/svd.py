"""Adapter of scikit-surprise's ``SVD`` and ``SVDpp``: they learn, NumPy answers."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from mixplan.recommend.model import ArrayModel, Positions, Values, with_unknown
from mixplan.recommend.order import mean_of_twins
from mixplan.recommend.surprise_data import inner_customers, inner_products, trainset


@dataclass
class Svd(ArrayModel):
    """Biased matrix factorisation, mean + b_u + b_i + q_i . p_u (Koren, Bell & Volinsky 2009, equation 5).

    Bias and factors of an unknown customer or product are zero.
    """

    reason: ClassVar[str] = "customers with similar purchases rate it {score:.1f}"
    library: ClassVar[str] = "SVD"
    """The class of scikit-surprise that learns."""
    n_factors: int
    n_epochs: int
    lr_all: float
    reg_all: float
    random_state: int

    def _learn(self, ratings: pd.DataFrame) -> dict[str, Values]:
        import surprise

        train = trainset(ratings)
        fitted = getattr(surprise, self.library)(
            n_factors=self.n_factors,
            n_epochs=self.n_epochs,
            lr_all=self.lr_all,
            reg_all=self.reg_all,
            random_state=self.random_state,
        ).fit(train)
        customers, products = inner_customers(train, self.customers), inner_products(train, self.products)
        factors = self._customer_factors(fitted, train, customers)
        return {
            "mean": np.array(train.global_mean, dtype=np.float64),
            "customer_bias": with_unknown(mean_of_twins(fitted.bu[customers], ratings)),
            "product_bias": with_unknown(fitted.bi[products]),
            "customer_factors": with_unknown(mean_of_twins(factors, ratings)),
            "product_factors": with_unknown(fitted.qi[products]),
        }

    def _customer_factors(self, fitted: Any, _train: Any, customers: Positions) -> Values:
        factors: Values = fitted.pu[customers]
        return factors

    def _estimates(self, customer: int, products: Positions) -> Values:
        known = self.arrays
        baseline = known["mean"] + known["customer_bias"][customer] + known["product_bias"][products]
        estimates: Values = baseline + known["product_factors"][products] @ known["customer_factors"][customer]
        return estimates


@dataclass
class SvdPlusPlus(Svd):
    """mean + b_u + b_i + q_i . (p_u + sum of y_j / sqrt(n_u)), over the n_u products j rated by u (Koren 2008, eq. 15).

    The sum over what a customer rated is made once, so that it answers as ``Svd`` does.
    """

    library: ClassVar[str] = "SVDpp"

    def _customer_factors(self, fitted: Any, train: Any, customers: Positions) -> Values:
        rated = [[product for product, _ in train.ur[customer]] for customer in customers]
        implied = np.array([fitted.yj[own].sum(axis=0) / np.sqrt(len(own)) for own in rated])
        factors: Values = super()._customer_factors(fitted, train, customers) + implied
        return factors
