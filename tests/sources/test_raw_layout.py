"""The raw folder: parts by year in the order of file and line, and the same bytes whatever was read before."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

from mixplan.artifacts.files import sha256_of
from mixplan.config.source import PARTED, RAW_TABLES, TableExport
from mixplan.sources import ingest, memo, parts
from mixplan.sources.ingest import ingest_files, read_table
from mixplan.sources.matching import raw_schema
from mixplan.sources.parts import part_of, parted, write_part

Write = Callable[..., Path]
SALES = TableExport(files=("sales_*",), columns={"day": "sold_on", "code": "product_code"})
EXPORTS = {"sales": SALES, "products": TableExport(files=("product.*",), columns={"code": "product_code"})}


@pytest.fixture
def exports(write: Write, tmp_path: Path) -> Path:
    """Two files whose years overlap, and one of a table without parts."""
    write("exports/sales_b.csv", "day,code\n2020-01-01,b2\n 2019.12.31 ,b3\n2020-02-30,b4\n")
    write("exports/sales_a.csv", "day,code\n20201231,a2\n\\N,a3\n2020-06-01,a4\n31.12.2020,a5\n")
    write("exports/product.csv", "code\nP1\n")
    return tmp_path / "exports"


def rows(path: Path) -> list[tuple[str, str, int]]:
    found = pq.read_table(path).to_pylist()
    return [(row["product_code"], row["source_file"], row["source_line"]) for row in found]


def test_a_part_is_a_year_and_its_rows_stand_in_order(exports: Path, tmp_path: Path) -> None:
    ingest_files(EXPORTS, exports, tmp_path / "raw")
    found = {path.stem: rows(path) for path in (tmp_path / "raw/sales").iterdir()}
    a, b = "sales_a.csv", "sales_b.csv"
    assert found == {
        "2019": [("b3", b, 3)],
        "2020": [("a2", a, 2), ("a4", a, 4), ("b2", b, 2), ("b4", b, 4)],
        "other": [("a3", a, 3), ("a5", a, 5)],
    }
    table = read_table(tmp_path / "raw", "sales")
    assert table["product_code"].tolist() == ["a2", "a3", "a4", "a5", "b2", "b3", "b4"]
    assert table["sold_on"].tolist()[5] == " 2019.12.31 ", "cells are kept as they stand"


def test_every_table_is_there_with_its_columns(exports: Path, tmp_path: Path) -> None:
    ingest_files(EXPORTS, exports, tmp_path / "raw")
    assert {path.name for path in (tmp_path / "raw").iterdir()} == set(RAW_TABLES)
    for table, columns in RAW_TABLES.items():
        files = sorted((tmp_path / "raw" / table).iterdir())
        assert table == "sales" or [file.name for file in files] == ["all.parquet"]
        for file in files:
            schema = pq.read_schema(file)
            assert schema.names == [*columns, "source_file", "source_line"]
            assert set(schema.types[:-1]) == {pa.string()}
            assert schema.types[-1] == pa.int64()
            assert not any(column.null_count for column in pq.read_table(file).columns)
    assert pq.read_metadata(tmp_path / "raw/orders/all.parquet").num_rows == 0


@given(
    st.lists(st.sampled_from(["2020-01-01", " 2021.1.1", "2021/10", "20221231", "1899-12-31", "210101", "", "2021-1"]))
)
@settings(deadline=None)
def test_the_parts_are_the_rows_each_once_and_in_order(days: list[str]) -> None:
    column = PARTED["orders"]
    columns = [days if name == column else [""] * len(days) for name in RAW_TABLES["orders"]]
    lines = list(range(len(days)))
    batch = pa.RecordBatch.from_arrays(
        [
            *[pa.array(cells, pa.string()) for cells in columns],
            pa.array(["f"] * len(days), pa.string()),
            pa.array(lines),
        ],
        schema=raw_schema("orders"),
    )
    found = {part: some["source_line"].to_pylist() for part, some in parted("orders", batch)}
    expected: dict[str, list[int]] = {}
    for line, day in enumerate(days):
        expected.setdefault(part_of(day.strip()), []).append(line)
    assert found == expected


@given(st.lists(st.integers(0, 7), max_size=6))
@settings(deadline=None, max_examples=40)
def test_bytes_depend_on_rows_and_not_on_batches(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    folder, schema = tmp_path_factory.mktemp("part"), raw_schema("products")
    whole = pa.table([[str(n) for n in range(sum(sizes))]] * 3 + [list(range(sum(sizes)))], schema=schema)
    starts = [sum(sizes[:count]) for count in range(len(sizes))]
    batches = [whole.slice(start, size).to_batches() for start, size in zip(starts, sizes, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "ROWS_PER_GROUP", 4)
        write_part(folder / "one.parquet", schema, whole.to_batches())
        write_part(folder / "two.parquet", schema, [batch for some in batches for batch in some])
    assert (folder / "one.parquet").read_bytes() == (folder / "two.parquet").read_bytes()
    assert pq.read_table(folder / "one.parquet").equals(whole)


def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are parsed from now on."""
    names: list[str] = []
    opened = ingest.open_sheet

    def noted(path: Path, name: str) -> Any:
        names.append(name)
        return opened(path, name)

    monkeypatch.setattr(ingest, "open_sheet", noted)
    return names


