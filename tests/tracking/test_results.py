"""Results of the store side by side: which are shown, in what they differ, and who is champion."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mixplan.artifacts.champion import Manifest, Task
from mixplan.artifacts.files import read_json
from mixplan.cli import app
from mixplan.config.base import MixplanError
from mixplan.tracking.outbox import leave
from mixplan.tracking.record import Record, Scored
from mixplan.tracking.registry import register_champion
from mixplan.tracking.results import RunNotFoundError, by_month, champion_run, differences, find_result, results_of
from mixplan.tracking.runs import ensure_recorded, ensure_scored
from mixplan.tracking.searches import SearchLog

Write = Callable[..., Record]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def runs(store: Path, write: Write, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Two candidates and a second setting of one of them on data ``b0a4d``, another on other data, and a search."""
    ids = {}
    for name, candidate, rmse, data_version in (
        ("ridge", "ridge", 12.5, "b0a4d"),
        ("ridge again", "ridge", 11.0, "b0a4d"),
        ("planner", "planner", 20.0, "b0a4d"),
        ("elsewhere", "planner", 1.0, "0ther"),
    ):
        folder = tmp_path_factory.mktemp("result")
        record = write(folder, candidate, data_version=data_version, rmse=rmse)
        ids[name] = ensure_recorded([record])[candidate]
    log = SearchLog("demand", "ridge", "b0a4d")
    log.trial({"alpha": 1.0}, {"rmse_6m": 0.5})
    log.close({"alpha": 1.0}, {"rmse_6m": 0.5})
    return ids


