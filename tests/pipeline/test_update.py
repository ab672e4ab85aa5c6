"""New days, mended rows and sudden ends: the mart is the one that a rebuild from nothing would write."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tenacity import retry, retry_if_not_result, stop_after_delay, wait_fixed

from mixplan.artifacts.files import sha256_of
from mixplan.config.compose import compose
from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample import load_catalogue, simulate, write_exports

ROOT = Path(__file__).parents[2]
OUTPUTS = ("data/raw", "data/mart", "data/quarantine", "metrics/mart.json")
STAGES = """
import os, runpy, sys
from pathlib import Path

last, calls = int(sys.argv[2]), 0
for name in ("rename", "replace"):
    def dying(*arguments, _original=getattr(Path, name)):
        global calls
        calls += 1
        if calls == last:
            os._exit(9)
        return _original(*arguments)
    setattr(Path, name, dying)
from mixplan.config.params import load_params
for stage in ("ingest", "mart"):
    runpy.run_path(f"{sys.argv[1]}/pipelines/{stage}.py")["main"](load_params())
print(calls)
"""
NEVER = 10_000


DIES_WRITING = """
import os, runpy, signal, sys
from pathlib import Path

import polars as pl

order, calls, write = Path("dies_at"), 0, pl.DataFrame.write_parquet


