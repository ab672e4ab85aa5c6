"""Whether learnt days are worth it: errors of the last run's winner at product x day, by how a week is divided.

`learnt` is `mixplan.demand.days`, as of each origin, by which plans go; `worked` are the weights of the plant's
weekdays in `plan.calendar`, holidays free; `equal` is a seventh a day. Each divides the winner's forecasts of the weeks
after every selection origin, and, apart, what those weeks really brought: what is left then is the error of days alone.

Run after `make demo`, or `make demo SOURCE=admixture`:
    python benchmarks/days.py
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.params import Params, load_params
from mixplan.config.planning import OpenDays
from mixplan.demand.days import shares_by_day
from mixplan.evaluation.metrics import rmse, wape
from mixplan.mart.read import read_table
from mixplan.planning.calendar import public_holidays

PROJECT = Path(__file__).parents[1]
WAYS = ("learnt", "worked", "equal")


def main() -> None:
    """Print one table, a line a way to divide a week."""
    if not (PROJECT / "metrics/demand.json").is_file():
        sys.exit("error: metrics/demand.json is missing: run `make demo` first")
    params, sales = load_params(PROJECT / "params.yaml"), read_table(PROJECT / "data/mart", "sales")
    winner = read_json(PROJECT / "metrics/demand.json")["winner"]
    predictions = read_parquet(PROJECT / f"predictions/demand/{winner}.parquet")
    rows = pd.concat(by_day(predictions, sales, params), ignore_index=True)
    version = read_json(PROJECT / "metrics/mart.json")["data_version"]
    sys.stdout.write(f"data {version}, {winner}, {predictions['origin'].nunique()} origins\n{show(rows)}")


def by_day(predictions: pd.DataFrame, sales: pd.DataFrame, params: Params) -> Iterator[pd.DataFrame]:
    """Rows of each origin by product and day: the week's forecast and outcome, shares of the day, what it brought."""
    sold = sales.groupby(["product", "sold_on"])["quantity_kg"].sum().rename("sold_kg").rename_axis(["product", "date"])
    for origin, rows in predictions.groupby("origin"):
        shares = shares_by_day(sales, origin, rows["horizon_weeks"].max(), params.demand.country)
        worked = worked_shares(pd.DatetimeIndex(shares["date"]), params.plan.calendar)
        shares = shares.assign(learnt=shares.pop("share"), worked=worked, equal=1 / 7)
        days = rows[["origin", "product", "week", "prediction_kg", "actual_kg"]].merge(shares, on=["origin", "week"])
        yield days.merge(sold, on=["product", "date"], how="left").fillna({"sold_kg": 0.0})


def worked_shares(days: pd.DatetimeIndex, config: OpenDays) -> npt.NDArray[np.float64]:
    """Shares of whole weeks' days by the plant's weekdays; a week of holidays alone is worked as if there were none."""
    always = np.asarray(config.weekdays)[days.weekday].reshape(-1, 7)
    free = days.isin(public_holidays(config.country, days[0].year, days[-1].year)).reshape(-1, 7)
    worked = always & ~(free & (~free & always).any(axis=1, keepdims=True))
    return (worked / worked.sum(axis=1, keepdims=True)).ravel()


def show(rows: pd.DataFrame) -> str:
    """The table."""
    columns = f"{'WAPE':>14}{'RMSE, kg':>11}"
    lines = [f"{'':8}{'forecast weeks':>25}{'weeks as they came':>25}", f"{'':8}{columns}{columns}"]
    for way in WAYS:
        told = [rows[week] * rows[way] for week in ("prediction_kg", "actual_kg")]
        errors = "".join(f"{wape(rows['sold_kg'], each):>14.1%}{rmse(rows['sold_kg'], each):>11,.0f}" for each in told)
        lines.append(f"{way:8}{errors}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
