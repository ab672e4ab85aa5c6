"""The demand forecast of the champion."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator"

from collections.abc import Sequence
from datetime import date

import bentoml
import numpy as np
import pandas as pd
from bentoml.exceptions import InvalidArgument, NotFound

from mixplan.artifacts.files import read_parquet
from mixplan.config.base import Strict
from mixplan.demand.backtest import forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.model import DemandModel
from serving.champion import open_task
from serving.schemas import ForecastAnswer, ForecastRequest, ForecastRow

QUANTITIES = ["quantity_kg", "lower_kg", "upper_kg"]


class Context(Strict):
    """What the forecast starts from."""

    origin: date
    horizon_weeks: int
    country: str


def of_regions(rows: pd.DataFrame, shares: pd.DataFrame, regions: Sequence[str]) -> pd.DataFrame:
    """The plant's forecast divided over regions by their share of last year.

    The interval narrows with the root of the share, as errors grow with the root of the level throughout the demand
    model. A region that did not buy a product last year gets rows of 0.

    Args:
        rows: product, week, quantity_kg, lower_kg and upper_kg.
        shares: product, region and share.
        regions: which regions.

    >>> rows = pd.DataFrame({"product": ["A"], "week": pd.to_datetime(["2024-07-01"]), "quantity_kg": [100.0],
    ...                      "lower_kg": [80.0], "upper_kg": [140.0]})
    >>> shares = pd.DataFrame({"product": ["A"], "region": ["S"], "share": [0.25]})
    >>> of_regions(rows, shares, ("S",))[QUANTITIES].iloc[0].tolist()
    [25.0, 15.0, 45.0]
    """
    asked = rows.merge(pd.DataFrame({"region": sorted(set(regions))}), how="cross")
    asked = asked.merge(shares, on=["product", "region"], how="left").fillna({"share": 0.0})
    quantity, root = asked["quantity_kg"] * asked["share"], np.sqrt(asked["share"])
    lower = (quantity - root * (asked["quantity_kg"] - asked["lower_kg"])).clip(lower=0.0)
    upper = quantity + root * (asked["upper_kg"] - asked["quantity_kg"])
    divided = asked.assign(quantity_kg=quantity, lower_kg=lower, upper_kg=upper)
    return divided.sort_values(["product", "region", "week"], ignore_index=True)


@bentoml.service(name="forecast", workers=1)
class Forecast:
    """Weekly demand by product, for the plant or its regions."""

    def __init__(self) -> None:
        folder, self.versions = open_task("demand")
        self.context = Context.model_validate_json((folder / "context.json").read_bytes())
        history = read_parquet(folder / "history.parquet")
        builder = FeatureBuilder(
            history.pivot_table(index="week", columns="product", values="quantity_kg", aggfunc="sum"),
            read_parquet(folder / "drivers.parquet"),
            read_parquet(folder / "observed.parquet"),
            self.context.country,
        )
        model = DemandModel.load(folder / "model")
        # The origin is the champion's, so the model answers once and requests choose among its rows.
        rows = forecast(model, builder, pd.Timestamp(self.context.origin), self.context.horizon_weeks)
        self.interval = model.interval
        self.rows = rows.rename(columns={"prediction_kg": "quantity_kg"})
        self.shares = read_parquet(folder / "shares.parquet")

    @bentoml.api
    def forecast(self, request: ForecastRequest, /) -> ForecastAnswer:
        """Expected weekly demand with its interval, from the champion's origin on."""
        self._check(request)
        rows = self.rows[self.rows["horizon_weeks"] <= request.weeks]
        if request.products is not None:
            rows = rows[rows["product"].isin(request.products)]
        rows = rows.assign(region=None) if request.regions is None else of_regions(rows, self.shares, request.regions)
        columns = rows.assign(week_start=rows["week"].dt.date)[["product", "region", "week_start", *QUANTITIES]]
        return ForecastAnswer(
            **self.versions,
            origin=self.context.origin,
            interval=self.interval,
            rows=[ForecastRow.model_validate(row) for row in columns.to_dict("records")],
        )

    def _check(self, request: ForecastRequest) -> None:
        if request.weeks > self.context.horizon_weeks:
            raise InvalidArgument(f"weeks: The champion forecasts {self.context.horizon_weeks} weeks; ask for no more")
        year = f"the year before {self.context.origin}"
        for field, names, known in (
            ("products", request.products, set(self.rows["product"])),
            ("regions", request.regions, set(self.shares["region"])),
        ):
            for position, name in enumerate(names or ()):
                if name not in known:
                    raise NotFound(f"{field}[{position}]: {name!r} has no sales in {year}; check the name")
