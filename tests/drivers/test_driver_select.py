"""Each driver and band gets its own winner."""

import numpy as np
import pandas as pd
import pytest

from mixplan.config.drivers import DriversConfig
from mixplan.drivers.bands import Band
from mixplan.drivers.select import leaderboards, of_winners, winners

NEAR, FAR = Band(1, 1), Band(2, 3)
BANDS = {"temperature_c": [NEAR, FAR], "rain_mm": [Band(1, 3)], "snow_cm": [Band(1, 3)]}
SCORES = {
    "rich": {
        "temperature_c/r2": 0.9,
        "temperature_c/r2_1d": 0.95,
        "temperature_c/rmse_1d": 3.0,
        "temperature_c/r2_2-3d": 0.7,
        "temperature_c/rmse_2-3d": 5.0,
        "rain_mm/r2_1-3d": 0.101,
        "rain_mm/rmse_1-3d": 9.0,
    },
    "simple": {
        "temperature_c/r2": 0.8,
        "temperature_c/r2_1d": 0.8,
        "temperature_c/rmse_1d": 2.0,
        "temperature_c/r2_2-3d": 0.8,
        "temperature_c/rmse_2-3d": 4.0,
        "rain_mm/r2_1-3d": 0.1005,
        "rain_mm/rmse_1-3d": 9.1,
    },
}


R2 = {"rich": 0.9, "simple": 0.5}
DAYS = pd.date_range("2024-01-01", periods=60)


@pytest.fixture
def rule(config: DriversConfig) -> DriversConfig:
    return config.model_copy(update={"series": dict.fromkeys(BANDS, config.series["temperature_c"])})


def losses(rich: float, simple: float, noise: float = 0.1) -> pd.DataFrame:
    """Mean losses of both candidates, and how far those of each origin stray apart."""
    strays = noise * np.random.default_rng(2).normal(size=len(DAYS))
    strays -= strays.mean()
    return pd.DataFrame({"rich": rich + strays, "simple": simple - strays}, index=DAYS)


SURE = {
    "temperature_c": {NEAR: losses(1.0, 4.0), FAR: losses(3.0, 2.0)},
    "rain_mm": {Band(1, 3): losses(8.99, 8.995, noise=0.0)},
}


def test_best_r2_of_a_band_wins_and_a_tie_goes_to_the_simpler(rule: DriversConfig) -> None:
    boards = leaderboards(SCORES, SURE, BANDS, rule)
    assert winners(boards) == {"temperature_c": {NEAR: "rich", FAR: "simple"}, "rain_mm": {Band(1, 3): "simple"}}
    assert [entry.candidate for entry in boards["temperature_c"][NEAR]] == ["rich", "simple"]
    rich = boards["temperature_c"][NEAR][0].metrics
    assert (rich["r2"], rich["rmse"]) == (0.95, 3.0)


def test_a_lead_that_may_be_noise_leaves_the_band_to_the_simpler(rule: DriversConfig) -> None:
    noisy = SURE | {"temperature_c": {NEAR: losses(1.0, 1.2, noise=5.0), FAR: losses(3.0, 2.0)}}
    boards = leaderboards(SCORES, noisy, BANDS, rule)
    assert winners(boards)["temperature_c"] == {NEAR: "simple", FAR: "simple"}
    rich = boards["temperature_c"][NEAR][1].metrics
    assert rich["skill"] == pytest.approx(1 - 1.0 / 1.2)
    assert rich["p_value"] > rule.select.level
    assert leaderboards(SCORES, SURE, BANDS, rule)["temperature_c"][NEAR][0].metrics["p_value"] < 0.001


def test_windows_that_overlap_are_less_evidence(rule: DriversConfig) -> None:
    """What is beyond doubt for one day ahead, by as many origins, is not for half a year."""
    near, far = Band(1, 1), Band(2, 50)
    scores = {name: {f"temperature_c/r2_{band.label}": r2 for band in (near, far)} for name, r2 in R2.items()}
    level = np.where(np.arange(60) < 30, 1.0, 5.0)
    trending = pd.DataFrame({"rich": level, "simple": level + np.linspace(-1.0, 3.0, 60)}, index=DAYS)
    evidence, bands = {"temperature_c": dict.fromkeys([near, far], trending)}, {"temperature_c": [near, far]}
    boards = leaderboards(scores, evidence, bands, rule)
    assert winners(boards)["temperature_c"] == {near: "rich", far: "simple"}


def test_metric_of_the_configuration_decides(rule: DriversConfig) -> None:
    by_rmse = rule.model_copy(update={"select": rule.select.model_copy(update={"metric": "rmse"})})
    assert winners(leaderboards(SCORES, SURE, BANDS, by_rmse))["temperature_c"] == {NEAR: "simple", FAR: "simple"}


def test_forecasts_are_each_bands_winners() -> None:
    rows = pd.MultiIndex.from_product(
        [["rain_mm", "temperature_c"], pd.to_datetime(["2024-01-01", "2024-01-08"]), [1, 2, 3]],
        names=["driver", "origin", "horizon_days"],
    ).to_frame(index=False)
    predictions = {"rich": rows.assign(mean=np.arange(12.0)), "simple": rows.assign(mean=100.0 + np.arange(12))}
    chosen = {"temperature_c": {NEAR: "rich", FAR: "simple"}, "rain_mm": {Band(1, 3): "simple"}}
    together = of_winners(predictions, chosen)
    assert list(dict.fromkeys(together["driver"])) == ["temperature_c", "rain_mm"]
    assert together["horizon_days"].tolist() == [1, 2, 3] * 4
    assert together["mean"].tolist() == [6, 107, 108, 9, 110, 111, 100, 101, 102, 103, 104, 105]
