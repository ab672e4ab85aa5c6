"""Alarms: that they ring when something was broken on purpose, and seldom when nothing was."""

from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from typer.testing import CliRunner

from mixplan.artifacts.files import read_json, write_json
from mixplan.cli import app
from mixplan.cli.monitor import PAGE, REPORT
from mixplan.config.monitor import MonitorConfig
from mixplan.demand.history import horizon_month
from mixplan.monitoring.accuracy import WORSE, accuracy_checks, horizon_checks, scores_so_far
from mixplan.monitoring.checks import Check, Figure, Worse, against_past, checks_of
from mixplan.monitoring.delays import DAYS, UnknownTableError, delay_checks
from mixplan.monitoring.drift import distance_of_samples, distance_of_shares, drift_checks, forecast_checks
from mixplan.monitoring.gauges import figures, write_gauges
from mixplan.monitoring.rehearsal import Rehearsal, rehearse
from mixplan.monitoring.watch import Watch
from mixplan.tracking.record import Scored
from tests.monitoring.conftest import FINAL, forecasts

ROOT = Path(__file__).parents[2]
AT = pd.DatetimeIndex([pd.Timestamp("2024-04-29")])
UNTIL = pd.Timestamp("2024-07-01")


def ringing(checks: list[Check]) -> set[str]:
    return {check.name for check in checks if check.rings}


def test_the_interval_holds_the_next_figure_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    rang = [
        against_past("x", value, past, worse, 0.1).rings
        for worse in Worse
        for value, *past in rng.normal(3.0, 2.0, (4000, 7))
    ]
    assert np.mean(rang) == pytest.approx(0.1, abs=0.01)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=20), st.floats(-200, 200))
def test_the_interval_of_both_sides_is_scipys(past: list[float], value: float) -> None:
    check = against_past("x", value, past, Worse.EITHER, 0.2)
    scale = float(np.std(past, ddof=1)) * (1 + 1 / len(past)) ** 0.5
    if scale > 1e-6:
        low, high = stats.t.interval(0.8, len(past) - 1, loc=float(np.mean(past)), scale=scale)
        assert (check.lowest, check.highest) == pytest.approx((low, high))
    assert check.rings == (not check.lowest <= value <= check.highest)


def test_too_little_past_says_nothing() -> None:
    assert against_past("x", 1e9, [1.0], Worse.EITHER, 0.05) == Check("x", 1e9, -inf, inf, expected=1.0)
    assert against_past("x", 1e9, [], Worse.EITHER, 0.05) == Check("x", 1e9, -inf, inf)


def test_figures_of_a_kind_share_the_level() -> None:
    past = [1.0, 2.0, 4.0, 3.0]
    pair = checks_of([Figure("x", 5.0, past, Worse.HIGHER), Figure("y", 5.0, past, Worse.HIGHER)], 0.1)
    assert pair[0].highest == against_past("x", 5.0, past, Worse.HIGHER, 0.05).highest


def test_accuracy_that_was_promised_does_not_ring(backtest: pd.DataFrame, config: MonitorConfig) -> None:
    checks = accuracy_checks(forecasts(AT, seed=2), backtest, UNTIL, config)
    assert [check.name for check in checks] == list(WORSE)
    assert ringing(checks) == set()


@pytest.mark.parametrize(
    ("factor", "rings"), [(0.5, {"wape", "bias", "coverage"}), (1.6, {"wape", "bias", "coverage"})]
)
def test_sales_that_break_away_ring(
    backtest: pd.DataFrame, config: MonitorConfig, factor: float, rings: set[str]
) -> None:
    assert ringing(accuracy_checks(forecasts(AT, 2, factor), backtest, UNTIL, config)) == rings


