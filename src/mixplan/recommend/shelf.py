"""What is known on a day of products and customers: all that a recommendation reads besides its model."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.artifacts.files import read_parquet, write_parquet
from mixplan.config.recommend import RecommendConfig
from mixplan.recommend.likeness import likeness
from mixplan.recommend.stock import makeable

Values = npt.NDArray[np.float64]
YEAR, QUARTER = 365, 91


class Plant(NamedTuple):
    """Tables of the mart that recommendations read."""

    sales: pd.DataFrame
    products: pd.DataFrame
    recipes: pd.DataFrame
    stock_counts: pd.DataFrame
    customers: pd.DataFrame


def read_plant(mart: Path) -> Plant:
    """The tables of a mart's folder."""
    from mixplan.mart.read import read_table

    return Plant(*(read_table(mart, name) for name in Plant._fields))


@dataclass(frozen=True)
class Shelf:
    """Products, customers and who bought what, as of a day; frames that survive saving."""

    products: pd.DataFrame
    """product, group, log_price (of the year; where it has none, as those most like it), premium (its place among
    prices), season, same_month and makeable, each 0 to 1."""
    customers: pd.DataFrame
    """customer_code, region, prefers (what its segment asks for) and log_price, of all who are registered."""
    bought: pd.DataFrame
    """customer_code, product, orders (days with an order), last_bought_on and days_ago."""
    alike: pd.DataFrame
    """product, other and likeness (0 to 1) of the products most like it by recipe and group, itself left out."""
    popular: pd.DataFrame
    """region, prefers, product and share of such customers who bought it lately; an empty key stands for all."""

    def save(self, folder: Path) -> None:
        """Write each frame: equal shelves are equal bytes."""
        for field in fields(self):
            write_parquet(folder / f"{field.name}.parquet", getattr(self, field.name))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote."""
        return cls(**{field.name: read_parquet(folder / f"{field.name}.parquet") for field in fields(cls)})


def shelf_of(plant: Plant, prefers: pd.Series, as_of: pd.Timestamp, config: RecommendConfig) -> Shelf:
    """The shelf of a day, from what was known before it.

    The list of products has no dates: on a past day, a product that came later is known, but nobody bought it.

    Args:
        plant: tables of the mart.
        prefers: what the customer's segment asks for, by customer_code.
        as_of: first day that is not known.
        config: windows, likeness and damping.
    """
    known = plant.sales[(plant.sales["sold_on"] < as_of) & (plant.sales["quantity_kg"] > 0)]
    known = known.assign(days_ago=(as_of - known["sold_on"]).dt.days)
    year = known[known["days_ago"] <= YEAR]
    groups = plant.products.groupby("product")["brand"].first()
    groups = groups.reindex(sorted({*groups.index, *known["product"]})).fillna("")
    log_price = np.log(year["unit_price_krw"].where(year["unit_price_krw"] > 0))
    alike = likeness(plant.recipes, groups, config.new)
    prices = _priced(log_price.groupby(year["product"]).mean().reindex(groups.index), alike)
    products = pd.DataFrame(
        {
            "group": groups,
            "log_price": prices,
            "premium": prices.rank(pct=True).fillna(0.5),
            "season": _season(known, groups.index),
            "same_month": _same_month(year, config.rerank.month_days, groups.index),
            "makeable": makeable(year, plant.recipes, plant.stock_counts, as_of, groups.index),
        }
    )
    customers = _customers(known, log_price, year, plant.customers, prefers)
    return Shelf(
        products=products.rename_axis("product").reset_index(),
        customers=customers,
        bought=_bought(known),
        alike=alike,
        popular=_popular(known[known["days_ago"] <= config.new.popular_days], customers, config.new.damping),
    )


def _priced(prices: pd.Series, alike: pd.DataFrame) -> pd.Series:
    """Log prices by product, where one that had none in a year is taken to cost what those most like it do."""
    others = alike.assign(price=alike["other"].map(prices)).dropna(subset="price")
    sums = others.assign(price=others["price"] * others["likeness"]).groupby("product")[["price", "likeness"]].sum()
    return prices.fillna(sums["price"] / sums["likeness"].where(sums["likeness"] > 0))


def _season(known: pd.DataFrame, products: pd.Index) -> pd.Series:
    """Kilograms of the coming quarter's place in past years over those of an even year, halved; 0.5 is even."""
    years = known["days_ago"].max() // YEAR if len(known) else 0
    whole = known[known["days_ago"] <= years * YEAR]
    is_ahead = (whole["days_ago"] - 1) % YEAR >= YEAR - QUARTER
    ahead = whole[is_ahead].groupby("product")["quantity_kg"].sum()
    total = whole.groupby("product")["quantity_kg"].sum()
    index: pd.Series = (ahead.reindex(total.index, fill_value=0.0) / total) / (QUARTER / YEAR)
    return (index / 2).clip(upper=1.0).reindex(products).fillna(0.5)


