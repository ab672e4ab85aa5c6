"""What a database is asked: its tables, the columns of one, and the rows of a query in batches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from mixplan.sources.connect import DatabaseError, connection, parsed_url, place

if TYPE_CHECKING:
    import duckdb
    from sqlalchemy import ColumnElement, Connection, Select
    from sqlalchemy.types import TypeEngine

Kind = Literal["text", "flag", "other"]
"""What of a column's type matters here: text has an order of its own, and yes and no may be kept as numbers."""


class Reader(Protocol):
    """An open database."""

    def tables(self, schema: str | None) -> list[str]:
        """Tables and views of a schema, in the order of their names."""

    def columns(self, table: str, schema: str | None) -> dict[str, Kind]:
        """Columns of a table or view; none where it does not exist."""

    def by_bytes(self, text: "ColumnElement[Any]") -> "ColumnElement[Any]":
        """A column of text as something whose order is that of its bytes, whatever the database's language."""

    def batches(self, query: "Select[*tuple[Any, ...]]", rows: int) -> Iterator[Sequence[Sequence[Any]]]:
        """The query's rows, at most so many at once."""


@contextmanager
def open_reader(text: str) -> Iterator[Reader]:
    """The database of a URL, to be read in one transaction.

    Raises:
        DatabaseError: the database cannot be opened, or a query fails inside the block.
    """
    url = parsed_url(text)
    is_file = url.get_backend_name() in {"sqlite", "duckdb"}
    if is_file and not Path(url.database or "").is_file():
        raise DatabaseError(f"{place(url)} does not exist: the URL of a file is like sqlite:////folder/plant.db")
    if url.drivername == "duckdb":
        with _duckdb_file(str(url.database)) as file:
            yield DuckdbReader(file)
    else:
        with connection(url) as opened:
            yield SqlReader(opened)


class SqlReader:
    """A database that SQLAlchemy opens."""

    def __init__(self, opened: "Connection") -> None:
        from sqlalchemy import inspect

        self._connection = opened
        self._inspector = inspect(opened)

    def tables(self, schema: str | None) -> list[str]:  # noqa: D102 - see Reader
        return sorted({*self._inspector.get_table_names(schema), *self._inspector.get_view_names(schema)})

    def columns(self, table: str, schema: str | None) -> dict[str, Kind]:  # noqa: D102
        from sqlalchemy.exc import NoSuchTableError

        try:
            return {column["name"]: _kind(column["type"]) for column in self._inspector.get_columns(table, schema)}
        except NoSuchTableError:
            return {}

    def by_bytes(self, text: "ColumnElement[Any]") -> "ColumnElement[Any]":  # noqa: D102
        from sqlalchemy import LargeBinary, Text, cast, collate

        dialect = self._connection.dialect.name
        if dialect in {"mariadb", "mysql"}:
            return cast(text, LargeBinary)
        collation = {"postgresql": "C", "sqlite": "BINARY"}.get(dialect)
        return collate(cast(text, Text), collation) if collation else text

    def batches(  # noqa: D102
        self, query: "Select[*tuple[Any, ...]]", rows: int
    ) -> Iterator[Sequence[Sequence[Any]]]:
        # With a cursor on the server's side, as the drivers fetch every row of a table at once otherwise.
        with self._connection.execution_options(stream_results=True, yield_per=rows).execute(query) as result:
            yield from result.partitions()


class DuckdbReader:
    """A DuckDB file, through its own package: SQLAlchemy has no dialect for it without one library more.

    SQLAlchemy still writes the queries, as DuckDB quotes names by the standard.
    """

    def __init__(self, file: "duckdb.DuckDBPyConnection") -> None:
        self._file = file

    def tables(self, schema: str | None) -> list[str]:  # noqa: D102 - see Reader
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name"
        return [name for (name,) in self._file.execute(query, [schema or "main"]).fetchall()]

    def columns(self, table: str, schema: str | None) -> dict[str, Kind]:  # noqa: D102
        query = (
            "SELECT column_name FROM information_schema.columns WHERE table_name = ? AND table_schema = ? "
            "ORDER BY ordinal_position"
        )
        return {name: "other" for (name,) in self._file.execute(query, [table, schema or "main"]).fetchall()}

    def by_bytes(self, text: "ColumnElement[Any]") -> "ColumnElement[Any]":  # noqa: D102
        return text

    def batches(  # noqa: D102
        self, query: "Select[*tuple[Any, ...]]", rows: int
    ) -> Iterator[Sequence[Sequence[Any]]]:
        from sqlalchemy.engine.default import DefaultDialect

        result = self._file.execute(str(query.compile(dialect=DefaultDialect(paramstyle="qmark"))))
        while batch := result.fetchmany(rows):
            yield batch


@contextmanager
def _duckdb_file(path: str) -> "Iterator[duckdb.DuckDBPyConnection]":
    import duckdb

    try:
        with duckdb.connect(path, read_only=True) as file:
            yield file
    except duckdb.Error as error:
        raise DatabaseError(f"database {path}: {str(error).splitlines()[0]}") from None


def _kind(of_column: "TypeEngine[Any]") -> Kind:
    from sqlalchemy import Boolean, String
    from sqlalchemy.dialects import mysql

    if isinstance(of_column, String):
        return "text"
    # MariaDB spells BOOLEAN as TINYINT(1), and older schemas as BIT(1).
    one_digit = isinstance(of_column, mysql.TINYINT) and of_column.display_width == 1
    one_bit = isinstance(of_column, mysql.BIT) and of_column.length == 1
    return "flag" if isinstance(of_column, Boolean) or one_digit or one_bit else "other"
