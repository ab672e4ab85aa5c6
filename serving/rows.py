"""Rows of a forecast: those of the plant, which are made once, and their division over regions."""

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt

import pandas as pd

from mixplan.demand.quantiles import column_of
from serving.schemas import ForecastRow, Quantile


def of_plant(features: pd.DataFrame, predicted: pd.DataFrame, levels: Sequence[float] | None) -> list[ForecastRow]:
    """The plant's rows in the order of the features.

    Args:
        features: with product and week.
        predicted: what ``DemandModel.predict`` answered for them and these levels.
        levels: of the quantiles that were asked for; none where None.
    """
    columns = [predicted[f"{name}_kg"].tolist() for name in ("prediction", "lower", "upper")]
    further = zip(*(predicted[column_of(level)].tolist() for level in levels or ()), strict=True)
    quantiles: Iterable[list[Quantile] | None] = (
        [None] * len(features)
        if levels is None
        else [
            [Quantile(level=level, quantity_kg=value) for level, value in zip(levels, own, strict=True)]
            for own in further
        ]
    )
    return [
        ForecastRow(
            product=product,
            region=None,
            week_start=week,
            quantity_kg=quantity,
            lower_kg=lower,
            upper_kg=upper,
            quantiles=own,
        )
        for product, week, quantity, lower, upper, own in zip(
            features["product"], features["week"].dt.date, *columns, quantiles, strict=True
        )
    ]


def of_regions(
    rows: Iterable[ForecastRow], shares: Mapping[tuple[str, str], float], regions: Iterable[str]
) -> list[ForecastRow]:
    """The plant's rows divided over regions by their share of last year, sorted by product, region and week.

    Args:
        rows: the plant's.
        shares: by product and region; a region that did not buy a product last year has none, and gets rows of 0.
        regions: which regions.
    """
    asked = sorted(set(regions))
    divided = [_of_region(row, region, shares.get((row.product, region), 0.0)) for row in rows for region in asked]
    return sorted(divided, key=lambda row: (row.product, row.region, row.week_start))


def _of_region(row: ForecastRow, region: str, share: float) -> ForecastRow:
    """Interval and quantiles narrow with the root of the share, as errors of many small orders do.

    >>> from datetime import date
    >>> quantities = {"quantity_kg": 100.0, "lower_kg": 80.0, "upper_kg": 140.0}
    >>> row = ForecastRow(product="A", region=None, week_start=date(2024, 7, 1), **quantities)
    >>> _of_region(row, "S", 0.25).model_dump(include=set(quantities))
    {'quantity_kg': 25.0, 'lower_kg': 15.0, 'upper_kg': 45.0}
    """
    quantity, root = row.quantity_kg * share, sqrt(share)

    def around(value: float) -> float:
        return max(quantity + root * (value - row.quantity_kg), 0.0)

    quantiles = row.quantiles and [
        Quantile(level=each.level, quantity_kg=around(each.quantity_kg)) for each in row.quantiles
    ]
    return ForecastRow(
        product=row.product,
        region=region,
        week_start=row.week_start,
        quantity_kg=quantity,
        lower_kg=around(row.lower_kg),
        upper_kg=around(row.upper_kg),
        quantiles=quantiles,
    )
