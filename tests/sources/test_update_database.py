"""``mixplan update`` as people type it, on a plant's database: DVC cannot see into one, so it is asked every time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
import yaml
from typer.testing import CliRunner, Result

from mixplan.artifacts.files import read_json, sha256_of
from mixplan.cli import app
from mixplan.config.base import MixplanError
from mixplan.config.compose import compose
from mixplan.config.params import parse_params
from mixplan.config.simulation import SimulationConfig
from mixplan.config.source import FilesSource
from mixplan.sources.ingest import read_exports
from mixplan.sources.sample import Plant, write_exports

ROOT = Path(__file__).parents[2]
MAP = yaml.safe_load((ROOT / "conf/source/database.yaml").read_text(encoding="utf-8"))["exports"]


def fill(url: str, plant: Plant, config: SimulationConfig, exports: Path) -> None:
    """The plant's exports as tables of a database, under the names of the map."""
    write_exports(plant, exports, config, seed=5)
    source = parse_params(compose(ROOT / "conf", ["source=admixture", f"source.path={exports}"])).source
    assert isinstance(source, FilesSource)
    raw = read_exports(exports, source.exports).tables
    engine = sa.create_engine(url)
    for table, entry in MAP.items():
        columns = entry["columns"] | entry.get("optional_columns", {})
        named = {column: header for header, column in columns.items()}
        raw[table][list(named)].rename(columns=named).to_sql(entry["table"], engine, index=False)
    engine.dispose()


@pytest.fixture
def project(
    tmp_path: Path, small_plant: Plant, small_config: SimulationConfig, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder with all that DVC looks at, without Git, and a database in SQLite."""
    url = f"sqlite:///{tmp_path / 'erp.db'}"
    fill(url, small_plant, small_config, tmp_path / "exports")
    folder = tmp_path / "project"
    for name in ("src", "pipelines", "conf"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "dvc.yaml", folder)
    (folder / "params.yaml").write_text(compose(ROOT / "conf", ["source=database"]), encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MIXPLAN_DATABASE_URL", url)
    monkeypatch.setenv("PYTHONPATH", str(folder / "src"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], check=True)
    return folder


def update() -> Result:
    return CliRunner().invoke(app, ["update"])


def sales_line(result: Result) -> list[str]:
    return next(line.split() for line in result.stdout.splitlines() if line.split()[:1] == ["sales"])


def test_an_update_brings_in_what_is_new_in_the_database(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = update()
    assert first.exit_code == 0, first.exception
    lines = read_json(project / "metrics/mart.json")["tables"]["sales"]["read"]
    assert sales_line(first)[1:3] == [f"{lines:,}", f"(+{lines:,})"]
    before = sha256_of(project / "data/mart")
    with sa.create_engine(os.environ["MIXPLAN_DATABASE_URL"], poolclass=sa.NullPool).begin() as database:
        new = (
            "INSERT INTO sale SELECT '2023-12-31', client_code, product_code, region, '76.54321', '1' FROM sale LIMIT 1"
        )
        database.exec_driver_sql(new)
    second = update()
    assert second.exit_code == 0, second.exception
    assert sales_line(second)[1:3] == [f"{lines + 1:,}", "(+1)"]
    assert pd.read_parquet(project / "data/mart/sales")["quantity_kg"].eq(76.54321).sum() == 1
    after = sha256_of(project / "data/mart")
    assert after != before
    monkeypatch.delenv("MIXPLAN_DATABASE_URL")
    failed = update()
    assert isinstance(failed.exception, MixplanError)
    assert "the mart is as it was" in str(failed.exception)
    assert sha256_of(project / "data/mart") == after
