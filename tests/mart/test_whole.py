"""What the tables of a mart promise each other: a mart that was built keeps it, one that was tampered with does not."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from mixplan.config.mart import MartConfig
from mixplan.mart.accounts import MartError
from mixplan.mart.build import build_mart
from mixplan.mart.master_data import Known
from mixplan.mart.whole import check_whole

Rows = dict[str, list[dict[str, str]]]
KNOWN = Known(
    customers=frozenset({"2001", "2002"}),
    materials=frozenset({"W", "D", "P1", "P2"}),
    product_of={"P1": "AE", "P2": "PEMA-HR1000F"},
    excluded_lots=frozenset(),
)


@pytest.fixture
def mart(good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path) -> Path:
    """The mart of the good rows."""
    build_mart(raw_folder(good), config, tmp_path / "mart", tmp_path / "quarantine")
    return tmp_path / "mart"


def test_a_built_mart_keeps_it(mart: Path, config: MartConfig) -> None:
    check_whole(mart, KNOWN, config)


@pytest.mark.parametrize(
    ("table", "column", "value", "message"),
    [
        ("sales/2020", "customer_code", "9", "every customer_code is listed"),
        ("orders/2020", "product_code", "P9", "every product_code is listed"),
        ("lots/all", "product", "AE2", "every product is listed"),
        ("purchases/all", "material_code", "Z", "every material_code is listed"),
        ("stock_counts/all", "material_code", "Z", "every material_code is listed"),
        ("lot_materials/all", "material_code", "Z", "every material_code is listed"),
        ("recipes/all", "component_product", "AE2", "every component_product is listed"),
        ("lot_materials/all", "share_pct", 60.0, "no lot has shares of more than 100 per cent"),
        ("sales/2020", "quantity_kg", 1e300, "quantity_kg is at most 1e\\+06"),
    ],
)
def test_one_that_was_tampered_with_does_not(
    mart: Path, config: MartConfig, table: str, column: str, value: str | float, message: str
) -> None:
    path = mart / f"{table}.parquet"
    pl.read_parquet(path).with_columns(pl.lit(value).alias(column)).write_parquet(path)
    name = table.partition("/")[0]
    with pytest.raises(
        MartError, match=f"mart table {name} breaks its contract: .*{message}.*; this is a fault of mix"
    ):
        check_whole(mart, KNOWN, config)


def test_what_the_source_lacks_is_no_reference(mart: Path, config: MartConfig) -> None:
    check_whole(mart, Known(None, None, KNOWN.product_of, KNOWN.excluded_lots), config)


@pytest.mark.parametrize("shares", [("110", "-10"), ("110", "x")])
def test_no_lot_keeps_more_than_its_whole(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path, shares: tuple[str, str]
) -> None:
    """Shares that come to 100 only with one that is refused."""
    good["lot_materials"][0]["share_pct"], good["lot_materials"][1]["share_pct"] = shares
    build_mart(raw_folder(good), config, tmp_path / "mart", tmp_path / "quarantine")
    kept = pl.read_parquet(tmp_path / "mart/lot_materials/all.parquet")
    assert kept["lot_no"].unique().to_list() == ["L2"]
