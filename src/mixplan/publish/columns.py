"""Parquet's types as the few that every database and BI tool has: text, double, bigint, boolean, date, timestamp."""

from typing import TYPE_CHECKING, Any

from mixplan.publish.tables import PublishError

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Table
    from sqlalchemy.types import TypeEngine


def plain_schema(table: str, schema: "pa.Schema") -> "pa.Schema":
    """The schema with each column as the nearest of the few types.

    Raises:
        PublishError: names a column that is like none of them.
    """
    import pyarrow as pa

    return pa.schema([(column.name, _plain(table, column)) for column in schema])


def plain_batch(batch: "pa.RecordBatch", schema: "pa.Schema") -> "pa.RecordBatch":
    """The batch by a plain schema; NaN becomes NULL, as MariaDB has no word for it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [batch.column(column.name).cast(column.type, safe=False) for column in schema]
    valued = [
        pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column) if column.type == pa.float64() else column
        for column in columns
    ]
    return pa.RecordBatch.from_arrays(valued, schema=schema)


def sql_table(name: str, schema: "pa.Schema") -> "Table":
    """The table of a database for a plain schema."""
    from sqlalchemy import Column, MetaData, Table

    columns: list[Column[Any]] = [Column(column.name, _sql_type(column.type)) for column in schema]
    return Table(name, MetaData(), *columns, mariadb_charset="utf8mb4", mysql_charset="utf8mb4")


def _plain(table: str, column: "pa.Field") -> "pa.DataType":
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    tests = {
        pa.string(): (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null),
        pa.float64(): (pa.types.is_floating, pa.types.is_decimal),
        pa.int64(): (pa.types.is_integer,),
        pa.bool_(): (pa.types.is_boolean,),
        pa.date32(): (pa.types.is_date,),
        pa.timestamp("us"): (lambda found: pa.types.is_timestamp(found) and found.tz is None,),
    }
    for plain, likes in tests.items():
        if any(like(kind) for like in likes):
            return plain
    raise PublishError(f"table {table}, column {column.name}: no database type for {column.type}; write it as text")


def _sql_type(kind: "pa.DataType") -> "TypeEngine[Any]":
    import pyarrow as pa
    from sqlalchemy import BigInteger, Boolean, Date, DateTime, Double, Text
    from sqlalchemy.dialects import mysql

    types: dict[pa.DataType, TypeEngine[Any]] = {
        pa.string(): Text(),
        pa.float64(): Double(),
        pa.int64(): BigInteger(),
        pa.bool_(): Boolean(),
        pa.date32(): Date(),
        pa.timestamp("us"): DateTime().with_variant(mysql.DATETIME(fsp=6), "mariadb", "mysql"),
    }
    return types[kind]
