"""What features are made of, from the files of earlier stages."""

from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import read_parquet
from mixplan.demand.active import weekly_purchases
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import weekly_demand
from mixplan.mart.read import read_table

MART, DRIVERS = Path("data/mart"), Path("data/forecasts/drivers")


def read_builder(sales: pd.DataFrame, until: pd.Timestamp, country: str) -> FeatureBuilder:
    """Features of the workspace's mart and driver forecasts.

    Args:
        sales: the mart's ``sales``.
        until: first day that does not count; a Monday.
        country: ISO code of the country whose public holidays count.
    """
    weekly, observed = read_parquet(DRIVERS / "weekly.parquet"), read_parquet(DRIVERS / "observed.parquet")
    history, purchases = weekly_demand(sales, until), weekly_purchases(sales, until)
    return FeatureBuilder(history, weekly, observed, country, read_table(MART, "recipes"), purchases)
