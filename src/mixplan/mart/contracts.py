"""What every raw and every mart table promises: columns, types, ranges, and what must hold within a row."""

from typing import TypeVar

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaError, SchemaErrors

from mixplan.config.source import RAW_TABLES
from mixplan.mart.accounts import MartError
from mixplan.mart.parse import DAY

WON = 1.0
"""Amounts are rounded to whole won."""
RELATIVE = 1e-6
"""Amounts of very large orders lose their last digits in a spreadsheet."""
FIRST_LINE = 2
"""Of the rows of an export, below its header."""
Values = TypeVar("Values", pl.Expr, pl.Series)


def is_amount(product: Values, amount: Values) -> Values:
    """Whether an amount is a product of quantity and price, as far as amounts are exact."""
    miss = (product - amount).abs()
    return (miss <= WON) | (miss <= RELATIVE * amount.abs())


def _text(*, empty: bool = False) -> pa.Column:
    return pa.Column(pl.String, None if empty else pa.Check.ne(""))


def _day(*, optional: bool = False) -> pa.Column:
    return pa.Column(DAY, nullable=optional)


def _number(low: float | None = None, *, above: float | None = None, optional: bool = False) -> pa.Column:
    checks = [pa.Check.ge(low)] if low is not None else []
    return pa.Column(pl.Float64, checks + ([pa.Check.gt(above)] if above is not None else []), nullable=optional)


def _month() -> pa.Column:
    return pa.Column(DAY, pa.Check(_first_of_month, error="the first day of a month"))


def _table(
    columns: dict[str, pa.Column], key: list[str] | None = None, checks: list[pa.Check] | None = None
) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(columns | _origin(), checks=checks, strict=True, ordered=True, unique=key)


def _origin() -> dict[str, pa.Column]:
    return {"source_file": _text(), "source_line": pa.Column(pl.Int64, pa.Check.ge(FIRST_LINE))}


def _first_of_month(data: pa.PolarsData) -> pl.LazyFrame:
    return data.lazyframe.select(pl.col(data.key).dt.day() == 1)


def rows(condition: pl.Expr, error: str) -> pa.Check:
    """A condition that each row must keep; what is missing breaks none."""
    return pa.Check(lambda data: data.lazyframe.select(condition.fill_null(value=True)), error=error)


def _raw_table(columns: tuple[str, ...]) -> pa.DataFrameSchema:
    """Its checks are those of whole rows: one for each column would cost a small table more than to clean it."""
    text = {column: pa.Column(pl.String, nullable=True) for column in (*columns, "source_file")}
    whole = rows(pl.all_horizontal(pl.all().is_not_null()), "a text or a line is missing")
    origin = rows((pl.col("source_file") != "") & (pl.col("source_line") >= FIRST_LINE), "source_file or source_line")
    line = {"source_line": pa.Column(pl.Int64, nullable=True)}
    return pa.DataFrameSchema(text | line, checks=[whole, origin], strict=True)


RAW_CONTRACTS: dict[str, pa.DataFrameSchema] = {table: _raw_table(columns) for table, columns in RAW_TABLES.items()}
"""The contract of every raw table: text without gaps, and where each row came from."""

