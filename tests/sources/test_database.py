"""Raw tables from real databases: what every kind of them must give alike, and what must not be asked for or said."""

import json
import logging
import runpy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy.dialects import sqlite

from mixplan.artifacts.files import sha256_of
from mixplan.config.database import DatabaseSource, DatabaseTable
from mixplan.config.source import RAW_TABLES
from mixplan.sources.cells import as_text
from mixplan.sources.connect import DatabaseError
from mixplan.sources.database import DatabaseCoverage, ingest_database, raw_schema, read_database_table
from mixplan.sources.database import database_url as url_of
from mixplan.sources.files import SourceError
from mixplan.sources.readers import open_reader

ROOT = Path(__file__).parents[2]
ORDERS = DatabaseTable(
    table="수주 order",
    required=True,
    columns={"No.": "order_no", "client%": "customer_code", "수량": "quantity_kg", "금액": "amount_krw"},
    optional_columns={"ordered": "ordered_on", "due": "due_on", "rush": "is_rush", "region": "product_code"},
    personal=("phone",),
)
COLUMNS = [
    sa.Column("No.", sa.String(20)),
    sa.Column("client%", sa.String(20)),
    sa.Column("수량", sa.Double),
    sa.Column("금액", sa.Numeric(14, 2)),
    sa.Column("ordered", sa.Date),
    sa.Column("due", sa.DateTime().with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite")),
    sa.Column("rush", sa.Boolean),
    sa.Column("phone", sa.String(20)),
    sa.Column("note", sa.String(20)),
]
EARLY, LATE = datetime.fromisoformat("2021-03-01 09:30"), datetime.fromisoformat("2021-03-01 17:00")
ROWS: list[tuple[Any, ...]] = [
    (
        "b",
        "한빛",
        1.5,
        Decimal("1500.25"),
        date(2021, 2, 28),
        LATE,
        True,
        "010",
        "x",
    ),
    (
        "a",
        None,
        1e-7,
        Decimal("0.25"),
        date(2021, 2, 27),
        EARLY,
        False,
        "011",
        None,
    ),
    ("B", "", 1e21, None, None, None, None, "012", None),
    ("10", "2", 2000.0, Decimal("-3.21"), date(2021, 1, 1), None, True, "013", None),
    ("9", "1", None, Decimal("7.75"), date(2021, 1, 1), None, True, "014", None),
]
EXPECTED = [
    ("10", "2", "2000", "-3.21", "2021-01-01", "", "Y"),
    ("9", "1", "", "7.75", "2021-01-01", "", "Y"),
    ("B", "", "1000000000000000000000", "", "", "", ""),
    ("a", "", "0.0000001", "0.25", "2021-02-27", "2021-03-01 09:30:00", "N"),
    ("b", "한빛", "1.5", "1500.25", "2021-02-28", "2021-03-01 17:00:00", "Y"),
]
READ = ["order_no", "customer_code", "quantity_kg", "amount_krw", "ordered_on", "due_on", "is_rush"]


def fill(url: sa.URL, table: str, columns: list[sa.Column[Any]], rows: list[tuple[Any, ...]], schema: str = "") -> None:
    created = sa.Table(table, sa.MetaData(), *(column.copy() for column in columns), schema=schema or None)
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        created.create(connection)
        connection.execute(created.insert(), [dict(zip(created.columns.keys(), row, strict=True)) for row in rows])


def text_of(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def fill_duckdb(path: Path, table: str, columns: list[sa.Column[Any]], rows: list[tuple[Any, ...]]) -> None:
    kinds = {sa.Double: "DOUBLE", sa.Numeric: "DECIMAL(14, 2)", sa.Date: "DATE", sa.DateTime: "TIMESTAMP"}
    kinds |= {sa.Boolean: "BOOLEAN", sa.String: "VARCHAR"}
    declared = ", ".join(f'"{column.name}" {kinds[type(column.type)]}' for column in columns)
    with duckdb.connect(str(path)) as file:
        file.execute(f'CREATE TABLE "{table}" ({declared})')
        file.executemany(f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(columns))})', rows)  # noqa: S608


