"""A tiny plant whose every raw row is good, and the configuration that the project ships."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
import yaml

from mixplan.config.mart import MartConfig
from mixplan.config.source import RAW_TABLES
from mixplan.mart.accounts import CORRECTION_COLUMNS, Account
from mixplan.mart.build import build_mart
from mixplan.mart.read import read_table
from mixplan.mart.summary import summarise

ROOT = Path(__file__).parents[2]
Rows = dict[str, list[dict[str, str]]]

GOOD: Rows = {
    "products": [
        {"product_code": "P1", "product_name": "AE 한빛(서울)"},
        {"product_code": "P2", "product_name": "PEMA-HR1000F나라"},
    ],
    "customers": [
        {"customer_code": "2001", "customer_name": "한빛"},
        {"customer_code": "2002", "customer_name": ""},
    ],
    "materials": [{"material_code": "W", "material_name": "물"}, {"material_code": "D", "material_name": "소포제"}],
    "recipes": [
        {"product": "AE", "material_code": "W", "share": "0.25"},
        {"product": "AE", "material_code": "D", "share": "0.75"},
        {"product": "PEMA-HR1000F", "material_code": "W", "share": "0.9"},
        {"product": "PEMA-HR1000F", "material_code": "P1", "share": "0.1"},
    ],
    "sales": [
        {
            "sold_on": f"2020-01-0{day}",
            "customer_code": "2001",
            "product_code": f"P{day}",
            "region": "서울",
            "quantity_kg": f"{day}000.5",
            "unit_price_krw": "",
        }
        for day in (1, 2)
    ],
    "orders": [
        {
            "order_no": f"O{line}",
            "customer_code": "2001",
            "product_code": "P1",
            "quantity_kg": "100",
            "unit_price_krw": "20",
            "amount_krw": "2000",
            "ordered_on": "2020-01-01",
            "due_on": "2020-01-04",
            "sold_kg": "100",
            "is_rush": "N",
        }
        for line in (1, 2)
    ],
    "purchases": [
        {
            "purchase_no": f"B{line}",
            "material_code": "W",
            "supplier_code": "2002",
            "quantity_kg": "50",
            "unit_price_krw": "3",
            "ordered_on": "2020-01-01",
            "due_on": "2020-01-04",
            "received_on": "2020-01-05",
            "received_kg": "50",
            "is_fully_received": "Y",
        }
        for line in (1, 2)
    ],
    "lots": [
        {
            "lot_no": f"L{lot}",
            "split_no": "0",
            "product_code": "P1",
            "weight_kg": "100",
            "requested_on": "2020-01-01",
            "produced_on": "2020-01-02",
            "lot_status": "A",
            "lot_type": "WO",
        }
        for lot in (1, 2)
    ],
    "lot_materials": [
        {
            "lot_no": lot,
            "split_no": "0",
            "step": step,
            "material_code": code,
            "material_name": name,
            "weight_kg": weight,
            "share_pct": weight,
            "extra_kg": "0",
        }
        for lot in ("L1", "L2")
        for step, code, name, weight in (("1", "W", "물", "25"), ("2", "D", "소포제", "75"))
    ],
    "stock_counts": [{"counted_on": "2020-01-01", "material_code": code, "stock_kg": "0"} for code in ("W", "D")],
    "planner_forecasts": [{"month": month, "product": "AE", "quantity_kg": "10"} for month in ("2020-01", "2020-02")],
    "weather": [
        {
            "date": f"2020-01-0{day}",
            "region": "서울",
            "temperature_c": "-2.5",
            "humidity_pct": "60",
            "rain_mm": "0",
            "snow_cm": "",
        }
        for day in (1, 2)
    ],
    "construction": [{"month": month, "construction_index": "0.5"} for month in ("2020-01", "2020-02")],
}


def raw_table(table: str, rows: list[dict[str, str]]) -> pd.DataFrame:
    """Raw rows as the ingest stage writes them, from line 2 of one file."""
    frame = pd.DataFrame(rows, columns=list(RAW_TABLES[table]), dtype=object)
    return frame.assign(source_file=f"{table}.csv", source_line=range(2, len(rows) + 2))


@pytest.fixture
def good() -> Rows:
    """Raw rows of every table, each good; a test may change them."""
    return json.loads(json.dumps(GOOD))  # type: ignore[no-any-return]


@pytest.fixture
def raw() -> Callable[[Rows], dict[str, pd.DataFrame]]:
    """Rows as raw tables."""
    return lambda rows: {table: raw_table(table, rows[table]) for table in rows}


@pytest.fixture(scope="session")
def config() -> MartConfig:
    """The configuration that the project ships."""
    content: Any = yaml.safe_load((ROOT / "conf/mart/default.yaml").read_text(encoding="utf-8"))
    return MartConfig.model_validate_json(json.dumps(content))


PARTED_BY = {"sales": "sold_on", "orders": "ordered_on"}


def write_raw(folder: Path, tables: Mapping[str, pd.DataFrame]) -> Path:
    """Raw tables as the ingest stage writes them: sales and orders by the year that their dates begin with."""
    for table in RAW_TABLES:
        (folder / table).mkdir(parents=True)
        frame = tables.get(table, pd.DataFrame())
        if len(frame):
            year = (
                frame[PARTED_BY[table]].str.extract(r"^([0-9]{4})")[0].fillna("other") if table in PARTED_BY else None
            )
            for part, rows in frame.groupby(year) if year is not None else [("all", frame)]:
                rows.to_parquet(folder / table / f"{part}.parquet", index=False)
    return folder


@pytest.fixture
def raw_folder(tmp_path: Path) -> Callable[[Rows], Path]:
    """Rows as the raw folder ``data/raw`` of an empty folder, in place of the rows before."""

    def written(rows: Rows) -> Path:
        shutil.rmtree(tmp_path / "data/raw", ignore_errors=True)
        return write_raw(tmp_path / "data/raw", {table: raw_table(table, rows[table]) for table in rows})

    return written


@dataclass(frozen=True)
class Mart:
    """What a build wrote, read back."""

    tables: dict[str, pd.DataFrame]
    quarantine: dict[str, pd.DataFrame]
    corrections: pd.DataFrame
    accounts: dict[str, Account]
    summary: dict[str, Any]


def read_parts(paths: list[Path]) -> pd.DataFrame:
    """Every part of one thing, in the order of the source."""
    parts = [pd.read_parquet(path) for path in sorted(paths)]
    return pd.concat(parts).sort_values(["source_file", "source_line"], kind="stable", ignore_index=True)


@pytest.fixture(scope="session")
def build(config: MartConfig) -> Callable[[Mapping[str, pd.DataFrame]], Mart]:
    """Build the mart of raw tables; many of few rows may be faulty."""
    lenient = config.model_copy(update={"largest_quarantined_share": 1.0})

    def built(tables: Mapping[str, pd.DataFrame]) -> Mart:
        with TemporaryDirectory() as name:
            folder = Path(name)
            mart, quarantine = folder / "mart", folder / "quarantine"
            tallies = build_mart(write_raw(folder / "raw", tables), lenient, mart, quarantine)
            corrections = {table: read_parts([*quarantine.glob(f"corrections/{table}-*")]) for table in RAW_TABLES}
            made = [frame for frame in corrections.values() if len(frame)]
            return Mart(
                tables={table: read_table(mart, table) for table in RAW_TABLES},
                quarantine={table: read_parts([*(quarantine / table).iterdir()]) for table in RAW_TABLES},
                corrections=pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=CORRECTION_COLUMNS),
                accounts={table: tally.account for table, tally in tallies.items()},
                summary=summarise(mart, tallies),
            )

    return built
