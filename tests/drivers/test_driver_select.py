"""Each driver gets its own winner."""

from mixplan.config.drivers import DriversConfig
from mixplan.drivers.select import leaderboards, winners


def test_best_r2_wins_and_a_tie_goes_to_the_simpler(config: DriversConfig) -> None:
    scores = {
        "rich": {"temperature_c/r2": 0.95, "temperature_c/rmse": 3.0, "rain_mm/r2": 0.101, "rain_mm/rmse": 9.0},
        "simple": {"temperature_c/r2": 0.80, "temperature_c/rmse": 2.0, "rain_mm/r2": 0.1005, "rain_mm/rmse": 9.1},
    }
    boards = leaderboards(scores, config)
    assert winners(boards) == {"temperature_c": "rich", "rain_mm": "simple"}
    assert [entry.candidate for entry in boards["temperature_c"]] == ["rich", "simple"]
    assert boards["temperature_c"][0].metrics == {"r2": 0.95, "rmse": 3.0}


def test_metric_of_the_configuration_decides(config: DriversConfig) -> None:
    by_rmse = config.model_copy(update={"select": config.select.model_copy(update={"metric": "rmse"})})
    scores = {"rich": {"rain_mm/r2": 0.5, "rain_mm/rmse": 9.0}, "simple": {"rain_mm/r2": 0.1, "rain_mm/rmse": 5.0}}
    assert winners(leaderboards(scores, by_rmse)) == {"rain_mm": "simple"}
