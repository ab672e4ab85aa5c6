"""The champion folder, put together from what the stages wrote."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from mixplan.artifacts.champion import CARD, Manifest, Winner, write_manifest
from mixplan.artifacts.files import read_json, read_parquet, write_json, write_parquet
from mixplan.config.params import Params
from mixplan.customers.naming import MEASURES
from mixplan.demand.active import weekly_purchases
from mixplan.demand.history import long_demand, weekly_demand
from mixplan.evaluation.origins import Origins
from mixplan.mart.read import read_table
from mixplan.promotion.card import model_card
from mixplan.promotion.winners import FORECASTS

DECIDED_WITH = {
    "demand": "demand",
    "drivers": "demand",
    "reorder": "demand",
    "recommend": "recommend",
    "customers": None,
}
"""By task, the task whose decision it follows: orders and drivers belong to the forecast that they serve."""


def assemble(
    folder: Path,
    old: Path,
    kept: Mapping[str, Winner],
    winners: Mapping[str, Winner],
    sales: pd.DataFrame,
    origins: Origins,
    params: Params,
    data_version: str,
) -> Manifest:
    """Fill the new champion folder and write its manifest.

    Args:
        folder: the new folder, empty.
        old: the champion folder of before.
        kept: by task, champions that stay; their files are copied from ``old``.
        winners: by task, this run's winners.
        sales: the mart's ``sales``.
        origins: the run's origins.
        params: the run's parameters.
        data_version: what the winners learnt from.
    """
    for task in winners:
        if task in kept:
            shutil.copytree(old / task, folder / task)
    if "demand" not in kept:
        _demand(folder / "demand", sales, origins, params)
        shutil.copytree(FORECASTS / "drivers/models", folder / "drivers")
        _reorder(folder / "reorder", origins, params)
    if "recommend" not in kept:
        shutil.copytree(FORECASTS / "recommend/model", folder / "recommend/model")
    _shelf(folder / "recommend", params)
    shutil.copytree(Path("models/customers"), folder / "customers")
    shutil.copy(Path("data/customers.parquet"), folder / "customers/customers.parquet")
    for task in winners.keys() - kept.keys():
        card = _card(folder, task, winners[task], sales, origins, params, data_version)
        (folder / task / CARD).write_text(card, encoding="utf-8")
    return write_manifest(folder, data_version, {**winners, **kept})


def _demand(folder: Path, sales: pd.DataFrame, origins: Origins, params: Params) -> None:
    """The model with all that its features are made of."""
    shutil.copytree(FORECASTS / "demand/model", folder / "model")
    write_parquet(folder / "history.parquet", long_demand(weekly_demand(sales, origins.final), "quantity_kg"))
    write_parquet(folder / "purchases.parquet", weekly_purchases(sales, origins.final))
    weekly = read_parquet(FORECASTS / "drivers/weekly.parquet")
    write_parquet(folder / "drivers.parquet", weekly[weekly["origin"] == origins.final].reset_index(drop=True))
    shutil.copy(FORECASTS / "drivers/observed.parquet", folder / "observed.parquet")
    shutil.copy(FORECASTS / "demand/shares_by_region.parquet", folder / "shares.parquet")
    shutil.copy(FORECASTS / "demand/explanation.parquet", folder / "explanation.parquet")
    recipes = read_table(Path("data/mart"), "recipes")[["product", "material_code", "share", "component_product"]]
    write_parquet(folder / "recipes.parquet", recipes)
    context = {
        "origin": str(origins.final.date()),
        "horizon_weeks": params.evaluation.horizon_weeks,
        "country": params.demand.country,
    }
    write_json(folder / "context.json", context)


def _reorder(folder: Path, origins: Origins, params: Params) -> None:
    """The levels of every material by the policy that won, and what the plan needs of it day by day."""
    folder.mkdir()
    for name in ("policy", "requirements"):
        shutil.copy(Path("data/plan") / f"{name}.parquet", folder / f"{name}.parquet")
    context = {
        "start": str(origins.final.date()),
        "policy": read_json(Path("metrics/plan.json"))["winner"],
        "ordering": params.plan.ordering.model_dump(mode="json"),
        "calendar": params.plan.calendar.model_dump(mode="json"),
    }
    write_json(folder / "context.json", context)


def _shelf(folder: Path, params: Params) -> None:
    """What is known of products and customers today, and how the model's order is changed for sales.

    A recommender that stays gets both anew: they are no part of what was compared.
    """
    shutil.copytree(FORECASTS / "recommend/shelf", folder / "shelf", dirs_exist_ok=True)
    write_json(folder / "rerank.json", params.recommend.rerank.model_dump(mode="json"))


def _card(
    folder: Path,
    task: str,
    winner: Winner,
    sales: pd.DataFrame,
    origins: Origins,
    params: Params,
    data_version: str,
) -> str:
    known = sales[sales["sold_on"] < origins.final]
    products, customers = known["product"].nunique(), known["customer_code"].nunique()
    learnt_from = (
        f"{len(known):,} sales of {products} products to {customers} customers from "
        f"{known['sold_on'].min().date()} to {known['sold_on'].max().date()}."
    )
    features = {
        "demand": read_json(folder / "demand/model/model.json")["features"],
        "drivers": ["the past of each driver, and the day of the year"],
        "reorder": ["the demand forecast, recipes, past lead times and prices, stock, and purchases under way"],
        "recommend": ["what each customer bought, how often and how much, prices, recipes, segments and regions"],
        "customers": list(MEASURES),
    }
    return model_card(task, winner, data_version, learnt_from, features[task], params.promote.owner)
