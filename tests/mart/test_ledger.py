"""A simulated plant whose defects are known: each is found where it stands, and nothing else stays out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from mixplan.config.simulation import SimulationConfig
from mixplan.config.source import FilesSource
from mixplan.mart.accounts import ORIGIN
from mixplan.sources.ingest import read_exports
from mixplan.sources.sample import load_catalogue, simulate, write_exports

ROOT = Path(__file__).parents[2]
Build = Callable[[dict[str, pd.DataFrame]], Any]
RULE_OF_KIND = {"duplicate_row": "duplicate"}
"""Kinds of the ledger that the mart calls by another name."""
REPAIR_OF = {"quantity_sign": "negative_quantity"}
"""What the mart calls a defect that it could repair."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, build: Build) -> tuple[Any, pd.DataFrame]:
    """The mart of a small plant, and the ledger of its planted defects."""
    settings = yaml.safe_load((ROOT / "conf/source/sample.yaml").read_text(encoding="utf-8"))["simulation"]
    small = {"first_day": "2022-01-01", "last_day": "2024-02-29", "order_lines_per_year": 1500}
    small |= {"products": 10, "product_codes": 40, "customers": 12, "regions": 3, "contract_months": 6}
    plant = SimulationConfig.model_validate_json(json.dumps(settings | small))
    exports = yaml.safe_load((ROOT / "conf/source/exports/plant_erp.yaml").read_text(encoding="utf-8"))
    source = FilesSource.model_validate_json(json.dumps({"kind": "files", "path": "", "exports": exports}))
    folder = tmp_path_factory.mktemp("exports")
    catalogue = load_catalogue(ROOT / "src/mixplan/sources/sample/plant.yaml")
    ledger = write_exports(simulate(plant, catalogue, seed=3), folder, plant, seed=3)
    mart = build(read_exports(folder, source.exports).tables)
    return mart, ledger.rename(columns={"file": "source_file", "line": "source_line", "kind": "rule"}).replace(
        {"rule": RULE_OF_KIND}
    )


def found(mart: Any) -> pd.DataFrame:
    """Every rule broken or repaired: table, origin, rule. Codes as floats are how the exports are, no defect."""
    broken = pd.concat(mart.quarantine, names=["table"]).reset_index("table")
    broken = broken.assign(rule=broken["rules"].str.split(",")).explode("rule")
    corrections = mart.corrections[mart.corrections["rule"] != "code_as_float"].replace({"rule": REPAIR_OF})
    return pd.concat([broken, corrections])[["table", *ORIGIN, "rule"]]


def test_every_planted_defect_is_found_where_it_stands(sample: tuple[Any, pd.DataFrame]) -> None:
    mart, ledger = sample
    assert set(ledger["rule"]) >= {"blank_row", "duplicate", "impossible_date", "date_order", "negative_quantity"}
    assert set(ledger["rule"]) >= {"unknown_product", "unknown_customer", "unknown_material", "shares_not_100"}
    columns = ["table", *ORIGIN, "rule"]
    missed = ledger[columns].merge(found(mart), how="left", on=columns, indicator=True)
    assert missed[missed["_merge"] == "left_only"].empty


def test_nothing_else_stays_out(sample: tuple[Any, pd.DataFrame]) -> None:
    mart, ledger = sample
    columns = ["table", *ORIGIN, "rule"]
    surplus = found(mart).merge(ledger[columns], how="left", on=columns, indicator=True)
    surplus = surplus[surplus["_merge"] == "left_only"]
    assert set(surplus["rule"]) <= {"lot_excluded", "shares_not_100"}
    lots = mart.quarantine["lots"]
    assert lots.loc[lots["rules"].str.contains("lot_excluded"), "lot_status"].eq("D").all()
    materials = mart.quarantine["lot_materials"]
    lot = materials["lot_no"] + "/" + materials["split_no"]
    spoiled = lot[materials["source_line"].isin(ledger.loc[ledger["rule"] == "shares_not_100", "source_line"])]
    refused = lot[materials["rules"] == "shares_not_100"]
    assert set(refused) == set(spoiled), "the other rows of a lot with a wrong share stay out with it"


def test_a_mended_quantity_is_the_original(sample: tuple[Any, pd.DataFrame]) -> None:
    mart, ledger = sample
    mended = mart.corrections[mart.corrections["rule"] == "quantity_sign"].merge(ledger, on=["table", *ORIGIN])
    assert len(mended) > 0
    assert mended["new"].astype(float).tolist() == mended["original"].astype(float).tolist()
