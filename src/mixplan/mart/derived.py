"""Tables that follow from the mart's own: recipes as lots were made, and how suppliers deliver."""

import logging
from pathlib import Path

import pandas as pd
import polars as pl

from mixplan.config.mart import MartConfig
from mixplan.mart.as_made import recipes_as_made
from mixplan.mart.parts import ONLY_PART
from mixplan.mart.read import read_table
from mixplan.mart.results import write_frame
from mixplan.mart.suppliers import material_terms, supplier_terms

logger = logging.getLogger(__name__)
DERIVED = ("recipes_as_made", "supplier_terms", "material_terms")
"""Their names; each is a folder beside the tables of ``CONTRACTS``."""
EXACT_PCT = 1e-6
"""Sums of shares may miss by floating point."""
WARNINGS = 5
"""The widest differences are told one by one; the rest are counted."""


def write_derived(mart: Path, config: MartConfig) -> None:
    """Write every derived table beside those it is made from, and tell where lots differ from recipes.

    Args:
        mart: the folder with the tables of ``CONTRACTS``.
        config: how recipes are compared with lots.
    """
    lots, lot_materials, recipes = (read_table(mart, name) for name in ("lots", "lot_materials", "recipes"))
    made = recipes_as_made(lots, _of_whole_lots(lot_materials, config.lot_share_tolerance_pct), recipes, config.as_made)
    purchases = read_table(mart, "purchases")
    last_day = _last_day(mart, purchases)
    tables = (made, supplier_terms(purchases, last_day), material_terms(purchases, last_day))
    for name, table in zip(DERIVED, tables, strict=True):
        (mart / name).mkdir()
        write_frame(pl.from_pandas(table), mart / name / f"{ONLY_PART}.parquet")
    _tell_differences(made[made["differs"]], config.as_made.tolerance)


def _of_whole_lots(lot_materials: pd.DataFrame, tolerance_pct: float) -> pd.DataFrame:
    """Rows of the lots of which none stayed out: the others would seem to hold less of that material."""
    total = lot_materials.groupby(["lot_no", "split_no"])["share_pct"].transform("sum")
    return lot_materials[(total - 100).abs() <= tolerance_pct + EXACT_PCT]


def _last_day(mart: Path, purchases: pd.DataFrame) -> pd.Timestamp:
    """The last day that sales and purchases tell of; NaT where there are none."""
    sales = pl.scan_parquet(sorted((mart / "sales").glob("*.parquet")))
    last_sale = sales.select(pl.col("sold_on").max()).collect().item()
    days = [last_sale, purchases["ordered_on"].max(), purchases["received_on"].max()]
    return pd.Series(pd.to_datetime(days)).max()


def _tell_differences(rows: pd.DataFrame, tolerance: float) -> None:
    widest = rows.reindex(rows["difference"].abs().sort_values(ascending=False, kind="stable").index)
    for row in widest.head(WARNINGS).itertuples():
        logger.warning(
            "%s: lots hold %.1f%% of %s, the recipe says %.1f%%",
            row.product,
            100 * float(str(row.made_share)),
            row.material_code,
            100 * float(str(row.listed_share)),
        )
    if len(rows) > WARNINGS:
        logger.warning(
            "%d more shares of recipes differ from lots by over %.1f points: see recipes_as_made in the mart",
            len(rows) - WARNINGS,
            100 * tolerance,
        )
