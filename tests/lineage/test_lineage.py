"""Every figure of a trace is one that can be worked out by hand from the small plant."""

import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from mixplan.artifacts.champion import read_champion
from mixplan.cli import app
from mixplan.lineage.impact import MOVES, impact_of
from mixplan.lineage.order import trace_order
from mixplan.lineage.run import LoggedRun, run_of
from mixplan.lineage.steps import Step
from mixplan.lineage.trace import NotFoundError, trace_forecast
from mixplan.mart.contracts import CONTRACTS
from mixplan.planning.basis import TABLES
from mixplan.recommend.shelf import Plant
from mixplan.tracking.record import Scored
from mixplan.tracking.results import results_of
from mixplan.tracking.runs import ensure_scored
from tests.lineage.conftest import MONDAY

ROOT = Path(__file__).parents[2]
TRIED = "days of the past on which ordering policies and offers were tried may"
OFFERED = " and recommendations"
MADE = "and no plan is made of it"
LOTS = "  recipes as lots were made, which people hold against recipes: no forecast and no plan looks at them"


def said(step: Step, depth: int = 0) -> list[str]:
    """Every line of a trace, indented by how deep it stands."""
    return [" " * depth + step.text] + [line for each in step.steps for line in said(each, depth + 1)]


def test_a_forecast_is_followed_to_model_drivers_and_sales(project: Path) -> None:
    lines = said(trace_forecast(project, "grout", MONDAY + pd.Timedelta(days=4)))
    assert lines[0] == "forecast of grout in the week of 2024-07-01: 800 kg, between 600 kg and 1.5 t"
    assert lines[1] == (
        " decision 1 of Kim on 2024-07-01: the plan takes 700 kg in place of 800 kg for 2024-07-01 (the site is closed)"
    )
    assert lines[2:5] == [" what moved month 1 of the horizon", "  level: +2.0 t", "  rain_mm_change: +0.0 t"]
    assert lines[5:8] == [
        " ridge, fitted on what was known before 2024-07-01",
        "  MLflow run a1b2c3d4, of data version 0123456789ab",
        "  data version of the mart now: 0123456789ab",
    ]
    champion = read_champion(project / "models/champion").tasks["demand"]
    assert lines[8].startswith(f"  champion: {champion.candidate}, version {champion.version}, ")
    assert "  temperature_c: 21.50" in lines
    assert "   weather.csv:41" in lines
    # Seven days before the origin, one of them of another product; the eighth sale is of the origin's own day.
    start = lines.index(" 6 rows of sales of grout; the plant's season also knows the other 1")
    assert lines[start + 1 :] == ["  sales.csv: 6 rows, lines 2 to 8"]


def test_an_order_is_followed_to_lots_orders_recipes_stock_and_lead_times(project: Path) -> None:
    lines = said(trace_order(project, "cement", MONDAY))
    assert lines[0] == "order of 1.0 t of cement on 2024-07-01: covers July"
    assert lines[1].startswith(" decision 2 of Kim on 2024-07-01: the plan takes 1.0 t in place of 800 kg")
    # Until the next arrival on 8 July: 1,000 kg of grout, half of it paste, three quarters of that cement.
    assert lines[2] == " 375 kg are used in 2 lots, 1 to 2 July; the largest first"
    assert lines[3] == "  lot 2 on 2024-07-02: 600 kg of grout, with 225 kg of it"
    assert lines[4] == "   200 kg for order O1, 400 kg for forecast"
    assert lines[5:7] == ["   1 row of orders", "    contract.csv:5"]
    assert lines[7] == "   through the goods that its recipe mixes in"
    assert " on hand 50 kg, counted 2024-06-30" in lines
    assert "   stock.csv:32" in lines
    assert lines[lines.index("  1 row of purchases under way") + 1] == "   order.csv:22"
    assert any(line.startswith(" policy min_max 0.98: safety stock 75 kg, lead time 7.5 days") for line in lines)


def test_an_order_is_followed_through_its_forecasts_to_model_run_data_and_sales(project: Path) -> None:
    order, forecast = (
        said(each) for each in (trace_order(project, "cement", MONDAY), trace_forecast(project, "grout", MONDAY))
    )
    # 400 of the 600 kg of lot 2 are for the forecast: two thirds of its 225 kg of cement.
    start = order.index(" 150 kg of that for forecasts of 1 product")
    of_model = [" " + line for line in forecast[5:9]]
    assert [line.split(",")[0].strip() for line in of_model[:2]] == ["ridge", "MLflow run a1b2c3d4"]
    assert order[start + 1 : start + 5] == of_model
    assert order[start + 5] == "  150 kg for grout in weeks from 2024-07-01 to 2024-07-01"
    assert order[start + 6] == "  " + forecast[1]
    assert order[start + 7 : start + 9] == ["  " + line for line in forecast[-2:]], "the rows of sales"


def test_a_result_that_the_store_does_not_know_is_named(project: Path, runs: dict[str, LoggedRun]) -> None:
    runs.clear()
    lines = said(trace_forecast(project, "grout", MONDAY))
    assert "  result f1f1, which MLflow does not know: `mixplan leaderboard demand` logs it" in lines


def test_runs_are_those_of_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    result = Scored("demand", "ridge", "d1", {"alpha": 1.0}, {"wape": 0.25})
    ensure_scored([result])
    try:
        (run,) = results_of("demand", "d1")
        assert run_of(result.fingerprint) == LoggedRun(run.run_id[:8], "d1")
        assert run_of("0000") is None
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:////nowhere/mlflow.db")
        assert run_of(result.fingerprint) is None, "a store that does not answer"
    finally:
        mlflow.set_tracking_uri(None)