def dying(frame, path, *arguments):
    global calls
    calls += 1
    write(frame, path, *arguments)
    if calls == last:
        os.truncate(path, Path(path).stat().st_size // 2)
        os.killpg(0, signal.SIGKILL)


if order.exists():
    last = int(order.read_text())
    order.unlink()
    pl.DataFrame.write_parquet = dying
runpy.run_path({script!r}, run_name="__main__")
"""
"""The mart stage, which takes its whole process group with it once half of a file is written, if it finds an order."""


def run(folder: Path, dies_at: int = NEVER) -> subprocess.CompletedProcess[str]:
    """Both stages in a process of its own, which dies without a word at a move of a file or folder."""
    command = [sys.executable, "-c", STAGES, str(ROOT), str(dies_at)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603


def state(folder: Path) -> dict[str, str]:
    return {name: sha256_of(folder / name) for name in OUTPUTS}


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two years of exports of a small plant."""
    settings = yaml.safe_load((ROOT / "conf/source/sample.yaml").read_text(encoding="utf-8"))["simulation"]
    small = {"first_day": "2022-02-01", "last_day": "2024-02-29", "order_lines_per_year": 400, "products": 6}
    small |= {"product_codes": 20, "customers": 8, "regions": 2, "contract_months": 4}
    config = SimulationConfig.model_validate_json(json.dumps(settings | small))
    catalogue = load_catalogue(ROOT / "src/mixplan/sources/sample/plant.yaml")
    folder = tmp_path_factory.mktemp("plant")
    write_exports(simulate(config, catalogue, seed=3), folder, config, seed=3)
    return folder


@pytest.fixture
def project(plant: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A new project folder on the exports, which all of them share."""
    shutil.copytree(plant, tmp_path / "exports")
    monkeypatch.setenv("MIXPLAN_SOURCE_DIR", str(tmp_path / "exports"))

    def new(name: str) -> Path:
        (tmp_path / name).mkdir()
        text = compose(ROOT / "conf", ["source=admixture"])
        (tmp_path / name / "params.yaml").write_text(text, encoding="utf-8")
        return tmp_path / name

    return new


def add_a_day(exports: Path) -> None:
    """The last day once more as the next one, in the file that grows."""
    path = max((exports / "sales").iterdir())
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    last = rows[rows["SOLDDATE"] == "2024-02-29"].assign(SOLDDATE="2024-03-01")
    pd.concat([rows, last if len(last) else rows.tail(1)]).to_csv(path, index=False)


def mend_a_month(exports: Path) -> None:
    path = min((exports / "sales").iterdir())
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    wrong = rows["QUANT"].str.startswith("-")
    assert wrong.any()
    rows.assign(QUANT=rows["QUANT"].str.removeprefix("-")).to_csv(path, index=False)


@pytest.mark.parametrize("change", [add_a_day, mend_a_month])
def test_an_update_is_a_rebuild_and_a_second_one_changes_nothing(
    project: Callable[[str], Path], change: Callable[[Path], None]
) -> None:
    updated = project("updated")
    assert run(updated).returncode == 0
    before = state(updated)
    change(updated.parent / "exports")
    assert run(updated).returncode == 0
    after = state(updated)
    assert after["data/mart"] != before["data/mart"]
    rebuilt = project("rebuilt")
    assert run(rebuilt).returncode == 0
    assert state(rebuilt) == after
    assert run(updated).returncode == 0
    assert state(updated) == after


def test_after_a_sudden_end_the_next_run_finishes(project: Callable[[str], Path]) -> None:
    whole = project("whole")
    finished = run(whole)
    moves = int(finished.stdout)
    expected = state(whole)
    for step in (1, moves // 2, moves - 2, moves):  # early, between the stages, and among the last moves
        died = project(f"died at {step}")
        assert run(died, dies_at=step).returncode == 9
        assert run(died).returncode == 0
        assert state(died) == expected
        assert not [path for path in (died / "data").iterdir() if path.name.startswith(".")]


def update(folder: Path) -> subprocess.CompletedProcess[str]:
    """``mixplan update`` with DVC and its stages, in a process group of their own."""
    command = [sys.executable, "-c", "from mixplan.cli import main; main()", "update"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PATH": path}
    with subprocess.Popen(  # noqa: S603 - own words
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        _, errors = process.communicate()
    _wait_for_the_end_of(process.pid)
    return subprocess.CompletedProcess(command, process.returncode, stderr=errors)


@retry(retry=retry_if_not_result(bool), stop=stop_after_delay(60), wait=wait_fixed(0.05))
def _wait_for_the_end_of(group: int) -> bool:
    """DVC takes a lock for held as long as the system lists the process that held it."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def dvc_project(project: Callable[[str], Path]) -> Path:
    """A project whose ``dvc.yaml`` has the first two stages, without the code that they depend on."""
    folder = project("with dvc")
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    first = {name: stages[name] for name in ("ingest", "mart")}
    (folder / "pipelines").mkdir()
    for stage in first.values():
        stage["deps"] = [dep for dep in stage["deps"] if not dep.startswith("src/")]
    shutil.copy(ROOT / "pipelines/ingest.py", folder / "pipelines")
    dying = DIES_WRITING.format(script=str(ROOT / "pipelines/mart.py"))
    (folder / "pipelines/mart.py").write_text(dying, encoding="utf-8")
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": first}), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], cwd=folder, check=True)
    return folder


def test_an_update_that_is_killed_while_it_writes_is_finished_by_the_next(
    dvc_project: Path, project: Callable[[str], Path]
) -> None:
    assert update(dvc_project).returncode == 0
    good = state(dvc_project)
    add_a_day(dvc_project.parent / "exports")
    for write in (1, 3):  # the first file of the mart, and one of those that follow
        (dvc_project / "dies_at").write_text(str(write), encoding="utf-8")
        assert update(dvc_project).returncode == -signal.SIGKILL
        assert {name: sha for name, sha in state(dvc_project).items() if name != "data/raw"}.items() <= good.items()
    finished = update(dvc_project)
    assert finished.returncode == 0, finished.stderr
    rebuilt = project("rebuilt")
    assert run(rebuilt).returncode == 0
    assert state(dvc_project) == state(rebuilt) != good
    assert not [path for path in (dvc_project / "data").iterdir() if path.name.startswith(".")]


def test_a_bad_export_leaves_the_last_good_mart(project: Callable[[str], Path]) -> None:
    folder = project("kept")
    assert run(folder).returncode == 0
    good = state(folder)
    sales = max((folder.parent / "exports/sales").iterdir())
    sales.write_bytes(sales.read_bytes()[:-7])
    failed = run(folder)
    assert failed.returncode == 1
    assert f"sales/{sales.name}, line" in failed.stderr
    assert state(folder) == good
