"""The mart stage: what it writes, and that it writes the same again."""

import json
import runpy
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import pytest

from mixplan.artifacts.files import sha256_of
from mixplan.config.mart import MartConfig
from mixplan.mart.build import build_mart
from mixplan.mart.contracts import CONTRACTS
from mixplan.mart.derived import DERIVED
from mixplan.mart.read import read_table

ROOT = Path(__file__).parents[2]
Rows = dict[str, list[dict[str, str]]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw_folder: Callable[[Rows], Path], config: MartConfig
) -> Callable[[Rows], Path]:
    """Run the stage on rows, in an empty folder, which is returned."""
    stage = runpy.run_path(str(ROOT / "pipelines/mart.py"))
    monkeypatch.chdir(tmp_path)

    def main(rows: Rows) -> Path:
        raw_folder(rows)
        stage["main"](SimpleNamespace(mart=config))
        return tmp_path

    return main


def test_the_stage_writes_the_mart_the_quarantine_and_the_accounts(good: Rows, run: Callable[[Rows], Path]) -> None:
    good["sales"].append(good["sales"][0] | {"region": "Atlantis"})
    good["orders"][0]["quantity_kg"] = "-100"
    folder = run(good)
    assert {path.stem for path in (folder / "data/mart").iterdir()} == {*CONTRACTS, *DERIVED}
    assert {path.stem for path in (folder / "data/quarantine").iterdir()} == {*CONTRACTS, "corrections"}
    assert len(read_table(folder / "data/mart", "sales")) == 2
    quarantine = pd.read_parquet(folder / "data/quarantine/sales/2020.parquet")
    assert quarantine[["rules", "region", "source_line"]].to_numpy().tolist() == [["unknown_region", "Atlantis", 4]]
    metrics = json.loads((folder / "metrics/mart.json").read_text(encoding="utf-8"))
    assert metrics["data_version"] == sha256_of(folder / "data/mart")[:12]
    assert metrics["tables"]["sales"]["quarantined"] == 1
    assert metrics["tables"]["orders"]["corrections"] == {"quantity_sign": 1}


def test_sql_reads_every_part(good: Rows, run: Callable[[Rows], Path]) -> None:
    good["orders"] = [
        row | {"ordered_on": day, "due_on": "2022-01-01", "quantity_kg": "-100"}
        for row, day in zip(good["orders"], ("2020-01-01", "2021-03-01"), strict=True)
    ]
    data = run(good) / "data"
    count = "SELECT count(*) FROM read_parquet(?)"
    for pattern, rows in (("mart/orders/*", 2), ("quarantine/corrections/*", 2), ("quarantine/orders/*", 0)):
        with duckdb.connect() as database:  # the connection that all share would keep an unfinished result
            assert database.execute(count, [str(data / pattern)]).fetchone() == (rows,)
    assert {path.stem for path in (data / "mart/orders").iterdir()} == {"2020", "2021"}


def test_equal_sources_make_equal_bytes_and_another_source_another_version(
    good: Rows, run: Callable[[Rows], Path]
) -> None:
    first = sha256_of(run(good) / "data")
    assert sha256_of(run(good) / "data") == first
    good["sales"][0]["quantity_kg"] = "7"
    assert sha256_of(run(good) / "data/mart") != first


def test_the_data_version_does_not_depend_on_the_order_in_which_files_were_read(
    good: Rows, raw_folder: Callable[[Rows], Path], config: MartConfig, tmp_path: Path
) -> None:
    raw, versions = raw_folder(good), set()
    sales = pd.read_parquet(raw / "sales")
    files = [sales.assign(source_file=name, region=region) for name, region in (("a.csv", "서울"), ("b.csv", "인천"))]
    for number, order in enumerate((files, files[::-1])):
        shutil.rmtree(raw / "sales")
        (raw / "sales").mkdir()
        pd.concat(order).to_parquet(raw / "sales/2020.parquet", index=False)
        place = tmp_path / str(number)
        build_mart(raw, config, place / "mart", place / "quarantine", metrics=place / "mart.json")
        versions.add(json.loads((place / "mart.json").read_text(encoding="utf-8"))["data_version"])
    assert len(versions) == 1
