"""Adapter of implicit's alternating least squares: it learns who buys what, NumPy ranks."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from mixplan.recommend.model import ArrayModel, Positions, Values, with_unknown
from mixplan.recommend.order import mean_of_twins


@dataclass
class Als(ArrayModel):
    """p_u . q_i, near 1 for what the customer is likely to buy (Hu, Koren and Volinsky 2008); no rating.

    Ratings serve as confidence. A customer without ratings gets the mean of all customers: what most buy.
    """

    rates: ClassVar[bool] = False
    reason: ClassVar[str] = "customers with similar purchases buy it"
    factors: int
    iterations: int
    regularization: float
    alpha: float
    random_state: int

    def _learn(self, ratings: pd.DataFrame) -> dict[str, Values]:
        from implicit.cpu.als import AlternatingLeastSquares
        from scipy.sparse import csr_matrix
        from threadpoolctl import threadpool_limits

        places = (ratings["customer_code"].map(self.customers), ratings["product"].map(self.products))
        shape = (len(self.customers), len(self.products))
        bought = csr_matrix((ratings["rating"].to_numpy(np.float32), places), shape=shape)
        # Threads add up in any order: one thread gives the same last digit in every run.
        with threadpool_limits(limits=1):
            model = AlternatingLeastSquares(**vars_of(self), num_threads=1)
            model.fit(bought, show_progress=False)
        customers = mean_of_twins(np.asarray(model.user_factors, dtype=np.float64), ratings)
        return {
            "customer_factors": np.vstack([customers, customers.mean(axis=0)]),
            "product_factors": with_unknown(np.asarray(model.item_factors, dtype=np.float64)),
        }

    def _estimates(self, customer: int, products: Positions) -> Values:
        estimates: Values = self.arrays["product_factors"][products] @ self.arrays["customer_factors"][customer]
        return estimates


def vars_of(model: Als) -> dict[str, float]:
    """Hyper-parameters under the names that implicit gives them."""
    names = ("factors", "iterations", "regularization", "alpha", "random_state")
    return {name: getattr(model, name) for name in names}
