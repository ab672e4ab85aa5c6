"""Rows of a forecast: those of the plant, which are made once, and their division over regions."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, product
from math import sqrt

import pandas as pd

from mixplan.client.schemas import ForecastRow, Quantile
from mixplan.demand.quantiles import column_of

Place = tuple[int, str | None]
"""The number of one of the plant's rows, and a region of it; None for the whole plant."""


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


def over_regions(rows: Sequence[ForecastRow], asked: Iterable[int], regions: Iterable[str]) -> list[Place]:
    """The places of rows divided over regions, sorted by product, region and week.

    Args:
        rows: all of the plant's.
        asked: numbers of those to divide.
        regions: which regions.
    """
    by_week = sorted(asked, key=lambda position: (rows[position].product, rows[position].week_start))
    names = sorted(set(regions))
    return [
        (position, region)
        for _, own in groupby(by_week, key=lambda position: rows[position].product)
        for region, position in product(names, own)
    ]


def of_region(row: ForecastRow, region: str, shares: Mapping[tuple[str, str], float]) -> ForecastRow:
    """A row of the plant divided by the region's share of last year.

    Interval and quantiles narrow with the root of the share, as errors of many small orders do.

    Args:
        row: the plant's.
        region: which region.
        shares: by product and region; a region that did not buy a product last year has none, and gets rows of 0.

    >>> from datetime import date
    >>> quantities = {"quantity_kg": 100.0, "lower_kg": 80.0, "upper_kg": 140.0}
    >>> row = ForecastRow(product="A", region=None, week_start=date(2024, 7, 1), **quantities)
    >>> of_region(row, "S", {("A", "S"): 0.25}).model_dump(include=set(quantities))
    {'quantity_kg': 25.0, 'lower_kg': 15.0, 'upper_kg': 45.0}
    """
    share = shares.get((row.product, region), 0.0)
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
