"""The exports of a real plant, where they are at hand: what is known to be wrong with them is found."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from mixplan.config.source import FilesSource
from mixplan.sources.ingest import read_exports

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("MIXPLAN_SOURCE_DIR", ROOT / "../shared/data/admixture"))

Build = Callable[[dict[str, pd.DataFrame]], Any]

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real exports are not here: set MIXPLAN_SOURCE_DIR")


@pytest.fixture(scope="module")
def mart(build: Build) -> Any:
    """The mart of the real exports."""
    exports = yaml.safe_load((ROOT / "conf/source/exports/plant_erp.yaml").read_text(encoding="utf-8"))
    source = FilesSource.model_validate_json(json.dumps({"kind": "files", "path": str(FOLDER), "exports": exports}))
    return build(read_exports(FOLDER, source.exports).tables)


def test_every_product_code_comes_down_to_a_product(mart: Any) -> None:
    assert len(mart.tables["products"]) == 608
    assert mart.tables["products"]["product"].nunique() == 32


def test_what_is_known_to_be_wrong_is_found_and_nothing_else(mart: Any) -> None:
    rules = {table: frame["rules"].value_counts().to_dict() for table, frame in mart.quarantine.items() if len(frame)}
    assert rules == {
        "sales": {"duplicate": 379},
        "orders": {"blank_row": 1000},
        "lots": {"lot_excluded": 2},
        "lot_materials": {"shares_not_100": 23, "lot_excluded": 9},
        "weather": {"out_of_range": 21},
    }
    assert mart.tables["lots"]["is_rework"].sum() == 50
    assert mart.tables["lots"]["produced_on"].isna().sum() == 3
