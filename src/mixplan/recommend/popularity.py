"""The baseline: what customers on the whole think of a product."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd

from mixplan.recommend.model import ArrayModel, Positions, Values


@dataclass
class Popularity(ArrayModel):
    """Damped mean rating of each product, (sum of ratings + damping * overall mean) / (number of ratings + damping).

    Damping keeps a product that one customer loves behind one that many like.

    >>> ratings = pd.DataFrame({"customer_code": ["a", "b", "c"], "product": ["P", "P", "Q"], "rating": [4.0, 5, 3]})
    >>> Popularity(damping=2.0).fit(ratings).score("a", ["P", "Q", "never sold"]).tolist()
    [4.25, 3.6666666666666665, 4.0]
    """

    reason: ClassVar[str] = "customers rate it {score:.1f}"
    damping: float

    def _learn(self, ratings: pd.DataFrame) -> dict[str, Values]:
        mean = float(ratings["rating"].mean())
        by_product = ratings.groupby("product")["rating"].agg(["sum", "count"])
        damped = (by_product["sum"] + self.damping * mean) / (by_product["count"] + self.damping)
        return {"product_mean": np.append(damped.to_numpy(dtype=np.float64), mean)}

    def _estimates(self, customer: int, products: Positions) -> Values:  # noqa: ARG002 - the same for every customer
        return self.arrays["product_mean"][products]
