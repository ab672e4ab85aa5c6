"""Raw tables that stand in a database: where its address is found, and which table and column is which."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from mixplan.config.source import ColumnMap, Completed, FilesSource, SampleSource, known_tables


class DatabaseTable(ColumnMap):
    """How one raw table stands in the database; nothing but the mapped columns is ever asked for."""

    table: str = Field(pattern=r"^([^.]+\.)?[^.]+$")
    """Table or view, with its schema where that is not the user's own: ``sales`` or ``erp.sales``."""

    @property
    def schema_name(self) -> str | None:
        """The schema; none where it is the user's own."""
        return self.table.rpartition(".")[0] or None

    @property
    def table_name(self) -> str:
        """The table without its schema."""
        return self.table.rpartition(".")[2]


class DatabaseSource(Completed):
    """A database that SQLAlchemy can open, or a DuckDB file."""

    kind: Literal["database"]
    path: str
    """File that stands for the database's state, as DVC cannot see into it: the source is read again when it changes.

    The map itself, or a file that the nightly load of the database writes.
    """
    url_variable: str = Field(default="MIXPLAN_DATABASE_URL", pattern=r"^[A-Z][A-Z0-9_]*$")
    """Environment variable that holds the URL, which has a password and is written nowhere."""
    exports: dict[str, DatabaseTable]
    """The map from the database to raw tables, by raw table."""

    @field_validator("exports")
    @classmethod
    def _known_tables(cls, exports: dict[str, DatabaseTable]) -> dict[str, DatabaseTable]:
        known_tables(exports)
        return exports


AnySource = Annotated[SampleSource | FilesSource | DatabaseSource, Field(discriminator="kind")]
"""Any source."""