def read(url: str, export: DatabaseTable, batch_rows: int = 1000) -> tuple[pa.Table, DatabaseCoverage]:
    coverage = DatabaseCoverage()
    with open_reader(url) as database:
        batches = list(read_database_table(database, "orders", export, coverage, batch_rows))
    assert all(batch.num_rows <= batch_rows for batch in batches)
    return pa.Table.from_batches(batches, raw_schema("orders")), coverage


def rows_of(table: pa.Table, columns: list[str]) -> list[tuple[str, ...]]:
    return [tuple(row.values()) for row in table.select(columns).to_pylist()]


def check_orders(url: str) -> None:
    table, coverage = read(url, ORDERS, batch_rows=2)
    assert table.schema == raw_schema("orders")
    assert rows_of(table, READ) == EXPECTED
    assert table["unit_price_krw"].to_pylist() == [""] * 5
    assert table["source_file"].to_pylist() == ["수주 order"] * 5
    assert table["source_line"].to_pylist() == [2, 3, 4, 5, 6]
    assert coverage.tables == [{"database_table": "수주 order", "table": "orders", "rows": 5}]
    assert coverage.missing_columns == {"수주 order": ["region"]}
    assert coverage.ignored_columns == {"수주 order": ["note"]}
    assert coverage.personal_columns == {"수주 order": ["phone"]}


def test_every_database_gives_the_same_text(database_url: sa.URL) -> None:
    fill(database_url, "수주 order", COLUMNS, ROWS)
    check_orders(text_of(database_url))


def test_a_duckdb_file_gives_the_same_text(tmp_path: Path) -> None:
    fill_duckdb(tmp_path / "plant.duckdb", "수주 order", COLUMNS, ROWS)
    check_orders(f"duckdb:///{tmp_path / 'plant.duckdb'}")


def test_rows_have_one_order_however_they_came_in(database_url: sa.URL) -> None:
    """Also where the database takes capital letters, accents and blanks at the end for the same."""
    texts = ["a", "A", "á", "a ", "B", "b", "", "ㄱ", "가", "Z", "10", "9"]
    rows = [(no, client) for no in texts for client in texts]
    rows = [rows[i] for i in np.random.default_rng(5).permutation(len(rows))]
    fill(database_url, "sale", COLUMNS[:2], rows)
    export = DatabaseTable(table="sale", columns={"No.": "order_no", "client%": "customer_code"})
    table, _ = read(text_of(database_url), export)
    assert rows_of(table, ["order_no", "customer_code"]) == sorted(rows)


@contextmanager
def statements() -> Iterator[list[str]]:
    heard: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    try:
        yield heard
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", listen)


def test_personal_columns_are_never_asked_for(database_url: sa.URL) -> None:
    fill(database_url, "수주 order", COLUMNS, ROWS)
    with statements() as heard:
        read(text_of(database_url), ORDERS)
    asked = [statement for statement in heard if "수량" in statement]
    assert asked
    assert not any(word in statement for statement in asked for word in ("phone", "note", "*"))


