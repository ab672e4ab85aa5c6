"""Tables written into a database all together: who reads there sees the old state of all of them, or the new one."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mixplan.publish.columns import plain_batch, plain_schema, sql_table
from mixplan.publish.tables import PublishError, parts_of
from mixplan.sources.connect import DatabaseError, connection, parsed_url

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import URL, Connection, Table

BATCH_ROWS = 50_000
NEW, OLD = "_mixplan_new_", "_mixplan_old_"
"""Begin the names of tables that are being written, and of those that have just been replaced."""
SIGNED = "_mixplan_published"
"""Names the tables of a database that mixplan wrote: no other is ever replaced."""


def publish(url: str, tables: Mapping[str, Path]) -> dict[str, int]:
    """Write tables into a database, where they take the place of tables of the same names.

    Each is written beside the old one. PostgreSQL and SQLite do everything in one transaction; MariaDB and MySQL
    commit at each statement that creates or renames, but rename all tables in one. To PostgreSQL these are new tables:
    give its readers default privileges (``ALTER DEFAULT PRIVILEGES``) and build no view on them.

    Args:
        url: SQLAlchemy URL.
        tables: Parquet file, or folder of part files, by name, as ``tables_below`` finds them.

    Returns:
        Rows by table.

    Raises:
        PublishError: a table cannot be read, one of its name is not ours, or the database is in memory and would be
            gone at once; the database is as before.
        DatabaseError: the database cannot be opened or written; it is as before.
    """
    target = parsed_url(url)
    if target.get_backend_name() in {"sqlite", "duckdb"} and _is_in_memory(target):
        raise PublishError("a database in memory is gone at once: name a file, like sqlite:///plant.db")
    commits_at_once = target.get_backend_name() in {"mariadb", "mysql"}
    try:
        with connection(target) as database:
            _refuse_foreign(database, list(tables))
            _drop(database, [f"{before}{name}" for name in tables for before in (NEW, OLD)])
            rows = {name: _write(database, name, path) for name, path in tables.items()}
            _sign(database, list(tables))
            (_exchange if commits_at_once else _replace)(database, list(tables))
            return rows
    except BaseException:
        if commits_at_once:
            with suppress(DatabaseError), connection(target) as database:
                _drop(database, [f"{NEW}{name}" for name in tables])
        raise


def _is_in_memory(target: "URL") -> bool:
    name = target.database or ""
    return name in {"", "file:"} or ":memory:" in name or target.query.get("mode") == "memory"


def _refuse_foreign(database: "Connection", names: Sequence[str]) -> None:
    """A wrong URL, such as the plant's own, must not cost the plant its tables."""
    from sqlalchemy import inspect, select

    there = set(inspect(database).get_table_names())
    signed = set(database.scalars(select(_signatures().c.name))) if SIGNED in there else set()
    if foreign := sorted(there & set(names) - signed):
        raise PublishError(
            f"the database has tables of its own called {', '.join(foreign)}: publish to a database for mixplan alone"
        )


def _sign(database: "Connection", names: Sequence[str]) -> None:
    """Before the tables have their names: after a sudden end they are signed for nothing, which harms nobody."""
    from sqlalchemy import insert, select

    table = _signatures()
    table.create(database, checkfirst=True)
    known = set(database.scalars(select(table.c.name)))
    if new := [{"name": name} for name in names if name not in known]:
        database.execute(insert(table), new)


def _signatures() -> "Table":
    from sqlalchemy import Column, MetaData, String, Table

    return Table(SIGNED, MetaData(), Column("name", String(255), primary_key=True))


def _write(database: "Connection", name: str, path: Path) -> int:
    """Fill the new table beside the old one; the number of its rows."""
    import pyarrow as pa
    import pyarrow.dataset as ds

    if not (parts := parts_of(path)):
        raise PublishError(f"table {name}: {path} has no Parquet file")
    try:
        dataset = ds.dataset([str(part) for part in parts], format="parquet")
        schema = plain_schema(name, dataset.schema)
        table = sql_table(f"{NEW}{name}", schema)
        table.create(database)
        rows = 0
        for batch in _batches(dataset, schema):
            _insert(database, table, batch)
            rows += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise PublishError(f"table {name}: {path} cannot be read: {str(error).splitlines()[0]}") from None
    return rows


def _batches(dataset: "pa.dataset.Dataset", schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
    for batch in dataset.to_batches(batch_size=BATCH_ROWS):
        if batch.num_rows:
            yield plain_batch(batch, schema)


def _insert(database: "Connection", table: "Table", batch: "pa.RecordBatch") -> None:
    if database.dialect.driver == "psycopg":
        _copy(database, table, batch)
    else:
        database.execute(table.insert(), batch.to_pylist())


def _copy(database: "Connection", table: "Table", batch: "pa.RecordBatch") -> None:
    """PostgreSQL's own way in, many times as fast; text is in quotes in this CSV and NULL is not."""
    import pyarrow as pa
    from psycopg.sql import SQL, Identifier
    from pyarrow.csv import WriteOptions, write_csv

    cells = pa.BufferOutputStream()
    write_csv(batch, cells, WriteOptions(include_header=False))
    into = SQL("COPY {} FROM STDIN (FORMAT csv)").format(Identifier(table.name))
    driver = database.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(into) as copy:  # type: ignore[union-attr]
        copy.write(cells.getvalue().to_pybytes())


def _replace(database: "Connection", names: Sequence[str]) -> None:
    """Within the transaction of a database that has transactions for this."""
    _drop(database, names)
    for name in names:
        database.exec_driver_sql(f"ALTER TABLE {_quoted(database, NEW + name)} RENAME TO {_quoted(database, name)}")


def _exchange(database: "Connection", names: Sequence[str]) -> None:
    """The names of all tables in one statement, which is one step to everybody else."""
    from sqlalchemy import inspect

    there = set(inspect(database).get_table_names())
    moves = [(name, OLD + name) for name in names if name in there] + [(NEW + name, name) for name in names]
    renames = ", ".join(f"{_quoted(database, now)} TO {_quoted(database, then)}" for now, then in moves)
    database.exec_driver_sql(f"RENAME TABLE {renames}")
    _drop(database, [OLD + name for name in names])


def _drop(database: "Connection", names: Sequence[str]) -> None:
    from sqlalchemy import MetaData, Table
    from sqlalchemy.schema import DropTable

    for name in names:
        database.execute(DropTable(Table(name, MetaData()), if_exists=True))


def _quoted(database: "Connection", name: str) -> str:
    """A name for statements that SQLAlchemy has no construct for, by its own rules."""
    return database.dialect.identifier_preparer.quote_identifier(name)
