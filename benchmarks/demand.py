"""What a million rows of training data cost a demand candidate: seconds for features and for the fit, and peak memory.

The rows are of a synthetic plant: products with a season, customers that come and go, and two drivers, as many origins
of it as the rows need. Each candidate runs in a process of its own, with its parameters of `params.yaml`, as the stage
does it: features of all origins, then the two fits that a model takes.

    python benchmarks/demand.py lightgbm seasonal_average
    python benchmarks/demand.py --rows 100000
"""

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from mixplan.config.params import Params, load_params
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import long_demand
from mixplan.demand.model import DemandModel

PROJECT = Path(__file__).parents[1]
WEEKS, ORIGINS, HORIZON = 312, 100, 26
CUSTOMERS_A_PRODUCT = 6
DRIVERS = ["temperature_c", "construction_index"]
FIRST = pd.Timestamp("2018-01-01")


def main() -> None:
    """Print one table, a line a candidate."""
    parser = argparse.ArgumentParser(description="Seconds and memory of a candidate on many training rows.")
    parser.add_argument("candidates", nargs="*", help="names of demand.candidates; all where left out")
    parser.add_argument("--rows", type=int, default=1_000_000, help="about as many training rows")
    parser.add_argument("--alone", metavar="CANDIDATE", help=argparse.SUPPRESS)
    options = parser.parse_args()
    params = load_params(PROJECT / "params.yaml")
    if options.alone:
        sys.stdout.write(measure(options.alone, options.rows, params))
        return
    sys.stdout.write(f"{'':18}{'rows':>10}{'features, s':>13}{'fit, s':>9}{'peak, GiB':>11}\n")
    for name in options.candidates or params.demand.candidates:
        command = [sys.executable, __file__, "--alone", name, "--rows", str(options.rows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - this file
        sys.stdout.write(done.stdout)


def measure(name: str, rows: int, params: Params) -> str:
    """A line of the table."""
    final = FIRST + pd.Timedelta(weeks=WEEKS)
    builder = plant(rows // (ORIGINS * HORIZON) + 1, np.random.default_rng(params.seed))
    start = time.perf_counter()
    training = builder.training_rows(origins(), HORIZON, final)
    made = time.perf_counter()
    model = DemandModel(params.demand.candidates[name], params.demand.interval, params.seed)
    model.fit(training, final - pd.Timedelta(weeks=HORIZON))
    fitted = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return f"{name:18}{len(training):>10,}{made - start:>13.1f}{fitted - made:>9.1f}{peak:>11.2f}\n"


def origins() -> pd.DatetimeIndex:
    """Origins two weeks apart, the last one a horizon before the end."""
    last = FIRST + pd.Timedelta(weeks=WEEKS - HORIZON)
    return pd.date_range(end=last, periods=ORIGINS, freq="2W-MON")


def plant(products: int, rng: np.random.Generator) -> FeatureBuilder:
    """Products of all sizes, each bought by customers that come and go."""
    weeks = pd.date_range(FIRST, periods=WEEKS, freq="W-MON", name="week")
    season = 1 - 0.4 * np.cos(2 * np.pi * weeks.dayofyear.to_numpy() / 365.25)
    parts = []
    for customer in range(CUSTOMERS_A_PRODUCT):
        size = rng.lognormal(7.0, 1.5, products)
        first, last = np.sort(rng.integers(-WEEKS, 2 * WEEKS, (2, products)), axis=0)
        week = np.arange(WEEKS)[:, None]
        buys = (week >= first) & (week <= last) & (rng.random((WEEKS, products)) < 0.6)
        bought = buys * size * season[:, None] * rng.lognormal(0.0, 0.4, (WEEKS, products))
        names = [f"product {number}" for number in range(products)]
        parts.append(long_demand(pd.DataFrame(bought, weeks, names), "quantity_kg").assign(customer_code=str(customer)))
    purchases = pd.concat(parts, ignore_index=True)
    history = purchases.pivot_table(index="week", columns="product", values="quantity_kg", aggfunc="sum")
    ahead = pd.MultiIndex.from_product([origins(), range(HORIZON)], names=["origin", "ahead"]).to_frame(index=False)
    ahead["week"] = ahead["origin"] + pd.to_timedelta(7 * ahead.pop("ahead"), unit="D")
    drivers = ahead.assign(**{name: rng.normal(15.0, 5.0, len(ahead)) for name in DRIVERS})
    observed = pd.DataFrame({"week": weeks} | {name: rng.normal(15.0, 5.0, WEEKS) for name in DRIVERS})
    bought_only = purchases[purchases["quantity_kg"] > 0].reset_index(drop=True)
    return FeatureBuilder(history, drivers, observed, "KR", purchases=bought_only)


if __name__ == "__main__":
    main()
