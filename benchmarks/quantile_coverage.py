"""How honest quantiles are: shares of weeks at or below each, less the share that its level promises, in points.

The few origins that choose a winner say little of it: their windows overlap, and one good summer shows in several. So
the table stands twice: for these origins, and for all on the grid of driver forecasts that have a horizon to learn from
and one to take errors from behind them, and end before the last window. Rows are products x weeks. Beside each stands
what a method without any fault would show as its largest deviation by luck, in the median of draws of as many origins.

Run after `make demo`, or `make demo SOURCE=admixture`:
    python benchmarks/quantile_coverage.py
    python benchmarks/quantile_coverage.py lightgbm
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from mixplan.artifacts.files import read_json
from mixplan.config.params import load_params
from mixplan.demand.backtest import backtest
from mixplan.demand.calibration import coverage_by_level
from mixplan.demand.read import read_builder
from mixplan.evaluation.origins import plan_origins
from mixplan.mart.read import read_table

PROJECT = Path(__file__).parents[1]
DRAWS = 2000


def main() -> None:
    """Print both tables: a line a month of the horizon, a column a level."""
    parser = argparse.ArgumentParser(description="Coverage of a candidate's quantiles by level and horizon.")
    parser.add_argument("candidate", nargs="?", help="of demand.candidates; the winner where left out")
    options = parser.parse_args()
    if not (PROJECT / "metrics/demand.json").is_file():
        sys.exit("error: metrics/demand.json is missing: run `make demo` first")
    params, sales = load_params(PROJECT / "params.yaml"), read_table(PROJECT / "data/mart", "sales")
    name = options.candidate or read_json(PROJECT / "metrics/demand.json")["winner"]
    evaluation, demand = params.evaluation, params.demand
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), evaluation)
    horizon = pd.Timedelta(weeks=evaluation.horizon_weeks)
    grid = origins.grid[(origins.grid >= origins.grid[0] + 2 * horizon) & (origins.grid <= origins.holdout - horizon)]
    builder = read_builder(sales, origins.final, demand.country)
    setting = (builder, demand.candidates[name], origins, evaluation, demand.interval, params.seed, demand.quantiles)
    version = read_json(PROJECT / "metrics/mart.json")["data_version"]
    sys.stdout.write(f"data {version}, {name}\n")
    for what, at in (("that choose the winner", origins.selection), ("on the grid", grid)):
        sys.stdout.write(f"\n{len(at)} origins {what}\n{show(backtest(at, *setting), demand.quantiles)}")


def show(predictions: pd.DataFrame, levels: tuple[float, ...]) -> str:
    """The table, its largest and mean deviation, that of the interval between the outer levels, and luck's."""
    off = 100 * (coverage_by_level(predictions, levels) - levels)
    between = (off[levels[-1]] - off[levels[0]]).abs().max()
    largest, mean = off.abs().max(axis=None), off.abs().mean(axis=None)
    return (
        f"{off.round(1).to_string()}\nlargest {largest:.1f}, mean {mean:.1f}, between the outer levels {between:.1f} "
        f"(luck: largest {luck(predictions, levels):.1f})\n"
    )


def luck(predictions: pd.DataFrame, levels: tuple[float, ...]) -> float:
    """The median of the largest deviation where only chance tells origins apart.

    Origins are drawn in blocks of a horizon's length (moving block bootstrap), as their windows overlap.
    """
    each = np.stack([coverage_by_level(rows, levels).to_numpy() for _, rows in predictions.groupby("origin")])
    days = predictions["origin"].drop_duplicates().sort_values().diff().dt.days.median()
    length = min(int(np.ceil(7 * predictions["horizon_weeks"].max() / days)), len(each))
    rng, apart = np.random.default_rng(0), each - each.mean(axis=0)
    starts = rng.integers(0, len(each) - length + 1, (DRAWS, -(-len(each) // length)))
    drawn = (starts[..., None] + np.arange(length)).reshape(DRAWS, -1)[:, : len(each)]
    return float(100 * np.median([np.abs(apart[draw].mean(axis=0)).max() for draw in drawn]))


if __name__ == "__main__":
    main()
