"""What statsforecast's methods score on the rows on which the last run chose its winner.

AutoETS, AutoARIMA and AutoTheta are its automatic ones; Croston's method (with the correction of Syntetos and Boylan,
SBA) and TSB (Teunter, Syntetos and Babai) are for demand that comes now and then.

Each product's weeks before an origin are put together to months of 4, 4 and 5 weeks, counted back from the origin, so
that a year has 12 and the months of the horizon go on where they end. A series begins with the product's first sale and
is kilograms a week, as months differ in length. Every method forecasts six months from the same origins as the
candidates of the pipeline, for the same products, and is scored against the same totals.

Run after `make demo SOURCE=admixture`:
    python benchmarks/statistical_baselines.py
    python benchmarks/statistical_baselines.py --intermittent
    python benchmarks/statistical_baselines.py --monthly-from 2019-06-01

With `--intermittent` only products count that were sold in fewer than three of four weeks before an origin: a mean
interval between weeks with demand above 1.32 (Syntetos, Boylan and Croston, On the categorization of demand patterns,
Journal of the Operational Research Society 56, 2005).

With a day, every candidate is trained anew at an origin every four weeks from that day on, as late as whole windows go:
more origins than the run has, the last window among them, which chose nothing.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsforecast
from statsforecast import StatsForecast, models

from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.params import Params, load_params
from mixplan.demand.backtest import backtest
from mixplan.demand.history import HORIZON_MONTHS, horizon_month, long_demand, weekly_demand
from mixplan.demand.read import read_builder
from mixplan.demand.scores import by_month
from mixplan.demand.select import against_winner, losses_by_origin
from mixplan.evaluation.metrics import POINT_METRICS
from mixplan.evaluation.origins import plan_origins
from mixplan.evaluation.significance import OriginTest
from mixplan.mart.read import read_table

PROJECT = Path(__file__).parents[1]
QUARTER_WEEKS = 13
STEP_WEEKS = 4
MONTHS_A_YEAR = 12
SERIES = {"product": "unique_id", "month": "ds", "kg_a_week": "y"}
"""Our names by statsforecast's."""
METHODS: dict[str, Callable[[], Any]] = {
    "AutoETS": partial(models.AutoETS, season_length=MONTHS_A_YEAR),
    "AutoARIMA": partial(models.AutoARIMA, season_length=MONTHS_A_YEAR),
    "AutoTheta": partial(models.AutoTheta, season_length=MONTHS_A_YEAR),
    "CrostonSBA": models.CrostonSBA,
    "TSB": partial(models.TSB, alpha_d=0.2, alpha_p=0.2),
}
LARGEST_INTERVAL, INTERVAL_WEEKS = 1.32, 104
"""Mean weeks between weeks with demand, over two years, above which demand is intermittent."""


def main() -> None:
    """Print one table: every candidate and every method, best first."""
    parser = argparse.ArgumentParser(description="Candidates beside statsforecast's methods, on the same rows.")
    parser.add_argument(
        "--monthly-from", type=pd.Timestamp, metavar="DAY", help="an origin every four weeks from then on"
    )
    parser.add_argument("--intermittent", action="store_true", help="only products that are sold now and then")
    options = parser.parse_args()
    since = options.monthly_from
    params = load_params(PROJECT / "params.yaml")
    if not (PROJECT / "metrics/demand.json").is_file():
        sys.exit("error: metrics/demand.json is missing: run `make demo SOURCE=admixture` first")
    winner = read_json(PROJECT / "metrics/demand.json")["winner"]
    sales = read_table(PROJECT / "data/mart", "sales")
    forecasts = of_the_run(params) if since is None else monthly(since, sales, params)
    if options.intermittent:
        forecasts = {name: intermittent(rows, sales) for name, rows in forecasts.items()}
    seconds = {}
    for method in METHODS:
        start = time.perf_counter()
        forecasts[method] = forecast(method, sales, forecasts[winner])
        seconds[method] = time.perf_counter() - start
    version = read_json(PROJECT / "metrics/mart.json")["data_version"]
    sys.stdout.write(f"data {version}, winner {winner}, statsforecast {statsforecast.__version__}\n")
    overlap = params.evaluation.overlap if since is None else -(-params.evaluation.horizon_weeks // STEP_WEEKS)
    sys.stdout.write(show(forecasts, winner, seconds, params, overlap))


def of_the_run(params: Params) -> dict[str, pd.DataFrame]:
    """The forecasts that chose the winner, by candidate."""
    return {name: read_parquet(PROJECT / f"predictions/demand/{name}.parquet") for name in params.demand.candidates}


def monthly(since: pd.Timestamp, sales: pd.DataFrame, params: Params) -> dict[str, pd.DataFrame]:
    """Forecasts at every fourth week from ``since`` to the last whole window, by candidate."""
    evaluation = params.evaluation
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), evaluation)
    builder = read_builder(sales, origins.final, params.demand.country)
    count = (origins.holdout - since).days // (7 * STEP_WEEKS) + 1
    at = pd.date_range(end=origins.holdout, periods=count, freq=f"{STEP_WEEKS}W-MON")
    setting = (origins, evaluation, params.demand.interval, params.seed)
    return {name: backtest(at, builder, candidate, *setting) for name, candidate in params.demand.candidates.items()}


