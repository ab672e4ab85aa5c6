"""A database as raw tables: text only, streamed in batches, with the table and row that each came from."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mixplan.config.database import DatabaseSource, DatabaseTable
from mixplan.config.source import RAW_TABLES
from mixplan.sources.cells import as_text, flag_as_text
from mixplan.sources.files import SourceError
from mixplan.sources.lacking import tell_columns, tell_empty, tell_lacking
from mixplan.sources.matching import raw_schema
from mixplan.sources.readers import Kind, Reader, open_reader

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import ColumnClause, Select

logger = logging.getLogger(__name__)

BATCH_ROWS = 100_000


@dataclass
class DatabaseCoverage:
    """What was found in the database, and what was not."""

    tables: list[dict[str, Any]] = field(default_factory=list)
    """Table of the database, raw table and number of rows of everything that was read."""
    missing_tables: list[str] = field(default_factory=list)
    """Raw tables that the map or the database lacks."""
    missing_columns: dict[str, list[str]] = field(default_factory=dict)
    """Table of the database to the optional columns that it lacks."""
    ignored_columns: dict[str, list[str]] = field(default_factory=dict)
    """Table of the database to the columns that the map does not name."""
    personal_columns: dict[str, list[str]] = field(default_factory=dict)
    """Table of the database to the personal columns that it has; they were not asked for."""
    unknown_tables: list[str] = field(default_factory=list)
    """Tables of the same schemas that the map does not name."""


def database_url(variable: str) -> str:
    """The URL that an environment variable holds.

    Raises:
        SourceError: the variable is not set.
    """
    if url := os.environ.get(variable):
        return url
    raise SourceError(f"{variable} is not set: set it to the database, like postgresql://user:password@host/database")


def read_database_table(
    database: Reader, table: str, export: DatabaseTable, coverage: DatabaseCoverage, batch_rows: int = BATCH_ROWS
) -> "Iterator[pa.RecordBatch]":
    """Stream one raw table; only mapped columns are ever asked for.

    Rows of a database have no line and no order of their own, so they are ordered by all columns that are read, text
    by its bytes: the same content gives the same rows in the same order from any server. ``source_line`` counts
    them in this order from 2 on, as an export with one header line would.

    Args:
        database: the open database.
        table: raw table.
        export: where it stands in the database.
        coverage: takes down what was found.
        batch_rows: most rows in one batch.

    Yields:
        Batches of ``raw_schema(table)``, blank where the database has nothing; ``source_file`` is the database's table.

    Raises:
        SourceError: a required table or column is missing, or has no row, or a mapped column holds bytes.
        DatabaseError: the database stops answering.
    """
    kinds = database.columns(export.table_name, export.schema_name)
    if not _is_there(database, table, export, kinds):
        coverage.missing_tables.append(table)
        tell_lacking(table)
        return
    _note_columns(export, kinds, coverage)
    read = {name: column for name, column in export.mapped.items() if name in kinds}
    rows = 0
    for batch in database.batches(_query(database, export, {name: kinds[name] for name in read}), batch_rows):
        yield _as_batch(table, export, read, kinds, batch, rows + 2)
        rows += len(batch)
    coverage.tables.append({"database_table": export.table, "table": table, "rows": rows})
    if not rows:
        if export.required:
            raise SourceError(f"{table}: {export.table} has no row; fill it or mend the map")
        tell_empty(table, [export.table])
        return
    logger.info("%s: %d rows from %s", table, rows, export.table)
    missing = {export.table: coverage.missing_columns.get(export.table, [])}
    tell_columns(table, export, missing, coverage.ignored_columns)


def ingest_database(source: DatabaseSource, folder: Path) -> dict[str, Any]:
    """Write ``folder/<table>/<part>.parquet`` for every raw table but those that a service gives.

    Returns:
        The coverage as plain data.

    Raises:
        SourceError: the URL, a required table or a required column is missing.
        DatabaseError: the database cannot be opened or read.
    """
    from mixplan.sources.parts import WHOLE, write_part, write_parts

    coverage = DatabaseCoverage()
    with open_reader(database_url(source.url_variable)) as database:
        for table in (table for table in RAW_TABLES if table not in source.served):
            (folder / table).mkdir()
            if export := source.exports.get(table):
                write_parts(folder / table, table, read_database_table(database, table, export, coverage))
            else:
                coverage.missing_tables.append(table)
                tell_lacking(table)
            if not any((folder / table).iterdir()):
                write_part(folder / table / f"{WHOLE}.parquet", raw_schema(table), [])
        coverage.unknown_tables = unknown_tables(database, source.exports)
    return asdict(coverage)


def unknown_tables(database: Reader, exports: Mapping[str, DatabaseTable]) -> list[str]:
    """Tables beside the mapped ones that the map does not name, in the order of their names."""
    schemas = {export.schema_name for export in exports.values()}
    found = {f"{schema}.{name}" if schema else name for schema in schemas for name in database.tables(schema)}
    return sorted(found - {export.table for export in exports.values()})


def _is_there(database: Reader, table: str, export: DatabaseTable, kinds: Mapping[str, Kind]) -> bool:
    if not kinds and export.required:
        found = ", ".join(database.tables(export.schema_name)) or "none"
        raise SourceError(f"{table}: no table {export.table} in the database, which has {found}; mend the map")
    if kinds and (missing := [name for name in export.columns if name not in kinds]):
        raise SourceError(f"{export.table}: no column {', '.join(missing)}; it has {', '.join(kinds)}")
    return bool(kinds)


def _note_columns(export: DatabaseTable, kinds: Mapping[str, Kind], coverage: DatabaseCoverage) -> None:
    named = {*export.mapped, *export.personal}
    for where, names in (
        (coverage.missing_columns, [name for name in export.optional_columns if name not in kinds]),
        (coverage.ignored_columns, [name for name in kinds if name not in named]),
        (coverage.personal_columns, [name for name in kinds if name in export.personal]),
    ):
        if names:
            where[export.table] = names


def _query(database: Reader, export: DatabaseTable, kinds: Mapping[str, Kind]) -> "Select[*tuple[Any, ...]]":
    from sqlalchemy import column, select, table
    from sqlalchemy.sql import quoted_name

    schema = quoted_name(export.schema_name, quote=True) if export.schema_name else None
    columns: dict[str, ColumnClause[Any]] = {name: column(quoted_name(name, quote=True)) for name in kinds}
    order = [database.by_bytes(columns[name]) if kinds[name] == "text" else columns[name] for name in kinds]
    found = table(quoted_name(export.table_name, quote=True), *columns.values(), schema=schema)
    return select(*found.columns).order_by(*order)


def _as_batch(
    table: str,
    export: DatabaseTable,
    read: Mapping[str, str],
    kinds: Mapping[str, Kind],
    rows: Sequence[Sequence[Any]],
    first_line: int,
) -> "pa.RecordBatch":
    import pyarrow as pa

    cells = {
        column: _as_cells(export, name, kinds[name], values)
        for (name, column), values in zip(read.items(), zip(*rows, strict=True), strict=True)
    }
    blank = [""] * len(rows)
    schema = raw_schema(table)
    cells |= {"source_file": [export.table] * len(rows)}
    text = [pa.array(cells.get(column, blank), pa.string()) for column in schema.names[:-1]]
    lines = pa.array(range(first_line, first_line + len(rows)), pa.int64())
    return pa.RecordBatch.from_arrays([*text, lines], schema=schema)


def _as_cells(export: DatabaseTable, name: str, kind: Kind, values: Sequence[Any]) -> list[str]:
    write = flag_as_text if kind == "flag" else as_text
    try:
        return [write(value) for value in values]
    except TypeError as error:
        raise SourceError(f"{export.table}, column {name}: {error}; map a column of text") from None