def test_accuracy_is_that_of_a_loop_over_weeks_that_are_over(backtest: pd.DataFrame, config: MonitorConfig) -> None:
    forecast = forecasts(AT, seed=2)
    until = AT[0] + pd.Timedelta(weeks=5, days=3)
    error = total = gone = 0.0
    for row in forecast.itertuples():
        if row.week + pd.Timedelta(weeks=1) <= until:
            error += abs(row.actual_kg - row.prediction_kg)
            gone += row.prediction_kg - row.actual_kg
            total += row.actual_kg
    found = {check.name: check.value for check in accuracy_checks(forecast, backtest, until, config)}
    assert found["wape"] == pytest.approx(error / total)
    assert found["bias"] == pytest.approx(gone / total)
    assert scores_so_far(forecast, 5)["wape"] == pytest.approx(error / total)


@pytest.mark.parametrize("weeks", [0, 3])
def test_a_young_forecast_is_not_judged(backtest: pd.DataFrame, config: MonitorConfig, weeks: int) -> None:
    assert accuracy_checks(forecasts(AT, 2), backtest, AT[0] + pd.Timedelta(weeks=weeks), config) == []


def test_each_month_of_the_horizon_is_that_of_the_newest_forecast_that_has_it_behind_it(
    backtest: pd.DataFrame, config: MonitorConfig
) -> None:
    """Forecasts of every second week, of which those made in spring expect half of what comes."""
    origins = pd.date_range("2023-10-02", "2024-06-24", freq="2W-MON")
    parts = [forecasts(origins[[at]], seed=at, factor=1.0 + (origin >= AT[0])) for at, origin in enumerate(origins)]
    kept = pd.concat(parts).assign(actual_kg=lambda rows: rows["actual_kg"].where(rows["week"] < UNTIL))
    checks = horizon_checks(kept, backtest, UNTIL, config)
    assert [check.name for check in checks] == [f"wape of month {month}" for month in range(1, 7)]
    # Weeks after the origin until a month of the horizon is over.
    for check, last in zip(checks, (4, 8, 13, 17, 21, 26), strict=True):
        newest = max(origin for origin in origins if origin + pd.Timedelta(weeks=last) <= UNTIL)
        month = kept[(kept["origin"] == newest) & (horizon_month(kept["horizon_weeks"]) == int(check.name[-1]))]
        error = (month["actual_kg"] - month["prediction_kg"]).abs().sum() / month["actual_kg"].sum()
        assert check.value == pytest.approx(error)
        assert check.rings is bool(newest >= AT[0])
        assert check.expected == pytest.approx(0.12, abs=0.02), "the mean of a normal's absolute deviation of 0.15"
    assert horizon_checks(kept[kept["origin"] > UNTIL - pd.Timedelta(weeks=4)], backtest, UNTIL, config) == []


def test_distances_are_those_of_a_loop() -> None:
    now, before = pd.Series([1.0, 3.0, 3.0, 8.0]), pd.Series([2.0, 3.0, 9.0])
    gaps = [abs((now <= at).mean() - (before <= at).mean()) for at in [*now, *before]]
    assert distance_of_samples(now, before) == pytest.approx(max(gaps))
    one, other = pd.Series({"A": 1.0, "B": 3.0}), pd.Series({"B": 1.0, "C": 1.0})
    p, q = np.array([0.25, 0.75, 0.0]), np.array([0.0, 0.5, 0.5])
    middle = (p + q) / 2
    divergence = sum(
        share * np.log2(share / mean) / 2
        for shares in (p, q)
        for share, mean in zip(shares, middle, strict=True)
        if share
    )
    assert distance_of_shares(one, other) == pytest.approx(divergence**0.5)


def drivers(weeks_warmer: int) -> pd.DataFrame:
    weeks = pd.date_range("2019-07-01", FINAL, freq="W-MON", inclusive="left")
    warmth = 10 * np.sin(2 * np.pi * weeks.dayofyear / 365.25) + np.random.default_rng(4).normal(0, 1, len(weeks))
    return pd.DataFrame(
        {"week": weeks, "temperature_c": warmth + 8 * (np.arange(len(weeks)) >= len(weeks) - weeks_warmer)}
    )


