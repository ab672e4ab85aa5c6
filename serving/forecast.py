"""The demand forecast of the champion."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator"

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

import bentoml
import numpy as np
import pandas as pd
from bentoml.exceptions import InvalidArgument, NotFound

from mixplan.artifacts.files import read_parquet
from mixplan.config.base import Strict
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import HORIZON_MONTHS
from mixplan.demand.model import DemandModel
from mixplan.demand.quantiles import column_of
from serving.champion import open_task
from serving.schemas import ForecastAnswer, ForecastRequest, ForecastRow, Part, Quantile

QUANTITIES = ["quantity_kg", "lower_kg", "upper_kg"]
LAST_WEEKS = {month: last for month, (_, last) in HORIZON_MONTHS.items()}


class Context(Strict):
    """What the forecast starts from."""

    origin: date
    horizon_weeks: int
    country: str


def of_regions(rows: pd.DataFrame, shares: pd.DataFrame, regions: Sequence[str]) -> pd.DataFrame:
    """The plant's forecast divided over regions by their share of last year.

    Interval and quantiles narrow with the root of the share, as errors of many small orders do. A region that did not
    buy a product last year gets rows of 0.

    Args:
        rows: product, week, quantity_kg, and columns that end in ``_kg``.
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
    names = [str(name) for name in rows if str(name).endswith("_kg") and name != "quantity_kg"]
    around = {name: (quantity + root * (asked[name] - asked["quantity_kg"])).clip(lower=0.0) for name in names}
    divided = asked.assign(**around, quantity_kg=quantity)
    return divided.sort_values(["product", "region", "week"], ignore_index=True)


def as_answered(row: Mapping[Hashable, Any], levels: Sequence[float] | None) -> ForecastRow:
    """A row of the answer, with the quantiles that were asked for."""
    own: dict[str, Any] = {name: row[name] for name in ("product", "region", "week_start", *QUANTITIES)}
    if levels is not None:
        own["quantiles"] = [Quantile(level=level, quantity_kg=row[column_of(level)]) for level in levels]
    return ForecastRow(**own)


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
            read_parquet(folder / "recipes.parquet"),
        )
        self.model = DemandModel.load(folder / "model")
        # The origin is the champion's, so features are made once and requests choose among its rows.
        self.features = builder.rows(pd.Timestamp(self.context.origin), self.context.horizon_weeks)
        self.shares = read_parquet(folder / "shares.parquet")
        self.explanation = read_parquet(folder / "explanation.parquet")

    @bentoml.api
    def forecast(self, request: ForecastRequest, /) -> ForecastAnswer:
        """Expected weekly demand with its interval, from the champion's origin on."""
        self._check(request)
        levels = None if request.quantiles is None else sorted(set(request.quantiles))
        asked = self._asked(self.features, request)
        features = asked[asked["horizon_weeks"] <= request.weeks]
        rows = pd.concat([features[["product", "week"]], self.model.predict(features, levels or ())], axis=1)
        rows = rows.rename(columns={"prediction_kg": "quantity_kg"})
        rows = rows.assign(region=None) if request.regions is None else of_regions(rows, self.shares, request.regions)
        answered = rows.assign(week_start=rows["week"].dt.date).to_dict("records")
        return ForecastAnswer(
            **self.versions,
            origin=self.context.origin,
            interval=self.model.interval,
            rows=[as_answered(row, levels) for row in answered],
            explanation=self._explained(request) if request.explain else None,
        )

    def _asked(self, rows: pd.DataFrame, request: ForecastRequest) -> pd.DataFrame:
        return rows if request.products is None else rows[rows["product"].isin(request.products)]

    def _explained(self, request: ForecastRequest) -> list[Part]:
        """The parts of each month whose weeks were all asked for."""
        last = self.explanation["month"].map(LAST_WEEKS)
        parts = self._asked(self.explanation[last <= request.weeks], request)
        return [Part.model_validate(part) for part in parts.to_dict("records")]

    def _check(self, request: ForecastRequest) -> None:
        if request.weeks > self.context.horizon_weeks:
            raise InvalidArgument(f"weeks: The champion forecasts {self.context.horizon_weeks} weeks; ask for no more")
        year = f"the year before {self.context.origin}"
        for field, names, known in (
            ("products", request.products, set(self.features["product"])),
            ("regions", request.regions, set(self.shares["region"])),
        ):
            for position, name in enumerate(names or ()):
                if name not in known:
                    raise NotFound(f"{field}[{position}]: {name!r} has no sales in {year}; check the name")
