"""Adapter of scikit-surprise's k nearest neighbours between products: it learns, NumPy answers."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from mixplan.recommend.model import ArrayModel, Positions, Values, with_unknown
from mixplan.recommend.surprise_data import inner_customers, inner_products, trainset


@dataclass
class Knn(ArrayModel):
    """What is usual, and the customer's deviations from it on similar products (Koren 2010, equation 3).

    u_ui + sum of s_ij (r_uj - u_uj) / sum of s_ij, over the k products j most similar to i that the customer rated,
    and of those only the ones with s_ij > 0. The usual u_ui is 0 (``KNNBasic``), the product's mean (``KNNWithMeans``)
    or mean + b_u + b_i (``KNNBaseline``), with a bias of zero for the unknown. Where fewer than ``min_k`` products are
    left the usual answers alone; where that is nothing, the pair is declined and the overall mean stands in.
    """

    reason: ClassVar[str] = "expected rating {score:.1f}, given what this customer and others buy"
    about: str
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
        usual = {
            "nothing": (0.0, np.zeros(len(customers)), np.zeros(len(products))),
            "product_mean": (0.0, np.zeros(len(customers)), np.nanmean(table[:-1], axis=0)),
            "baseline": (train.global_mean, fitted.bu[customers], fitted.bi[products]),
        }
        mean, customer_usual, product_usual = usual[self.about]
        unknown = train.global_mean if self.about == "product_mean" else 0.0
        return {
            "overall_mean": np.array(train.global_mean, dtype=np.float64),
            "mean": np.array(mean, dtype=np.float64),
            "customer_usual": with_unknown(customer_usual),
            "product_usual": np.append(product_usual, unknown),
            "similarity": with_unknown(fitted.sim[np.ix_(products, products)]),
            "ratings": table,
        }

    def known(self, customer: str, product: str) -> bool:
        """See ``Recommender.known``; without anything usual, a pair without similar products is declined."""
        is_known = super().known(customer, product)
        if self.about != "nothing" or not is_known:
            return is_known
        position = np.array([self.products[product]], dtype=np.intp)
        return bool(self._deviations(self.customers[customer], position)[1][0])

    def _estimates(self, customer: int, products: Positions) -> Values:
        known = self.arrays
        offsets, enough = self._deviations(customer, products)
        usual: Values = known["mean"] + known["customer_usual"][customer] + known["product_usual"][products] + offsets
        return np.where(enough, usual, known["overall_mean"]) if self.about == "nothing" else usual

    def _deviations(self, customer: int, products: Positions) -> tuple[Values, Values]:
        """By product, the weighted mean deviation on similar ones, and whether these were enough."""
        known = self.arrays
        rated = np.flatnonzero(~np.isnan(known["ratings"][customer]))
        usual = known["mean"] + known["customer_usual"][customer] + known["product_usual"][rated]
        deviations = known["ratings"][customer, rated] - usual
        similar = known["similarity"][np.ix_(products, rated)]
        if len(rated) > self.k:
            nearest = np.argsort(-similar, axis=1, kind="stable")[:, : self.k]
            similar = np.take_along_axis(similar, nearest, axis=1)
            deviations = deviations[nearest]
        weights = similar.clip(min=0.0)  # -> (products, neighbours)
        enough = (weights > 0).sum(axis=1) >= self.min_k
        totals = np.where(enough, weights.sum(axis=1), 1.0)
        return np.where(enough, (weights * deviations).sum(axis=1) / totals, 0.0), enough