def test_an_order_that_no_lot_uses_says_so(project: Path) -> None:
    lines = said(trace_order(project, "cement", pd.Timestamp("2024-07-08")))
    assert lines[1] == " no lot uses it from 2024-07-10 until the next arrival or the end of the plan"


@pytest.mark.parametrize(
    ("file", "line", "expected"),
    [
        ("sales.csv", 2, ["  the forecast of grout: 2.0 t in 2 weeks; a little also every other product's season"]),
        ("sales.csv", 2, ["  2 purchase orders of 1 material", "   cement: 2 orders, 1.5 t"]),
        ("sales.csv", 2, ["  the segment and risk of customer 7, and what is recommended to it"]),
        ("sales.csv", 9, ["  newer than the forecast of 2024-07-01: `dvc repro` makes use of it"]),
        ("sales.csv", 99, [" held back from sales by not_a_number, so it moves nothing: `mixplan mart quarantine`"]),
        ("contract.csv", 5, ["  2 lots of grout", "   lot 1 on 2024-07-01: 400 kg", "   lot 2 on 2024-07-02: 200 kg"]),
        ("recipe.csv", 11, ["  how alike products are, by which new ones are forecast and offered"]),
        ("recipe.csv", 11, ["  0 purchase orders of 0 materials"]),
        ("recipe.csv", 12, ["  2 purchase orders of 1 material", "   cement: 2 orders, 1.5 t"]),
        ("order.csv", 21, ["  the material's lead time and price", "  2 purchase orders of 1 material"]),
        ("stock.csv", 31, ["  not the plan's stock, which starts from the count of 2024-06-30; " + TRIED]),
        ("stock.csv", 32, ["  the stock that the plan starts from"]),
        ("weather.csv", 41, ["  the drivers' forecasts, and through them those of 1 product"]),
        ("starts.csv", 51, ["  the drivers' forecasts; the model that forecasts demand makes no use of them"]),
        ("products.csv", 61, ["  sales, orders, lots and recipes with the code G1 are of grout"]),
        ("products.csv", 61, ["  2 purchase orders of 1 material", "   cement: 2 orders, 1.5 t"]),
        ("products.csv", 62, ["  void is not forecast"]),
        ("client.csv", 71, ["  the segment and risk of customer 7, and what is recommended to it"]),
        ("client.csv", 72, ["  sales and orders of customer 8 are accepted, and it has a name on the page" + OFFERED]),
        ("raw.csv", 81, ["  2 purchase orders of 1 material", "   cement: 2 orders, 1.5 t"]),
        ("plan.csv", 91, ["  the planners' own number for grout: scores are held against it, no forecast " + MADE]),
        ("lots.csv", 101, [LOTS]),
        ("made.csv", 111, [LOTS]),
    ],
)
def test_a_row_is_followed_to_what_it_moves(project: Path, file: str, line: int, expected: list[str]) -> None:
    lines = said(impact_of(project, file, line))
    assert lines[0] == f"{file}:{line}"
    start = lines.index(expected[0])
    assert lines[start : start + len(expected)] == expected


def test_every_table_has_an_impact_and_those_that_nothing_reads_say_so() -> None:
    """What is read is found in the source of everything that makes forecasts, plans, offers and pages."""
    rooms = ("customers", "demand", "drivers", "planning", "promotion", "recommend", "report")
    folders = [ROOT / "pipelines", *(ROOT / "src/mixplan" / room for room in rooms)]
    sources = [path.read_text() for folder in folders for path in folder.rglob("*.py")]
    named = {name for source in sources for name in re.findall(r'read_table\([^"()]*(?:\(.*?\))?, "(\w+)"\)', source)}
    read = named | set(TABLES) | set(Plant._fields)
    assert {"sales", "weather", "materials", "planner_forecasts"} <= named, "the reading of the source above"
    assert set(MOVES) == set(CONTRACTS)
    assert {table for table in CONTRACTS if table not in read} == {"lots", "lot_materials"}


def test_what_a_trace_of_an_order_cites_has_an_impact_on_that_material(project: Path) -> None:
    for file, line in (("contract.csv", 5), ("stock.csv", 32), ("order.csv", 22)):
        assert any("cement: 2 orders" in each for each in said(impact_of(project, file, line)))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["trace", "forecast", "putty", "2024-07-01"], "no forecast of putty in the week of 2024-07-01"),
        (["trace", "forecast", "grout", "2025-07-01"], "there are weeks from 2024-07-01 to 2024-07-08"),
        (["trace", "order", "cement", "2024-07-02"], "the plan orders it on 2024-07-01, 2024-07-08"),
        (["trace", "order", "sand", "2024-07-01"], "the plan orders it on no day"),
        (["impact", "sales.csv", "98"], "no table and no quarantine has a row from sales.csv:98"),
    ],
)
def test_what_is_not_there_is_said(
    project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(project)
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, NotFoundError)
    assert sentence in str(result.exception)


def test_traces_are_trees_on_a_terminal(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    shown = CliRunner().invoke(app, ["trace", "order", "cement", "2024-07-01"], catch_exceptions=False).stdout
    assert "├── 375 kg are used in 2 lots" in shown
    shown = CliRunner().invoke(app, ["impact", "stock.csv", "32"], catch_exceptions=False).stdout
    assert "the stock that the plan starts from" in shown