def test_habits_that_stay_do_not_ring(sales: pd.DataFrame, config: MonitorConfig) -> None:
    checks = drift_checks(sales, drivers(0), FINAL, config)
    assert [check.name for check in checks] == [
        "size of an order line",
        "mix of products",
        "mix of customers",
        "temperature_c",
    ]
    assert ringing(checks) == set()


@pytest.mark.parametrize("name", ["size of an order line", "mix of products", "mix of customers", "temperature_c"])
def test_a_habit_that_breaks_rings_alone(sales: pd.DataFrame, config: MonitorConfig, name: str) -> None:
    changed = sales.copy()
    late = changed["sold_on"] >= FINAL - pd.Timedelta(weeks=13)
    if name == "size of an order line":
        changed.loc[late, "quantity_kg"] *= 2.0
    elif name == "mix of products":
        changed.loc[late & (changed["product"] == "A"), "product"] = "B"
    elif name == "mix of customers":
        changed.loc[late & (changed["customer_code"] == "1"), "customer_code"] = "2"
    observed = drivers(13 if name == "temperature_c" else 0)
    assert ringing(drift_checks(changed, observed, FINAL, config)) == {name}


def test_nothing_that_is_to_come_counts(sales: pd.DataFrame, config: MonitorConfig) -> None:
    until = FINAL - pd.Timedelta(weeks=30)
    later = sales.assign(quantity_kg=sales["quantity_kg"].where(sales["sold_on"] < until, 1e9))
    assert drift_checks(sales, drivers(0), until, config) == drift_checks(later, drivers(13), until, config)


def test_a_forecast_unlike_last_year_rings(sales: pd.DataFrame, config: MonitorConfig, backtest: pd.DataFrame) -> None:
    usual = forecasts(AT, 2)
    assert ringing(forecast_checks(usual, backtest, sales, config)) == set()
    doubled = usual.assign(prediction_kg=usual["prediction_kg"] * 2)
    assert ringing(forecast_checks(doubled, backtest, sales, config)) == {"forecast over the year before"}
    of_one = usual.assign(prediction_kg=usual["prediction_kg"] * 3 * (usual["product"] == "A"))
    assert ringing(forecast_checks(of_one, backtest, sales, config)) == {"mix of the forecast"}


def test_late_tables_ring_on_the_day_after(config: MonitorConfig, sales: pd.DataFrame) -> None:
    last = sales["sold_on"].max()
    for days, rings in ((7, False), (8, True)):
        (check,) = delay_checks({"sales": sales}, last + pd.Timedelta(days=days), config)
        assert check.rings is rings


def test_tables_without_rows_are_not_late_and_unknown_ones_are_refused(
    config: MonitorConfig, sales: pd.DataFrame
) -> None:
    assert delay_checks({"sales": sales.head(0)}, FINAL, config) == []
    unknown = config.model_copy(update={"longest_gap_days": {"sale": 7}})
    with pytest.raises(UnknownTableError, match=f"sale is none of {', '.join(DAYS)}"):
        delay_checks({"sales": sales}, FINAL, unknown)


def test_rehearsal_counts_alarms_and_whether_training_anew_helped(config: MonitorConfig) -> None:
    """From the sixth origin on sales are half of what the models of before expect; models of then know it."""
    origins = pd.date_range("2022-01-03", periods=8, freq="8W-MON")
    rows = forecasts(origins, seed=1)
    breaks = origins[5]
    truth = pd.Series(np.where(rows["week"] >= breaks, 50.0, 100.0))
    rows["actual_kg"] = truth * np.random.default_rng(2).normal(1.0, 0.1, len(rows))
    is_new = rows["origin"] > breaks
    rows.loc[is_new, ["prediction_kg", "lower_kg", "upper_kg"]] /= 2
    found = rehearse(rows, config)
    assert found.times == 5
    # The origin of the break is watched by a model of before; those after it know.
    assert found.rang == found.rightly == 1
    assert rehearse(rows[rows["origin"] < origins[3]], config) == Rehearsal(0, 0, 0, 0)