def test_columns_of_yes_and_no_that_are_kept_as_numbers(mariadb_url: sa.URL) -> None:
    with sa.create_engine(mariadb_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE flags (a TINYINT(1), b BIT(1), c TINYINT)")
        connection.exec_driver_sql("INSERT INTO flags VALUES (1, b'0', 1), (0, b'1', 0), (NULL, NULL, NULL)")
    export = DatabaseTable(table="flags", columns={"a": "is_rush", "b": "order_no", "c": "sold_kg"})
    table, _ = read(text_of(mariadb_url), export)
    assert rows_of(table, ["is_rush", "order_no", "sold_kg"]) == [("", "", ""), ("N", "Y", "0"), ("Y", "N", "1")]


@pytest.mark.parametrize("kind", ["postgresql_url", "mariadb_url"])
def test_a_table_may_stand_in_another_schema(request: pytest.FixtureRequest, kind: str) -> None:
    database_url: sa.URL = request.getfixturevalue(kind)
    with sa.create_engine(database_url, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.schema.CreateSchema("erp"))
    try:
        fill(database_url, "sale", COLUMNS[:2], [("1", "x")], schema="erp")
        fill(database_url, "backup", COLUMNS[:2], [("1", "x")], schema="erp")
        export = DatabaseTable(table="erp.sale", columns={"No.": "order_no"})
        table, _ = read(text_of(database_url), export)
        assert table["order_no"].to_pylist() == ["1"]
        assert table["source_file"].to_pylist() == ["erp.sale"]
        with pytest.raises(SourceError, match=r"orders: no table erp\.sales in the database, which has backup, sale;"):
            read(text_of(database_url), DatabaseTable(table="erp.sales", required=True, columns={"x": "order_no"}))
    finally:
        with sa.create_engine(database_url, poolclass=sa.NullPool).begin() as connection:
            connection.execute(sa.schema.DropSchema("erp", cascade=database_url.get_backend_name() == "postgresql"))


def test_a_view_is_read_like_a_table(database_url: sa.URL) -> None:
    fill(database_url, "sale", COLUMNS[:2], [("1", "x")])
    with sa.create_engine(database_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("CREATE VIEW recent AS SELECT * FROM sale")
    table, _ = read(text_of(database_url), DatabaseTable(table="recent", columns={"No.": "order_no"}))
    assert table["order_no"].to_pylist() == ["1"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": "order"}, r"orders: no table order in the database, which has 수주 order; mend the map"),
        ({"columns": {"No": "order_no"}}, r"수주 order: no column No; it has No\., client%, 수량"),
    ],
)
def test_what_is_required_and_missing_is_named(database_url: sa.URL, change: dict[str, Any], message: str) -> None:
    fill(database_url, "수주 order", COLUMNS, ROWS)
    with pytest.raises(SourceError, match=message):
        read(text_of(database_url), ORDERS.model_copy(update=change))


def test_a_table_that_may_be_missing_is_counted_as_missing(database_url: sa.URL) -> None:
    table, coverage = read(text_of(database_url), DatabaseTable(table="gone", columns={"x": "order_no"}))
    assert len(table) == 0
    assert coverage.missing_tables == ["orders"]


def test_a_table_without_rows_is_said_or_refused(sqlite_url: sa.URL, caplog: pytest.LogCaptureFixture) -> None:
    fill(sqlite_url, "수주 order", COLUMNS, ROWS)
    with sa.create_engine(sqlite_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql('DELETE FROM "수주 order"')
    read(text_of(sqlite_url), ORDERS.model_copy(update={"required": False}))
    assert caplog.messages == ["orders: no row in 수주 order, so plans go by the forecast alone"]
    with pytest.raises(SourceError, match="orders: 수주 order has no row; fill it or mend the map"):
        read(text_of(sqlite_url), ORDERS)


def test_columns_that_a_database_lacks_are_said(sqlite_url: sa.URL, caplog: pytest.LogCaptureFixture) -> None:
    fill(sqlite_url, "수주 order", COLUMNS, ROWS)
    read(text_of(sqlite_url), ORDERS)
    (told,) = caplog.messages
    assert told.startswith("orders: no column region, so its cells stay blank; no header for unit_price_krw in the map")
    assert told.endswith("; unknown there: note")


def test_a_column_of_bytes_is_refused(database_url: sa.URL) -> None:
    fill(database_url, "photo", [sa.Column("No.", sa.LargeBinary)], [(b"\xff\xd8",)])
    with pytest.raises(SourceError, match=r"photo, column No\.: 2 bytes are no text; map a column of text"):
        read(text_of(database_url), DatabaseTable(table="photo", columns={"No.": "order_no"}))


def wrong(url: sa.URL) -> sa.URL:
    return url.set(password="S3cret#")  # noqa: S106 - that it is wrong is the point


def closed(url: sa.URL) -> sa.URL:
    """Port 1 of this machine, where nothing listens."""
    return url.set(port=1)


@pytest.mark.parametrize("server", ["postgresql_server", "mariadb_server"])
@pytest.mark.parametrize("mistake", [wrong, closed])
def test_a_server_that_does_not_open_is_one_sentence_without_the_password(
    request: pytest.FixtureRequest, server: str, mistake: Callable[[sa.URL], sa.URL]
) -> None:
    url = mistake(request.getfixturevalue(server))
    with pytest.raises(DatabaseError, match=rf"^database {url.database} on 127\.0\.0\.1:{url.port}: ") as caught:
        read(text_of(url), ORDERS)
    message = str(caught.value)
    assert "\n" not in message
    assert str(url.password) not in message
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("url", ["S3cret", "postgresql://u:12/S3cret@h:S3cret/d", "mysql://u:S3cret@h:S3cret/d"])
def test_a_malformed_url_is_not_repeated(url: str) -> None:
    with pytest.raises(DatabaseError, match=r"the database URL is none") as caught:
        read(url, ORDERS)
    assert "S3cret" not in str(caught.value)


def test_a_database_without_a_driver_or_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no driver for oracle is installed"):
        read("oracle://u:p@h/d", ORDERS)
    for kind in ("sqlite", "duckdb"):
        with pytest.raises(DatabaseError, match=r"gone\.db does not exist"):
            read(f"{kind}:///{tmp_path / 'gone.db'}", ORDERS)
    (tmp_path / "words.db").write_text("no database, but long enough for one to be looked for" * 99, encoding="utf-8")
    for kind in ("sqlite", "duckdb"):
        with pytest.raises(DatabaseError, match=r"words\.db: "):
            read(f"{kind}:///{tmp_path / 'words.db'}", ORDERS)
    assert not (tmp_path / "gone.db").exists()


def test_a_url_that_is_not_set_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANT_URL", raising=False)
    with pytest.raises(SourceError, match="PLANT_URL is not set"):
        url_of("PLANT_URL")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_plain_and_exact(number: float) -> None:
    text = as_text(number)
    assert float(text) == number
    assert "e" not in text


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_are_plain_and_exact(number: Decimal) -> None:
    assert Decimal(as_text(number)) == number
    assert "e" not in as_text(number).lower()


def source(**exports: Any) -> DatabaseSource:
    content = {"kind": "database", "path": "x", "url_variable": "PLANT_URL", "exports": exports}
    return DatabaseSource.model_validate_json(json.dumps(content))


@pytest.mark.parametrize(
    ("exports", "message"),
    [
        ({"clients": {"table": "a", "columns": {}}}, "unknown table 'clients'"),
        ({"customers": {"table": "a", "columns": {"x": "name"}}}, "customers has no column name"),
        ({"customers": {"table": "a.b.c", "columns": {}}}, "should match pattern"),
        ({"customers": {"table": "a", "columns": {"x": "customer_code"}, "personal": ["x"]}}, "personal headers"),
        ({"customers": {"files": ["a"], "columns": {}}}, "Extra inputs"),
    ],
)
def test_a_map_of_a_database_that_cannot_be_meant_is_refused(exports: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        source(**exports)


def test_the_stage_writes_every_raw_table_and_no_secret(
    database_url: sa.URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(database_url, "수주 order", COLUMNS, ROWS)
    fill(database_url, "other", COLUMNS, ROWS)
    monkeypatch.setenv("PLANT_URL", text_of(database_url))
    monkeypatch.chdir(tmp_path)
    stage = runpy.run_path(str(ROOT / "pipelines/ingest.py"))
    with caplog.at_level(logging.INFO):
        stage["main"](SimpleNamespace(seed=1, source=source(orders=json.loads(ORDERS.model_dump_json()))))
    raw = tmp_path / "data/raw"
    assert sorted(path.name for path in raw.iterdir()) == sorted(["coverage.json", *RAW_TABLES])
    for table in RAW_TABLES:
        for part in (raw / table).iterdir():
            assert pq.read_schema(part).names == [*RAW_TABLES[table], "source_file", "source_line"]
    assert {path.stem for path in (raw / "orders").iterdir()} == {"2021", "other"}
    assert rows_of(pq.read_table(raw / "orders").sort_by("source_line"), READ) == EXPECTED
    coverage = json.loads((raw / "coverage.json").read_text("utf-8"))
    assert coverage["unknown_tables"] == ["other"]
    assert set(coverage["missing_tables"]) == set(RAW_TABLES) - {"orders"}
    assert "orders: 5 rows" in caplog.text
    written = b"".join(path.read_bytes() for path in raw.rglob("*.*")) + caplog.text.encode()
    for secret in ("010", "014", str(database_url.password)):
        assert secret.encode() not in written


def test_reading_twice_writes_the_same_bytes(
    database_url: sa.URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database_url, "수주 order", COLUMNS, ROWS)
    monkeypatch.setenv("PLANT_URL", text_of(database_url))
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        ingest_database(source(orders=json.loads(ORDERS.model_dump_json())), tmp_path / name)
    assert sha256_of(tmp_path / "first") == sha256_of(tmp_path / "second")
