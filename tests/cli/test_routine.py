"""Routines: their steps, where they stop, and that two never run at once."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from typer.testing import CliRunner, Result

from mixplan.artifacts.files import write_parquet
from mixplan.cli import app
from mixplan.cli.routine import LOCK, LOG, RoutineError

ROOT = Path(__file__).parents[2]
ORIGIN = pd.Timestamp("2024-07-01")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five years of sales until two days after the forecast's origin."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIXPLAN_PUBLISH_URL", raising=False)
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    write_parquet(tmp_path / "data/forecasts/demand/products.parquet", pd.DataFrame({"origin": [ORIGIN]}))
    sell(tmp_path, until=ORIGIN + pd.Timedelta(days=1))
    return tmp_path


def sell(root: Path, until: pd.Timestamp) -> None:
    sales = pd.DataFrame({"sold_on": pd.date_range("2019-07-01", until)})
    sales = sales.assign(customer_code="1", product_code="A1", product="A", region="서울", quantity_kg=1.0)
    sales = sales.assign(unit_price_krw=1.0, source_file="s.csv", source_line=range(2, len(sales) + 2))
    write_parquet(root / "data/mart/sales/all.parquet", sales)


class Shell:
    """Stands in for processes: what was run, as ``module arguments``, and the exit codes that some end with."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.codes: dict[str, int] = {}

    def __call__(self, command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        name = " ".join(command[2:])
        self.ran.append(name)
        assert not check
        return subprocess.CompletedProcess(command, self.codes.get(name, 0))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    shell = Shell()
    monkeypatch.setattr(subprocess, "run", shell)
    return shell


def call(routine: str) -> Result:
    return CliRunner().invoke(app, ["run", routine])


WEEKLY = ["mixplan update", "mixplan monitor", "dvc repro"]
DAILY = ["mixplan update", "dvc repro -s plan", "dvc repro -s report", "mixplan monitor"]


@pytest.mark.parametrize(("routine", "expected"), [("weekly", WEEKLY), ("daily", DAILY)])
def test_steps_are_taken_in_their_order_and_logged(
    project: Path, shell: Shell, routine: str, expected: list[str]
) -> None:
    result = call(routine)
    assert result.exit_code == 0, result.output
    assert shell.ran == expected
    logged = [json.loads(line) for line in (project / LOG).read_text().splitlines()]
    assert [(line["routine"], line["exit_code"]) for line in logged] == [(routine, 0)] * len(expected)
    assert logged[0]["step"] == "update"
    assert result.stdout.count("done") == len(expected)


@pytest.mark.parametrize("routine", ["weekly", "daily"])
def test_publishing_is_a_step_where_a_database_is_named(
    project: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch, routine: str
) -> None:
    monkeypatch.setenv("MIXPLAN_PUBLISH_URL", "sqlite:///plant.db")
    assert call(routine).exit_code == 0
    assert shell.ran.count("mixplan publish") == 1
    assert "plant.db" not in (project / LOG).read_text()


def test_a_step_that_fails_ends_the_routine_and_is_named(project: Path, shell: Shell) -> None:
    shell.codes["dvc repro -s plan"] = 1
    result = call("daily")
    assert isinstance(result.exception, RoutineError)
    assert str(result.exception).startswith("plan failed: ")
    assert shell.ran == DAILY[:2]
    assert "failed with exit code 1" in result.stdout
    shell.codes.clear()
    assert call("daily").exit_code == 0, "the same command goes on once it is mended"


@pytest.mark.parametrize(("code", "goes_on"), [(3, True), (1, False)])
def test_retraining_that_is_due_is_no_failure(project: Path, shell: Shell, code: int, goes_on: bool) -> None:
    shell.codes["mixplan monitor"] = code
    result = call("weekly")
    assert (result.exit_code == 0) is goes_on
    assert shell.ran == (WEEKLY if goes_on else WEEKLY[:2])
    assert ("retraining is due" in result.stdout) is goes_on


def test_a_new_week_is_not_planned_with_the_old_forecast(project: Path, shell: Shell) -> None:
    sell(project, until=ORIGIN + pd.Timedelta(days=6))
    result = call("daily")
    assert isinstance(result.exception, RoutineError)
    assert "the forecast starts on 2024-07-01, and sales are complete up to 2024-07-08" in str(result.exception)
    assert shell.ran == DAILY[:1]


def test_without_a_forecast_the_weekly_run_is_named(project: Path, shell: Shell) -> None:
    (project / "data/forecasts/demand/products.parquet").unlink()
    assert "run `mixplan run weekly` first" in str(call("daily").exception)
    assert shell.ran == DAILY[:1]


def test_two_runs_at_once_are_refused_and_the_next_one_is_not(project: Path, shell: Shell) -> None:
    LOCK.parent.mkdir()
    with FileLock(LOCK):
        result = call("weekly")
    assert isinstance(result.exception, RoutineError)
    assert "another `mixplan run` is under way" in str(result.exception)
    assert shell.ran == []
    assert call("weekly").exit_code == 0


def test_python_runs_mixplan_as_a_module() -> None:
    command = [sys.executable, "-m", "mixplan", "run", "--help"]
    assert "weekly" in subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - own words
