"""All that one champion answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mixplan.artifacts.champion import CARD, read_champion
from mixplan.client.schemas import (
    Answer,
    ExplainRequest,
    ForecastRequest,
    ModelAnswer,
    RecommendRequest,
    ReorderRequest,
    ScenarioRequest,
    ServedTask,
    StockLine,
)
from serving.champion import champion_folder
from serving.customers import Customers
from serving.forecast import Forecasts
from serving.recommend import Offers
from serving.reorder import Orders
from serving.scenario import Scenarios


class Champion:
    """Everything of one champion folder, loaded, after it has answered a question of every kind.

    Args:
        folder: the champion's or the challenger's; the champion's where left out.

    Raises:
        ChampionError: the folder does not fit its manifest.
    """

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or champion_folder()
        manifest = read_champion(folder)
        self.model = ModelAnswer(
            version=manifest.version,
            data_version=manifest.data_version,
            tasks={
                name: ServedTask(
                    version=task.version,
                    data_version=task.data_version,
                    candidate=task.candidate,
                    scores=task.metrics,
                    card=_card(folder / name / CARD),
                )
                for name, task in manifest.tasks.items()
            },
            refused=None,
        )
        self.forecasts, self.orders = Forecasts(folder), Orders(folder)
        self.offers, self.customers = Offers(folder), Customers(folder)
        self._answering: dict[str, Callable[[Any], Answer]] = {
            "/forecast": self.forecasts.answer,
            "/explain": self.forecasts.explain,
            "/reorder": self.orders.answer,
            "/recommend": self.offers.answer,
            "/scenario": Scenarios(self.forecasts, self.orders).answer,
        }
        self.examples = self._examples()

    def answer(self, path: str, request: BaseModel) -> Answer:
        """The answer to a question that was sent to a path."""
        return self._answering[path](request)

    def _examples(self) -> dict[str, tuple[Any, Any]]:
        """By path, a question with its answer: what cannot answer them is no champion."""
        product, region = min(self.forecasts.shares)
        customer, material = min(self.offers.ranker.shelf.bought["customer_code"]), min(self.orders.materials)
        weeks = min(4, self.forecasts.context.horizon_weeks)
        forecast = ForecastRequest(
            weeks=weeks, products=[product], regions=[region], quantiles=[0.1, 0.5, 0.9], explain=True
        )
        explain = ExplainRequest(weeks=weeks, products=[product])
        scenario = ScenarioRequest(set=[f"demand.{product}=*1.2"], weeks=weeks)
        reorder = ReorderRequest(stock=[StockLine(material_code=material, stock_kg=500.0)])
        recommend = RecommendRequest(customer=customer, count=2)
        known = min(self.customers.by_code)
        return {
            "/forecast": (forecast, self.forecasts.answer(forecast)),
            "/explain": (explain, self.forecasts.explain(explain)),
            "/reorder": (reorder, self.orders.answer(reorder)),
            "/scenario": (scenario, self.answer("/scenario", scenario)),
            "/recommend": (recommend, self.offers.answer(recommend)),
            "/customers/{customer}": (known, self.customers.answer(known)),
            "/model": (None, self.model),
        }


def _card(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
