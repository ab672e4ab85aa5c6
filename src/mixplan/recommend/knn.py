"""Adapter of scikit-surprise's ``KNNBaseline`` between products: it learns, NumPy answers."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from mixplan.recommend.model import ArrayModel, Positions, Values, with_unknown
from mixplan.recommend.surprise_data import inner_customers, inner_products, trainset


@dataclass
class Knn(ArrayModel):
    """A baseline and the customer's deviations from it on similar products (Koren 2010, equation 3).

    mean + b_u + b_i + sum of s_ij (r_uj - b_uj) / sum of s_ij, over the k products j most similar to i that the
    customer rated, and of those only the ones with s_ij > 0. The baseline alone answers where fewer than ``min_k``
    are left; the bias of an unknown customer or product is zero.
    """

    reason: ClassVar[str] = "expected rating {score:.1f}, given what this customer and others buy"
    k: int
    min_k: int
    similarity: str
    min_support: int

    def _learn(self, ratings: pd.DataFrame) -> dict[str, Values]:
        from surprise import KNNBaseline

        train = trainset(ratings)
        options = {"name": self.similarity, "user_based": False, "min_support": self.min_support}
        fitted = KNNBaseline(k=self.k, min_k=self.min_k, sim_options=options, verbose=False).fit(train)
        customers, products = inner_customers(train, self.customers), inner_products(train, self.products)
        table = np.full((len(customers) + 1, len(products)), np.nan)
        table[ratings["customer_code"].map(self.customers), ratings["product"].map(self.products)] = ratings["rating"]
        return {
            "mean": np.array(train.global_mean, dtype=np.float64),
            "customer_bias": with_unknown(fitted.bu[customers]),
            "product_bias": with_unknown(fitted.bi[products]),
            "similarity": with_unknown(fitted.sim[np.ix_(products, products)]),
            "ratings": table,
        }

    def _estimates(self, customer: int, products: Positions) -> Values:
        known = self.arrays
        rated = np.flatnonzero(~np.isnan(known["ratings"][customer]))
        customer_mean = known["mean"] + known["customer_bias"][customer]
        deviations = known["ratings"][customer, rated] - customer_mean - known["product_bias"][rated]
        similar = known["similarity"][np.ix_(products, rated)]
        nearest = np.argsort(-similar, axis=1, kind="stable")[:, : self.k]
        weights = np.take_along_axis(similar, nearest, axis=1).clip(min=0.0)  # -> (products, neighbours)
        enough = (weights > 0).sum(axis=1) >= self.min_k
        totals = np.where(enough, weights.sum(axis=1), 1.0)
        offsets = np.where(enough, (weights * deviations[nearest]).sum(axis=1) / totals, 0.0)
        estimates: Values = customer_mean + known["product_bias"][products] + offsets
        return estimates
