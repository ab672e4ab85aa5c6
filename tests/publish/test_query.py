"""SQL on Parquet files: right answers, and no way to any other file."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixplan.publish.query import query
from mixplan.publish.tables import PublishError


@pytest.fixture
def tables(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "it's data"
    (folder / "sales").mkdir(parents=True)
    pq.write_table(pa.table({"product": ["P1", "P2"], "kg": [1.0, 2.0]}), folder / "sales/2020.parquet")
    pq.write_table(pa.table({"product": ["P1"], "kg": [4.0]}), folder / "sales/2021.parquet")
    pq.write_table(pa.table({"product": ["P1", "P2"], "name": ["AE", "SN"]}), folder / "products.parquet")
    pq.write_table(pa.table({"secret": ["S"]}), folder / "other.parquet")
    return {"sales": folder / "sales", "products": folder / "products.parquet"}


def test_files_and_folders_are_joined(tables: dict[str, Path]) -> None:
    answer = query(
        "SELECT name, sum(kg) AS kg FROM sales JOIN products USING (product) GROUP BY ALL ORDER BY 1", tables
    )
    assert answer.to_pylist() == [{"name": "AE", "kg": 5.0}, {"name": "SN", "kg": 2.0}]


@pytest.mark.parametrize(
    ("sql", "rows"), [("SHOW TABLES", 2), ("DESCRIBE sales", 2), ("FROM sales;", 3), ("VALUES (1)", 1)]
)
def test_everything_that_reads_is_answered(tables: dict[str, Path], sql: str, rows: int) -> None:
    assert query(sql, tables).num_rows == rows


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM '{folder}/other.parquet'",
        "SELECT * FROM read_parquet('{folder}/sales/*.parquet')",
        "SELECT * FROM read_parquet('{folder}/sales/../other.parquet')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT getenv('HOME')",
        "SELECT * FROM tables",
        "SELECT * FROM files",
    ],
)
def test_nothing_else_can_be_read(tables: dict[str, Path], sql: str) -> None:
    with pytest.raises(PublishError, match=r"Permission Error|Catalog Error"):
        query(sql.format(folder=str(tables["sales"].parent).replace("'", "''")), tables)


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '{folder}/sales/2020.parquet'",
        "ATTACH '{folder}/new.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "CREATE TABLE x AS SELECT 1",
        "DROP VIEW sales",
        "PRAGMA database_list",
        "SELECT 1; COPY (SELECT 1) TO '{folder}/new.csv'",
        "",
        "-- only a remark",
    ],
)
def test_nothing_can_be_written_or_changed(tables: dict[str, Path], sql: str) -> None:
    folder = tables["sales"].parent
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(PublishError, match="only one statement that reads"):
        query(sql.format(folder=str(folder).replace("'", "''")), tables)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", r"Parser Error: .*SELEC"),
        ("SELECT kgs FROM sales", r'Binder Error: .*"kgs" not found.*Candidate bindings: "kg"'),
        ("SELECT * FROM sails", r"Catalog Error: Table with name sails does not exist.*sales"),
        ("SELECT CAST('x' AS INTEGER)", r"Conversion Error"),
    ],
)
def test_a_wrong_query_is_duckdbs_own_sentence(tables: dict[str, Path], sql: str, message: str) -> None:
    with pytest.raises(PublishError, match=message) as caught:
        query(sql, tables)
    assert "\n" not in str(caught.value)


def test_a_table_without_a_file_or_with_a_broken_one_is_named(tables: dict[str, Path]) -> None:
    with pytest.raises(PublishError, match=r"table gone: .* has no Parquet file"):
        query("SELECT 1", tables | {"gone": tables["sales"] / "gone.parquet"})
    tables["products"].write_bytes(b"no Parquet file at all")
    with pytest.raises(PublishError, match=r"products\.parquet"):
        query("SELECT 1", tables)
