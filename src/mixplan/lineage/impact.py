"""From a row of an export on to the numbers that it moves."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd
import polars as pl

from mixplan.artifacts.files import read_parquet
from mixplan.lineage.steps import Step, counted
from mixplan.lineage.trace import FORECASTS, MART, PLAN, NotFoundError
from mixplan.mart.read import read_table
from mixplan.planning.bill_of_materials import bill_of_materials, plannable
from mixplan.planning.wording import weight

QUARANTINE = Path("data/quarantine")


def impact_of(root: Path, file: str, line: int) -> Step:
    """What a row of the source became, and which forecasts, lots, orders and customers' figures look at it.

    Args:
        root: the project's folder.
        file: the export, as the mart names it.
        line: its line.

    Raises:
        NotFoundError: no table and no quarantine has this row.
    """
    named = f"{file}:{line}"
    tables = sorted(path.name for path in (root / MART).iterdir() if path.is_dir())
    steps = [_became(root, table, row) for table in tables for row in _rows(root / MART / table, file, line)]
    for folder in sorted(path for path in (root / QUARANTINE).iterdir() if path.name != "corrections"):
        steps += [
            Step(f"held back from {folder.name} by {row['rules']}, so it moves nothing: `mixplan mart quarantine`")
            for row in _rows(folder, file, line)
        ]
    if not steps:
        raise NotFoundError(
            f"no table and no quarantine has a row from {named}: name the export as `mixplan mart quarantine` does"
        )
    return Step(named, steps)


def _rows(folder: Path, file: str, line: int) -> list[dict[str, object]]:
    """Rows of a folder of parts from one place; parts are searched without being loaded whole."""
    rows = pl.scan_parquet(folder / "*.parquet") if any(folder.glob("*.parquet")) else pl.LazyFrame()
    if "source_file" not in rows.collect_schema():  # a table that is computed from others
        return []
    return rows.filter((pl.col("source_file") == file) & (pl.col("source_line") == line)).collect().to_dicts()


def _became(root: Path, table: str, row: Mapping[str, object]) -> Step:
    named = {name: value for name, value in row.items() if value is not None and not name.startswith("source_")}
    content = ", ".join(
        f"{name} {value.date() if isinstance(value, datetime) else value}" for name, value in named.items()
    )
    return Step(f"a row of {table}: {content}", MOVES[table](root, row))


def _sale(root: Path, row: Mapping[str, object]) -> list[Step]:
    origin = read_parquet(root / FORECASTS / "demand/products.parquet")["origin"].iloc[0]
    if pd.Timestamp(str(row["sold_on"])) >= origin:
        return [Step(f"newer than the forecast of {origin.date()}: `dvc repro` makes use of it")]
    product = str(row["product"])
    return [_forecast(root, product), *_used(root, product), *_customer(root, str(row["customer_code"]))]


def _order(root: Path, row: Mapping[str, object]) -> list[Step]:
    pegs = read_parquet(root / PLAN / "production_pegs.parquet")
    own = pegs[(pegs["reference"] == row["order_no"]) & (pegs["kind"] != "forecast")]
    if own.empty:
        return [Step("no lot: it was delivered, or lies beyond the plan")]
    lots = [
        Step(f"lot {lot} on {made.date()}: {weight(quantity)}")
        for lot, made, quantity in zip(own["lot"], own["made_on"], own["quantity_kg"], strict=True)
    ]
    return [Step(f"{counted(len(lots), 'lot')} of {row['product']}", lots), *_used(root, str(row["product"]))]


def _recipe(root: Path, row: Mapping[str, object]) -> list[Step]:
    good = row["component_product"]
    alike = Step("how alike products are, by which new ones are forecast and offered")
    return [alike, *(_used(root, str(good)) if good else _orders(root, [str(row["material_code"])]))]


def _purchase(root: Path, row: Mapping[str, object]) -> list[Step]:
    return [Step("the material's lead time and price"), *_orders(root, [str(row["material_code"])])]


def _count(root: Path, row: Mapping[str, object]) -> list[Step]:
    counts = read_table(root / MART, "stock_counts")
    last = counts.loc[counts["material_code"] == row["material_code"], "counted_on"].max()
    if pd.Timestamp(str(row["counted_on"])) < last:
        past = "days of the past on which ordering policies and offers were tried may"
        return [Step(f"not the plan's stock, which starts from the count of {last.date()}; {past}")]
    can_be_mixed = Step("which products can be mixed now, in what is recommended")
    return [Step("the stock that the plan starts from"), can_be_mixed, *_orders(root, [str(row["material_code"])])]


def _driver(root: Path, row: Mapping[str, object]) -> list[Step]:
    explanation = read_parquet(root / FORECASTS / "demand/explanation.parquet")
    moved_by = {str(part).removesuffix("_change") for part in explanation["part"]}
    if not moved_by & set(row):
        return [Step("the drivers' forecasts; the model that forecasts demand makes no use of them")]
    products = explanation["product"].nunique()
    return [Step(f"the drivers' forecasts, and through them those of {counted(products, 'product')}")]


def _customer_name(root: Path, row: Mapping[str, object]) -> list[Step]:
    code = str(row["customer_code"])
    listed = f"sales and orders of customer {code} are accepted, and it has a name on the page and recommendations"
    return [Step(listed), *_customer(root, code)]


def _material(root: Path, row: Mapping[str, object]) -> list[Step]:
    code = str(row["material_code"])
    return [Step(f"rows of {code} are accepted, and it has a name on the page"), *_orders(root, [code])]


def _product(root: Path, row: Mapping[str, object]) -> list[Step]:
    code, product = (str(row[name]) for name in ("product_code", "product"))
    named = Step(f"sales, orders, lots and recipes with the code {code} are of {product}")
    alike = Step("the region of its orders, and by its brand what it is like when products are recommended")
    return [named, alike, _forecast(root, product), *_used(root, product)]


def _plan_of_people(_root: Path, row: Mapping[str, object]) -> list[Step]:
    own = f"the planners' own number for {row['product']}"
    return [Step(f"{own}: scores are held against it, no forecast and no plan is made of it")]


def _made(_root: Path, _row: Mapping[str, object]) -> list[Step]:
    return [Step("recipes as lots were made, which people hold against recipes: no forecast and no plan looks at them")]


MOVES: Mapping[str, Callable[[Path, Mapping[str, object]], list[Step]]] = {
    "sales": _sale,
    "orders": _order,
    "recipes": _recipe,
    "purchases": _purchase,
    "stock_counts": _count,
    "weather": _driver,
    "construction": _driver,
    "customers": _customer_name,
    "materials": _material,
    "products": _product,
    "planner_forecasts": _plan_of_people,
    "lots": _made,
    "lot_materials": _made,
}
"""By table, what looks at its rows."""


def _forecast(root: Path, product: str) -> Step:
    rows = read_parquet(root / FORECASTS / "demand/products.parquet")
    own = rows[rows["product"] == product]
    if own.empty:
        return Step(f"{product} is not forecast")
    total = weight(own["prediction_kg"].sum())
    return Step(f"the forecast of {product}: {total} in {len(own)} weeks; a little also every other product's season")


def _used(root: Path, product: str) -> list[Step]:
    """Orders of the materials of a product, those of the goods that it mixes in included."""
    good, lost = plannable(read_table(root / MART, "recipes"))
    bill = bill_of_materials(good)
    if product not in bill.index:
        return [Step(f"{product} is not planned: {lost.get(product, 'it has no recipe')}")]
    shares = bill.T[product]
    return _orders(root, list(shares.index[shares > 0]))


def _orders(root: Path, materials: list[str]) -> list[Step]:
    orders = read_parquet(root / PLAN / "purchase_orders.parquet")
    own = orders[orders["material_code"].isin(materials)]
    each = [
        Step(f"{code}: {counted(len(rows), 'order')}, {weight(rows['quantity_kg'].sum())}")
        for code, rows in own.groupby("material_code")
    ]
    return [Step(f"{counted(len(own), 'purchase order')} of {counted(len(each), 'material')}", each)]


def _customer(root: Path, code: str) -> list[Step]:
    customers = read_parquet(root / "data/customers.parquet")
    own = customers[customers["customer_code"] == code]
    return [Step(f"the segment and risk of customer {code}, and what is recommended to it")] if len(own) else []
