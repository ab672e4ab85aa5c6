"""Every stage on a small plant, each in a folder that holds nothing but what ``dvc.yaml`` says it depends on."""

import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from mixplan.artifacts.champion import read_champion
from mixplan.artifacts.files import files_below, read_json, read_parquet, sha256_of, write_json, write_parquet
from mixplan.cli import app
from mixplan.config.compose import compose
from mixplan.config.params import Params, parse_params
from mixplan.mart.read import read_table
from mixplan.monitoring.watch import watch
from mixplan.scenario.changes import parse_change
from mixplan.scenario.plan import forecast_again, plan_scenario
from mixplan.tracking.outbox import OUTBOX, waiting
from mixplan.tracking.predictors import predictor

ROOT = Path(__file__).parents[2]
STAGES: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
QUICK = {
    "drivers.candidates.gru.epochs": 1,
    "drivers.candidates.gru.units": 4,
    "drivers.candidates.auto_arima.max_p": 1,
    "drivers.candidates.auto_arima.max_q": 0,
    "demand.candidates.random_forest.n_estimators": 5,
}


def expanded(params: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and body of each stage in the order of ``dvc.yaml``, a ``foreach`` as one for each of its keys."""
    for name, stage in STAGES.items():
        if "foreach" not in stage:
            yield name, stage
            continue
        task = stage["foreach"].strip("${}").partition(".")[0]
        for key in params[task]["candidates"]:
            yield f"{name}@{key}", yaml.safe_load(yaml.safe_dump(stage["do"]).replace("${key}", key))


def paths(entries: list[Any]) -> list[str]:
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def copy(name: str, source: Path, target: Path) -> None:
    if (source / name).is_dir():
        shutil.copytree(source / name, target / name, dirs_exist_ok=True)
    else:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / name, target / name)


class Run:
    """A run of all stages, whose outputs come together in ``store``."""

    def __init__(self, store: Path, patch: pytest.MonkeyPatch) -> None:
        self.store, self.patch = store, patch
        text = compose(ROOT / "conf", ["+experiment=small", *(f"{key}={value}" for key, value in QUICK.items())])
        (store / "params.yaml").write_text(text, encoding="utf-8")
        self.params: Params = parse_params(text)
        for people in (self.params.plan.overrides, "scenarios"):
            copy(f"{people}/README.md", ROOT, store)
        self.stages = dict(expanded(yaml.safe_load(text)))
        self.surplus: dict[str, set[str]] = {}
        """By stage, what it wrote that it does not declare."""

    def stage(self, name: str, folder: Path) -> Path:
        """Run one stage in ``folder`` with its declared inputs alone."""
        stage = self.stages[name]
        copy("params.yaml", self.store, folder)
        for dep in stage["deps"]:
            if dep == "${source.path}":
                copy(self.params.source.path, ROOT, folder)
            elif not dep.startswith(("pipelines/", "src/")):
                copy(dep.replace("${plan.overrides}", self.params.plan.overrides), self.store, folder)
        before = {path.relative_to(folder).as_posix() for path in files_below(folder)}
        _, script, *arguments = stage["cmd"].split()
        self.patch.setattr("sys.argv", [script, *arguments])
        self.patch.chdir(folder)
        runpy.run_path(str(ROOT / script))["main"](self.params)
        outs = paths([*stage.get("outs", []), *stage.get("metrics", [])])
        written = {path.relative_to(folder).as_posix() for path in files_below(folder)} - before
        # What is kept for the next run, or waits to be logged, is no output.
        allowed = (".mixplan/", "tracking/outbox/", *(f"{out}/" for out in outs))
        self.surplus[name] = {file for file in written if not f"{file}/".startswith(allowed)}
        for out in outs:
            copy(out, folder, self.store)
        if (folder / OUTBOX).is_dir():
            copy(str(OUTBOX), folder, self.store)
        return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    store = tmp_path_factory.mktemp("store")
    with pytest.MonkeyPatch.context() as patch:
        # As in an experiment that DVC runs in a copy of the workspace: the tracking store stays in the workspace.
        patch.setenv("DVC_ROOT", str(store))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        whole = Run(store, patch)
        for name in whole.stages:
            whole.stage(name, tmp_path_factory.mktemp(name.replace("@", "-")))
        patch.chdir(store)
        yield whole


def test_stages_need_and_write_what_dvc_is_told(run: Run) -> None:
    """That the run came so far shows the inputs; these are the outputs."""
    assert {name for name, files in run.surplus.items() if files} == set()


def test_every_task_has_a_winner_among_all_its_candidates(run: Run) -> None:
    for task in ("demand", "recommend"):
        metrics = read_json(run.store / f"metrics/{task}.json")
        candidates = {entry["candidate"] for entry in metrics["leaderboard"]}
        assert candidates == set(getattr(run.params, task).candidates)
        assert metrics["winner"] in candidates
    for metrics in read_json(run.store / "metrics/drivers.json").values():
        for band in metrics["bands"].values():
            assert {entry["candidate"] for entry in band["leaderboard"]} == set(run.params.drivers.candidates)


def test_the_ordering_policy_is_chosen_before_the_last_window_and_replayed_on_it(run: Run) -> None:
    plan, holdout = (read_json(run.store / f"metrics/{name}.json") for name in ("plan", "promote"))
    labels = [entry["candidate"] for entry in plan["leaderboard"]]
    tried = {f"{name} 0.98" if policy.has_service_level else name for name, policy in run.params.plan.policies.items()}
    assert set(labels) == tried
    assert plan["winner"] == labels[0]
    replayed = read_parquet(run.store / "data/plan/replay.parquet")["date"]
    sold = read_parquet(run.store / "data/plan/production.parquet")["week"].min()
    assert replayed.max() + pd.Timedelta(weeks=run.params.evaluation.holdout_weeks, days=1) == sold
    for name in ("reorder", "reorder_plant_rule"):
        assert set(holdout["holdout"][name]) == set(plan["leaderboard"][0]) - {"candidate"}
    reorder = read_champion(run.store / "models/champion").tasks["reorder"]
    assert reorder.candidate == plan["winner"]
    assert reorder.metrics == holdout["holdout"]["reorder"]
    assert reorder.chosen_by["cost_krw"] == plan["leaderboard"][0]["cost_krw"]


def test_risk_is_scored_on_the_last_window_where_winners_are_and_not_where_it_is_chosen(run: Run) -> None:
    risk = read_json(run.store / "metrics/risk.json")
    last = read_json(run.store / "metrics/promote.json")["holdout"]["risk"]
    assert set(last) == set(risk["leaderboard"][0]) - {"candidate"}
    assert "holdout" not in risk


def test_the_forecast_of_the_plan_is_kept_and_not_yet_scored(run: Run) -> None:
    assert read_json(run.store / "metrics/vintages.json") == {"kept": 1, "scored": []}
    (kept,) = (run.store / "vintages/sample/forecasts").iterdir()
    forecast = read_parquet(run.store / "data/forecasts/demand/products.parquet")
    pd.testing.assert_frame_equal(read_parquet(kept)[forecast.columns], forecast)


def test_weeks_of_the_forecast_and_of_its_backtest_are_divided_into_days(run: Run) -> None:
    days = read_parquet(run.store / "data/forecasts/demand/shares_by_day.parquet")
    names = ("products", "backtest")
    weeks = [read_parquet(run.store / f"data/forecasts/demand/{name}.parquet")[["origin", "week"]] for name in names]
    expected = pd.concat(weeks).drop_duplicates().sort_values(["origin", "week"], ignore_index=True)
    sums = days.groupby(["origin", "week"])["share"].sum().reset_index()
    pd.testing.assert_frame_equal(sums, expected.assign(share=1.0))


def test_the_plan_wants_each_day_what_the_learnt_days_say(run: Run) -> None:
    """In the first week, which is planned by day, and of products that are made in full."""
    days = read_parquet(run.store / "data/forecasts/demand/shares_by_day.parquet")
    production, pegs, short = (
        read_parquet(run.store / f"data/plan/{name}.parquet") for name in ("production", "production_pegs", "unplanned")
    )
    origin = production["week"].min()
    week = days[(days["origin"] == origin) & (days["week"] == origin)].set_index("date")["share"]
    is_first = pegs["needed_on"].isin(week.index) & (pegs["kind"] == "forecast") & ~pegs["product"].isin(short["code"])
    wanted = production[(production["week"] == origin) & production["product"].isin(pegs.loc[is_first, "product"])]
    found = pegs[is_first].groupby("needed_on")["quantity_kg"].sum().reindex(week.index, fill_value=0.0)
    assert found.to_numpy() == pytest.approx(wanted["from_forecast_kg"].sum() * week.to_numpy(), abs=1.0)
    assert found.sum() > 0


def test_a_forecast_that_was_planned_with_is_watched(run: Run) -> None:
    """A forecast of the backtest stands in for one of half a year ago: its accuracy is the backtest's own."""
    own = read_json(run.store / "metrics/demand.json")["winner"]
    rows = read_parquet(run.store / f"predictions/demand/{own}.parquet").drop(columns="actual_kg")
    earlier = run.store / "vintages/sample/forecasts/2000-01-01-000000000000.parquet"
    write_parquet(earlier, rows.assign(candidate=own, data_version="d"))
    last = read_table(run.store / "data/mart", "sales")["sold_on"].max()
    try:
        watched = watch(run.store, last + pd.Timedelta(days=1), run.params)
    finally:
        earlier.unlink()
    found = {check.name: check.value for check in watched.checks["accuracy"]}
    scores = read_json(run.store / f"metrics/demand/{own}.json")["scores"]
    assert found["wape"] == pytest.approx(scores["product_week/wape"])
    assert found["bias"] == pytest.approx(scores["product_week/bias"])
    assert watched.origin == rows["origin"].iloc[0]
    assert watch(run.store, last, run.params).checks["accuracy"] == [], "the forecast of today has nothing behind it"


def test_how_often_quantiles_held_is_said_by_month(run: Run) -> None:
    for name in run.params.demand.candidates:
        coverage = read_json(run.store / f"metrics/demand/{name}.json")["quantile_coverage"]
        assert list(coverage) == [str(month) for month in range(1, 7)]
        for shares in coverage.values():
            assert set(shares) == {str(level) for level in run.params.demand.quantiles}
            assert sorted(shares.values()) == [shares[str(level)] for level in sorted(run.params.demand.quantiles)]


def test_every_other_candidate_and_an_oracle_are_held_against_the_winner(run: Run) -> None:
    """One origin proves nothing: no lead has an interval, and the simplest candidate wins."""
    metrics = read_json(run.store / "metrics/demand.json")
    assert metrics["winner"] == run.params.demand.simplicity[0]
    assert set(metrics["against_winner"]) == set(run.params.demand.candidates) - {metrics["winner"]}
    assert all(set(lead) == {"excess", "p_value"} for lead in metrics["against_winner"].values())
    oracle = read_json(run.store / "metrics/demand_oracle.json")
    assert oracle["candidate"] in run.params.demand.candidates
    assert oracle["candidate"] not in {"planner", "seasonal_naive", "seasonal_average"}
    assert set(oracle["scores"]) == {"all drivers", "weather", "construction"}


def test_no_row_of_the_source_is_lost(run: Run) -> None:
    for table, account in read_json(run.store / "metrics/mart.json")["tables"].items():
        parts = [account[part] for part in ("accepted", "corrected", "quarantined", "duplicates")]
        assert account["read"] == sum(parts), table


def texts_of(path: Path) -> str:
    """Everything that a file says, compressed tables included."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    return path.read_bytes().decode("utf-8", "ignore")


def test_personal_data_of_the_exports_is_nowhere_else(run: Run) -> None:
    clients = pd.read_csv(run.store / "data/raw/exports/erp/client.csv", dtype=str, encoding="cp949").fillna("")
    personal = {cell for name in ("대표자명", "사업자번호", "법인번호", "전화번호") for cell in clients[name]} - {""}
    assert len(personal) > 40
    files = [path for path in files_below(run.store) if "exports" not in path.parts]
    assert {"mart", "models", "reports", "tracking"} <= {part for path in files for part in path.parts}
    for path in files:
        text = texts_of(path)
        assert not [secret for secret in personal if secret in text], path


def test_stock_below_zero_is_said(run: Run) -> None:
    stock = read_parquet(run.store / "data/plan/projected_stock.parquet")
    assert stock.loc[stock["closing_kg"] < 0, "is_short"].all()
    orders = read_parquet(run.store / "data/plan/purchase_orders.parquet")
    assert (orders["expected_on"] >= orders["order_on"]).all()
    assert orders["reason"].str.len().gt(0).all()


def test_a_stage_that_runs_again_writes_the_same_bytes(run: Run, tmp_path: Path) -> None:
    for name in (
        "drivers@gru",
        "demand@lightgbm",
        "demand_select",
        "demand_oracle",
        "risk",
        "customers",
        "recommend@svd",
        "recommend_select",
        "plan",
        "vintages",
    ):
        outs = paths([*run.stages[name].get("outs", []), *run.stages[name].get("metrics", [])])
        first = [sha256_of(run.store / out) for out in outs]
        again = run.stage(name, tmp_path / name.replace("@", "-"))
        assert [sha256_of(again / out) for out in outs] == first, name


@pytest.mark.parametrize("name", ["auto_arima", "gru"])
def test_what_a_driver_model_answered_in_memory_is_what_its_files_answer(run: Run, name: str, tmp_path: Path) -> None:
    folder = run.stage(f"drivers@{name}", tmp_path)
    noted = read_parquet(folder / OUTBOX / f"drivers/{name}.parquet")
    model = folder / "models/drivers" / name
    saved = predictor("drivers", model)(read_parquet(model / "input_example.parquet"))
    pd.testing.assert_frame_equal(noted, saved)


def test_champions_are_registered_once_and_answer(run: Run) -> None:
    from mixplan.client.schemas import ForecastRequest
    from mixplan.tracking.store import open_store
    from serving.forecast import Forecast

    run.patch.chdir(run.store)
    promote, track = (runpy.run_path(str(ROOT / f"pipelines/{name}.py"))["main"] for name in ("promote", "track"))
    for _ in range(2):
        promote(run.params)
        track(run.params)
    version = read_champion(run.store / "models/champion").tasks["demand"].version
    assert list((run.store / "models/challenger").iterdir()) == []  # the winner is the champion
    client = open_store()
    assert client.get_model_version_by_alias("mixplan-demand", "champion").tags["mixplan.version"] == version
    assert len(client.search_model_versions("name = 'mixplan-demand'")) == 1
    run.patch.setenv("MIXPLAN_CHAMPION", str(run.store / "models/champion"))
    answer = Forecast().forecast(ForecastRequest(weeks=13))
    assert answer.model_version == version
    assert {row.product for row in answer.rows} == set(
        read_parquet(run.store / "data/forecasts/demand/products.parquet")["product"]
    )


def test_mlflow_and_the_leaderboards_tell_the_same_story(run: Run) -> None:
    """Nothing waits any more, and what chose the winners is what every run of the store shows."""
    from mixplan.tracking.results import results_of

    run.patch.chdir(run.store)
    runpy.run_path(str(ROOT / "pipelines/track.py"))["main"](run.params)
    assert list(waiting()) == []
    version = read_json(run.store / "metrics/mart.json")["data_version"]
    for task, name in (("demand", "demand"), ("recommend", "recommend"), ("risk", "risk"), ("reorder", "plan")):
        logged = {result.candidate: result.metrics for result in results_of(task, version)}
        board = read_json(run.store / f"metrics/{name}.json")["leaderboard"]
        assert set(logged) == {entry["candidate"] for entry in board}, task
        for entry in board:
            shared = entry.keys() & logged[entry["candidate"]].keys()
            assert shared, task
            assert {key: entry[key] for key in shared} == {key: logged[entry["candidate"]][key] for key in shared}
    leads = read_json(run.store / "metrics/demand.json")["against_winner"]
    logged = {result.candidate: result.metrics for result in results_of("demand", version)}
    assert {name: logged[name]["against_winner/p_value"] for name in leads} == {
        name: lead["p_value"] for name, lead in leads.items()
    }
    assert results_of("segments", version)


@pytest.fixture
def project(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the run, to do as people do at a terminal."""
    folder = tmp_path / "project"
    shutil.copytree(run.store, folder, ignore=shutil.ignore_patterns("raw", "tracking"))
    monkeypatch.chdir(folder)
    return folder


def told(*arguments: str) -> str:
    answer = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_nothing_changed_is_the_plan_and_warmer_weather_changes_what_a_model_of_drivers_expects(
    run: Run, project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name, table in vars(plan_scenario(project, [], run.params)).items():
        pd.testing.assert_frame_equal(table, read_parquet(project / f"data/plan/{name}.parquet"), check_dtype=False)
    model = project / "data/forecasts/demand/model"
    shutil.rmtree(model)
    shutil.copytree(project / "models/demand/ridge", model)
    state = read_json(model / "model.json")
    write_json(model / "model.json", {**state, "trust": 1.0})
    before = sha256_of(model)
    same, warmer = (
        plan_scenario(project, [parse_change(f"drivers.temperature={change}")], run.params).production
        for change in ("+0", "+3")
    )
    assert same["product"].equals(warmer["product"])
    assert (same["quantity_kg"] - warmer["quantity_kg"]).abs().max() > 1.0
    assert sha256_of(model) == before, "nothing was trained"
    shutil.rmtree(model)
    shutil.copytree(project / "models/demand/seasonal_average", model)
    tables = {name: read_table(project / "data/mart", name) for name in ("sales", "recipes")}
    origin = read_parquet(project / "data/forecasts/demand/products.parquet")["origin"].iloc[0]
    still, hot = (
        forecast_again(project, tables, origin, [parse_change(f"drivers.temperature={change}")], run.params)
        for change in ("+0", "+3")
    )
    pd.testing.assert_frame_equal(still, hot)
    write_parquet(project / "data/forecasts/demand/products.parquet", still)
    plan_scenario(project, [parse_change("drivers.temperature=+3")], run.params)
    assert "the demand winner looks at none of them" in caplog.text


def test_scenarios_are_planned_saved_and_compared_at_a_terminal_and_on_the_page(run: Run, project: Path) -> None:
    product = read_parquet(project / "data/plan/production.parquet")["product"].iloc[0]
    assert "more: demand." in told("plan", "--set", f"demand.{product}=*1.5", "--name", "more")
    told("plan", "--set", "drivers.temperature=+3", "--name", "hot")
    said = read_json(project / "scenarios/more/changes.json")
    assert said["scenario"]["made_kg"] > said["base"]["made_kg"]
    assert read_parquet(project / "scenarios/more/changed_lots.parquet")["product"].tolist() == [product]
    text = told("scenarios")
    assert "more" in text
    assert "hot" in text
    runpy.run_path(str(ROOT / "pipelines/report.py"))["main"](run.params)
    page = (project / "reports/index.html").read_text(encoding="utf-8")
    assert "hot: drivers.temperature=+3" in page


def test_a_decision_is_planned_with_until_it_is_withdrawn(run: Run, project: Path) -> None:
    stage = runpy.run_path(str(ROOT / "pipelines/plan.py"))["main"]
    before = read_parquet(project / "data/plan/purchase_orders.parquet")
    first = before.iloc[0]
    where = ("order", first["material_code"], str(first["order_on"].date()))
    doubled = 2 * first["quantity_kg"]
    who = ("--who", "Kim", "--reason", "a full tanker")
    assert "decision 1" in told("override", "add", *where, "--kg", f"{doubled}", *who)
    assert "in force" in told("override", "list")
    stage(run.params)
    after = read_parquet(project / "data/plan/purchase_orders.parquet")
    assert after.iloc[0]["quantity_kg"] == doubled
    assert after.iloc[0]["reason"].startswith("Kim decided")
    told("override", "withdraw", "1", *who)
    assert "withdrawn" in told("override", "list")
    stage(run.params)
    pd.testing.assert_frame_equal(read_parquet(project / "data/plan/purchase_orders.parquet"), before)
    assert sha256_of(project / "data/plan") == sha256_of(run.store / "data/plan")
