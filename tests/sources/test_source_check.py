"""A look at a folder before anything is read: what each file would be, and what stands in the way."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from mixplan.config.source import RAW_TABLES, TableExport
from mixplan.sources.check import FileCheck, check_source
from mixplan.sources.files import SourceError

Write = Callable[..., Path]
EXPORTS = {
    "customers": TableExport(
        files=("client.*",),
        required=True,
        columns={"code": "customer_code"},
        optional_columns={"name": "customer_name"},
        personal=("phone",),
    ),
    "products": TableExport(files=("product.*",), required=True, columns={"code": "product_code"}),
    "materials": TableExport(files=("raw.*",), columns={"code": "material_code"}),
}


def by_name(checks: list[FileCheck]) -> dict[str, FileCheck]:
    return {check.file or check.table: check for check in checks}


def test_each_file_says_what_would_be_made_of_it(tmp_path: Path, write: Write) -> None:
    write("client.csv", "code,phone,부서\n1,010,a,b,c,d\n", "cp949")
    pd.DataFrame({"code": ["P1", "P2"]}).to_parquet(tmp_path / "product.parquet")
    write("notes.txt", "x")
    found = by_name(check_source(tmp_path, EXPORTS))
    assert found["client.csv"] == FileCheck(
        table="customers",
        file="client.csv",
        verdict="ready",
        encoding="cp949",
        required=("code",),
        missing_optional=("name",),
        ignored=("부서",),
        personal=("phone",),
    )
    assert (found["product.parquet"].encoding, found["product.parquet"].rows) == ("parquet", 2)
    assert found["materials"].verdict == "no file like raw.*, stays empty"
    assert found["notes.txt"] == FileCheck("", "notes.txt", "belongs to no table, not read")
    assert found["orders"].verdict == "not in the map, stays empty"
    assert not any(check.stops for check in found.values())
    assert {check.table for check in found.values()} == {*RAW_TABLES, ""}


def test_what_would_stop_ingest_says_so(tmp_path: Path, write: Write) -> None:
    write("client.csv", "codes,name\n")
    write("raw.xlsx", "code\n")
    found = by_name(check_source(tmp_path, EXPORTS))
    assert {name for name, check in found.items() if check.stops} == {"client.csv", "products", "raw.xlsx"}
    assert found["client.csv"].verdict == "no column code; it has codes, name; codes comes close, mend it or the map"
    assert found["client.csv"].missing_required == ("code",)
    assert found["client.csv"].optional == ("name",)
    assert found["products"].verdict == "required, but no file like product.*"
    assert "holds text" in found["raw.xlsx"].verdict
    with pytest.raises(SourceError, match="nowhere cannot be read"):
        check_source(tmp_path / "nowhere", EXPORTS)


def test_rows_are_not_looked_at(tmp_path: Path, write: Write) -> None:
    """A file of any size is a glance; what is wrong far below its header only ingest finds."""
    write("client.csv", b"code\n" + b"1\n" * 600_000 + b"\xff\n")
    write("product.csv", "code\n")
    assert by_name(check_source(tmp_path, EXPORTS))["client.csv"].verdict == "ready"
