"""The contract of the mart as a whole: what its tables promise each other.

All of it holds by construction, so that a breach is a fault of this program and of no row.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl

from mixplan.config.mart import MartConfig
from mixplan.mart.accounts import MartError
from mixplan.mart.contracts import CONTRACTS
from mixplan.mart.master_data import Known

EXACT = 1e-6
"""Sums may miss by floating point."""
References = Mapping[str, Collection[str] | None]


def check_whole(mart: Path, known: Known, config: MartConfig) -> None:
    """Hold the written tables to references, to the sums of lots and to believable numbers.

    Args:
        mart: the folder with the tables of ``CONTRACTS``.
        known: what rows can be referred to.
        config: tolerances and ranges.

    Raises:
        MartError: names the table and what it breaks.
    """
    products = frozenset(_scan(mart, "recipes").select("product").collect()["product"])
    references: References = {
        "customer_code": known.customers,
        "material_code": known.materials,
        "product_code": known.product_of,
        "product": products,
        "component_product": products,
    }
    for table in CONTRACTS:
        promises = _promises(table, references, config)
        kept = _scan(mart, table).select(**promises).collect().row(0, named=True) if promises else {}
        if broken := [promise for promise, holds in kept.items() if not holds]:
            raise MartError(
                f"mart table {table} breaks its contract: {', '.join(broken)}; "
                "this is a fault of mixplan: please report it"
            )


def _promises(table: str, references: References, config: MartConfig) -> dict[str, pl.Expr]:
    """What a table promises, and whether it keeps it."""
    listed = {
        f"every {column} is listed": pl.col(column).drop_nulls().unique().is_in(list(codes)).all()
        for column, codes in references.items()
        if column in CONTRACTS[table].columns and codes is not None
    }
    believable = {
        f"{column} is at most {largest:g}": (pl.col(column).abs() <= largest).all()
        for column, largest in config.largest.get(table, {}).items()
    }
    lot_pct = pl.col("share_pct").sum().over("lot_no", "split_no")
    whole = (lot_pct <= 100 + config.lot_share_tolerance_pct + EXACT).all()
    sums = {"no lot has shares of more than 100 per cent": whole} if table == "lot_materials" else {}
    return listed | believable | sums


def _scan(mart: Path, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(sorted((mart / table).glob("*.parquet")))
