"""What every registered candidate must do; the list of candidates is the configuration's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mixplan.artifacts.files import files_below, sha256_of
from mixplan.config.drivers import DriverCandidate, DriversConfig, SeriesConfig
from mixplan.config.params import load_params
from mixplan.drivers.backtest import backtest, build_model
from mixplan.drivers.interface import DriverError, DriverModel
from mixplan.evaluation.metrics import rmse
from mixplan.evaluation.origins import Origins

Simulate = Callable[..., pd.Series]


@pytest.fixture(scope="module", params=["temperature_c", "construction_index"])
def facts(request: pytest.FixtureRequest, config: DriversConfig) -> SeriesConfig:
    return config.series[request.param]


@pytest.fixture(scope="module")
def history(facts: SeriesConfig, simulate: Simulate) -> pd.Series:
    return simulate(facts, 500 if facts.frequency == "D" else 30)


@pytest.fixture
def new(facts: SeriesConfig, candidate: DriverCandidate) -> Callable[[], DriverModel]:
    return lambda: build_model(candidate, facts, 0.8, seed=3)


@pytest.fixture(scope="module")
def trained(candidate: DriverCandidate, facts: SeriesConfig, history: pd.Series) -> DriverModel:
    """A model that tests only look at."""
    return build_model(candidate, facts, 0.8, seed=3).fit(history)


@pytest.fixture(scope="module")
def saved(trained: DriverModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    trained.save(folder)
    return folder


@pytest.fixture
def fitted(candidate: DriverCandidate, saved: Path) -> DriverModel:
    """A copy that a test may change."""
    return candidate.implementation().load(saved)  # type: ignore[attr-defined]


def parameters(model: DriverModel, folder: Path) -> dict[str, Any]:
    """Everything fitted, as it is saved: all arrays but the history."""
    model.save(folder)
    found = {}
    for path in sorted(folder.rglob("*.npz")):
        with np.load(path) as arrays:
            found |= {f"{path.relative_to(folder)}/{name}": arrays[name] for name in arrays.files if name != "history"}
    return found


def test_forecast_starts_after_the_history(fitted: DriverModel, history: pd.Series, facts: SeriesConfig) -> None:
    forecast = fitted.predict(8)
    assert list(forecast.columns) == ["date", "mean", "lower", "upper"]
    expected = pd.date_range(history.index[-1], periods=9, freq=facts.frequency)[1:]
    assert forecast["date"].tolist() == expected.tolist()
    assert np.isfinite(forecast.drop(columns="date").to_numpy()).all()


def test_interval_holds_the_mean(fitted: DriverModel) -> None:
    forecast = fitted.predict(40)
    assert (forecast["lower"] <= forecast["mean"]).all()
    assert (forecast["mean"] <= forecast["upper"]).all()
    assert (forecast["lower"] < forecast["upper"]).any()


def test_bounds_are_kept(candidate: DriverCandidate, facts: SeriesConfig, history: pd.Series) -> None:
    bounded = facts.model_copy(update={"minimum": 15.0, "maximum": 22.0})
    values = (
        build_model(candidate, bounded, 0.8, seed=3)
        .fit(history)
        .predict(12 if facts.frequency == "MS" else 366)[["lower", "mean", "upper"]]
        .to_numpy()
    )
    assert (values.min(), values.max()) == (15.0, 22.0)


def test_predict_changes_nothing(fitted: DriverModel) -> None:
    pd.testing.assert_frame_equal(fitted.predict(5), fitted.predict(5))


def test_second_fit_forgets_the_first_and_seeds_alike(
    new: Callable[[], DriverModel], saved: Path, history: pd.Series, tmp_path: Path
) -> None:
    given = history.copy()
    new().fit(history.iloc[:400] + 5.0).fit(given).save(tmp_path)
    assert sha256_of(tmp_path) == sha256_of(saved)
    pd.testing.assert_series_equal(given, history)


def test_loaded_model_forecasts_and_saves_the_same(
    trained: DriverModel, fitted: DriverModel, saved: Path, tmp_path: Path
) -> None:
    pd.testing.assert_frame_equal(fitted.predict(20), trained.predict(20), check_exact=True)
    fitted.save(tmp_path)
    assert sha256_of(tmp_path) == sha256_of(saved)


def test_files_are_arrays_and_json(saved: Path) -> None:
    assert {path.suffix for path in files_below(saved)} == {".json", ".npz"}
    for path in saved.rglob("*.npz"):
        with np.load(path, allow_pickle=False) as arrays:
            assert all(not arrays[name].dtype.hasobject for name in arrays.files)


def test_seven_years_take_at_most_100_kb(candidate: DriverCandidate, simulate: Simulate, tmp_path: Path) -> None:
    """With the parameters that are shipped; only their number matters, so a year is fitted and the rest observed."""
    facts = SeriesConfig(frequency="D", minimum=None, maximum=None, publication_lag_days=0, longest_gap=3)
    years = simulate(facts, 2557)
    for name, shipped in load_params().drivers.candidates.items():
        if shipped.target == candidate.target:
            build_model(shipped, facts, 0.8, seed=3).fit(years.iloc[:400]).observe(years.iloc[400:]).save(
                tmp_path / name
            )
            size = sum(path.stat().st_size for path in files_below(tmp_path / name))
            assert size <= 100_000, f"{name}: {size} bytes"


def test_observe_moves_the_origin_and_nothing_else(
    fitted: DriverModel, facts: SeriesConfig, history: pd.Series, simulate: Simulate, tmp_path: Path
) -> None:
    longer = simulate(facts, len(history) + 7)
    later = longer.iloc[len(history) :].copy()
    before = parameters(fitted, tmp_path / "before")
    paths = fitted.paths(longer, [len(history), len(longer)], 4)
    at_fit = fitted.predict(4)
    fitted.observe(later.iloc[:4]).observe(later.iloc[4:]).observe(later.iloc[:0])
    pd.testing.assert_series_equal(later, longer.iloc[len(history) :])
    np.testing.assert_equal(parameters(fitted, tmp_path / "after"), before)
    assert fitted.predict(1)["date"].item() == longer.index.shift(1)[-1]
    # Float32 sums of one row and of a batch may differ in their last bit.
    np.testing.assert_allclose(paths.mean[0], at_fit["mean"], rtol=1e-5)
    np.testing.assert_allclose(paths.mean[1], fitted.predict(4)["mean"], rtol=1e-5)


def test_origin_without_a_past_gets_a_forecast(fitted: DriverModel, history: pd.Series) -> None:
    assert np.isfinite(np.stack(fitted.paths(history, [0, 1], 5))).all()


def test_short_history_is_refused(new: Callable[[], DriverModel], history: pd.Series) -> None:
    with pytest.raises(DriverError, match=rf"driver {history.name}: 11 .* too few to know its season"):
        new().fit(history.iloc[:11])


@pytest.mark.parametrize("spoil", ["gap", "missing value"])
def test_incomplete_history_is_refused(new: Callable[[], DriverModel], history: pd.Series, spoil: str) -> None:
    bad = history.drop(history.index[5]) if spoil == "gap" else history.where(history.index != history.index[5])
    with pytest.raises(DriverError, match="one value for each step"):
        new().fit(bad)


def test_observation_must_follow(fitted: DriverModel, history: pd.Series) -> None:
    with pytest.raises(DriverError, match="follow what is observed"):
        fitted.observe(history.iloc[-2:])


@pytest.mark.filterwarnings("ignore:Input time-series is completely constant")
def test_constant_series_stays_constant(new: Callable[[], DriverModel], history: pd.Series) -> None:
    forecast = new().fit(history * 0.0 + 7.3).predict(10)
    np.testing.assert_allclose(forecast[["mean", "lower", "upper"]], 7.3, atol=1e-4)


def test_no_forecast_knows_what_comes_after_its_origin(
    candidate: DriverCandidate, series: dict[str, pd.Series], origins: Origins, config: DriversConfig
) -> None:
    def forecasts(values: dict[str, pd.Series]) -> pd.DataFrame:
        return backtest(candidate, values, origins, config, 56, 3).predictions.set_index("origin")

    as_it_was = forecasts(series)
    daily, monthly = series["temperature_c"], series["construction_index"]
    published = monthly.index + pd.offsets.MonthBegin(1) + pd.Timedelta(days=30)
    for origin in (origins.selection[0], origins.selection[-1]):
        spoilt = {
            "temperature_c": daily.where(daily.index < origin, 999.0),
            "construction_index": monthly.where(published <= origin, 999.0),
        }
        columns = ["driver", "date", "mean", "lower", "upper"]
        after = forecasts(spoilt)
        pd.testing.assert_frame_equal(after.loc[origin, columns], as_it_was.loc[origin, columns], check_exact=True)
        assert (after.loc[origin, "actual"] == 999.0).any()


def test_forecast_is_good_and_better_than_the_mean(
    fitted: DriverModel, history: pd.Series, facts: SeriesConfig, simulate: Simulate
) -> None:
    """Errors have a standard deviation of 1.4 while the season swings by 10."""
    horizon = 180 if facts.frequency == "D" else 6
    future = simulate(facts, len(history) + horizon).iloc[len(history) :].to_numpy()
    error = rmse(future, fitted.predict(horizon)["mean"])
    assert error < 2.5
    assert error < 0.5 * rmse(future, np.full(horizon, history.mean()))
