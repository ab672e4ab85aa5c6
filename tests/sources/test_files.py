"""Exports as people save them: encodings, workbooks, odd headers and cells; and what must not be read."""

import json
import runpy
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pytest
import yaml
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from pyarrow import parquet as pq
from pydantic import ValidationError

from mixplan.config.source import RAW_TABLES, FilesSource, TableExport
from mixplan.sources.check import check_source
from mixplan.sources.files import Sheet, SourceError, open_sheet
from mixplan.sources.ingest import read_exports, read_table

ROOT = Path(__file__).parents[2]

CUSTOMERS = TableExport(
    files=("erp/client.*",),
    required=True,
    columns={"거래처코드": "customer_code"},
    optional_columns={"거래처명": "customer_name"},
    personal=("대표자명", "전화번호"),
)


Write = Callable[..., Path]


def all_rows(sheet: Sheet) -> tuple[list[list[str]], list[int]]:
    """Every cell of a sheet by row, and the line of each row."""
    batches = list(sheet.read(range(len(sheet.header))))
    columns = [[text for rows in batches for text in rows.cells[at].to_pylist()] for at in range(len(sheet.header))]
    return [list(row) for row in zip(*columns, strict=True)], [
        line for rows in batches for line in rows.lines.to_pylist()
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_a_file_reads_the_same_in_every_encoding(tmp_path: Path, write: Write, encoding: str) -> None:
    write("erp/client.csv", "거래처코드,거래처명\n2001,한빛\n", encoding)
    ingest = read_exports(tmp_path, {"customers": CUSTOMERS})
    assert ingest.tables["customers"].to_dict("records") == [
        {"customer_code": "2001", "customer_name": "한빛", "source_file": "erp/client.csv", "source_line": 2}
    ]
    assert ingest.coverage["files"] == [
        {"file": "erp/client.csv", "table": "customers", "encoding": encoding, "rows": 1}
    ]


def test_a_workbook_reads_like_a_csv(tmp_path: Path) -> None:
    (tmp_path / "erp").mkdir()
    frame = pd.DataFrame(
        {
            "거래처코드": [2001102, None, 2001103.5],
            "거래처명": ["한빛", None, pd.Timestamp("2021-02-22")],
            "전화번호": ["010", None, None],
        }
    )
    frame.to_excel(tmp_path / "erp/client.xlsx", index=False)
    (tmp_path / "erp/~$client.xlsx").write_bytes(b"lock file of an open workbook")
    table = read_exports(tmp_path, {"customers": CUSTOMERS}).tables["customers"]
    assert table["customer_code"].tolist() == ["2001102", "", "2001103.5"]
    assert table["customer_name"].tolist() == ["한빛", "", "2021-02-22"]
    assert table["source_line"].tolist() == [2, 3, 4]


def test_blank_rows_at_the_end_of_a_sheet_are_no_rows(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["a", "b", None], [1, None, None], [None, None, None], [True, 1e-7, None]):
        book.active.append(row)
    book.active.cell(row=9, column=2, value="").number_format = "0.00"
    book.save(tmp_path / "a.xlsx")
    rows, lines = all_rows(open_sheet(tmp_path / "a.xlsx", "a.xlsx"))
    assert rows == [["1", ""], ["", ""], ["Y", "0.0000001"]]
    assert lines == [2, 3, 4]


def test_a_parquet_file_of_any_types_reads_like_a_csv(tmp_path: Path) -> None:
    day = datetime(2021, 2, 22)  # noqa: DTZ001 - a wall clock without a zone is what is tested
    columns = {
        "text": pa.array(["007", None, ""]).dictionary_encode(),
        "whole": pa.array([2001102, None, -1], pa.int64()),
        "number": [15000.0, 2787.6, None],
        "odd": [1e-7, 1e20, float("nan")],
        "money": pa.array([Decimal("12.50"), None, Decimal("0.25")]),
        "date": pa.array([date(2021, 2, 22), None, date(1999, 12, 31)]),
        "time": pa.array([day, day + timedelta(hours=13, minutes=5), None], pa.timestamp("ns")),
        "here": pa.array([day, None, None], pa.timestamp("us", "Asia/Seoul")),
        "flag": [True, False, None],
        "nothing": pa.nulls(3),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    sheet = open_sheet(tmp_path / "a.parquet", "a.parquet")
    rows, lines = all_rows(sheet)
    assert lines == [2, 3, 4]
    assert sheet.rows == 3
    assert dict(zip(sheet.header, map(list, zip(*rows, strict=True)), strict=True)) == {
        "text": ["007", "", ""],
        "whole": ["2001102", "", "-1"],
        "number": ["15000", "2787.6", ""],
        "odd": ["0.0000001", "100000000000000000000", ""],
        "money": ["12.50", "", "0.25"],
        "date": ["2021-02-22", "", "1999-12-31"],
        "time": ["2021-02-22", "2021-02-22 13:05:00", ""],
        "here": ["2021-02-22 09:00:00", "", ""],
        "flag": ["Y", "N", ""],
        "nothing": ["", "", ""],
    }


def test_lines_count_line_breaks_inside_cells(tmp_path: Path, write: Write) -> None:
    path = write("a.csv", 'code,"long\nnote"\r\n1,"two\nlines"\r\n2,x\r\n\r\n3,y\r\n')
    rows, lines = all_rows(open_sheet(path, "a.csv"))
    assert lines == [3, 5, 6, 7]
    assert rows == [["1", "two\nlines"], ["2", "x"], ["", ""], ["3", "y"]]


def test_blank_rows_above_the_header_are_passed_over(tmp_path: Path, write: Write) -> None:
    path = write("a.csv", '\n, \n"code\n",note\n1,x\n2,y,,\n')  # the last row is one that Arrow refuses
    rows, lines = all_rows(open_sheet(path, "a.csv"))
    assert (rows, lines) == ([["1", "x"], ["2", "y"]], [5, 6])
    book = Workbook()
    for row in ([None], [" ", None], [None], ["code", "note"], [1, "x"]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    sheet = open_sheet(tmp_path / "a.xlsx", "a.xlsx")
    assert sheet.header == ["code", "note"]
    assert all_rows(sheet) == ([["1", "x"]], [5])


def test_a_workbook_that_counts_from_1904_is_refused(tmp_path: Path) -> None:
    """Its days that are kept as numbers would be read as others, four years off."""
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["code"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SourceError, match=r"a\.xlsx counts days from 1904, .* four years off; save it as \.csv"):
        open_sheet(tmp_path / "a.xlsx", "a.xlsx")


def test_text_that_pandas_takes_for_missing_stays_text(tmp_path: Path, write: Write) -> None:
    write("erp/client.csv", "거래처코드,거래처명\n007,NA\n1e3,null\n")
    table = read_exports(tmp_path, {"customers": CUSTOMERS}).tables["customers"]
    assert table[["customer_code", "customer_name"]].to_numpy().tolist() == [["007", "NA"], ["1e3", "null"]]


def test_headers_may_have_blanks_and_quotes_around_them(tmp_path: Path, write: Write) -> None:
    write("erp/client.csv", '" ""거래처코드 ",거래처명 \n1,a\n')
    table = read_exports(tmp_path, {"customers": CUSTOMERS}).tables["customers"]
    assert table["customer_code"].tolist() == ["1"]
    assert table["customer_name"].tolist() == ["a"]


def test_short_rows_are_filled_and_long_rows_are_refused(write: Write) -> None:
    rows, lines = all_rows(open_sheet(write("a.csv", "a,b\n1\n1,2,\n"), "a.csv"))
    assert rows == [["1", ""], ["1", "2"]]
    assert lines == [2, 3]
    with pytest.raises(SourceError, match=r"b.csv, line 3: 3 cells below 2 headers"):
        all_rows(open_sheet(write("b.csv", "a,b\n1,2\n1,2,3\n"), "b.csv"))


def test_columns_are_found_by_their_header_and_not_by_their_place(tmp_path: Path, write: Write) -> None:
    write("erp/client.csv", "거래처명,부서,거래처코드\n한빛,x,2001\n")
    table = read_exports(tmp_path, {"customers": CUSTOMERS}).tables["customers"]
    assert table[["customer_code", "customer_name"]].to_numpy().tolist() == [["2001", "한빛"]]


def test_files_of_a_table_are_read_in_the_order_of_their_names(tmp_path: Path, write: Write) -> None:
    for year in ("2018", "2017"):
        write(f"sales/sales_{year}.csv", f"CUSTID\n{year}\n")
    export = TableExport(files=("sales/sales_*",), columns={"CUSTID": "customer_code"})
    table = read_exports(tmp_path, {"sales": export}).tables["sales"]
    assert table["customer_code"].tolist() == ["2017", "2018"]
    assert table["source_file"].tolist() == ["sales/sales_2017.csv", "sales/sales_2018.csv"]


def test_a_wide_table_has_one_row_a_cell(tmp_path: Path, write: Write) -> None:
    write("recipe.csv", "제품명,W,D W,대표자명\nAE,0.25,0.75,Kim\nSN,0.0,,Kim\n")
    export = TableExport.model_validate_json(
        json.dumps(
            {
                "files": ["recipe.csv"],
                "columns": {"제품명": "product"},
                "personal": ["대표자명"],
                "melt": {"header": "material_code", "value": "share"},
            }
        )
    )
    table = read_exports(tmp_path, {"recipes": export}).tables["recipes"]
    assert table[["product", "material_code", "share", "source_line"]].to_numpy().tolist() == [
        ["AE", "W", "0.25", 2],
        ["AE", "D W", "0.75", 2],
        ["SN", "W", "0.0", 3],
        ["SN", "D W", "", 3],
    ]


def test_what_the_source_lacks_and_what_the_map_lacks_is_listed(tmp_path: Path, write: Write) -> None:
    write("erp/client.csv", "거래처코드,부서\n1,a\n")
    write("erp/notes.pdf", "no export")
    write("backup/erp/client.csv", "거래처코드\n9\n")
    ingest = read_exports(tmp_path, {"customers": CUSTOMERS})
    assert ingest.tables["customers"]["customer_code"].tolist() == ["1"]
    assert ingest.coverage["missing_headers"] == {"erp/client.csv": ["거래처명"]}
    assert ingest.coverage["ignored_headers"] == {"erp/client.csv": ["부서"]}
    assert ingest.coverage["unknown_files"] == ["backup/erp/client.csv", "erp/notes.pdf"]
    assert set(ingest.coverage["missing_tables"]) == set(RAW_TABLES) - {"customers"}


def test_a_required_table_without_rows_is_refused(tmp_path: Path, write: Write) -> None:
    write("erp/client.csv", "거래처코드\n")
    with pytest.raises(SourceError, match="customers: its exports have a header and no row below it"):
        read_exports(tmp_path, {"customers": CUSTOMERS})


@pytest.mark.parametrize("odd", ["folder", "dangling link", "old workbook", "text"])
def test_what_a_pattern_finds_is_never_left_out_in_silence(tmp_path: Path, write: Write, odd: str) -> None:
    write("erp/client.csv", "거래처코드\n1\n")
    if odd == "folder":
        (tmp_path / "erp/client.xlsx").mkdir()
    elif odd == "dangling link":
        (tmp_path / "erp/client.xlsx").symlink_to(tmp_path / "gone.xlsx")
    else:
        write("erp/client.xls" if odd == "old workbook" else "erp/client.txt", "거래처코드\n2\n")
    with pytest.raises(SourceError, match=r"erp/client\.\w+ is no file ending in .csv"):
        read_exports(tmp_path, {"customers": CUSTOMERS})
    (check,) = [row for row in check_source(tmp_path, {"customers": CUSTOMERS}) if row.table == "customers"]
    assert check.stops


def test_a_workbook_with_cells_on_another_sheet_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["거래처코드"])
    book.active.append(["1"])
    other = book.create_sheet("more")
    path = tmp_path / "erp/client.xlsx"
    path.parent.mkdir()
    book.save(path)
    assert len(read_exports(tmp_path, {"customers": CUSTOMERS}).tables["customers"]) == 1
    other.append(["2"])
    book.save(path)
    with pytest.raises(SourceError, match="sheet 'more' has cells too"):
        read_exports(tmp_path, {"customers": CUSTOMERS})


def test_every_raw_table_is_there_even_if_empty(tmp_path: Path, write: Write) -> None:
    write("erp/client.csv", "거래처코드\n")
    tables = read_exports(tmp_path, {"customers": CUSTOMERS.model_copy(update={"required": False})}).tables
    for name, columns in RAW_TABLES.items():
        assert list(tables[name]) == [*columns, "source_file", "source_line"]
        assert {str(kind) for kind in tables[name].dtypes.drop("source_line")} == {"object"}
        assert len(tables[name]) == 0


def test_what_is_required_and_missing_is_one_clear_sentence(tmp_path: Path, write: Write) -> None:
    with pytest.raises(
        SourceError, match=r"nowhere cannot be read \(No such file or directory\): see that it is there"
    ):
        read_exports(tmp_path / "nowhere", {"customers": CUSTOMERS})
    with pytest.raises(SourceError, match=r"customers: no file like erp/client\.\* in"):
        read_exports(tmp_path, {"customers": CUSTOMERS})
    write("erp/client.csv", "거래처명,code\na,1\n")
    with pytest.raises(SourceError, match=r"erp/client.csv: no column 거래처코드; it has 거래처명, code"):
        read_exports(tmp_path, {"customers": CUSTOMERS})
    write("erp/client.csv", "거래처코드,거래처코드\n1,2\n")
    with pytest.raises(SourceError, match=r"erp/client.csv: column 거래처코드 stands there more than once"):
        read_exports(tmp_path, {"customers": CUSTOMERS})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clients": {"files": ["a"], "columns": {}}}, "unknown table 'clients'"),
        ({"customers": {"files": ["a"], "columns": {"x": "name"}}}, "customers has no column name"),
        ({"customers": {"files": ["a"], "columns": {"x": "customer_code", "y": "customer_code"}}}, "two headers"),
        ({"customers": {"files": ["a"], "columns": {"x": "customer_code"}, "personal": ["x"]}}, "personal headers"),
    ],
)
def test_a_map_that_cannot_be_meant_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FilesSource.model_validate_json(json.dumps({"kind": "files", "path": "x", "exports": change}))


