"""What a whole driver forecast costs: search, fit and rolling evaluation, beside pmdarima stepped by `update`.

Every candidate is searched and fitted on what was known at the first origin, then forecasts from every day of the test
period. pmdarima's own way is to `update` the model by each new value and to `predict` anew; it is measured on some days
of the first daily driver and scaled to the values that each driver gets in the period. Libraries are imported before
the clock runs, pmdarima and TensorFlow alike; what TensorFlow's import takes is printed apart.

Run: python benchmarks/drivers.py [--mart data/mart] [--first 2019-07-01] [--last 2020-12-31] [--updates 100]
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pmdarima

from mixplan.config.drivers import SeriesConfig
from mixplan.config.params import load_params
from mixplan.drivers.backtest import build_model, forecasts
from mixplan.drivers.bands import Band, split_horizon
from mixplan.drivers.gru import import_keras
from mixplan.drivers.history import driver_series, known_steps
from mixplan.drivers.season import fourier
from mixplan.evaluation.metrics import r2, rmse
from mixplan.mart.read import read_table

PARAMS = load_params()
HORIZON_DAYS = 7 * PARAMS.evaluation.horizon_weeks


def candidates_of(
    values: pd.Series, facts: SeriesConfig, days: pd.DatetimeIndex, seconds: dict[str, float]
) -> dict[str, pd.DataFrame]:
    """Each candidate's forecasts from every day whose actual is known; what they took is added to ``seconds``."""
    fitted = int(known_steps(values, days[:1], facts)[0])
    found = {}
    for name, candidate in PARAMS.drivers.candidates.items():
        start = time.perf_counter()
        model = build_model(candidate, facts, PARAMS.drivers.interval, PARAMS.seed).fit(values.iloc[:fitted])
        rows = forecasts(model, values, days, facts, HORIZON_DAYS)
        found[name] = rows[rows["date"] <= days[-1]].dropna()
        seconds[name] = seconds.get(name, 0.0) + time.perf_counter() - start
    return found


def stepped(values: pd.Series, days: pd.DatetimeIndex, updates: int) -> tuple[float, float, np.ndarray]:
    """Seconds of pmdarima's search, seconds of one update with its forecast, and the forecasts one day ahead."""
    chosen: Any = PARAMS.drivers.candidates["auto_arima"]
    waves = fourier(pd.DatetimeIndex(values.index), "D", 2)[:, 1:]
    known, horizon, start = values.index.searchsorted(days[0]), HORIZON_DAYS, time.perf_counter()
    model = pmdarima.auto_arima(
        values.iloc[:known].to_numpy(),
        X=waves[:known],
        d=0,
        start_p=1,
        start_q=0,
        max_p=chosen.max_p,
        max_q=chosen.max_q,
        seasonal=False,
        information_criterion=chosen.information_criterion,
        maxiter=chosen.max_iter,
    )
    searched, ahead = time.perf_counter(), []
    for step in range(known, known + updates):
        future = fourier(pd.date_range(values.index[step], periods=horizon), "D", 2)[:, 1:]
        ahead.append(model.predict(horizon, X=future)[0])
        model.update(values.iloc[step : step + 1].to_numpy(), X=waves[step : step + 1])
    return searched - start, (time.perf_counter() - searched) / updates, np.array(ahead)


def main() -> None:
    """Print R2 by driver, candidate and days ahead, and what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mart", type=Path, default=Path("data/mart"))
    parser.add_argument("--first", default="2019-07-01")
    parser.add_argument("--last", default="2020-12-31")
    parser.add_argument("--updates", type=int, default=100)
    arguments = parser.parse_args()
    days, say = pd.date_range(arguments.first, arguments.last), sys.stdout.write
    began = time.perf_counter()
    import_keras()
    imported = time.perf_counter() - began
    tables = (read_table(arguments.mart, name) for name in ("weather", "construction"))
    series = driver_series(*tables, PARAMS.drivers.series).series
    results: dict[str, dict[str, pd.DataFrame]] = {}
    seconds: dict[str, float] = {}
    for driver, values in series.items():
        results[driver] = candidates_of(values, PARAMS.drivers.series[driver], days, seconds)
    ours = sum(seconds.values())
    for driver, found in results.items():
        bands = split_horizon(PARAMS.drivers.bands[PARAMS.drivers.series[driver].frequency], HORIZON_DAYS)
        say(f"{driver:20}" + "".join(f"{band.label:>10}" for band in [*bands, Band(1, HORIZON_DAYS)]) + "\n")
        for name, rows in found.items():
            parts = [rows[rows["horizon_days"].between(*band)] for band in [*bands, Band(1, HORIZON_DAYS)]]
            say(f"  {name:18}" + "".join(f"{r2(part['actual'], part['mean']):10.3f}" for part in parts) + "\n")
    daily = next(driver for driver in series if PARAMS.drivers.series[driver].frequency == "D")
    search, update, ahead = stepped(series[daily], days, arguments.updates)
    steps = [len(pd.date_range(days[0], days[-1], freq=PARAMS.drivers.series[driver].frequency)) for driver in series]
    theirs = sum(search + update * count for count in steps)
    first = results[daily]["auto_arima"].query("horizon_days == 1").head(arguments.updates)
    say(f"all candidates, {len(series)} drivers, {len(days)} origins {ours:10.1f} s\n")
    say(f"pmdarima by update: search {search:.1f} s, a day {update:.2f} s; all of it {theirs:10.1f} s\n")
    say(f"TensorFlow's import {imported:.1f} s\n")
    say("seconds: " + ", ".join(f"{name} {took:.1f}" for name, took in seconds.items()) + "\n")
    alone = ", ".join(f"{name} {theirs / took:.0f}" for name, took in seconds.items())
    say(f"times faster: all candidates {theirs / ours:.1f}; each alone: {alone}\n")
    say(f"RMSE of {daily} one day ahead on {len(first)} days: ours {rmse(first['actual'], first['mean']):.3f}, ")
    say(f"pmdarima by update {rmse(first['actual'], ahead):.3f}\n")


if __name__ == "__main__":
    main()
