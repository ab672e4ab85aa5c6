"""Derived tables as a build writes them: what stayed out of a lot does not tilt what the lot was made of."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mixplan.config.mart import MartConfig
from mixplan.mart.build import build_mart
from mixplan.mart.derived import DERIVED

Rows = dict[str, list[dict[str, str]]]
Derive = Callable[[Rows], dict[str, pd.DataFrame]]


@pytest.fixture
def derive(raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path) -> Derive:
    """The derived tables of raw rows, many of which may be faulty."""
    lenient = config.model_copy(update={"largest_quarantined_share": 1.0})

    def derived(rows: Rows) -> dict[str, pd.DataFrame]:
        build_mart(raw_folder(rows), lenient, tmp_path / "mart", tmp_path / "quarantine")
        return {name: pd.read_parquet(tmp_path / "mart" / name) for name in DERIVED}

    return derived


def test_only_whole_lots_say_what_products_are_made_of(good: Rows, derive: Derive) -> None:
    good["lot_materials"][3]["material_code"] = "Z"  # unknown: of the second lot only a quarter is left
    made = derive(good)["recipes_as_made"].set_index("material_code")
    assert made["made_share"].to_dict() == {"D": 0.75, "W": 0.25}
    assert made["lots"].tolist() == [1, 1]


def test_an_open_purchase_is_late_once_the_mart_has_a_later_day(good: Rows, derive: Derive) -> None:
    good["purchases"][0]["received_on"] = "2020-01-03"
    good["purchases"][1] |= {"received_on": "", "received_kg": "", "is_fully_received": "N"}
    tables = derive(good)
    assert tables["supplier_terms"]["late_share"].tolist() == [0.0]  # due on the 4th, and nothing is known of the 5th
    good["sales"][1]["sold_on"] = "2020-01-05"
    tables = derive(good)
    assert tables["supplier_terms"]["late_share"].tolist() == tables["material_terms"]["late_share"].tolist() == [0.5]


def test_the_terms_of_a_material_are_those_of_all_its_suppliers(good: Rows, derive: Derive) -> None:
    good["purchases"][1] |= {"supplier_code": "2001", "received_on": "2020-01-02", "unit_price_krw": "5"}
    tables = derive(good)
    assert tables["supplier_terms"]["median_lead_time_days"].tolist() == [1.0, 4.0]
    terms = tables["material_terms"].iloc[0]
    assert (terms["suppliers"], terms["median_lead_time_days"], terms["mean_price_krw"]) == (2, 2.5, 4.0)


def test_a_source_without_purchases_has_no_terms(good: Rows, derive: Derive) -> None:
    del good["purchases"]
    assert derive(good)["material_terms"].empty
