"""Where the tables of a run lie: as files, or as folders of part files."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixplan.publish.tables import PublishError, parts_of, tables_below


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"a": [1]}), path)
    return path


def test_files_and_folders_of_parts_are_tables(tmp_path: Path) -> None:
    sales = write(tmp_path / "mart/sales/2021.parquet")
    write(tmp_path / "mart/sales/2020.parquet")
    products = write(tmp_path / "mart/products.parquet")
    plan = write(tmp_path / "plan/orders.parquet")
    write(tmp_path / "mart/.new/hidden.parquet")
    (tmp_path / "mart/notes").mkdir()
    (tmp_path / "mart/summary.json").write_text("{}", encoding="utf-8")
    tables = tables_below(tmp_path / "mart", tmp_path / "plan")
    assert tables == {"products": products, "sales": sales.parent, "orders": plan}
    assert [part.name for part in parts_of(sales.parent)] == ["2020.parquet", "2021.parquet"]


def test_a_folder_without_tables_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"mart has no tables: run `dvc repro` first"):
        tables_below(tmp_path / "mart")


def test_two_tables_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "mart/sales.parquet")
    write(tmp_path / "plan/sales/1.parquet")
    with pytest.raises(PublishError, match="are both a table sales"):
        tables_below(tmp_path / "mart", tmp_path / "plan")
