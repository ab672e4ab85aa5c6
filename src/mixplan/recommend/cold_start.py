"""How well new customers and new products are met: known ones are hidden in turn, and met again as if new."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mixplan.config.customers import CustomersConfig
from mixplan.config.recommend import RecommendCandidate, RecommendConfig
from mixplan.recommend.ablation import bought_after, days_before, prefers_at
from mixplan.recommend.hits import FIRST, hits, means
from mixplan.recommend.model import Recommender, new_recommender
from mixplan.recommend.ranking import Ranker, ranked
from mixplan.recommend.ratings import ratings
from mixplan.recommend.shelf import Plant, shelf_of

Score = tuple[float, float]
"""NDCG at 10 and whether there was a hit."""


class ColdStart:
    """Hides from a plant what it knows of a customer or a product, at days whose later purchases are known."""

    def __init__(
        self,
        plant: Plant,
        candidate: RecommendCandidate,
        holdout: pd.Timestamp,
        config: RecommendConfig,
        customers: CustomersConfig,
        seed: int,
    ) -> None:
        """What it is asked of: tables of the mart, the winner, and the first day that no choice may see."""
        self.plant, self.candidate, self.config, self.customers = plant, candidate, config, customers
        self.baseline, self.seed = config.candidates[config.simplicity[0]], seed
        self.days = days_before(holdout, plant.sales, config.ablation)[-config.ablation.hiding_origins :]

    def of_customers(self) -> dict[str, float]:
        """What every customer who bought in the coming days would be offered if it had never bought, by its region.

        Returns:
            ndcg_at_10, hit_rate_at_10 and n (customers over all days), and both scores with ``popularity_``: of the
            simplest candidate's first ten, which are the same for all.
        """
        pairs = [pair for day in self.days for pair in self._customers_at(day)]
        return _beside("popularity", pairs)

    def of_products(self) -> dict[str, float]:
        """Where a product that nobody had bought yet would stand for each customer who buys it in the coming days.

        Returns:
            ndcg_at_10, hit_rate_at_10 and n (pairs over all days), and both scores with ``chance_``: of any order.
        """
        pairs = [pair for day in self.days for pair in self._products_at(day)]
        return _beside("chance", pairs)

    def _customers_at(self, day: pd.Timestamp) -> Iterator[tuple[Score, Score]]:
        sales, registered = self.plant.sales, self.plant.customers
        prefers = prefers_at(sales, day, self.customers, self.seed)
        for code, rows in bought_after(day, sales, self.config.ablation).groupby("customer_code"):
            customer, wanted = str(code), set(rows["product"])
            rest = self.plant._replace(
                sales=sales[sales["customer_code"] != customer],
                customers=registered[registered["customer_code"] != customer],
            )
            ranker = self._ranker(rest, self.baseline, prefers.drop(customer, errors="ignore"), day)
            region = str(rows.groupby("region")["quantity_kg"].sum().idxmax())
            first = [offer.product for offer in ranker.recommend(customer, FIRST, region=region)]
            popular = list(ranked(ranker.model, customer, ranker.known)["product"])
            yield _hits(first, wanted), _hits(popular, wanted)

    def _products_at(self, day: pd.Timestamp) -> Iterator[tuple[Score, Score]]:
        sales = self.plant.sales
        prefers = prefers_at(sales, day, self.customers, self.seed)
        for product, rows in bought_after(day, sales, self.config.ablation).groupby("product"):
            rest = self.plant._replace(sales=sales[sales["product"] != product])
            ranker = self._ranker(rest, self.candidate, prefers, day)
            count = len(ranker.products)
            for customer in sorted(rows["customer_code"].unique()):
                if ranker.is_known(customer):
                    offers = ranker.recommend(customer, count)
                    yield _hits([offer.product for offer in offers], {str(product)}), _by_chance(count)

    def _ranker(self, plant: Plant, candidate: RecommendCandidate, prefers: pd.Series, day: pd.Timestamp) -> Ranker:
        since = day - pd.Timedelta(weeks=self.config.window_weeks)
        known = ratings(plant.sales, since, day, self.config.rating)
        model: Recommender = new_recommender(candidate, self.seed).fit(known)
        return Ranker(model, shelf_of(plant, prefers, day, self.config), self.config.rerank)


def _hits(shown: list[str], wanted: set[str]) -> Score:
    return hits(-np.arange(len(shown), dtype=np.float64), np.array([name in wanted for name in shown]), len(wanted))


def _by_chance(count: int) -> Score:
    """What one product among ``count`` reaches on average where any order is as likely.

    >>> _by_chance(10)[1], _by_chance(40)[1]
    (1.0, 0.25)
    """
    shown = min(count, FIRST)
    return float((1.0 / np.log2(np.arange(2, shown + 2))).sum() / count), shown / count


def _beside(name: str, pairs: list[tuple[Score, Score]]) -> dict[str, float]:
    other = means([theirs for _, theirs in pairs])
    return means([own for own, _ in pairs]) | {f"{name}_{key}": value for key, value in other.items() if key != "n"}
