"""The demand forecast of the champion."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator"

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import bentoml
import pandas as pd
from bentoml.exceptions import InvalidArgument, NotFound

from mixplan.artifacts.files import read_parquet
from mixplan.client.schemas import (
    MOST_QUANTILES,
    ExplainAnswer,
    ExplainRequest,
    ForecastAnswer,
    ForecastRequest,
    ForecastRow,
    Part,
)
from mixplan.config.base import Strict
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import HORIZON_MONTHS
from mixplan.demand.model import DemandModel
from serving.champion import model_of, open_task
from serving.limits import TRAFFIC, guarded
from serving.live import Example, Live, Watching, stop_unless_loaded
from serving.pages import with_pages
from serving.rows import Place, of_plant, of_region, over_regions

LAST_WEEKS = {month: last for month, (_, last) in HORIZON_MONTHS.items()}


class Context(Strict):
    """What the forecast starts from."""

    origin: date
    horizon_weeks: int
    country: str


class Forecasts:
    """What one champion forecasts."""

    def __init__(self, champion: Path | None = None) -> None:
        folder, self.versions = open_task("demand", champion)
        self.model = model_of(champion, ("demand",))
        self.context = Context.model_validate_json((folder / "context.json").read_bytes())
        history = read_parquet(folder / "history.parquet")
        self.recipes, self.drivers = read_parquet(folder / "recipes.parquet"), read_parquet(folder / "drivers.parquet")
        self._builder = partial(
            FeatureBuilder,
            history.pivot_table(index="week", columns="product", values="quantity_kg", aggfunc="sum"),
            observed=read_parquet(folder / "observed.parquet"),
            country=self.context.country,
            recipes=self.recipes,
            purchases=read_parquet(folder / "purchases.parquet"),
        )
        self.demand = DemandModel.load(folder / "model")
        # The origin is the champion's, so forecasts are made once and requests choose among its rows.
        self.features = self.features_with(self.drivers)
        self.products = set(self.features["product"])
        self.weeks_ahead = self.features["horizon_weeks"].tolist()
        self.rows = self._rows(self.features, None)
        shares = read_parquet(folder / "shares.parquet")
        self.shares = dict(zip(zip(shares["product"], shares["region"], strict=True), shares["share"], strict=True))
        self.regions = {region for _, region in self.shares}
        self.explanation = read_parquet(folder / "explanation.parquet")
        self.examples = self._examples()

    def features_with(self, drivers: pd.DataFrame) -> pd.DataFrame:
        """The features of the whole forecast, given the drivers' forecasts."""
        builder = self._builder(drivers=drivers)
        return builder.rows(pd.Timestamp(self.context.origin), self.context.horizon_weeks)

    def answer(self, request: ForecastRequest) -> ForecastAnswer:
        """Expected weekly demand with its interval, from the champion's origin on."""
        self._check(request)
        self._check_names("regions", request.regions, self.regions)
        places, levels = self._places(request), sorted(set(request.quantiles or ()))
        end = request.offset + min(request.limit, MOST_QUANTILES // max(len(levels), 1))
        return ForecastAnswer(
            **self.versions,
            origin=self.context.origin,
            interval=self.demand.interval,
            rows=self._page(places[request.offset : end], levels),
            total_rows=len(places),
            next_offset=end if end < len(places) else None,
            explanation=self._explained(request) if request.explain else None,
        )

    def _places(self, request: ForecastRequest) -> list[Place]:
        """Every row that was asked for, before any is made."""
        products = self.products if request.products is None else set(request.products)
        asked = [
            position
            for position, (row, week) in enumerate(zip(self.rows, self.weeks_ahead, strict=True))
            if week <= request.weeks and row.product in products
        ]
        if request.regions is None:
            return [(position, None) for position in asked]
        return over_regions(self.rows, asked, request.regions)

    def _page(self, places: Sequence[Place], levels: Sequence[float]) -> list[ForecastRow]:
        """The rows of these places, with quantiles of these levels."""
        positions = sorted({position for position, _ in places})
        if positions and levels:
            rows = self._rows(self.features.iloc[positions], levels)
        else:
            rows = [self.rows[position] for position in positions]
        by_position = dict(zip(positions, rows, strict=True))
        return [
            by_position[position] if region is None else of_region(by_position[position], region, self.shares)
            for position, region in places
        ]

    def _rows(self, features: pd.DataFrame, levels: Sequence[float] | None) -> list[ForecastRow]:
        return of_plant(features, self.demand.predict(features, levels or ()), levels)

    def explain(self, request: ExplainRequest) -> ExplainAnswer:
        """What moved the forecast of each whole month that was asked for."""
        self._check(request)
        return ExplainAnswer(**self.versions, origin=self.context.origin, parts=self._explained(request))

    def _explained(self, request: ExplainRequest) -> list[Part]:
        """The parts of each month whose weeks were all asked for."""
        last = self.explanation["month"].map(LAST_WEEKS)
        products = self.products if request.products is None else request.products
        parts = self.explanation[(last <= request.weeks) & self.explanation["product"].isin(products)]
        return [Part.model_validate(part) for part in parts.to_dict("records")]

    def _examples(self) -> dict[str, Example]:
        product, region = min(self.shares)
        explain = ExplainRequest(weeks=min(4, self.context.horizon_weeks), products=[product])
        forecast = ForecastRequest(
            weeks=explain.weeks, products=[product], regions=[region], quantiles=[0.1, 0.5, 0.9], explain=True
        )
        return {"/forecast": (forecast, self.answer(forecast)), "/explain": (explain, self.explain(explain))}

    def _check(self, request: ExplainRequest) -> None:
        self.check_weeks(request.weeks)
        self._check_names("products", request.products, self.products)

    def check_weeks(self, weeks: int) -> None:
        """Refuse more weeks than the champion forecasts.

        Raises:
            InvalidArgument: they are more.
        """
        if weeks > self.context.horizon_weeks:
            raise InvalidArgument(f"weeks: The champion forecasts {self.context.horizon_weeks} weeks; ask for no more")

    def _check_names(self, field: str, names: list[str] | None, known: set[str]) -> None:
        for position, name in enumerate(names or ()):
            if name not in known:
                year = f"the year before {self.context.origin}"
                raise NotFound(f"{field}[{position}]: {name!r} has no sales in {year}; check the name")


@bentoml.service(name="forecast", workers=1, traffic=TRAFFIC)
class Forecast(Watching[Forecasts]):
    """Weekly demand by product, for the plant or its regions."""

    def __init__(self) -> None:
        self.live = Live(Forecasts)

    @bentoml.on_deployment
    @staticmethod
    def check() -> None:
        """Stop before any worker starts where there is no sound champion."""
        stop_unless_loaded(Forecasts)

    @bentoml.api
    def forecast(self, request: ForecastRequest, /) -> ForecastAnswer:
        """Expected weekly demand with its interval, from the champion's origin on."""
        return self.live.loaded.answer(request)

    @bentoml.api
    def explain(self, request: ExplainRequest, /) -> ExplainAnswer:
        """What moved the plant's forecast, by product and month, as kilograms that add up to it."""
        return self.live.loaded.explain(request)


guarded(Forecast)
with_pages(Forecast)
