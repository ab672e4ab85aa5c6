"""All that one champion answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from mixplan.client.schemas import Answer, ScenarioRequest
from serving.champion import model_of
from serving.forecast import Forecasts
from serving.live import Example
from serving.recommend import Advice
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
        self.model = model_of(folder)
        self.forecasts, self.orders = Forecasts(folder), Orders(folder)
        self.advice = Advice(folder)
        self.customer = self.advice.customer
        self._answering: dict[str, Callable[[Any], Answer]] = {
            "/forecast": self.forecasts.answer,
            "/explain": self.forecasts.explain,
            "/reorder": self.orders.answer,
            "/recommend": self.advice.answer,
            "/scenario": Scenarios(self.forecasts, self.orders).answer,
        }
        self.examples = self._examples()

    def answer(self, path: str, request: BaseModel) -> Answer:
        """The answer to a question that was sent to a path."""
        return self._answering[path](request)

    def _examples(self) -> dict[str, Example]:
        """By path, a question with its answer: what cannot answer them is no champion."""
        product, _ = min(self.forecasts.shares)
        weeks = min(4, self.forecasts.context.horizon_weeks)
        scenario = ScenarioRequest(set=[f"demand.{product}=*1.2"], weeks=weeks)
        own = {"/scenario": (scenario, self.answer("/scenario", scenario))}
        return self.forecasts.examples | self.orders.examples | own | self.advice.examples