def show(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_results_are_those_of_the_task_and_data_without_trials_and_parents(
    workspace: Path, runs: dict[str, str]
) -> None:
    found = {result.run_id for result in results_of("demand", "b0a4d")}
    assert found == {runs["ridge"], runs["ridge again"], runs["planner"]}
    assert [result.run_id for result in results_of("demand", "0ther")] == [runs["elsewhere"]]
    assert results_of("recommend", "b0a4d") == []


def test_more_results_than_a_page_holds_are_all_found(
    workspace: Path, runs: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    whole = mlflow.MlflowClient.search_runs
    monkeypatch.setattr(
        mlflow.MlflowClient, "search_runs", lambda *given, **named: whole(*given, **named, max_results=1)
    )
    assert len(results_of("demand", "b0a4d")) == 3


def test_metrics_by_month_are_those_of_the_file(workspace: Path, runs: dict[str, str]) -> None:
    (result,) = results_of("demand", "0ther")
    assert by_month(result, "wape") == {1: 0.25, 2: 0.5}
    assert by_month(result, "no_metric") == {}


def test_a_model_has_costs_that_are_not_part_of_its_scores(
    workspace: Path, runs: dict[str, str], write: Write, tmp_path: Path
) -> None:
    record = write(tmp_path, "planner", data_version="c0575", rmse=3.0)
    leave(record, train_seconds=2.5)
    ensure_recorded([record])
    (result,) = results_of("demand", "c0575")
    assert result.metrics["cost/train_seconds"] == 2.5
    assert result.metrics["cost/predict_ms"] > 0
    size = sum(path.stat().st_size for path in record.model.rglob("*") if path.is_file())
    assert result.metrics["cost/model_kb"] == size / 1000
    assert not {name for name in read_json(record.metrics)["scores"] if name.startswith("cost")}


@pytest.mark.parametrize("length", [8, 32])
def test_a_run_is_found_by_how_its_id_begins(workspace: Path, runs: dict[str, str], length: int) -> None:
    assert find_result(runs["planner"][:length]).candidate == "planner"


@pytest.mark.parametrize("run", ["", "x", "%", "' or '1' = '1", "0" * 33, "fffffffffffffffffffffffffffffff1"])
def test_what_is_no_run_is_refused(workspace: Path, runs: dict[str, str], run: str) -> None:
    with pytest.raises(RunNotFoundError, match="no run begins"):
        find_result(run)


def test_an_id_that_several_runs_begin_with_is_refused(workspace: Path, runs: dict[str, str], write: Write) -> None:
    ensure_scored([Scored("reorder", f"min_max {n}", "5even", {}, {"cost_krw": float(n)}) for n in range(17)])
    begins = [result.run_id[0] for result in results_of("reorder", "5even")]
    twice = next(digit for digit in begins if begins.count(digit) > 1)
    with pytest.raises(RunNotFoundError, match=r"\d+ runs begin with"):
        find_result(twice)


def test_differences_are_complete_and_only_differences(workspace: Path, runs: dict[str, str]) -> None:
    one, other = find_result(runs["ridge"]), find_result(runs["planner"])
    found = {(each.what, each.name): (each.one, each.other) for each in differences(one, other)}
    assert found["of", "candidate"] == ("ridge", "planner")
    assert found["parameter", "alpha"] == ("2.0", None)
    assert found["metric", "rmse_6m"] == (12.5, 20.0)
    assert ("metric", "r2_6m") not in found
    assert ("of", "data_version") not in found
    assert list(differences(one, one)) == []


def test_leaderboard_is_best_first_with_the_champion_marked(workspace: Path, runs: dict[str, str]) -> None:
    (workspace / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    lines = [line.split() for line in show("leaderboard", "demand", "--data-version", "b0a4d").splitlines()]
    shown = [cells for cells in lines if cells and cells[0] in {run[:8] for run in runs.values()}]
    assert [cells[0] for cells in shown] == [runs[name][:8] for name in ("ridge again", "ridge", "planner")]
    assert shown[0][1] == "ridge"
    assert "champion" not in {cell for cells in shown for cell in cells}


def test_champion_is_found_by_its_alias_and_named_where_it_was_not_scored(
    workspace: Path, runs: dict[str, str]
) -> None:
    (workspace / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    assert champion_run("nothing") is None
    task = Task(
        candidate="ridge", metrics={"rmse_6m": 12.5}, chosen_by={}, version="0123456789ab", data_version="b0a4d"
    )
    manifest = Manifest(version="0123456789ab", data_version="b0a4d", tasks={"demand": task}, files={})
    result = find_result(runs["ridge"])
    register_champion("mixplan-demand", result.tags["mixplan.fingerprint"], manifest, "demand", "first", "card")
    assert champion_run("demand") == runs["ridge"]
    (line,) = [
        row for row in show("leaderboard", "demand", "--data-version", "b0a4d").splitlines() if "champion" in row
    ]
    assert line.split()[0] == runs["ridge"][:8]
    assert f"run {runs['ridge'][:8]}" in show("leaderboard", "demand", "--data-version", "0ther").splitlines()[0]


def test_leaderboard_by_month_shows_each_month(workspace: Path, runs: dict[str, str]) -> None:
    (workspace / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    shown = show("leaderboard", "demand", "--by", "month", "--data-version", "0ther")
    assert "WAPE month 2" in shown
    assert "50.0%" in shown


def test_leaderboard_of_risk_has_the_best_order_of_customers_first(workspace: Path, runs: dict[str, str]) -> None:
    (workspace / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    scores = {"overdue": (0.38, 0.6348), "lightgbm": (0.51, 0.6362), "logistic": (0.4, 0.6370)}
    ensure_scored(
        [
            Scored("risk", name, "715c", {}, {"average_precision": precision, "stake_share_top_10": stake})
            for name, (precision, stake) in scores.items()
        ]
    )
    shown = show("leaderboard", "risk", "--data-version", "715c")
    assert "Average precision" in shown
    rows = [line.split() for line in shown.splitlines() if "0." in line]
    assert [cells[1] for cells in rows] == ["lightgbm", "logistic", "overdue"]
    assert rows[0][2:] == ["0.510", "63.6%"]


def test_compare_shows_what_changed(workspace: Path, runs: dict[str, str]) -> None:
    lines = [line.split() for line in show("compare", runs["ridge"], runs["ridge again"]).splitlines()]
    assert ["metric", "rmse_6m", "12.5", "11", "-1.5"] in lines


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["drivers", "--by", "month"], "drivers is not scored by month"),
        (["demand"], "there is no mart yet"),
        (["demand", "--data-version", "x' or 'x"], "is no version of data"),
        (["recommend", "--data-version", "b0a4d"], "no result of recommend"),
    ],
)
def test_leaderboard_that_cannot_be_is_one_sentence(
    workspace: Path, runs: dict[str, str], arguments: list[str], sentence: str
) -> None:
    (workspace / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (workspace / "metrics/mart.json").unlink(missing_ok=True)
    result = CliRunner().invoke(app, ["leaderboard", *arguments])
    assert isinstance(result.exception, MixplanError)
    assert sentence in str(result.exception)
