"""The exports of a real plant, where they are at hand: what is known to be wrong with them is found."""

import csv
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from mixplan.artifacts.files import files_below
from mixplan.config.mart import MartConfig
from mixplan.config.source import FilesSource
from mixplan.mart.build import build_mart
from mixplan.sources.ingest import ingest_files, read_exports

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("MIXPLAN_SOURCE_DIR", ROOT / "../shared/data/admixture"))

Build = Callable[[dict[str, pd.DataFrame]], Any]

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real exports are not here: set MIXPLAN_SOURCE_DIR")


PHONE = re.compile(r"\b01[0-9]-?[0-9]{3,4}-?[0-9]{4}\b")
"""Mobile numbers, which remarks of the exports carry."""


@pytest.fixture(scope="module")
def source() -> FilesSource:
    """The map of the real exports."""
    exports = yaml.safe_load((ROOT / "conf/source/exports/plant_erp.yaml").read_text(encoding="utf-8"))
    return FilesSource.model_validate_json(json.dumps({"kind": "files", "path": str(FOLDER), "exports": exports}))


@pytest.fixture(scope="module")
def mart(build: Build, source: FilesSource) -> Any:
    """The mart of the real exports."""
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


def cells_of(path: Path) -> Iterator[tuple[str, str]]:
    """Header and cell of an export, read without the help of mixplan."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp949")
    for row in csv.DictReader(text.splitlines(keepends=True)):
        yield from ((header, cell or "") for header, cell in row.items())


def test_personal_data_of_the_exports_is_neither_in_the_raw_tables_nor_in_the_mart_nor_in_quarantine(
    source: FilesSource, config: MartConfig, tmp_path: Path
) -> None:
    headers = {header for export in source.exports.values() for header in export.personal}
    cells = [cell for path in sorted(FOLDER.rglob("*.csv")) for cell in cells_of(path)]
    personal = {cell for header, cell in cells if header in headers} - {""}
    personal |= {number for _, cell in cells for number in PHONE.findall(cell)}
    assert personal, "a search for nothing proves nothing"
    ingest_files(source.exports, FOLDER, tmp_path / "raw", tmp_path / "memo")
    build_mart(
        tmp_path / "raw",
        config,
        tmp_path / "mart",
        tmp_path / "quarantine",
        tmp_path / "mart memo",
        tmp_path / "metrics",
    )
    files = files_below(tmp_path)
    assert len(files) > 60
    for path in files:
        text = pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else path.read_text(encoding="utf-8")
        assert not [secret for secret in personal if secret in text], path
        assert not PHONE.search(text), path
