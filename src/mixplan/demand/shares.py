"""How a product's demand divides over regions or customers: as in the year before the origin."""

from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import write_parquet
from mixplan.demand.days import shares_at
from mixplan.evaluation.origins import Origins


def shares_of_last_year(sales: pd.DataFrame, by: str, origin: pd.Timestamp) -> pd.DataFrame:
    """Shares of each product's kilograms sold in the 52 weeks before ``origin``.

    Args:
        sales: the mart's ``sales``.
        by: ``region`` or ``customer_code``.
        origin: first day that does not count.

    Returns:
        product, ``by`` and share; the shares of one product add up to 1.

    >>> sales = pd.DataFrame({"sold_on": pd.Timestamp("2024-01-02"), "product": "A", "region": ["S", "S", "B"],
    ...                       "quantity_kg": [1.0, 2.0, 1.0]})
    >>> shares_of_last_year(sales, "region", pd.Timestamp("2024-02-05")).to_dict("list")
    {'product': ['A', 'A'], 'region': ['B', 'S'], 'share': [0.25, 0.75]}
    """
    year = sales[(sales["sold_on"] < origin) & (sales["sold_on"] >= origin - pd.Timedelta(weeks=52))]
    totals = year.groupby(["product", by])[["quantity_kg"]].sum().reset_index()
    whole = totals.groupby("product")["quantity_kg"].transform("sum")
    totals["share"] = totals["quantity_kg"] / whole
    return totals.drop(columns="quantity_kg")


def write_shares(folder: Path, sales: pd.DataFrame, origins: Origins, horizon_weeks: int, country: str) -> None:
    """Write what divides today's forecast over regions and customers, and it and those of the backtest over days.

    Args:
        folder: gets ``shares_by_region.parquet``, ``shares_by_customer_code.parquet`` and ``shares_by_day.parquet``.
        sales: the mart's ``sales``.
        origins: the run's origins.
        horizon_weeks: how far forecasts reach.
        country: ISO code of the country whose public holidays count.
    """
    for by in ("region", "customer_code"):
        write_parquet(folder / f"shares_by_{by}.parquet", shares_of_last_year(sales, by, origins.final))
    at = [*origins.selection, origins.final]
    write_parquet(folder / "shares_by_day.parquet", shares_at(at, sales, horizon_weeks, country))
