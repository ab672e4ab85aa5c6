"""The production plan: lots by line and day, what each is for, and what cannot be made in time."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from mixplan.config.production import ProductionConfig
from mixplan.planning.buckets import Buckets, buckets_of, daily_capacity
from mixplan.planning.demands import KINDS, demands_of
from mixplan.planning.feed import Feed
from mixplan.planning.lot_sizes import LotSizes, size_lots
from mixplan.planning.lot_sizing import LotSizing
from mixplan.planning.lots import KILOGRAMS, lots_of
from mixplan.planning.pegging import peg
from mixplan.planning.shortfalls import lateness, shortfalls
from mixplan.planning.tables import Values
from mixplan.planning.wording import weight


@dataclass(frozen=True)
class Schedule:
    """What is made, and for whom."""

    lots: pd.DataFrame
    """See ``lots_of``, with ``serves``: a sentence that names the orders and forecasts."""
    pegs: pd.DataFrame
    """lot, kind (as in ``KINDS``, or "stock" for what nobody asked for), reference, product, quantity_kg, needed_on,
    made_on and late_days; every kilogram of every lot is on one line."""
    short: pd.DataFrame
    """See ``shortfalls``."""
    searches: pd.DataFrame
    """search, value (what was reached), gap (relative distance from the proven best) and ended (see ``Reached``)."""


@dataclass(frozen=True)
class Plant:
    """Lines, families and time as the solver sees them."""

    config: ProductionConfig
    buckets: Buckets
    capacity_kg: Values
    """Lines x days."""

    def family(self, product: str) -> str | None:
        """The first family with a pattern that fits."""
        named = self.config.families.items()
        return next((name for name, own in named if any(fnmatchcase(product, each) for each in own.products)), None)


def schedule(
    production: pd.DataFrame,
    orders: pd.DataFrame,
    origin: pd.Timestamp,
    weeks: int,
    shares_by_day: pd.DataFrame,
    country: str,
    config: ProductionConfig,
    feed: Feed,
) -> Schedule:
    """Lots for everything that is wanted, as far as the lines' time goes.

    Args:
        production: see ``plan_production``.
        orders: see ``open_orders``.
        origin: the plan's first day, a Monday.
        weeks: length of the plan.
        shares_by_day: week, date, share: how a week's forecast divides over its days.
        country: ISO code of the country whose public holidays are free.
        config: lines, families and solver.
        feed: what there is of materials: goods are not made ahead of it to save a cleaning.

    Raises:
        PlanningError: the solver found no plan in its time.
    """
    buckets = buckets_of(origin, weeks, config.daily_weeks)
    lines = config.lines.values()
    capacity = np.array([daily_capacity(buckets.days, line, country, config.rush_reserve) for line in lines])
    plant = Plant(config, buckets, capacity)
    demands = demands_of(production, orders, buckets, shares_by_day, config.lead_days)
    products = [name for name in sorted(demands["product"].unique()) if plant.family(name)]
    sizes = _sizes(plant, demands, products, feed)
    lots = lots_of(sizes, products, plant.buckets, plant.capacity_kg, plant.config, plant.family)
    pegs = _named(peg(lots, _made_for(sizes, products), demands), lots, demands)
    lots["quantity_kg"] = pegs.groupby("lot")["quantity_kg"].sum().reindex(lots["lot"]).to_numpy()
    lots["serves"] = _sentences(pegs).reindex(lots["lot"]).to_numpy()
    return Schedule(lots, pegs, shortfalls(demands, pegs, plant.family, config, capacity), _searches(sizes))


def _searches(sizes: LotSizes) -> pd.DataFrame:
    rows = [(name, each.value, each.gap, each.ended) for name, each in sizes.reached.items()]
    return pd.DataFrame(rows, columns=["search", "value", "gap", "ended"]).astype(
        {"value": "float64", "gap": "float64"}
    )


def proof(searches: pd.DataFrame) -> str:
    """How sure it is that no plan is better, as a sentence.

    >>> rows = [("families: lateness", 0.0, 0.0, "optimal"), ("products: stock", 9.0, 0.25, "nodes")]
    >>> proof(pd.DataFrame(rows, columns=["search", "value", "gap", "ended"]))
    'the best plan may be up to 25.0% better: the search "products: stock" ended at its limit of nodes'
    """
    ended = searches[searches["ended"] != "optimal"]
    if ended.empty:
        return f"proven to be within {searches['gap'].max() if len(searches) else 0.0:.1%} of the best plan"
    worst = ended.loc[ended["gap"].idxmax()]
    limit = (
        "limit of nodes" if worst["ended"] == "nodes" else "limit of time, so that other machines may plan otherwise"
    )
    return f'the best plan may be up to {worst["gap"]:.1%} better: the search "{worst["search"]}" ended at its {limit}'


def _sizes(plant: Plant, demands: pd.DataFrame, products: list[str], feed: Feed) -> LotSizes:
    config, buckets = plant.config, plant.buckets
    names, lines = list(config.families), list(config.lines.values())
    family = np.array([names.index(str(plant.family(product))) for product in products], dtype="int64")
    shelf = np.array([config.families[names[each]].shelf_life_days for each in family], dtype="int64")
    # Made on a bucket's first day, it must be gone by the last day that it keeps.
    gone = np.searchsorted(buckets.last, buckets.first + shelf[:, None], side="right") - 1
    own = np.arange(len(buckets.first))
    wanted = _wanted(demands, products, len(own)) / KILOGRAMS
    recipe = feed.recipe(products)
    there = feed.there_kg[buckets.last].T / KILOGRAMS
    problem = LotSizing(
        wanted=wanted,
        capacity=buckets.totals(plant.capacity_kg) / KILOGRAMS,
        makes=np.array([[float(name in line.families) for line in lines] for name in names]),
        family=family,
        smallest=np.array([line.smallest_lot_kg for line in lines]) / KILOGRAMS,
        cleaning=np.array([line.cleaning_share * line.daily_kg for line in lines]) / KILOGRAMS,
        keeps=np.maximum(gone, own),
        days=buckets.lengths,
        weights=np.array([getattr(config.lateness, kind) for kind in KINDS]),
        recipe=np.repeat(recipe[..., None], len(own), axis=-1),
        spare=np.maximum(there - recipe @ wanted.sum(axis=0).cumsum(axis=1), 0.0),
        shortage=config.solver.short_tonne_days,
    )
    return size_lots(problem, config.solver)


def _wanted(demands: pd.DataFrame, products: list[str], buckets: int) -> Values:
    """(K, P, B), kg."""
    wanted = np.zeros((len(KINDS), len(products), buckets))
    product = pd.Index(products).get_indexer(pd.Index(demands["product"]))
    known = product >= 0
    cells = (pd.Index(KINDS).get_indexer(pd.Index(demands["kind"])), product, demands["bucket"].to_numpy())
    np.add.at(wanted, tuple(each[known] for each in cells), demands["quantity_kg"].to_numpy()[known])
    return wanted


def _made_for(sizes: LotSizes, products: list[str]) -> pd.DataFrame:
    product, bucket, kind = np.nonzero(sizes.made_for.transpose(1, 2, 0) > 0)
    return pd.DataFrame(
        {
            "product": np.array(products, dtype="object")[product],
            "bucket": bucket,
            "kind": np.array(KINDS, dtype="object")[kind],
            "quantity_kg": sizes.made_for[kind, product, bucket] * KILOGRAMS,
        }
    )


def _named(pegs: pd.DataFrame, lots: pd.DataFrame, demands: pd.DataFrame) -> pd.DataFrame:
    """Pegs with what they stand for; surplus is for stock."""
    rows = pegs.merge(lots[["lot", "product", "made_on"]], on="lot")
    rows = rows.join(demands[["kind", "reference", "needed_on"]], on="demand")
    rows = rows.fillna({"kind": "stock", "reference": "stock"})
    rows["late_days"] = lateness(rows["made_on"], rows["needed_on"])
    columns = ["lot", "kind", "reference", "product", "quantity_kg", "needed_on", "made_on", "late_days"]
    return rows.sort_values(["lot", "demand"], ignore_index=True)[["demand", *columns]]


def _sentences(pegs: pd.DataFrame) -> pd.Series:
    """What each lot is for, the largest part first.

    >>> pegs = pd.DataFrame({"lot": [7, 7], "kind": ["order", "forecast"], "quantity_kg": [500.0, 1500.0],
    ...                      "reference": ["SR1", "forecast 2024-06-03"]})
    >>> _sentences(pegs)[7]
    '1.5 t for forecast 2024-06-03, 500 kg for order SR1'
    """
    named = pegs["reference"].where(pegs["kind"].isin(["forecast", "stock"]), pegs["kind"] + " " + pegs["reference"])
    parts = pegs.assign(named=named).groupby(["lot", "named"])["quantity_kg"].sum().reset_index()
    parts = parts.sort_values(["lot", "quantity_kg", "named"], ascending=[True, False, True])
    parts["said"] = [f"{weight(kg)} for {what}" for kg, what in zip(parts["quantity_kg"], parts["named"], strict=True)]
    return parts.groupby("lot")["said"].agg(", ".join)
