"""One address for all that the champion answers."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator, no-any-return"

from collections.abc import Mapping

import bentoml

from mixplan.client.schemas import (
    ExplainAnswer,
    ExplainRequest,
    ForecastAnswer,
    ForecastRequest,
    RecommendAnswer,
    RecommendRequest,
    ReorderAnswer,
    ReorderRequest,
    ScenarioAnswer,
    ScenarioRequest,
)
from serving.limits import TRAFFIC, guarded
from serving.live import Live, Watching, stop_unless_loaded
from serving.pages import with_pages
from serving.settings import read_serving
from serving.traffic import Traffic
from serving.whole import Champion


@bentoml.service(name="mixplan", workers=1, traffic=TRAFFIC)
class Mixplan(Watching[Champion]):
    """Demand forecasts, purchase orders, recommendations and customers of a mixing plant's champions.

    All of it lives in this process: ``bentoml.depends`` would start one more process for each service, send pickles
    between them and answer 500 where one of them refuses.
    """

    def __init__(self) -> None:
        self.live = Live(Champion)
        self.traffic = Traffic(read_serving())

    @bentoml.on_deployment
    @staticmethod
    def check() -> None:
        """Stop before any worker starts where there is no sound champion."""
        stop_unless_loaded(Champion)

    @bentoml.on_startup
    def watch_challenger(self) -> None:
        """Begin when the server does."""
        self.traffic.watch()

    @bentoml.on_shutdown
    def stop_traffic(self) -> None:
        """End with the server."""
        self.traffic.stop()

    def asked(self) -> Mapping[tuple[str, str], int]:
        """Questions to the challenger so far."""
        return self.traffic.counts.read()

    @bentoml.api
    def forecast(self, request: ForecastRequest, /) -> ForecastAnswer:
        """Expected weekly demand with its interval, from the champion's origin on."""
        return self.traffic.answer("/forecast", request, self.live.loaded)

    @bentoml.api
    def explain(self, request: ExplainRequest, /) -> ExplainAnswer:
        """What moved the plant's forecast, by product and month, as kilograms that add up to it."""
        return self.traffic.answer("/explain", request, self.live.loaded)

    @bentoml.api
    def reorder(self, request: ReorderRequest, /) -> ReorderAnswer:
        """Purchases to place for the materials whose stock is given, with the plan's requirements and policy."""
        return self.traffic.answer("/reorder", request, self.live.loaded)

    @bentoml.api
    def scenario(self, request: ScenarioRequest, /) -> ScenarioAnswer:
        """What would be otherwise in demand, materials and orders, from the champion's models and plan as they are."""
        return self.traffic.answer("/scenario", request, self.live.loaded)

    @bentoml.api
    def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """The products that the customer is expected to want most, each with its reasons and their weights."""
        return self.traffic.answer("/recommend", request, self.live.loaded)


guarded(Mixplan)
with_pages(Mixplan, customers=True)
