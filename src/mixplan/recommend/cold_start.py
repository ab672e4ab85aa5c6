"""How well new customers and new products are met: known ones are hidden in turn, and met again as if new."""

from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import pandas as pd

from mixplan.config.customers import CustomersConfig
from mixplan.config.recommend import RecommendCandidate, RecommendConfig
from mixplan.recommend.ablation import bought_after, days_before, prefers_at
from mixplan.recommend.hits import FIRST, gain_interval, hits, means
from mixplan.recommend.model import Recommender, new_recommender
from mixplan.recommend.ranking import Ranker, ranked
from mixplan.recommend.ratings import NoRatingsError, ratings
from mixplan.recommend.shelf import Plant, shelf_of

Score = tuple[float, float]
"""NDCG at 10 and whether there was a hit."""


class Met(NamedTuple):
    """What was met as new: whose case it is, its score, and what it is held against."""

    customer: str
    own: Score
    other: Score


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
        self.plant, self.candidate, self.config, self.seed = plant, candidate, config, seed
        self.baseline = config.candidates[config.simplicity[0]]
        self.days = days_before(holdout, plant.sales, config.ablation)[-config.ablation.hiding_origins :]
        self.prefers = {day: prefers_at(plant.sales, day, customers, seed) for day in self.days}

    def of_customers(self) -> dict[str, float]:
        """What every customer who bought in the coming days would be offered if it had never bought, by its region.

        Returns:
            ndcg_at_10, hit_rate_at_10 and n (customers over all days), both scores with ``popularity_``: of the
            simplest candidate's first ten, which are the same for all, and ndcg_gain_low and ndcg_gain_high over these.
        """
        return self._beside("popularity", [met for day in self.days for met in self._customers_at(day)])

    def of_products(self) -> dict[str, float]:
        """Where a product that nobody had bought yet would stand for each customer who buys it in the coming days.

        It competes with what the customer never bought either, as in ``offers.parquet``.

        Returns:
            ndcg_at_10, hit_rate_at_10 and n (pairs over all days), both scores with ``chance_``: of any order, and
            ndcg_gain_low and ndcg_gain_high over these.
        """
        return self._beside("chance", [met for day in self.days for met in self._products_at(day)])

    def _customers_at(self, day: pd.Timestamp) -> Iterator[Met]:
        bought = bought_after(day, self.plant.sales, self.config.ablation)
        for customer, rows in bought.groupby("customer_code"):
            wanted = set(rows["product"])
            region = str(rows.groupby("region")["quantity_kg"].sum().idxmax())
            ranker = self.without(str(customer), day)
            shown = [offer.product for offer in ranker.recommend(str(customer), FIRST, region=region)]
            popular = list(ranked(ranker.model, str(customer), ranker.known)["product"])
            yield Met(str(customer), _hits(shown, wanted), _hits(popular, wanted))

    def without(self, customer: str, day: pd.Timestamp) -> Ranker:
        """The products of a day for a customer who is neither registered nor ever bought anything."""
        sales, registered = self.plant.sales, self.plant.customers
        rest = self.plant._replace(
            sales=sales[sales["customer_code"] != customer],
            customers=registered[registered["customer_code"] != customer],
        )
        return self._ranker(rest, self.baseline, self.prefers[day].drop(customer, errors="ignore"), day)

    def _products_at(self, day: pd.Timestamp) -> Iterator[Met]:
        for product, rows in bought_after(day, self.plant.sales, self.config.ablation).groupby("product"):
            # Where nothing else was bought before, nothing competes with it.
            with suppress(NoRatingsError):
                yield from self._product_at(str(product), sorted(rows["customer_code"].unique()), day)

    def _product_at(self, product: str, buyers: list[str], day: pd.Timestamp) -> Iterator[Met]:
        sales = self.plant.sales
        rest = self.plant._replace(sales=sales[sales["product"] != product])
        ranker = self._ranker(rest, self.candidate, self.prefers[day], day)
        for customer in filter(ranker.is_known, buyers):
            offers = ranker.recommend(customer, len(ranker.products), new_only=True)
            yield Met(customer, _hits([offer.product for offer in offers], {product}), _by_chance(len(offers)))

    def _beside(self, name: str, met: list[Met]) -> dict[str, float]:
        if not met:
            return means([])
        low, high = gain_interval(
            np.array([one.own[0] - one.other[0] for one in met]), [one.customer for one in met], self.seed
        )
        other = {f"{name}_{key}": value for key, value in means([one.other for one in met]).items() if key != "n"}
        return means([one.own for one in met]) | other | {"ndcg_gain_low": low, "ndcg_gain_high": high}

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
