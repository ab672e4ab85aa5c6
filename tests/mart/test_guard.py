"""A table that is mostly faulty stops the stage and leaves the last good mart."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.config.mart import MartConfig
from mixplan.mart.accounts import Faults, MartError
from mixplan.mart.build import build_mart

Rows = dict[str, list[dict[str, str]]]


def test_swapped_columns_stop_the_stage_and_the_last_mart_stays(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path
) -> None:
    mart, quarantine = tmp_path / "data/mart", tmp_path / "data/quarantine"
    build_mart(raw_folder(good), config, mart, quarantine)
    before = sha256_of(mart), sha256_of(quarantine)
    for row in good["orders"]:
        row["customer_code"], row["product_code"] = row["product_code"], row["customer_code"]
    with pytest.raises(MartError) as error:
        build_mart(raw_folder(good), config, mart, quarantine)
    assert str(error.value).startswith("orders: 2 of 2 rows are faulty, 2 by the rule unknown_customer (")
    assert "such as orders.csv:2; are columns swapped or headers renamed?" in str(error.value)
    assert (sha256_of(mart), sha256_of(quarantine)) == before
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["mart", "quarantine", "raw"]


def test_all_parts_of_a_table_count_together(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path
) -> None:
    good["sales"][1] |= {"sold_on": "2021-01-01", "region": "Atlantis"}  # the whole part, and half of the table
    tallies = build_mart(raw_folder(good), config, tmp_path / "mart", tmp_path / "quarantine")
    assert tallies["sales"].faults.faulty == 1
    stricter = config.model_copy(update={"largest_quarantined_share": 0.49})
    with pytest.raises(MartError, match="sales: 1 of 2 rows are faulty"):
        build_mart(raw_folder(good), stricter, tmp_path / "mart", tmp_path / "quarantine")


def test_blank_rows_copies_and_excluded_lots_are_no_fault(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path
) -> None:
    blank = dict.fromkeys(good["orders"][0], "")
    good["orders"] += [blank] * 9 + [good["orders"][0]] * 9
    for lot in good["lots"]:
        lot["lot_status"] = config.excluded_lot_status
    tallies = build_mart(raw_folder(good), config, tmp_path / "mart", tmp_path / "quarantine")
    assert [tallies[table].faults.faulty for table in ("orders", "lots", "lot_materials")] == [0, 0, 0]
    assert tallies["lots"].account.quarantined == 2


YEARS = (2017, 2018, 2019, 2020)
ROWS_A_YEAR = 30


def yearly_sales(good: Rows) -> pd.DataFrame:
    """A file of good sales a year, whose days are those that have another meaning with day and month swapped."""
    days = [f"{year}-{1 + number % 12:02}-{1 + number % 28:02}" for year in YEARS for number in range(ROWS_A_YEAR)]
    rows = pd.DataFrame([good["sales"][0] | {"sold_on": day} for day in days])
    lines = [*range(2, 2 + ROWS_A_YEAR)] * len(YEARS)
    return rows.assign(source_file=[f"sales/sales_{day[:4]}.csv" for day in days], source_line=lines)


def write_sales(raw: Path, sales: pd.DataFrame) -> None:
    shutil.rmtree(raw / "sales")
    (raw / "sales").mkdir()
    for year, rows in sales.groupby(sales["sold_on"].str[:4]):
        rows.to_parquet(raw / f"sales/{year}.parquet", index=False)


def swap(sales: pd.DataFrame, rows: "pd.Series[bool]", one: str, other: str) -> None:
    sales.loc[rows, [one, other]] = sales.loc[rows, [other, one]].to_numpy()


def swap_codes(sales: pd.DataFrame, rows: "pd.Series[bool]") -> None:
    swap(sales, rows, "customer_code", "product_code")


def swap_quantity_and_price(sales: pd.DataFrame, rows: "pd.Series[bool]") -> None:
    sales.loc[rows, ["quantity_kg", "unit_price_krw"]] = ["6000", "1859"]
    swap(sales, rows, "quantity_kg", "unit_price_krw")


def days_before_months(sales: pd.DataFrame, rows: "pd.Series[bool]") -> None:
    sales.loc[rows, "sold_on"] = sales.loc[rows, "sold_on"].str.replace(r"-(..)-(..)$", r"-\2-\1", regex=True)


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (swap_codes, "unknown_customer"),
        (swap_quantity_and_price, "out_of_range"),
        (days_before_months, "impossible_date"),
    ],
)
def test_one_bad_file_of_four_stops_the_stage(
    good: Rows,
    raw_folder: Callable[[Rows], Path],
    config: MartConfig,
    tmp_path: Path,
    spoil: Callable[[pd.DataFrame, "pd.Series[bool]"], None],
    rule: str,
) -> None:
    sales = yearly_sales(good)
    raw, mart, quarantine = raw_folder(good), tmp_path / "data/mart", tmp_path / "data/quarantine"
    write_sales(raw, sales)
    build_mart(raw, config, mart, quarantine)
    before = sha256_of(mart), sha256_of(quarantine)
    bad = sales["source_file"] == "sales/sales_2018.csv"
    spoil(sales, bad)
    write_sales(raw, sales)
    with pytest.raises(MartError) as error:
        build_mart(raw, config, mart, quarantine)
    told = str(error.value)
    assert re.match(
        rf"sales: \d+ of {ROWS_A_YEAR} rows of sales/sales_2018\.csv are faulty, \d+ by the rule {rule} ", told
    )
    assert "such as sales/sales_2018.csv:" in told
    assert (sha256_of(mart), sha256_of(quarantine)) == before


def test_a_file_of_few_rows_is_judged_with_its_table_alone(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path
) -> None:
    sales = yearly_sales(good)
    few = sales.index[: config.fewest_rows_judged - 1]
    sales.loc[few, ["region", "source_file"]] = ["Atlantis", "sales/sales_march.csv"]
    raw = raw_folder(good)
    write_sales(raw, sales)
    tallies = build_mart(raw, config, tmp_path / "mart", tmp_path / "quarantine")
    assert tallies["sales"].files["sales/sales_march.csv"].faulty == len(few)


def test_faults_are_counted_by_file_and_come_to_those_of_the_table(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path
) -> None:
    sales = yearly_sales(good)
    sales.loc[3, "region"] = "Atlantis"
    sales.loc[[4, 40], "quantity_kg"] = "-1"
    raw = raw_folder(good)
    write_sales(raw, sales)
    tally = build_mart(raw, config, tmp_path / "mart", tmp_path / "quarantine")["sales"]
    assert tally.files["sales/sales_2017.csv"] == Faults(
        ROWS_A_YEAR,
        2,
        {"negative_quantity": 1, "unknown_region": 1},
        {"negative_quantity": "sales/sales_2017.csv:6", "unknown_region": "sales/sales_2017.csv:5"},
    )
    assert tally.files["sales/sales_2020.csv"] == Faults(ROWS_A_YEAR)
    assert (tally.faults.rows, tally.faults.faulty) == (ROWS_A_YEAR * len(YEARS), 3)
    assert tally.faults.broken == {"negative_quantity": 2, "unknown_region": 1}