def intermittent(rows: pd.DataFrame, sales: pd.DataFrame) -> pd.DataFrame:
    """The rows of products whose demand was intermittent before their origin."""
    parts = []
    for origin, of_origin in rows.groupby("origin"):
        sold = weekly_demand(sales, origin).iloc[-INTERVAL_WEEKS:] > 0
        interval = len(sold) / sold.sum()
        parts.append(of_origin[of_origin["product"].map(interval) > LARGEST_INTERVAL])
    return pd.concat(parts, ignore_index=True)


def forecast(method: str, sales: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """A method's forecasts of the rows of a backtest: each week has its share of the month."""
    parts = list(forecasts_by_origin(method, sales, rows))
    by_week = rows[["origin", "product", "week", "horizon_weeks", "actual_kg"]].assign(
        month=horizon_month(rows["horizon_weeks"])
    )
    return by_week.merge(pd.concat(parts), on=["origin", "product", "month"], how="left", validate="many_to_one")


def forecasts_by_origin(method: str, sales: pd.DataFrame, rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Kilograms a week by product and month of the horizon, none below zero."""
    model = METHODS[method]()
    for origin, asked in rows.groupby("origin"):
        series = months_before(weekly_demand(sales, origin)[sorted(asked["product"].unique())])
        engine = StatsForecast(models=[model], freq=1, fallback_model=models.Naive())
        ahead = engine.forecast(df=series.rename(columns=SERIES), h=len(HORIZON_MONTHS))
        yield pd.DataFrame(
            {
                "origin": origin,
                "product": ahead["unique_id"],
                "month": ahead["ds"],
                "prediction_kg": ahead[method].clip(lower=0.0),
            }
        )


def months_before(history: pd.DataFrame) -> pd.DataFrame:
    """Kilograms a week of each product by month: the last before the origin is 0, the first of the horizon will be 1.

    Quarters that the history holds in part are left out, and so are months before a product's first sale.
    """
    whole = history.iloc[len(history) % QUARTER_WEEKS :]
    quarter, week = np.divmod(np.arange(-len(whole), 0), QUARTER_WEEKS)
    of_quarter = horizon_month(pd.Series(week + 1)).to_numpy()
    a_week = whole.groupby(3 * quarter + of_quarter).mean()
    table = long_demand(a_week.rename_axis("week"), "kg_a_week").rename(columns={"week": "month"})
    since = table[table["kg_a_week"] > 0].groupby("product")["month"].min()
    return table[table["month"] >= table["product"].map(since)]


def show(
    forecasts: dict[str, pd.DataFrame], winner: str, seconds: dict[str, float], params: Params, overlap: int
) -> str:
    """The table: scores at product x month, best by WAPE first, and how sure the winner's lead is."""
    losses = losses_by_origin(forecasts, params.demand.select.metric)
    leads = against_winner(losses, winner, OriginTest(overlap, params.demand.select.level))
    lines = [f"{'':16}{'WAPE 3m':>9}{'WAPE 6m':>9}{'RMSE 6m, t':>12}{'bias 6m':>9}{'R2 6m':>8}{'p':>8}{'seconds':>9}"]
    scores = {name: {months: points(rows, months) for months in (3, 6)} for name, rows in forecasts.items()}
    for name in sorted(scores, key=lambda name: scores[name][6]["wape"]):
        near, far = scores[name][3], scores[name][6]
        p_value = f"{leads[name]['p_value']:.3f}" if name in leads else "winner"
        took = f"{seconds[name]:.1f}" if name in seconds else ""
        lines.append(
            f"{name:16}{near['wape']:>9.1%}{far['wape']:>9.1%}{far['rmse'] / 1000:>12.1f}{far['bias']:>+9.1%}"
            f"{far['r2']:>8.3f}{p_value:>8}{took:>9}"
        )
    return "\n".join(lines) + f"\np: of a lead as large as the winner's by luck, over {len(losses)} origins\n"


def points(rows: pd.DataFrame, months: int) -> dict[str, float]:
    """Every metric of a point forecast over the first months of the horizon."""
    sums = by_month(rows)
    part = sums[sums["month"] <= months]
    return {name: metric(part["actual_kg"], part["prediction_kg"]) for name, metric in POINT_METRICS.items()}


if __name__ == "__main__":
    main()
