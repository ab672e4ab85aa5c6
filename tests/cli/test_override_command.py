"""``mixplan override``: what people type, what they read and what is kept."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from mixplan.artifacts.files import write_parquet
from mixplan.cli import app
from mixplan.config.base import MixplanError

ROOT = Path(__file__).parents[2]
MONDAY = pd.Timestamp("2024-07-01")
KIM = ("--who", "Kim", "--reason", "the silo holds no more")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A plan with one order line, and the forecast of one week."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    order = {"order_on": [MONDAY], "material_code": "M1", "quantity_kg": 500.0, "expected_on": MONDAY}
    write_parquet(tmp_path / "data/plan/purchase_orders.parquet", pd.DataFrame(order))
    week = {"origin": [MONDAY], "product": "A", "week": MONDAY, "prediction_kg": 700.0}
    write_parquet(tmp_path / "data/forecasts/demand/products.parquet", pd.DataFrame(week))
    return tmp_path


def told(*arguments: str) -> str:
    answer = CliRunner().invoke(app, ["override", *arguments], catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def lines_of(project: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (project / "overrides/overrides.jsonl").read_text("utf-8").splitlines()]


def test_who_when_old_and_new_are_kept(project: Path) -> None:
    said = told("add", "order", "M1", "2024-07-01", "--kg", "300", *KIM, "--on", "2024-06-28", "--until", "2024-07-08")
    assert said == "decision 1: order M1 of 2024-07-01, 300 kg in place of 500 kg; run `dvc repro` to plan with it\n"
    told("add", "forecast", "A", "2024-07-03", *KIM)
    first, second = lines_of(project)
    assert (first["who"], first["decided_on"], first["expires_on"]) == ("Kim", "2024-06-28", "2024-07-08")
    assert (first["old_kg"], first["new_kg"], first["decision"]) == (500.0, 300.0, "change")
    assert (second["day"], second["decided_on"], second["decision"]) == ("2024-07-01", "2024-07-01", "approve")
    told("withdraw", "1", *KIM)
    listed = told("list").splitlines()
    assert any("order M1" in line and "withdrawn" in line for line in listed)
    assert any("forecast A" in line and "in force" in line for line in listed)


def test_what_came_of_a_decision_is_listed(project: Path) -> None:
    told("add", "forecast", "A", "2024-07-01", "--kg", "0", *KIM)
    scored = {"number": [1], "actual_kg": 650.0}
    write_parquet(project / "data/plan/decided_forecasts.parquet", pd.DataFrame(scored))
    assert "650 kg sold" in told("list")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add", "order", "M2", "2024-07-01", *KIM), "it has no order of M2 at all"),
        (("add", "order", "M1", "2024-07-01", "--kg", "310", *KIM), "no whole packs of 50 kg"),
        (("withdraw", "7", *KIM), "no decision 7 that stands"),
    ],
)
def test_what_cannot_be_decided_is_one_sentence_and_nothing_is_kept(
    arguments: tuple[str, ...], why: str, project: Path
) -> None:
    with pytest.raises(MixplanError, match=why):
        told(*arguments)
    assert not (project / "overrides").exists()


def test_without_a_plan_there_is_nothing_to_decide(project: Path) -> None:
    shutil.rmtree(project / "data/plan")
    with pytest.raises(MixplanError, match="no plan to decide on: run `dvc repro` first"):
        told("list")
