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
from serving.champion import open_task
from serving.limits import TRAFFIC, guarded
from serving.live import Live, Watching, stop_unless_loaded


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


@bentoml.service(name="recommend", workers=1, traffic=TRAFFIC)
class Recommend(Watching[Offers]):
    """What to offer to whom, and why."""

    def __init__(self) -> None:
        self.live = Live(Offers)

    @bentoml.on_deployment
    @staticmethod
    def check() -> None:
        """Stop before any worker starts where there is no sound champion."""
        stop_unless_loaded(Offers)

    @bentoml.api
    def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """The products that the customer is expected to want most, each with its reasons and their weights."""
        return self.live.loaded.answer(request)


guarded(Recommend)