def found(rings: str) -> Watch:
    checks = {
        kind: [Check("figure", 2.0 if kind == rings else 0.5, -inf, 1.0, 0.75)]
        for kind in ("accuracy", "horizon", "drift", "delay")
    }
    return Watch(checks, AT[0], Rehearsal(0, 0, 0, 0))


@pytest.mark.parametrize(
    ("rings", "is_due"), [("accuracy", True), ("horizon", False), ("drift", True), ("delay", False), ("", False)]
)
def test_retraining_is_due_when_models_went_astray_and_not_when_data_are_late(rings: str, is_due: bool) -> None:
    assert found(rings).is_due is is_due


@pytest.mark.parametrize(("rings", "code"), [("accuracy", 3), ("delay", 0)])
def test_the_exit_code_says_whether_retraining_is_due(
    rings: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[Scored] = []
    monkeypatch.setattr("mixplan.monitoring.watch.watch", lambda *_: found(rings))
    monkeypatch.setattr("mixplan.tracking.runs.ensure_scored", kept.extend)
    params = (ROOT / "params.yaml").read_text()
    (tmp_path / "params.yaml").write_text(params.replace("gauges: null", "gauges: x.prom"))
    write_json(tmp_path / "metrics/mart.json", {"data_version": "d1"})
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["monitor", "--today", "2024-07-02"])
    assert result.exit_code == code
    (line,) = [line for line in result.stdout.splitlines() if "RINGS" in line]
    assert line.split()[0] == rings
    assert line.split()[2:7] == ["2", "0.75", "at", "most", "1"]
    assert read_json(tmp_path / REPORT)["ringing"] == [f"{rings}/figure"]
    page = (tmp_path / PAGE).read_text()
    assert "<h1>Monitor of 2024-07-02</h1>" in page
    assert ("<p>Retraining is due: run `dvc repro`</p>" in page) is (code == 3)
    assert page.count("RINGS") == 1
    assert (tmp_path / "x.prom").is_file(), "where conf says"
    result = CliRunner().invoke(app, ["monitor", "--prometheus", "y.prom"])
    assert (tmp_path / "y.prom").is_file(), "where the option says"
    first = kept[0]
    assert (first.task, first.data_version, first.parameters["today"]) == ("monitor", "d1", "2024-07-02")


def test_no_stage_clears_the_report() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    outputs = [out for stage in stages for name in ("outs", "metrics") for out in stage.get("do", stage).get(name, [])]
    written = [Path(out if isinstance(out, str) else next(iter(out))) for out in outputs]
    assert Path("reports") in written, "the reading of dvc.yaml above"
    assert not [out for out in written if REPORT.is_relative_to(out) or out.is_relative_to(REPORT.parent)]


def test_gauges_are_what_prometheus_reads(tmp_path: Path) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    path = tmp_path / "mixplan.prom"
    write_gauges(path, found("accuracy"))
    read = {
        (sample.name, sample.labels.get("kind")): sample.value
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }
    assert read["mixplan_check", "accuracy"] == 2.0
    assert read["mixplan_check_expected", "horizon"] == 0.75
    assert read["mixplan_check_rings", "accuracy"] == 1.0
    assert read["mixplan_check_rings", "drift"] == 0.0
    assert read["mixplan_retraining_due", None] == 1.0
    assert list(tmp_path.iterdir()) == [path]
    kept = figures(found("accuracy"))
    assert kept["accuracy/figure"] == 2.0
    assert kept["horizon/figure/expected"] == 0.75
    assert (kept["accuracy/figure/rings"], kept["retraining_due"]) == (1.0, 1.0)