def test_a_file_is_parsed_once_and_the_result_is_the_same(
    exports: Path, tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    coverage = ingest_files(EXPORTS, exports, tmp_path / "plain")
    names = parsed(monkeypatch)
    for run in ("first", "second"):
        assert ingest_files(EXPORTS, exports, tmp_path / run, tmp_path / "memo") == coverage
        assert sha256_of(tmp_path / run) == sha256_of(tmp_path / "plain")
    assert names == ["product.csv", "sales_a.csv", "sales_b.csv"]
    write("exports/sales_b.csv", "day,code\n2020-01-01,new\n")
    ingest_files(EXPORTS, exports, tmp_path / "third", tmp_path / "memo")
    assert names[3:] == ["sales_b.csv"]
    assert read_table(tmp_path / "third", "sales")["product_code"].tolist() == ["a2", "a3", "a4", "a5", "new"]
    other = EXPORTS | {"products": TableExport(files=("product.*",), columns={"code": "product_name"})}
    ingest_files(other, exports, tmp_path / "fourth", tmp_path / "memo")
    assert names[4:] == ["product.csv"], "another map is another reading"


def test_the_memo_forgets_what_is_not_used(exports: Path, tmp_path: Path) -> None:
    ingest_files(EXPORTS, exports, tmp_path / "one", tmp_path / "memo")
    (tmp_path / "memo/.half.new").mkdir()
    (tmp_path / "memo/file").touch()
    (exports / "sales_a.csv").unlink()
    ingest_files(EXPORTS, exports, tmp_path / "two", tmp_path / "memo")
    assert len(list((tmp_path / "memo").iterdir())) == 2


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "no entry", "bad entry", "list entry", "more"])
def test_a_damaged_memo_does_no_harm(exports: Path, tmp_path: Path, damage: str) -> None:
    ingest_files(EXPORTS, exports, tmp_path / "one", tmp_path / "memo")
    for path in sorted((tmp_path / "memo").rglob("*.parquet")):
        content, entry = path.read_bytes(), path.with_name("entry.json")
        if damage == "flipped":
            path.write_bytes(content[:60] + bytes([content[60] ^ 1]) + content[61:])
        elif damage == "cut":
            path.write_bytes(content[:-9])
        elif damage == "gone":
            path.unlink()
        elif damage == "no entry":
            entry.unlink(missing_ok=True)
        elif damage == "more":
            path.with_name("1999.parquet").write_bytes(content)
        else:
            entry.write_text({"bad entry": "{", "list entry": "[]"}[damage])
    ingest_files(EXPORTS, exports, tmp_path / "two", tmp_path / "memo")
    assert sha256_of(tmp_path / "two") == sha256_of(tmp_path / "one")


KILLED = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
import runpy
from mixplan.config.source import FilesSource, TableExport
from mixplan.sources.parts import PartWriter

calls, owner, name = 0, {"rename": Path, "_write": PartWriter}[sys.argv[1]], sys.argv[1]
original = getattr(owner, name)

def dying(*arguments):
    global calls
    calls += 1
    if calls == int(sys.argv[2]):
        os._exit(9)
    return original(*arguments)

setattr(owner, name, dying)
exports = {
    "sales": TableExport(files=("sales_*",), columns={"day": "sold_on", "code": "product_code"}),
    "products": TableExport(files=("product.*",), columns={"code": "product_code"}),
}
source = FilesSource(kind="files", path="exports", exports=exports)
runpy.run_path(sys.argv[3])["main"](SimpleNamespace(seed=1, source=source))
"""


@pytest.mark.parametrize(("where", "call"), [("_write", 3), ("rename", 2), ("rename", 5), ("rename", 99)])
def test_after_a_kill_the_next_run_writes_the_same(exports: Path, tmp_path: Path, where: str, call: int) -> None:
    """Killed in the middle of a part, of an entry, and between the old folder and the new one; and not at all."""
    ingest_files(EXPORTS, exports, tmp_path / "plain")
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "data/raw/old").write_text("the last good state")
    script = str(Path(__file__).parents[2] / "pipelines/ingest.py")

    def run(call: int) -> int:
        command = [sys.executable, "-c", KILLED, where, str(call), script]
        return subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode  # noqa: S603 - own text

    assert run(call) == (0 if call == 99 else 9)
    assert run(99) == 0
    (tmp_path / "data/raw/coverage.json").unlink()
    assert sha256_of(tmp_path / "data/raw") == sha256_of(tmp_path / "plain")
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["raw"]
    assert len(list((tmp_path / ".mixplan/ingest").iterdir())) == 3


def test_a_changed_reader_reads_again(exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older reader made of a file is no longer what the file says."""
    modules = tmp_path / "modules"
    modules.mkdir()
    for path in Path(memo.__file__).parent.glob("*.py"):
        (modules / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(memo, "__file__", str(modules / "memo.py"))
    names = parsed(monkeypatch)
    for run, reads in (("first", 3), ("same", 3), ("changed", 6)):
        memo.code_version.cache_clear()
        if run == "changed":
            (modules / "csv_files.py").write_text("# another reader\n", encoding="utf-8")
        ingest_files(EXPORTS, exports, tmp_path / run, tmp_path / "memo")
        assert len(names) == reads
    memo.code_version.cache_clear()
