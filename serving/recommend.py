"""Products to offer to a customer, by the champion."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator"

import bentoml
from bentoml.exceptions import NotFound

from mixplan.artifacts.files import read_parquet
from mixplan.recommend.model import load_recommender
from mixplan.recommend.ranking import UnknownCustomerError, recommend
from serving.champion import open_task
from serving.limits import TRAFFIC, guarded
from serving.live import Live, Watching
from serving.schemas import RecommendAnswer, Recommendation, RecommendRequest


class Offers:
    """What one champion recommends."""

    def __init__(self) -> None:
        folder, self.versions = open_task("recommend")
        self.model = load_recommender(folder / "model")
        self.catalogue = read_parquet(folder / "catalogue.parquet")

    def answer(self, request: RecommendRequest) -> RecommendAnswer:
        """The products that the customer is expected to rate highest."""
        try:
            best = recommend(self.model, self.catalogue, request.customer, request.count, request.new_only)
        except UnknownCustomerError as error:
            raise NotFound(str(error)) from None
        products = [Recommendation.model_validate(row) for row in best.to_dict("records")]
        return RecommendAnswer(**self.versions, customer=request.customer, products=products)


@bentoml.service(name="recommend", workers=1, traffic=TRAFFIC)
class Recommend(Watching[Offers]):
    """What to offer to whom, and why."""

    def __init__(self) -> None:
        self.live = Live(Offers)

    @bentoml.api
    def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """The products that the customer is expected to rate highest."""
        return self.live.loaded.answer(request)


guarded(Recommend)
