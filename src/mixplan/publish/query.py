"""SQL on the tables of a run: DuckDB reads their Parquet files, those and no others."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mixplan.publish.tables import PublishError, parts_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


def query(sql: str, tables: Mapping[str, Path]) -> "pa.Table":
    """Answer one SELECT, in which every table is a view of its name.

    The query can read no other file, write none, load no extension and undo none of this.

    Args:
        sql: one statement that reads, in DuckDB's dialect; ``SHOW TABLES`` and ``DESCRIBE sales`` are some too.
        tables: Parquet file, or folder of part files, by name, as ``tables_below`` finds them.

    Raises:
        PublishError: what DuckDB says of the query, or the statement does more than read.
    """
    import duckdb

    # Without replacements a query could name this function's variables.
    with duckdb.connect(config={"python_enable_replacements": "false"}) as database:
        try:
            _lock(database, tables)
            statements = database.extract_statements(sql)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise PublishError("only one statement that reads is answered, like SELECT count(*) FROM sales")
            return database.sql(statements[0]).to_arrow_table()
        except duckdb.Error as error:
            # What follows repeats the query with a mark below it.
            sentence = str(error).partition("\n\nLINE ")[0]
            raise PublishError(" ".join(sentence.split())) from None


def _lock(database: "duckdb.DuckDBPyConnection", tables: Mapping[str, Path]) -> None:
    files = {name: [str(part.resolve()) for part in parts_of(path)] for name, path in tables.items()}
    for name, parts in files.items():
        if not parts:
            raise PublishError(f"table {name}: {tables[name]} has no Parquet file")
        database.from_parquet(parts).create_view(name)
    database.execute("SET allowed_paths = ?", [[part for parts in files.values() for part in parts]])
    database.execute("SET enable_external_access = false")
    database.execute("SET lock_configuration = true")
