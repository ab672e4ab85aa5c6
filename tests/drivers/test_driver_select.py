"""Each driver and band gets its own winner."""

import numpy as np
import pandas as pd

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


def test_best_r2_of_a_band_wins_and_a_tie_goes_to_the_simpler(config: DriversConfig) -> None:
    boards = leaderboards(SCORES, BANDS, config)
    assert winners(boards) == {"temperature_c": {NEAR: "rich", FAR: "simple"}, "rain_mm": {Band(1, 3): "simple"}}
    assert [entry.candidate for entry in boards["temperature_c"][NEAR]] == ["rich", "simple"]
    assert boards["temperature_c"][NEAR][0].metrics == {"r2": 0.95, "rmse": 3.0}


def test_metric_of_the_configuration_decides(config: DriversConfig) -> None:
    by_rmse = config.model_copy(update={"select": config.select.model_copy(update={"metric": "rmse"})})
    assert winners(leaderboards(SCORES, BANDS, by_rmse))["temperature_c"] == {NEAR: "simple", FAR: "simple"}


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
