"""One address for the three services."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator, no-any-return"

import bentoml

from mixplan.artifacts.champion import ChampionError
from serving.champion import TASKS, open_task
from serving.forecast import Forecasts
from serving.live import Live, Watching
from serving.recommend import Offers
from serving.refusals import PlainRefusals
from serving.reorder import Orders
from serving.schemas import (
    ForecastAnswer,
    ForecastRequest,
    RecommendAnswer,
    RecommendRequest,
    ReorderAnswer,
    ReorderRequest,
)


class Champion:
    """All that one champion answers."""

    def __init__(self) -> None:
        self.forecasts, self.orders, self.offers = Forecasts(), Orders(), Offers()


@bentoml.service(name="mixplan", workers=1)
class Mixplan(Watching[Champion]):
    """Demand forecasts, purchase orders and recommendations of a mixing plant's champions.

    The three services live in this process: ``bentoml.depends`` would start one more process for each, send pickles
    between them and answer 500 where one of them refuses.
    """

    def __init__(self) -> None:
        self.live = Live(Champion)

    @bentoml.on_deployment
    @staticmethod
    def check_champion() -> None:
        """Stop before any worker starts if there is no sound champion; BentoML would restart a failing one for ever."""
        try:
            for task in TASKS:
                open_task(task)
        except ChampionError as error:
            raise SystemExit(f"error: {error}") from None

    @bentoml.api
    def forecast(self, request: ForecastRequest, /) -> ForecastAnswer:
        """Expected weekly demand with its interval, from the champion's origin on."""
        return self.live.loaded.forecasts.answer(request)

    @bentoml.api
    def reorder(self, request: ReorderRequest, /) -> ReorderAnswer:
        """Purchases to place for the materials whose stock is given, with the plan's requirements and policy."""
        return self.live.loaded.orders.answer(request)

    @bentoml.api
    def recommend(self, request: RecommendRequest, /) -> RecommendAnswer:
        """The products that the customer is expected to rate highest."""
        return self.live.loaded.offers.answer(request)


Mixplan.add_asgi_middleware(PlainRefusals)  # type: ignore[attr-defined]