def _same_month(year: pd.DataFrame, days: int, products: pd.Index) -> pd.Series:
    """Orders in the coming days' place of last year, over those of the product that had most."""
    then = year[year["days_ago"] > YEAR - days].drop_duplicates(["customer_code", "product", "sold_on"])
    orders = then.groupby("product").size().reindex(products, fill_value=0).astype("float64")
    return orders / max(orders.max(), 1.0)


def _customers(
    known: pd.DataFrame, log_price: pd.Series, year: pd.DataFrame, registered: pd.DataFrame, prefers: pd.Series
) -> pd.DataFrame:
    """Everyone who is registered or ever bought, with the region that most of its kilograms went to."""
    codes = pd.Index(sorted({*registered["customer_code"], *known["customer_code"]}), name="customer_code")
    by_region = known.groupby(["customer_code", "region"])["quantity_kg"].sum().sort_index()
    home = by_region.reset_index().sort_values(["customer_code", "quantity_kg"], kind="stable")
    region = home.drop_duplicates("customer_code", keep="last").set_index("customer_code")["region"]
    paid = log_price.groupby(year["customer_code"]).mean()
    columns = {"region": region.reindex(codes).fillna(""), "prefers": prefers.reindex(codes).fillna("")}
    return pd.DataFrame({**columns, "log_price": paid.reindex(codes)}).reset_index()


def _bought(known: pd.DataFrame) -> pd.DataFrame:
    return known.groupby(["customer_code", "product"], as_index=False).agg(
        orders=("sold_on", "nunique"), last_bought_on=("sold_on", "max"), days_ago=("days_ago", "min")
    )


def _popular(lately: pd.DataFrame, customers: pd.DataFrame, damping: float) -> pd.DataFrame:
    """Share of those who bought lately that bought each product: of all, by region, and by region and segment.

    A narrow circle starts with ``damping`` customers who buy as the wider one does.
    """
    pairs = lately[["customer_code", "product"]].drop_duplicates().merge(customers, on="customer_code")
    active = customers[customers["customer_code"].isin(pairs["customer_code"])]
    everyone = pairs.groupby("product").size() / max(len(active), 1)
    near = _damped(pairs, active.groupby("region").size(), np.asarray(everyone, dtype=np.float64), damping)
    counts = active.groupby(["region", "prefers"]).size()
    own = _damped(pairs, counts, near.loc[counts.index.get_level_values("region")].to_numpy(), damping)
    parts = [
        everyone.rename("share").reset_index().assign(region="", prefers=""),
        near.reset_index().melt("region", var_name="product", value_name="share").assign(prefers=""),
        own.reset_index().melt(["region", "prefers"], var_name="product", value_name="share"),
    ]
    found = pd.concat(parts, ignore_index=True).drop_duplicates(["region", "prefers", "product"])
    return found[["region", "prefers", "product", "share"]]


def _damped(pairs: pd.DataFrame, counts: pd.Series, wider: Values, damping: float) -> pd.DataFrame:
    """Shares by circle and product, of circles with so many customers."""
    buyers = pairs.pivot_table(index=list(counts.index.names), columns="product", aggfunc="size", fill_value=0)
    return (buyers + damping * wider).div(counts + damping, axis=0)