def test_personal_data_never_reaches_the_raw_folder(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = "홍길동"
    folder = tmp_path / "exports"
    write("exports/erp/client.csv", f"거래처코드,거래처명,대표자명,전화번호\n2001,한빛,{person},{person}\n", "cp949")
    write("exports/erp/product.csv", "제품코드,제품명\nP1,AE 한빛\n")
    write("exports/erp/recipe.csv", "제품명,W\nAE,1\n")
    write("exports/sales/sales_2020.csv", "SOLDDATE,CUSTID,PRODCODE,REGION_U,QUANT\n2020-01-01,2001,P1,서울,5\n")
    exports = yaml.safe_load((ROOT / "conf/source/exports/plant_erp.yaml").read_text(encoding="utf-8"))
    source = FilesSource.model_validate_json(json.dumps({"kind": "files", "path": str(folder), "exports": exports}))
    stage = runpy.run_path(str(ROOT / "pipelines/ingest.py"))
    monkeypatch.chdir(tmp_path)
    stage["main"](SimpleNamespace(seed=1, source=source))
    raw = tmp_path / "data/raw"
    assert {path.name for path in raw.iterdir()} == {"coverage.json", *RAW_TABLES}
    kept = [path for root in (raw, tmp_path / ".mixplan/ingest") for path in root.rglob("*") if path.is_file()]
    assert sum(path.name == "entry.json" for path in kept) == 4
    for path in kept:
        assert person.encode() not in path.read_bytes()
        assert person.encode("cp949") not in path.read_bytes()
        if path.suffix == ".parquet":
            assert person not in pd.read_parquet(path).to_csv()
    assert read_table(raw, "customers")["customer_name"].tolist() == ["한빛"]
    coverage = json.loads((raw / "coverage.json").read_text(encoding="utf-8"))
    assert coverage["personal_headers"] == {"erp/client.csv": ["대표자명", "전화번호"]}
