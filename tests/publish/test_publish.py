"""Tables in real databases: whole, typed, all together or not at all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

import mixplan.publish.publish as module
from mixplan.publish.publish import publish
from mixplan.publish.tables import PublishError
from mixplan.sources.connect import DatabaseError

MOMENT = datetime.fromisoformat("2021-02-28 09:30:00.123456")
SALES = {
    "customer": pa.array(['한 "빛", a', "", None, "x\ny\\z\t'"]),
    "quantity_kg": pa.array([1 / 3, float("nan"), None, 1e300]),
    "amount": pa.array([Decimal("1.25"), None, Decimal("-2.50"), Decimal("0.00")], pa.decimal128(12, 2)),
    "line": pa.array([1, 2**62, None, -3]),
    "small": pa.array([1, 2, None, 4], pa.uint8()),
    "is_rush": pa.array([True, False, None, True]),
    "day": pa.array([date(2021, 2, 28), None, date(1999, 12, 31), date(2030, 1, 1)]),
    "at": pa.array([MOMENT, None, MOMENT, MOMENT], pa.timestamp("ns")),
    "status": pa.array(["open", "done", None, "open"]).dictionary_encode(),
    "order": pa.array([None] * 4, pa.null()),
}
EXPECTED = [
    ('한 "빛", a', 1 / 3, 1.25, 1, 1, True, date(2021, 2, 28), MOMENT, "open", None),
    ("", None, None, 2**62, 2, False, None, None, "done", None),
    (None, None, -2.5, None, None, None, date(1999, 12, 31), MOMENT, None, None),
    ("x\ny\\z\t'", 1e300, 0.0, -3, 4, True, date(2030, 1, 1), MOMENT, "open", None),
]


def write(path: Path, table: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table), path)
    return path


def text_of(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def content(url: sa.URL) -> dict[str, list[tuple[Any, ...]]]:
    """Every table but the signatures, as the driver gives it; SQLite alone needs types to give dates."""
    metadata = sa.MetaData()
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        metadata.reflect(connection)
        found = {}
        for name, table in metadata.tables.items():
            if name == module.SIGNED:
                continue
            everything = table if connection.dialect.name == "sqlite" else sa.text("*")
            found[name] = [tuple(row) for row in connection.execute(sa.select(everything).select_from(table))]
        return found


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    write(tmp_path / "mart/sales/1.parquet", {name: values.slice(0, 1) for name, values in SALES.items()})
    write(tmp_path / "mart/sales/2.parquet", {name: values.slice(1, 3) for name, values in SALES.items()})
    plan = write(tmp_path / "plan/production.parquet", {"week": [1, 2, 3]})
    return {"sales": tmp_path / "mart/sales", "production": plan}


def test_tables_come_with_their_types_and_values(database_url: sa.URL, tables: dict[str, Path]) -> None:
    assert publish(text_of(database_url), tables) == {"sales": 4, "production": 3}
    found = content(database_url)
    assert found == {"sales": EXPECTED, "production": [(1,), (2,), (3,)]}
    assert [type(value) for value in found["sales"][0][:4]] == [str, float, float, int]


def test_publishing_twice_gives_equal_tables_and_nothing_else(database_url: sa.URL, tables: dict[str, Path]) -> None:
    publish(text_of(database_url), tables)
    before = content(database_url)
    publish(text_of(database_url), tables)
    assert content(database_url) == before


def test_new_columns_replace_old_ones_and_other_tables_stay(
    database_url: sa.URL, tables: dict[str, Path], tmp_path: Path
) -> None:
    with sa.create_engine(database_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE own (a INTEGER)")
    publish(text_of(database_url), tables)
    publish(text_of(database_url), {"production": write(tmp_path / "new.parquet", {"week": [9], "kg": [1.5]})})
    assert content(database_url) == {"sales": EXPECTED, "production": [(9, 1.5)], "own": []}


def test_an_empty_table_is_a_table(database_url: sa.URL, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.parquet", {"week": pa.array([], pa.int64())})
    assert publish(text_of(database_url), {"empty": empty}) == {"empty": 0}
    assert content(database_url) == {"empty": []}


def broken(path: Path) -> Path:
    """A file whose second half is rubbish behind a sound footer."""
    write(path, {"week": list(range(200_000))})
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + b"\xff" * 1000 + whole[middle + 1000 :])
    return path


@pytest.mark.parametrize("kind", ["no file", "no Parquet", "broken", "odd type"])
def test_a_bad_second_table_leaves_every_old_one_whole(
    database_url: sa.URL, tables: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    publish(text_of(database_url), tables)
    before = content(database_url)
    bad = tmp_path / "bad.parquet"
    if kind == "no Parquet":
        bad.write_bytes(b"words")
    elif kind == "broken":
        broken(bad)
    elif kind == "odd type":
        write(bad, {"week": [[1, 2]]})
    changed = {"sales": tables["production"], "production": bad}
    with pytest.raises(PublishError, match="table production"):
        publish(text_of(database_url), changed)
    assert content(database_url) == before


def test_a_database_that_refuses_midway_leaves_every_old_table_whole(
    database_url: sa.URL, tables: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(text_of(database_url), tables)
    before = content(database_url)
    insert = module._insert

    def refused(database: sa.Connection, table: sa.Table, batch: pa.RecordBatch) -> None:
        insert(database, table, batch)
        if table.name.endswith("production"):
            database.exec_driver_sql("SELECT * FROM nowhere")

    monkeypatch.setattr(module, "_insert", refused)
    with pytest.raises(DatabaseError, match="nowhere"):
        publish(text_of(database_url), tables)
    assert content(database_url) == before


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite+pysqlite:///:memory:",
        "sqlite:///file::memory:?cache=shared&uri=true",
        "sqlite:///file:plant?mode=memory&cache=shared&uri=true",
        "duckdb:///:memory:",
    ],
)
def test_a_database_in_memory_is_refused(tables: dict[str, Path], url: str) -> None:
    with pytest.raises(PublishError, match="a database in memory is gone at once: name a file"):
        publish(url, tables)


def test_what_a_killed_run_left_is_cleared_away(database_url: sa.URL, tables: dict[str, Path]) -> None:
    with sa.create_engine(database_url, poolclass=sa.NullPool).begin() as connection:
        for name in (f"{module.NEW}sales", f"{module.OLD}sales"):
            connection.exec_driver_sql(f"CREATE TABLE {name} (a INTEGER)")
    publish(text_of(database_url), tables)
    assert set(content(database_url)) == {"sales", "production"}


@pytest.mark.parametrize("kind", ["postgresql_url", "mariadb_url"])
def test_readers_never_see_half_a_state(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> None:
    """Two tables that always hold the same number, read in one statement while they are replaced again and again."""
    url: sa.URL = request.getfixturevalue(kind)
    files = [write(tmp_path / f"{number}.parquet", {"number": [number] * 100}) for number in range(2)]
    publish(text_of(url), {"a": files[0], "b": files[0]})
    done = threading.Event()

    def publish_often() -> None:
        try:
            for turn in range(1, 9):
                publish(text_of(url), {"a": files[turn % 2], "b": files[turn % 2]})
        finally:
            done.set()

    query = "SELECT * FROM (SELECT count(*) n, sum(number) FROM a) x, (SELECT count(*) m, sum(number) FROM b) y"
    seen = set()
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with ThreadPoolExecutor(1) as pool, engine.connect() as reader:
        publisher = pool.submit(publish_often)
        while not done.is_set():
            seen.add(tuple(reader.exec_driver_sql(query).one()))
    publisher.result()
    assert seen <= {(100, 0, 100, 0), (100, 100, 100, 100)}


def test_no_message_has_the_password(postgresql_url: sa.URL, tables: dict[str, Path]) -> None:
    wrong = postgresql_url.set(password="S3cret#")  # noqa: S106 - that it is wrong is the point
    with pytest.raises(DatabaseError, match=r"database plant on 127\.0\.0\.1") as caught:
        publish(text_of(wrong), tables)
    assert "S3cret" not in str(caught.value)


def test_tables_that_are_not_ours_are_never_replaced(database_url: sa.URL, tables: dict[str, Path]) -> None:
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE sales (secret INTEGER)")
        connection.exec_driver_sql("INSERT INTO sales VALUES (7)")
    with pytest.raises(PublishError, match="tables of its own called sales"):
        publish(text_of(database_url), tables)
    assert content(database_url) == {"sales": [(7,)]}
    assert sa.inspect(engine).get_table_names() == ["sales"]
