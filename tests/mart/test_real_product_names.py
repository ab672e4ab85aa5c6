"""Names of the real exports, where they are at hand: products, sites, and what sales say of their regions."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest
import yaml

from mixplan.config.source import FilesSource
from mixplan.mart.gazetteer import GAZETTEER, load_gazetteer
from mixplan.mart.product_names import parse_names
from mixplan.sources.ingest import read_exports

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("MIXPLAN_SOURCE_DIR", ROOT / "../shared/data/admixture"))

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real exports are not here: set MIXPLAN_SOURCE_DIR")

OPEN = {
    "CSA5000청주금성": "no site; of the customers whose name holds a town, too many have their site elsewhere",
    "PEMA-HR1000현림수로용": "no site",
    "PEMA-580FX세림켐텍": "no site",
    "PEMA-HR1000대안(옥계)": "several places are called 옥계",
    "PEMA-HR1500대안(옥계)": "several places are called 옥계",
    "CSA5000삼표(남부)": "south of what",
}
MISSOLD = {  # site: the region of its sales, which is not where the site lies
    "김포": "경기도북부",
    "부천": "인천",
    "대산": "인천",
    "청양": "충청북도",
    "군위": "전라북도",
    "군산": "전라남도",
    "서부산-신평": "강원도",
    "여주2": "충청남도",
}


@pytest.fixture(scope="module")
def products() -> pd.DataFrame:
    """The parsed names of every product code, with the region of most of its sales."""
    exports = yaml.safe_load((ROOT / "conf/source/exports/plant_erp.yaml").read_text(encoding="utf-8"))
    source = FilesSource.model_validate_json(json.dumps({"kind": "files", "path": str(FOLDER), "exports": exports}))
    raw = read_exports(FOLDER, source.exports).tables
    listed, recipes = raw["products"], raw["recipes"]["product"].unique()
    parsed = parse_names(listed["product_name"], recipes, load_gazetteer(GAZETTEER))
    sold = raw["sales"].groupby("product_code")["region"].agg(lambda regions: regions.mode()[0])
    return parsed.assign(product_name=listed["product_name"], sold_region=listed["product_code"].map(sold))


def test_every_code_comes_down_to_one_of_the_recipes(products: pd.DataFrame) -> None:
    assert len(products) == 608
    assert products["product"].notna().all()
    assert products["product"].nunique() == 32


def test_every_site_is_placed_but_those_named_here(products: pd.DataFrame) -> None:
    home = products[~products["is_export"]]
    unplaced = home[home["region"] == ""]
    assert set(unplaced["product_name"]) <= set(OPEN)
    assert (products["region"] != "").sum() == 600
    assert products.loc[products["is_export"], "site_text"].tolist() == ["크로아티아", "콜롬비아"]


def test_regions_are_those_of_the_sales_but_for_known_mistakes_of_these(products: pd.DataFrame) -> None:
    placed = products[products["region"] != ""]
    other = placed[placed["region"] != placed["sold_region"]]
    assert dict(zip(other["site_text"], other["sold_region"], strict=True)) == MISSOLD
    assert len(other) == 15
