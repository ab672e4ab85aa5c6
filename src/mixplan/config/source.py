"""Where raw tables come from, and which of the plant's own headers is which column."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from mixplan.config.base import Strict
from mixplan.config.services import ServicesConfig
from mixplan.config.simulation import SimulationConfig

RAW_TABLES: dict[str, tuple[str, ...]] = {
    "products": ("product_code", "product_name"),
    "customers": ("customer_code", "customer_name"),
    "materials": ("material_code", "material_name"),
    "recipes": ("product", "material_code", "share"),
    "sales": ("sold_on", "customer_code", "product_code", "region", "quantity_kg", "unit_price_krw"),
    "orders": (
        "order_no",
        "customer_code",
        "product_code",
        "quantity_kg",
        "unit_price_krw",
        "amount_krw",
        "ordered_on",
        "due_on",
        "sold_kg",
        "is_rush",
    ),
    "purchases": (
        "purchase_no",
        "material_code",
        "supplier_code",
        "quantity_kg",
        "unit_price_krw",
        "ordered_on",
        "due_on",
        "received_on",
        "received_kg",
        "is_fully_received",
    ),
    "lots": (
        "lot_no",
        "split_no",
        "product_code",
        "weight_kg",
        "requested_on",
        "produced_on",
        "lot_status",
        "lot_type",
    ),
    "lot_materials": (
        "lot_no",
        "split_no",
        "step",
        "material_code",
        "material_name",
        "weight_kg",
        "share_pct",
        "extra_kg",
    ),
    "stock_counts": ("counted_on", "material_code", "stock_kg"),
    "planner_forecasts": ("month", "product", "quantity_kg"),
    "weather": ("date", "region", "temperature_c", "humidity_pct", "rain_mm", "snow_cm"),
    "construction": ("month", "construction_index"),
}
"""Every raw table and its columns; ``source_file`` and ``source_line`` come with each."""

PARTED = {"sales": "sold_on", "orders": "ordered_on"}
"""Raw tables that are kept in parts by year, and the column of the date that tells it."""


class Melt(Strict):
    """A wide export: each header beyond the mapped ones names something, and the cells below it are its values."""

    header: str
    """Raw column that takes the header."""
    value: str
    """Raw column that takes the cell."""


class ColumnMap(Strict):
    """Which headers of a raw table's origin become which of its columns."""

    columns: dict[str, str]
    """Header to raw column, each of which the origin must have."""
    optional_columns: dict[str, str] = Field(default_factory=dict)
    """Header to raw column, each of which the origin may lack."""
    personal: tuple[str, ...] = ()
    """Headers of personal data, which are never kept."""
    required: bool = False
    """Whether a source without this table is an error."""

    @property
    def mapped(self) -> dict[str, str]:
        """Header to raw column, optional ones included."""
        return self.columns | self.optional_columns

    @property
    def raw_columns(self) -> tuple[str, ...]:
        """Every raw column that is filled."""
        return tuple(self.mapped.values())

    @model_validator(mode="after")
    def _one_column_one_header(self) -> Self:
        if len(set(self.raw_columns)) != len(self.raw_columns):
            raise ValueError("two headers are mapped to one column")
        if kept := sorted(set(self.personal) & set(self.mapped)):
            raise ValueError(f"personal headers must not be mapped to a column: {', '.join(kept)}")
        return self


class TableExport(ColumnMap):
    """How one raw table stands in the plant's exports."""

    files: tuple[str, ...] = Field(min_length=1)
    """Patterns of file names below the source folder; what they find is read in the order of its names."""
    melt: Melt | None = None
    """Set where the export is wide."""

    @property
    def raw_columns(self) -> tuple[str, ...]:
        """Every raw column that is filled, those of a wide export included."""
        return (*super().raw_columns, *((self.melt.header, self.melt.value) if self.melt else ()))


def known_tables(exports: Mapping[str, ColumnMap]) -> None:
    """Check that a map speaks of raw tables and columns.

    Raises:
        ValueError: names the first that is none.
    """
    for table, export in exports.items():
        if table not in RAW_TABLES:
            raise ValueError(f"unknown table {table!r}: tables are {', '.join(RAW_TABLES)}")
        if unknown := [column for column in export.raw_columns if column not in RAW_TABLES[table]]:
            raise ValueError(f"{table} has no column {', '.join(unknown)}: it has {', '.join(RAW_TABLES[table])}")


class Completed(Strict):
    """A source that public services may complete."""

    services: ServicesConfig | None = None
    """Services whose tables stand in for the source's own; none where it is left out."""

    @property
    def served(self) -> tuple[str, ...]:
        """The raw tables that services give."""
        return self.services.tables if self.services else ()


class _Source(Completed):
    exports: dict[str, TableExport]
    """The map from exports to raw tables, by raw table."""

    @field_validator("exports")
    @classmethod
    def _known_tables(cls, exports: dict[str, TableExport]) -> dict[str, TableExport]:
        known_tables(exports)
        return exports


class FilesSource(_Source):
    """A folder of CSV, Excel or Parquet exports."""

    kind: Literal["files"]
    path: str
    """Folder of the exports."""


class SampleSource(_Source):
    """A simulated plant, whose exports are written and then read like any other's."""

    kind: Literal["sample"]
    path: str
    """Catalogue of the plant: its products, recipes, materials and regions."""
    simulation: SimulationConfig
    """What plant is simulated, for how long, and with which defects."""
