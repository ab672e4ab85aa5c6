"""The products to offer to a customer, best first, each with its reasons and what each of them weighs."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.config.rerank import RerankConfig
from mixplan.recommend.model import Recommender
from mixplan.recommend.parts import PARTS, Buyer, Parts
from mixplan.recommend.shelf import Shelf

Values = npt.NDArray[np.float64]
Positions = npt.NDArray[np.intp]
AVERAGES_ONLY = "{share:.0%} of customers like it bought it lately"
"""The reason for a customer whom the model does not know."""
NEW_PRODUCT = "new, and mixed like what suits it"
LEAST_WEIGHT = 0.005
"""Reasons that weigh less are not told."""


class UnknownCustomerError(MixplanError):
    """The customer is not registered, and nothing is known of it."""


class Reason(NamedTuple):
    """Why a product is offered."""

    reason: str
    weight: float
    """What it adds to the product's place; all weights of a product add up to it."""


class Offer(NamedTuple):
    """A product to offer."""

    product: str
    score: float
    """The model's estimate: a rating from 1 to 5 if it estimates ratings."""
    place: float
    """What products are ordered by."""
    reasons: list[Reason]
    """The model's reason first, then the parts', the heaviest first."""

    def sentence(self) -> str:
        """The reasons on one line, each with its weight.

        >>> Offer("A", 4.0, 1.2, [Reason("customers rate it 4.0", 1.0), Reason("its season begins", 0.2)]).sentence()
        'customers rate it 4.0 (+1.00); its season begins (+0.20)'
        """
        return "; ".join(f"{reason} ({weight:+.2f})" for reason, weight in self.reasons)


class Ranker:
    """Orders the products of a day for any customer."""

    def __init__(self, model: Recommender, shelf: Shelf, config: RerankConfig) -> None:
        """Offered are the products that the model knows, and those that nobody bought so far."""
        self.model, self.shelf = model, shelf
        ever = {*shelf.bought["product"], *model.products}
        self.known = list(model.products)
        self.new = [product for product in shelf.products["product"] if product not in ever]
        self.products = np.array([*self.known, *self.new], dtype=object)
        self._by_name = np.argsort(self.products.astype(str), kind="stable")
        place = {product: position for position, product in enumerate(self.products)}
        self.parts = Parts(shelf.products.set_index("product").reindex(self.products).fillna(_NOTHING), config)
        self._alike = self._likeness(place)
        last = shelf.bought["last_bought_on"].to_numpy("datetime64[D]").astype(np.int64)
        own = shelf.bought.assign(position=shelf.bought["product"].map(place), last_day=last)
        self._own = dict(_blocks(own[own["position"].notna()], ("position", "orders", "days_ago", "last_day")))
        traits = shelf.customers[["customer_code", "region", "prefers", "log_price"]]
        self._traits = {row[0]: row[1:] for row in traits.itertuples(index=False, name=None)}
        self._popular = self._popularity()

    def is_known(self, customer: str) -> bool:
        """Whether the customer is registered or ever bought something."""
        return customer in self._traits

    def buyer(self, customer: str) -> Buyer:
        """A customer as the parts see it; one of whom nothing is known has bought nothing."""
        orders, days_ago = np.zeros(len(self.products)), np.full(len(self.products), np.inf)
        if customer in self._own:
            position, count, ago, _ = self._own[customer]
            places = position.astype(np.intp)
            orders[places], days_ago[places] = count, ago
        _, prefers, log_price = self._traits.get(customer, ("", "", np.nan))
        return Buyer(orders, days_ago, prefers, log_price)

    def base(self, customer: str, region: str = "") -> tuple[Values, Values]:
        """The model's scores, and the places that follow from them: 1 for its first product, 0 for its last.

        A new product is scored as the products most like it. A customer without ratings is offered what customers of
        its region and segment buy, as far as these are known.
        """
        scores = self.model.score_all(customer)
        scores = np.concatenate([scores, self._alike @ scores])
        if customer in self.model.customers:
            return scores, _scaled(scores)
        return scores, _scaled(self._share(customer, region))

    def recommend(self, customer: str, count: int, new_only: bool = False, region: str = "") -> list[Offer]:
        """The products with the highest places; equal ones by name.

        Args:
            customer: a customer_code.
            count: most products to return.
            new_only: leave out what the customer has ever bought.
            region: where a customer without purchases is; empty if unknown.

        Raises:
            UnknownCustomerError: the customer is not registered, never bought anything, and has no region.
        """
        if not (self.is_known(customer) or region):
            raise UnknownCustomerError(
                f"customer {customer!r} is not registered and has bought nothing so far: check the customer code, or "
                "name the region of a new customer"
            )
        buyer = self.buyer(customer)
        scores, base = self.base(customer, region)
        added = self.parts.values(buyer) * (self.parts.weights * self.parts.is_on)[:, None]
        places = base + added.sum(axis=0)
        allowed = self._by_name[buyer.orders[self._by_name] == 0] if new_only else self._by_name
        best = allowed[np.argsort(-places[allowed], kind="stable")][:count]
        return [
            Offer(
                str(self.products[position]),
                float(scores[position]),
                float(places[position]),
                [
                    Reason(self._model_reason(customer, region, position, scores[position]), float(base[position])),
                    *self._reasons(buyer, added[:, position]),
                ],
            )
            for position in best
        ]

    def _reasons(self, buyer: Buyer, added: Values) -> list[Reason]:
        order = np.argsort(-np.abs(added), kind="stable")
        told = [place for place in order if abs(added[place]) >= LEAST_WEIGHT]
        return [Reason(self.parts.saying(PARTS[place], buyer), float(added[place])) for place in told]

    def _model_reason(self, customer: str, region: str, position: int, score: float) -> str:
        own = self._own.get(customer)
        if own is not None and (mine := np.flatnonzero(own[0] == position)).size:
            times = "once" if own[1][mine[0]] == 1 else f"{own[1][mine[0]]:.0f} times"
            return f"bought {times}, last {np.datetime64(int(own[3][mine[0]]), 'D')}"
        if customer not in self.model.customers:
            return AVERAGES_ONLY.format(share=self._share(customer, region)[position])
        is_new = position >= len(self.known)
        return NEW_PRODUCT if is_new else self.model.reason.format(score=score)

    def _share(self, customer: str, region: str) -> Values:
        """Popularity among customers of its region and segment, or of the nearest wider circle that is known."""
        own_region, prefers, _ = self._traits.get(customer, ("", "", 0.0))
        at = own_region or region
        circles = ((at, prefers), (at, ""), ("", ""))
        return next((self._popular[circle] for circle in circles if circle in self._popular), self._nothing())

    def _nothing(self) -> Values:
        return np.zeros(len(self.products))

    def _popularity(self) -> dict[tuple[str, str], Values]:
        """Shares of all products by circle; a new one's are those of the products that it is like."""
        table = self.shelf.popular.pivot_table(index=["region", "prefers"], columns="product", values="share")
        shares = table.reindex(columns=self.known).fillna(0.0).to_numpy(np.float64)
        return dict(zip(table.index, np.hstack([shares, shares @ self._alike.T]), strict=True))

    def _likeness(self, place: Mapping[str, int]) -> Values:
        """By new product, the weights of the known ones that it is scored as; they add up to 1."""
        weights = np.zeros((len(self.new), len(self.known)))
        rows = self.shelf.alike[self.shelf.alike["product"].isin(self.new) & self.shelf.alike["other"].isin(self.known)]
        new, other = (rows[name].map(place).to_numpy(dtype=np.intp) for name in ("product", "other"))
        weights[new - len(self.known), other] = rows["likeness"]
        totals = weights.sum(axis=1, keepdims=True)
        return np.where(totals > 0, weights / np.where(totals > 0, totals, 1.0), 1.0 / max(len(self.known), 1))


