"""Tables that follow from the mart's own: recipes as lots were made, and how suppliers deliver."""

import logging
from pathlib import Path

import pandas as pd

from mixplan.artifacts.files import write_parquet
from mixplan.config.mart import AsMadeConfig
from mixplan.mart.as_made import recipes_as_made
from mixplan.mart.parts import ONLY_PART
from mixplan.mart.read import read_table
from mixplan.mart.suppliers import supplier_terms

logger = logging.getLogger(__name__)
DERIVED = ("recipes_as_made", "supplier_terms")
"""Their names; each is a folder beside the tables of ``CONTRACTS``."""
WARNINGS = 5
"""The widest differences are told one by one; the rest are counted."""


def write_derived(mart: Path, config: AsMadeConfig) -> None:
    """Write every derived table beside those it is made from, and tell where lots differ from recipes.

    Args:
        mart: the folder with the tables of ``CONTRACTS``.
        config: how recipes are compared with lots.
    """
    lots, lot_materials, recipes = (read_table(mart, name) for name in ("lots", "lot_materials", "recipes"))
    made = recipes_as_made(lots, lot_materials, recipes, config)
    tables = dict(zip(DERIVED, (made, supplier_terms(read_table(mart, "purchases"))), strict=True))
    for name, table in tables.items():
        write_parquet(mart / name / f"{ONLY_PART}.parquet", table)
    _tell_differences(made[made["differs"]], config.tolerance)


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
