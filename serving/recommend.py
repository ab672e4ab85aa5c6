"""Products to offer to a customer, by the champion."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator"

from pathlib import Path

import bentoml
from bentoml.exceptions import NotFound

from mixplan.artifacts.files import read_json
from mixplan.client.schemas import ReasonWeight, RecommendAnswer, Recommendation, RecommendRequest
from mixplan.config.rerank import RerankConfig
from mixplan.recommend.model import load_recommender
from mixplan.recommend.ranking import Ranker, UnknownCustomerError
from mixplan.recommend.shelf import Shelf
from serving.champion import model_of, open_task
from serving.customers import Customers
from serving.limits import TRAFFIC, guarded
from serving.live import Example, Live, Watching, stop_unless_loaded
from serving.pages import with_pages


class Offers:
    """What one champion recommends."""

    def __init__(self, champion: Path | None = None) -> None:
        folder, self.versions = open_task("recommend", champion)
        config = RerankConfig.model_validate(read_json(folder / "rerank.json"))
        self.ranker = Ranker(load_recommender(folder / "model"), Shelf.load(folder / "shelf"), config)

    def answer(self, request: RecommendRequest) -> RecommendAnswer:
        """The products that the customer is expected to want most, each with its reasons and their weights."""
        try:
            best = self.ranker.recommend(request.customer, request.count, request.new_only, request.region)
        except UnknownCustomerError as error:
            raise NotFound(str(error)) from None
        products = [
            Recommendation(
                product=offer.product,
                score=offer.score,
                place=offer.place,
                reason=offer.reasons[0].reason,
                reasons=[ReasonWeight(reason=reason, weight=weight) for reason, weight in offer.reasons],
            )
            for offer in best
        ]
        return RecommendAnswer(**self.versions, customer=request.customer, products=products)


class Advice:
    """What one champion knows of customers: what to offer to them, and who they are."""

    def __init__(self, champion: Path | None = None) -> None:
        self.model = model_of(champion, ("recommend", "customers"))
        offers, customers = Offers(champion), Customers(champion)
        self.answer, self.customer = offers.answer, customers.answer
        asked = RecommendRequest(customer=min(offers.ranker.shelf.bought["customer_code"]), count=2)
        known = min(customers.by_code)
        self.examples: dict[str, Example] = {
            "/recommend": (asked, self.answer(asked)),
            "/customers/{customer}": (known, self.customer(known)),
        }


@bentoml.service(name="recommend", workers=1, traffic=TRAFFIC)
class Recommend(Watching[Advice]):
    """What to offer to whom, and why."""

    def __init__(self) -> None:
        self.live = Live(Advice)

    @bentoml.on_deployment
    @staticmethod
    def check() -> None:
        """Stop before any worker starts where there is no sound champion."""
        stop_unless_loaded(Advice)

    @bentoml.api
    def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """The products that the customer is expected to want most, each with its reasons and their weights."""
        return self.live.loaded.answer(request)


guarded(Recommend)
with_pages(Recommend, customers=True)