_NOTHING = {"group": "", "premium": 0.5, "season": 0.5, "same_month": 0.0, "makeable": 1.0}
"""What is taken of a product that is on no list."""


def _scaled(values: Values) -> Values:
    """From 0 to 1; all 0 where nothing differs."""
    low, high = values.min(initial=np.inf), values.max(initial=-np.inf)
    return (values - low) / (high - low) if high > low else np.zeros(len(values))


def _blocks(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, list[Values]]]:
    """The rows of each customer as arrays, one a column; the frame is sorted by customer."""
    ordered = frame.sort_values("customer_code", kind="stable")
    codes, starts = np.unique(ordered["customer_code"].to_numpy(dtype=str), return_index=True)
    arrays = [np.split(ordered[name].to_numpy(np.float64), starts[1:]) for name in columns]
    return [(str(code), [array[position] for array in arrays]) for position, code in enumerate(codes)]


def new_offers(ranker: Ranker, count: int) -> pd.DataFrame:
    """Products to offer to everyone who ever bought something, of those that it never bought; the best first.

    Returns:
        customer_code and the fields of ``Offer``, with the reasons as a sentence.
    """
    offers = [
        {"customer_code": customer, **offer._asdict(), "reasons": offer.sentence()}
        for customer in ranker.shelf.bought["customer_code"].unique()
        for offer in ranker.recommend(customer, count, new_only=True)
    ]
    return pd.DataFrame(offers, columns=["customer_code", *Offer._fields])


def ranked(model: Recommender, customer: str, products: Sequence[str]) -> pd.DataFrame:
    """Products and the model's own scores, best first; equal scores by name."""
    scored = pd.DataFrame({"product": products, "score": model.score(customer, products)})
    return scored.sort_values(["score", "product"], ascending=[False, True], ignore_index=True)
