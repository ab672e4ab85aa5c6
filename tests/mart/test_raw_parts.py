"""What the mart takes for a raw table, and what it refuses with one sentence."""

from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from mixplan.mart.accounts import MartError
from mixplan.mart.parts import raw_parts, read_raw

ROWS = {"month": ["2020-01"], "construction_index": ["1"], "source_file": ["a.csv"], "source_line": [2]}


def write(folder: Path, rows: pl.DataFrame, part: str = "all") -> None:
    (folder / "construction").mkdir(exist_ok=True)
    rows.write_parquet(folder / f"construction/{part}.parquet")


def test_parts_are_one_table_and_their_files_may_be_a_dictionary(tmp_path: Path) -> None:
    rows = pl.DataFrame(ROWS)
    write(tmp_path, rows, "2021")
    write(
        tmp_path, rows.with_columns(pl.col("source_file").cast(pl.Categorical)).select(reversed(rows.columns)), "2020"
    )
    assert [part.name for part in raw_parts(tmp_path, "construction")] == ["2020", "2021"]
    assert read_raw(tmp_path, "construction").equals(pl.concat([rows, rows]))


@pytest.mark.parametrize("written", [None, pd.DataFrame(ROWS).iloc[:0], pd.DataFrame(ROWS, index=[]).astype(object)])
def test_a_table_that_the_source_lacks_is_one_part_without_rows(tmp_path: Path, written: pd.DataFrame | None) -> None:
    (tmp_path / "construction").mkdir()
    if written is not None:
        written.to_parquet(tmp_path / "construction/all.parquet", index=False)
    assert [part.name for part in raw_parts(tmp_path, "construction")] == ["all"]
    table = read_raw(tmp_path, "construction")
    assert table.schema == pl.DataFrame(ROWS).schema
    assert table.is_empty()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"construction_index": pl.lit(1.0)}, "expected column 'construction_index' to have type String"),
        ({"month": pl.lit(None, dtype=pl.String)}, "a text or a line is missing"),
        ({"source_file": pl.lit(None, dtype=pl.String)}, "a text or a line is missing"),
        ({"source_file": pl.lit("")}, "source_file or source_line"),
        ({"source_line": pl.lit("2")}, "expected column 'source_line' to have type Int64"),
        ({"source_line": pl.lit(1, dtype=pl.Int64)}, "source_file or source_line"),
        ({"share": pl.lit("1")}, "column 'share' not in DataFrameSchema; run"),
    ],
)
def test_another_table_is_refused(tmp_path: Path, change: dict[str, pl.Expr], message: str) -> None:
    write(tmp_path, pl.DataFrame(ROWS).with_columns(**change))
    with pytest.raises(MartError, match=message) as error:
        read_raw(tmp_path, "construction")
    assert "construction/all.parquet breaks its contract" in str(error.value)


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    write(tmp_path, pl.DataFrame(ROWS))
    (tmp_path / "construction/all.parquet").write_bytes(b"words")
    with pytest.raises(MartError, match=r"construction/all\.parquet cannot be read: .*; run the ingest stage again"):
        read_raw(tmp_path, "construction")


def test_a_table_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MartError, match="construction is missing: run the ingest stage again"):
        raw_parts(tmp_path, "construction")
