"""A table that is mostly faulty stops the stage and leaves the last good mart."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.config.mart import MartConfig
from mixplan.mart.accounts import MartError
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
    assert tallies["sales"].faulty == 1
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
    assert tallies["orders"].faulty == tallies["lots"].faulty == tallies["lot_materials"].faulty == 0
    assert tallies["lots"].account.quarantined == 2
