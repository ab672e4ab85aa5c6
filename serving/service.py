"""One address for all that the champion answers."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator, no-any-return"

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
)
from mixplan.config.base import MixplanError
from serving.champion import TASKS, open_task
from serving.gauges import gauges
from serving.keys import read_keys, read_rate
from serving.limits import TRAFFIC, guarded
from serving.live import Live, Watching
from serving.pages import pages
from serving.whole import Champion


@bentoml.service(name="mixplan", workers=1, traffic=TRAFFIC)
class Mixplan(Watching[Champion]):
    """Demand forecasts, purchase orders, recommendations and customers of a mixing plant's champions.

    All of it lives in this process: ``bentoml.depends`` would start one more process for each service, send pickles
    between them and answer 500 where one of them refuses.
    """

    def __init__(self) -> None:
        self.live = Live(Champion)

    @bentoml.on_deployment
    @staticmethod
    def check_champion() -> None:
        """Stop before any worker starts if there is no sound champion; BentoML would restart a failing one for ever."""
        try:
            read_keys()
            read_rate()
            for task in TASKS:
                open_task(task)
        except MixplanError as error:
            raise SystemExit(f"error: {error}") from None

    def __metrics__(self, own: str) -> str:
        """BentoML's metrics and those of the champion."""
        return own + gauges(self.live.loaded.model, self.live.refusal)

    @bentoml.api
    def forecast(self, request: ForecastRequest, /) -> ForecastAnswer:
        """Expected weekly demand with its interval, from the champion's origin on."""
        return self.live.loaded.forecasts.answer(request)

    @bentoml.api
    def explain(self, request: ExplainRequest, /) -> ExplainAnswer:
        """What moved the plant's forecast, by product and month, as kilograms that add up to it."""
        return self.live.loaded.forecasts.explain(request)

    @bentoml.api
    def reorder(self, request: ReorderRequest, /) -> ReorderAnswer:
        """Purchases to place for the materials whose stock is given, with the plan's requirements and policy."""
        return self.live.loaded.orders.answer(request)

    @bentoml.api
    def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """The products that the customer is expected to want most, each with its reasons and their weights."""
        return self.live.loaded.offers.answer(request)


guarded(Mixplan)
Mixplan.mount_asgi_app(pages(lambda: bentoml.get_current_service().live))  # type: ignore[attr-defined]