CONTRACTS: dict[str, pa.DataFrameSchema] = {
    "products": _table(
        {
            "product_code": _text(),
            "product": _text(),
            "brand": _text(empty=True),
            "grade": _text(empty=True),
            "strength_pct": _number(0, optional=True),
            "customer_text": _text(empty=True),
            "site_text": _text(empty=True),
            "region": _text(empty=True),
            "is_export": pa.Column(pl.Boolean),
            "remark": _text(empty=True),
        },
        ["product_code"],
    ),
    "customers": _table({"customer_code": _text(), "customer_name": _text(empty=True)}, ["customer_code"]),
    "materials": _table({"material_code": _text(), "material_name": _text(empty=True)}, ["material_code"]),
    "recipes": _table(
        {
            "product": _text(),
            "material_code": _text(),
            "share": _number(above=0),
            "component_product": pa.Column(pl.String, nullable=True),
        },
        ["product", "material_code"],
        [rows((pl.col("share").sum().over("product") - 1).abs() < 1e-9, "shares of a product add up to 1")],
    ),
    "sales": _table(
        {
            "sold_on": _day(),
            "customer_code": _text(),
            "product_code": _text(),
            "product": _text(),
            "region": _text(),
            "quantity_kg": _number(above=0),
            "unit_price_krw": _number(0, optional=True),
        }
    ),
    "orders": _table(
        {
            "order_no": _text(),
            "customer_code": _text(),
            "product_code": _text(),
            "product": _text(),
            "quantity_kg": _number(above=0),
            "unit_price_krw": _number(0, optional=True),
            "amount_krw": _number(),
            "ordered_on": _day(),
            "due_on": _day(),
            "sold_kg": _number(0),
            "is_rush": pa.Column(pl.Boolean),
        },
        checks=[
            rows(pl.col("due_on") >= pl.col("ordered_on"), "due after ordered"),
            rows(
                is_amount(pl.col("quantity_kg") * pl.col("unit_price_krw"), pl.col("amount_krw")),
                "amount = quantity x price",
            ),
        ],
    ),
    "purchases": _table(
        {
            "purchase_no": _text(),
            "material_code": _text(),
            "supplier_code": _text(),
            "quantity_kg": _number(above=0),
            "unit_price_krw": _number(0, optional=True),
            "ordered_on": _day(),
            "due_on": _day(),
            "received_on": _day(optional=True),
            "received_kg": _number(0),
            "is_fully_received": pa.Column(pl.Boolean),
        },
        checks=[
            rows(pl.col("due_on") >= pl.col("ordered_on"), "due after ordered"),
            rows(pl.col("received_on") >= pl.col("ordered_on"), "received after ordered"),
        ],
    ),
    "lots": _table(
        {
            "lot_no": _text(),
            "split_no": _text(),
            "product_code": _text(),
            "product": _text(),
            "weight_kg": _number(above=0),
            "requested_on": _day(),
            "produced_on": _day(optional=True),
            "is_rework": pa.Column(pl.Boolean),
        },
        ["lot_no", "split_no"],
        [rows(pl.col("produced_on") >= pl.col("requested_on"), "produced after requested")],
    ),
    "lot_materials": _table(
        {
            "lot_no": _text(),
            "split_no": _text(),
            "material_code": _text(),
            "weight_kg": _number(above=0),
            "share_pct": _number(0),
            "extra_kg": _number(),
        }
    ),
    "stock_counts": _table(
        {"counted_on": _day(), "material_code": _text(), "stock_kg": _number(0)}, ["counted_on", "material_code"]
    ),
    "planner_forecasts": _table(
        {"month": _month(), "product": _text(), "quantity_kg": _number(0)}, ["month", "product"]
    ),
    "weather": _table(
        {
            "date": _day(),
            "region": _text(),
            "temperature_c": _number(optional=True),
            "humidity_pct": _number(0, optional=True),
            "rain_mm": _number(0, optional=True),
            "snow_cm": _number(0, optional=True),
        },
        ["date", "region"],
    ),
    "construction": _table({"month": _month(), "construction_index": _number(0)}, ["month"]),
}
"""The contract of every mart table."""

SORTED_BY: dict[str, list[str]] = {
    "sales": ["sold_on", "customer_code", "product_code"],
    "orders": ["ordered_on", "order_no"],
    "purchases": ["ordered_on", "purchase_no"],
    "lot_materials": ["lot_no", "split_no", "material_code"],
} | {table: list(contract.unique) for table, contract in CONTRACTS.items() if contract.unique}
"""The columns that every mart table is sorted by, before its origin."""


def checked(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The frame itself, when it keeps the contract of its table.

    Raises:
        MartError: names the table and what it breaks.
    """
    return held(frame, CONTRACTS[table], f"mart table {table}", "run the mart stage again")


def held(frame: pl.DataFrame, contract: pa.DataFrameSchema, name: str, advice: str) -> pl.DataFrame:
    """The frame itself, when it keeps the contract.

    Raises:
        MartError: says what the frame of this name breaks, and what to do.
    """
    try:
        return contract.validate(frame)
    except (SchemaError, SchemaErrors) as error:
        first = error.schema_errors[0] if isinstance(error, SchemaErrors) else error
        what = str(first).splitlines()[0].partition(" {'")[0]  # behind it stands the whole contract
        raise MartError(f"{name} breaks its contract: {what}; {advice}") from None
