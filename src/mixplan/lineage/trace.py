"""From a forecast back to model, run, data and rows of the exports."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from mixplan.artifacts.champion import read_champion
from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.base import MixplanError
from mixplan.demand.history import horizon_month
from mixplan.lineage.run import run_of
from mixplan.lineage.steps import Step, cited
from mixplan.mart.read import read_table
from mixplan.planning.wording import weight
from mixplan.tracking.record import read_chosen

FORECASTS, PLAN, MART = Path("data/forecasts"), Path("data/plan"), Path("data/mart")


class NotFoundError(MixplanError):
    """There is no such number or row."""


def trace_forecast(root: Path, product: str, day: pd.Timestamp) -> Step:
    """Where the forecast of a product's week came from.

    Args:
        root: the project's folder.
        product: the product.
        day: a day of the week.

    Raises:
        NotFoundError: nothing was forecast for it.
    """
    rows = read_parquet(root / FORECASTS / "demand/products.parquet")
    week = day - pd.Timedelta(days=day.weekday())
    found = rows[(rows["product"] == product) & (rows["week"] == week)]
    if found.empty:
        raise NotFoundError(
            f"no forecast of {product} in the week of {week.date()}: there are weeks from {rows['week'].min().date()} "
            f"to {rows['week'].max().date()} of {rows['product'].nunique()} products in {FORECASTS}/demand"
        )
    row = found.iloc[0]
    said = (
        f"forecast of {product} in the week of {week.date()}: {weight(row['prediction_kg'])}, "
        f"between {weight(row['lower_kg'])} and {weight(row['upper_kg'])}"
    )
    origin = pd.Timestamp(row["origin"])
    steps = [_moved(root, row), model_of(root, origin), _drivers(root, origin, week), sold(root, product, origin)]
    return Step(said, [*decided(root, "forecast", product, [week]), *steps])


def decided(root: Path, kind: str, code: str, days: Iterable[pd.Timestamp]) -> list[Step]:
    """What people decided of an order or of forecasts, where the plan heeds it."""
    decisions = read_parquet(root / PLAN / "overrides.parquet")
    own = decisions[(decisions["kind"] == kind) & (decisions["code"] == code) & decisions["day"].isin(list(days))]
    return [
        Step(
            f"decision {line['number']} of {line['who']} on {line['decided_on'].date()}: the plan takes "
            f"{weight(line['new_kg'])} in place of {weight(line['old_kg'])} for {line['day'].date()} ({line['reason']})"
        )
        for _, line in own.iterrows()
    ]


def _moved(root: Path, row: pd.Series) -> Step:
    """What the model added up, for the month of the horizon."""
    month = int(horizon_month(pd.Series([row["horizon_weeks"]])).iloc[0])
    parts = read_parquet(root / FORECASTS / "demand/explanation.parquet")
    own = parts[(parts["product"] == row["product"]) & (parts["month"] == month)]
    steps = [Step(f"{part}: {kg / 1000:+,.1f} t") for part, kg in zip(own["part"], own["contribution_kg"], strict=True)]
    return Step(f"what moved month {month} of the horizon", steps)


def model_of(root: Path, origin: pd.Timestamp) -> Step:
    """The model, its run and its data; the champion may be an older one that stayed."""
    winner = read_chosen(root / FORECASTS / "demand/winners.json")["demand"]
    manifest = read_champion(root / "models/champion")
    champion = manifest.tasks["demand"]
    now = read_json(root / "metrics/mart.json")["data_version"]
    run = run_of(winner.fingerprint)
    logged = (
        Step(f"MLflow run {run.name}, of data version {run.data_version}")
        if run
        else Step(f"result {winner.fingerprint}, which MLflow does not know: `mixplan leaderboard demand` logs it")
    )
    return Step(
        f"{winner.candidate}, fitted on what was known before {origin.date()}",
        [
            logged,
            Step(f"data version of the mart now: {now}"),
            Step(f"champion: {champion.candidate}, version {champion.version}, of data {champion.data_version}"),
        ],
    )


def _drivers(root: Path, origin: pd.Timestamp, week: pd.Timestamp) -> Step:
    weekly = read_parquet(root / FORECASTS / "drivers/weekly.parquet")
    row = weekly[(weekly["origin"] == origin) & (weekly["week"] == week)].drop(columns=["origin", "week"]).iloc[0]
    values = [Step(f"{name}: {value:,.2f}") for name, value in row.items()]
    tables = [cited(read_table(root / MART, name), name) for name in ("weather", "construction")]
    return Step("drivers as they were forecast for the week", values + tables)


def sold(root: Path, product: str, origin: pd.Timestamp) -> Step:
    """The sales that a forecast knew."""
    sales = read_table(root / MART, "sales")
    known = sales[sales["sold_on"] < origin]
    is_own = known["product"] == product
    own = cited(known[is_own], f"sales of {product}")
    return Step(f"{own.text}; the plant's season also knows the other {(~is_own).sum():,}", own.steps)
