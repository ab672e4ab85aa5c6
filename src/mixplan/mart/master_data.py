"""Customers, materials, products and recipes: what the other tables refer to."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import polars as pl

from mixplan.config.mart import MartConfig
from mixplan.mart import parse
from mixplan.mart.accounts import Cleaned
from mixplan.mart.clean import Sieve
from mixplan.mart.gazetteer import GAZETTEER, load_gazetteer
from mixplan.mart.product_names import COLUMNS, parse_names
from mixplan.mart.recipes import add_components, read_recipes, without_silent_cells

NAME_TYPES = dict.fromkeys(COLUMNS, pl.String) | {"strength_pct": pl.Float64, "is_export": pl.Boolean}
"""What product names say, by column."""


@dataclass(frozen=True)
class Known:
    """What accepted rows can be referred to; None where the source lacks the table."""

    customers: frozenset[str] | None
    materials: frozenset[str] | None
    """Listed materials, those that recipes name with any share, and product codes, as lots also use up mixed goods."""
    product_of: dict[str, str]
    """Product code to product."""
    excluded_lots: frozenset[tuple[str, str]]
    """Number and split of the lots that were taken out of production: nothing was used up for them."""

    def digest(self) -> str:
        """SHA-256 of all that is known."""
        content = [
            None if self.customers is None else sorted(self.customers),
            None if self.materials is None else sorted(self.materials),
            sorted(self.product_of.items()),
            sorted(self.excluded_lots),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def clean_master_data(read: Callable[[str], pl.DataFrame], config: MartConfig) -> tuple[dict[str, Cleaned], Known]:
    """Clean the tables that others refer to.

    Recipes name the products, products give the recipes their components: both before the recipes are closed.

    Args:
        read: a whole raw table by its name.
        config: what a row must keep.
    """
    in_recipes = frozenset(_codes(read("recipes"), "material_code")["material_code"]) - {""}
    sieve = Sieve("recipes", without_silent_cells(read("recipes")), config)
    customers = clean_customers(Sieve("customers", read("customers"), config))
    materials = clean_materials(Sieve("materials", read("materials"), config))
    recipes = read_recipes(sieve)
    products = clean_products(Sieve("products", read("products"), config), recipes["product"].filter(sieve.kept))
    product_of = dict(products.frame.select("product_code", "product").iter_rows())
    listed = frozenset(materials.frame["material_code"])
    recipes = add_components(sieve, recipes, product_of, _unlisted_names(read("lot_materials"), listed))
    known = Known(
        customers=frozenset(customers.frame["customer_code"]) if customers.tally.account.read else None,
        materials=listed | in_recipes | frozenset(product_of) if listed or in_recipes else None,
        product_of=product_of,
        excluded_lots=_excluded_lots(read("lots"), config.excluded_lot_status),
    )
    cleaned = {
        "customers": customers,
        "materials": materials,
        "products": products,
        "recipes": sieve.finish(recipes),
    }
    return cleaned, known


def clean_customers(sieve: Sieve) -> Cleaned:
    """Codes and company names."""
    values = {"customer_code": sieve.code("customer_code"), "customer_name": sieve.text["customer_name"]}
    return sieve.finish(pl.DataFrame(values))


def clean_materials(sieve: Sieve) -> Cleaned:
    """Codes and names of the raw materials."""
    values = {"material_code": sieve.code("material_code"), "material_name": sieve.text["material_name"]}
    return sieve.finish(pl.DataFrame(values))


def clean_products(sieve: Sieve, products: Iterable[str]) -> Cleaned:
    """Product codes by the product of the recipes that their name starts with, and what else the name says."""
    code = sieve.code("product_code")
    parsed = parse_names(sieve.filled("product_name").to_pandas(), products, load_gazetteer(GAZETTEER))
    parts = pl.DataFrame(parsed.to_dict("list"), schema=NAME_TYPES).with_columns(pl.col("strength_pct").fill_nan(None))
    sieve.refuse("unknown_product", parts["product"].is_null() & (sieve.text["product_name"] != ""))
    return sieve.finish(parts.select(code.alias("product_code"), pl.all()))


def _codes(raw: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return raw.select(parse.codes(parse.plain(pl.col(column))) for column in columns)


def _unlisted_names(lot_materials: pl.DataFrame, listed: frozenset[str]) -> dict[str, str]:
    """The first name of each material that went into a lot and is on no list."""
    names = lot_materials.select(parse.plain(pl.col("material_code", "material_name")))
    unlisted = names.unique("material_code", keep="first", maintain_order=True).rows()
    return {code: name for code, name in unlisted if code not in listed}


def _excluded_lots(lots: pl.DataFrame, status: str) -> frozenset[tuple[str, str]]:
    excluded = lots.filter(parse.plain(pl.col("lot_status")) == status)
    return frozenset(_codes(excluded, "lot_no", "split_no").iter_rows())
