"""Whether forecasts of product x region x week, made apart and reconciled, beat products that are divided by shares.

Total, products and products by region are each forecast by the same candidate, on features of their own, at the origins
that chose the last run's winner. `shares` is what mixplan does: products by their regions' shares of the last year.
`bottom-up` takes the forecasts by region as they are and adds them up; `top-down` divides the total by the shares of
the last year; `ols`, `wls` and `mint` put all three levels together (Wickramasuriya, Athanasopoulos and Hyndman,
Optimal forecast reconciliation for hierarchical and grouped time series through trace minimization, Journal of the
American Statistical Association 114, 2019), by hierarchicalforecast. Errors for their weights are those of the model
on weeks before the origin, up to four weeks ahead. What comes out below zero is nothing, before it is added up.

Run after `make demo`, or `make demo SOURCE=admixture`:
    python benchmarks/coherence.py
    python benchmarks/coherence.py lightgbm
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.artifacts.files import read_json, read_parquet
from mixplan.config.params import Params, load_params
from mixplan.demand.active import weekly_purchases
from mixplan.demand.backtest import fit_at, forecast
from mixplan.demand.features import FeatureBuilder
from mixplan.demand.history import horizon_month, weekly_demand
from mixplan.demand.shares import shares_of_last_year
from mixplan.evaluation.metrics import bias, rmse, wape
from mixplan.evaluation.origins import Origins, plan_origins
from mixplan.mart.read import read_table

try:
    from hierarchicalforecast.methods import MinTrace
except ImportError:
    sys.exit("error: hierarchicalforecast is missing: run `pip install hierarchicalforecast` first")

PROJECT = Path(__file__).parents[1]
KEY = ["product", "region"]
SCORED = {
    "product x region x week": [*KEY, "week"],
    "product x week": ["product", "week"],
    "product x month": ["product", "month"],
    "total x month": ["month"],
}
METHODS = {"ols": "ols", "wls": "wls_var", "mint": "mint_shrink"}
"""hierarchicalforecast's names by ours."""
YEAR_WEEKS = 52
Values = npt.NDArray[np.float64]


class Level(NamedTuple):
    """A candidate's forecasts of one level, one row a series of it."""

    ahead: pd.DataFrame
    """By week of the horizon."""
    came: pd.DataFrame
    """What was sold in weeks before the origin."""
    fitted: pd.DataFrame
    """What the model makes of the same weeks."""


class Plant(NamedTuple):
    """The last run, and rows of features for each level."""

    params: Params
    sales: pd.DataFrame
    origins: Origins
    builders: dict[str, FeatureBuilder]


def main() -> None:
    """Print one table: a line a method, the WAPE at each level."""
    parser = argparse.ArgumentParser(description="Reconciled forecasts beside products divided by shares.")
    parser.add_argument("candidate", nargs="?", help="of demand.candidates; the winner where left out")
    options = parser.parse_args()
    if not (PROJECT / "metrics/demand.json").is_file():
        sys.exit("error: metrics/demand.json is missing: run `make demo` first")
    name = options.candidate or read_json(PROJECT / "metrics/demand.json")["winner"]
    plant = read_plant()
    parts = [part for origin in plant.origins.selection for part in at_origin(plant, name, origin)]
    version = read_json(PROJECT / "metrics/mart.json")["data_version"]
    sys.stdout.write(f"data {version}, {name}, {len(plant.origins.selection)} origins\n")
    sys.stdout.write(show(pd.concat(parts, ignore_index=True)))


