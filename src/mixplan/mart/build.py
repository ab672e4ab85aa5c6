"""Raw tables in, trusted tables out, every row accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from mixplan.config.mart import MartConfig
from mixplan.config.source import RAW_TABLES
from mixplan.mart import master_data, movements, parse, series
from mixplan.mart.accounts import Account, Cleaned, no_corrections
from mixplan.mart.clean import Sieve
from mixplan.mart.contracts import CONTRACTS, checked
from mixplan.mart.master_data import Known
from mixplan.mart.recipes import add_components, read_recipes, without_silent_cells


@dataclass(frozen=True)
class Mart:
    """The trusted tables, and what became of the rows that are not in them."""

    tables: dict[str, pd.DataFrame]
    """Every table of ``CONTRACTS``, empty where the source lacks it."""
    quarantine: dict[str, pd.DataFrame]
    """Raw rows that stayed out, by table, with the ``rules`` that they broke and their origin."""
    corrections: pd.DataFrame
    """Every value that was changed: table, origin, rule, column, old and new text, reason."""
    accounts: dict[str, Account]


def build_mart(raw: Mapping[str, pd.DataFrame], config: MartConfig) -> Mart:
    """Build every mart table.

    Args:
        raw: raw tables by name, every column text, with ``source_file`` and ``source_line``; missing ones are empty.
        config: what a row must keep.

    Raises:
        AccountingError: rows were lost or made up.
        MartError: a table breaks its contract.
    """
    tables = {table: raw.get(table, _empty(table)) for table in RAW_TABLES}
    in_recipes = frozenset(parse.codes(parse.plain(tables["recipes"]["material_code"]))) - {""}
    tables["recipes"] = without_silent_cells(tables["recipes"])
    sieves = {table: Sieve(table, tables[table], config) for table in RAW_TABLES}
    cleaned, known = _clean_master_data(sieves, in_recipes)
    cleaned |= {
        "sales": movements.clean_sales(sieves["sales"], known),
        "orders": movements.clean_orders(sieves["orders"], known),
        "purchases": movements.clean_purchases(sieves["purchases"], known),
        "lots": movements.clean_lots(sieves["lots"], known),
        "lot_materials": movements.clean_lot_materials(sieves["lot_materials"], known),
        "stock_counts": movements.clean_stock_counts(sieves["stock_counts"], known),
        "planner_forecasts": series.clean_planner_forecasts(sieves["planner_forecasts"], known),
        "weather": series.clean_weather(sieves["weather"]),
        "construction": series.clean_construction(sieves["construction"]),
    }
    made = [cleaned[table].corrections for table in CONTRACTS if len(cleaned[table].corrections)]
    return Mart(
        tables={table: checked(table, cleaned[table].frame) for table in CONTRACTS},
        quarantine={table: cleaned[table].quarantine for table in CONTRACTS},
        corrections=pd.concat(made, ignore_index=True) if made else no_corrections(),
        accounts={table: cleaned[table].account for table in CONTRACTS},
    )


def _clean_master_data(sieves: Mapping[str, Sieve], in_recipes: frozenset[str]) -> tuple[dict[str, Cleaned], Known]:
    """Recipes name the products, products give the recipes their components: both before the recipes are closed."""
    customers = master_data.clean_customers(sieves["customers"])
    materials = master_data.clean_materials(sieves["materials"])
    recipes = read_recipes(sieves["recipes"])
    products = master_data.clean_products(sieves["products"], set(recipes["product"][sieves["recipes"].kept]))
    product_of = dict(zip(products.frame["product_code"], products.frame["product"], strict=True))
    listed = frozenset(materials.frame["material_code"])
    names = sieves["lot_materials"].text.set_index("material_code")["material_name"]
    names = names[~names.index.duplicated() & ~names.index.isin(listed)]
    recipes = add_components(
        sieves["recipes"], recipes, product_of, dict(zip(names.index.astype(str), names, strict=True))
    )
    cleaned = {
        "customers": customers,
        "materials": materials,
        "products": products,
        "recipes": sieves["recipes"].finish(recipes, ["product", "material_code"]),
    }
    known = Known(
        customers=frozenset(customers.frame["customer_code"]) if len(sieves["customers"].raw) else None,
        materials=listed | in_recipes | frozenset(product_of) if listed or in_recipes else None,
        product_of=product_of,
        excluded_lots=movements.excluded_lots(sieves["lots"]),
    )
    return cleaned, known


def _empty(table: str) -> pd.DataFrame:
    text = {column: pd.Series(dtype=object) for column in (*RAW_TABLES[table], "source_file")}
    return pd.DataFrame(text).assign(source_line=pd.Series(dtype="int64"))