def read_plant() -> Plant:
    """What the last run read."""
    params, sales = load_params(PROJECT / "params.yaml"), read_table(PROJECT / "data/mart", "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    recipes = read_table(PROJECT / "data/mart", "recipes")
    by_region = sales[KEY].drop_duplicates().merge(recipes, on="product")
    keys = {"total": pd.Series("total", sales.index), "product": sales["product"], "region": joined(sales)}
    recipes_of = {"total": None, "product": recipes, "region": by_region.assign(product=joined(by_region))}
    drivers = PROJECT / "data/forecasts/drivers"
    weekly, observed = read_parquet(drivers / "weekly.parquet"), read_parquet(drivers / "observed.parquet")
    builders = {}
    for level, key in keys.items():
        own, until = sales.assign(product=key), origins.final
        history, purchases = weekly_demand(own, until), weekly_purchases(own, until)
        country = params.demand.country
        builders[level] = FeatureBuilder(history, weekly, observed, country, recipes_of[level], purchases)
    return Plant(params, sales, origins, builders)


def joined(rows: pd.DataFrame) -> pd.Series:
    """One name for a product in a region."""
    return rows["product"] + "\t" + rows["region"]


def at_origin(plant: Plant, name: str, origin: pd.Timestamp) -> Iterator[pd.DataFrame]:
    """Every method's forecast of products by region and week, with what came."""
    levels = [level_at(plant, level, name, origin) for level in ("total", "product", "region")]
    total, products, lowest = levels
    key = pd.MultiIndex.from_tuples([tuple(series.split("\t")) for series in lowest.ahead.index], names=KEY)
    year = lowest.came.iloc[:, -YEAR_WEEKS:].sum(axis=1).to_numpy()
    share = shares_of_last_year(plant.sales, "region", origin).set_index(KEY)["share"].loc[key].to_numpy()
    found = {
        "shares": products.ahead.loc[key.get_level_values("product")].to_numpy() * share[:, None],
        "bottom-up": lowest.ahead.to_numpy(),
        "top-down": total.ahead.to_numpy() * (year / year.sum())[:, None],
        **reconciled(levels, summing(products.ahead.index, key)),
    }
    for method, kilograms in found.items():
        table = pd.DataFrame(kilograms.clip(min=0.0), key, lowest.ahead.columns)
        rows = table.melt(var_name="week", value_name="prediction_kg", ignore_index=False).reset_index()
        yield with_actuals(rows, plant.sales, origin).assign(method=method, origin=origin)


def summing(products: pd.Index, key: pd.MultiIndex) -> Values:
    """Which products by region each series is the sum of: total, products, and themselves."""
    of_product = products.to_numpy()[:, None] == key.get_level_values("product").to_numpy()
    return np.vstack([np.ones(len(key)), of_product, np.eye(len(key))])


def level_at(plant: Plant, level: str, name: str, origin: pd.Timestamp) -> Level:
    """The forecasts of a level at an origin, and of the weeks before it."""
    params, builder = plant.params, plant.builders[level]
    evaluation, candidate = params.evaluation, params.demand.candidates[name]
    model = fit_at(origin, builder, candidate, plant.origins, evaluation, params.demand.interval, params.seed)
    ahead = forecast(model, builder, origin, evaluation.horizon_weeks)
    training = plant.origins.training(origin, evaluation.training_step_weeks)
    taught = builder.training_rows(training, evaluation.horizon_weeks, known_until=origin)
    near = taught[taught["horizon_weeks"] <= evaluation.training_step_weeks]
    near = near.assign(prediction_kg=model.predict(near)["prediction_kg"])
    table = ahead.pivot_table(index="product", columns="week", values="prediction_kg")
    fitted = near.pivot_table(index="product", columns="week", values="prediction_kg").reindex(table.index).fillna(0.0)
    return Level(table, builder.history.loc[fitted.columns, table.index].T, fitted)


def reconciled(levels: list[Level], sums: Values) -> dict[str, Values]:
    """Forecasts of the lowest level by method."""
    ahead, came, fitted = (np.vstack([level[part].to_numpy() for level in levels]) for part in range(3))
    known = {"y_insample": came, "y_hat_insample": fitted}
    found = {name: MinTrace(method).fit_predict(S=sums, y_hat=ahead, **known) for name, method in METHODS.items()}
    return {name: answer["mean"][-sums.shape[1] :] for name, answer in found.items()}


def with_actuals(rows: pd.DataFrame, sales: pd.DataFrame, origin: pd.Timestamp) -> pd.DataFrame:
    """The rows with what came, and rows of what came where nothing was forecast; products that are new are left out."""
    week = (sales["sold_on"] - pd.to_timedelta(sales["sold_on"].dt.weekday, unit="D")).rename("week")
    asked = week.between(origin, rows["week"].max()) & sales["product"].isin(rows["product"])
    came = sales[asked].groupby([*KEY, week])["quantity_kg"].sum().rename("actual_kg").reset_index()
    both = rows.merge(came, on=[*KEY, "week"], how="outer").fillna({"prediction_kg": 0.0, "actual_kg": 0.0})
    return both.assign(month=horizon_month((both["week"] - origin).dt.days // 7 + 1))


def show(rows: pd.DataFrame) -> str:
    """The table."""
    lines = [f"{'WAPE':12}" + "".join(f"{level:>25}" for level in SCORED) + f"{'RMSE, t':>10}{'bias':>8}"]
    pair = ["actual_kg", "prediction_kg"]
    for method, own in rows.groupby("method", sort=False):
        sums = {level: own.groupby(["origin", *keys])[pair].sum() for level, keys in SCORED.items()}
        errors = "".join(f"{wape(each['actual_kg'], each['prediction_kg']):>25.1%}" for each in sums.values())
        came, told = (sums["product x month"][name] for name in pair)
        lines.append(f"{method:12}{errors}{rmse(came, told) / 1000:>10.1f}{bias(came, told):>+8.1%}")
    return "\n".join(lines) + "\nRMSE and bias at product x month\n"


if __name__ == "__main__":
    main()
