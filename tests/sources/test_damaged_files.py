"""Workbooks and Parquet files with bytes that nobody wrote: one sentence, or every row; never a trace."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.chart import PieChart
from pyarrow import parquet as pq

from mixplan.sources.files import SourceError, open_sheet

ROWS = 60
FRAME = pd.DataFrame(
    {
        "code": [f"C{row % 7}" for row in range(ROWS)],
        "day": pd.date_range("2021-01-01", periods=ROWS),
        "kg": [row * 1.5 for row in range(ROWS)],
    }
)
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


@cache
def whole(suffix: str) -> bytes:
    file = io.BytesIO()
    if suffix == "xlsx":
        FRAME.to_excel(file, index=False)
    else:
        pq.write_table(pa.Table.from_pandas(FRAME), file, store_schema=False)
    return file.getvalue()


def rows_of(path: Path) -> int:
    return sum(len(rows.lines) for rows in open_sheet(path, path.name).read([0, 1, 2]))


def told(path: Path, content: bytes, sentence: str) -> None:
    path.write_bytes(content)
    with pytest.raises(SourceError, match=sentence) as caught:
        rows_of(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4),
    st.floats(0.05, 1) | st.just(1.0),
)
@settings(deadline=None, max_examples=150, derandomize=True)
def test_bytes_that_change_or_end_are_told(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, changes: list[tuple[float, int]], end: float
) -> None:
    content = bytearray(whole(suffix))
    for place, byte in changes:
        content[int(place * len(content))] = byte
    path = tmp_path_factory.mktemp("damaged") / f"a.{suffix}"
    path.write_bytes(content[: int(end * len(content))])
    with suppress(SourceError):
        assert rows_of(path) == ROWS


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part changed, whose checksum is right."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole("xlsx"))) as before, zipfile.ZipFile(file, "w") as after:
        for part in before.namelist():
            content = before.read(part)
            after.writestr(part, change(content) if part == name else content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, lambda xml: xml[: len(xml) // 2]),
        (SHEET, lambda xml: xml.replace(b'r="A3"', b'r="3A"')),
        (SHEET, lambda xml: xml.replace(b't="inlineStr"><is><t>C1</t></is>', b't="s"><v>99</v>')),  # IndexError
        (SHEET, lambda xml: xml.replace(b"<v>44197<", b"<v>nan<")),
        (BOOK, lambda xml: xml.replace(b"firstSheet", b"fristSheet")),  # TypeError
    ],
)
def test_a_part_of_a_workbook_that_makes_no_sense_is_told(
    tmp_path: Path, part: str, change: Callable[[bytes], bytes]
) -> None:
    content = with_part(part, change)
    assert content != with_part(part, bytes)
    told(tmp_path / "a.xlsx", content, r"a\.xlsx is no readable workbook \(.+\): it may be cut off; save it again")


def test_a_row_that_no_sheet_has_is_told(tmp_path: Path) -> None:
    content = with_part(SHEET, lambda xml: xml.replace(b'<row r="3">', b'<row r="99999999999">'))
    told(tmp_path / "a.xlsx", content, r"a\.xlsx names a row beyond 1048576, the last of any sheet; save it again")


def test_a_workbook_that_is_packed_in_an_unknown_way_is_told(tmp_path: Path) -> None:
    content = whole("xlsx").replace(b"\x08\x00", b"\x63\x00")  # the number of the method
    told(tmp_path / "a.xlsx", content, r"a\.xlsx is no readable workbook \(.+\)")


def test_a_workbook_of_charts_alone_is_told(tmp_path: Path) -> None:
    book = Workbook()
    book.create_chartsheet("picture").add_chart(PieChart())
    book.remove(book.worksheets[0])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(SourceError, match=r"a\.xlsx has no sheet of cells"):
        open_sheet(tmp_path / "a.xlsx", "a.xlsx")


def test_a_header_that_is_no_text_is_told(tmp_path: Path) -> None:
    told(tmp_path / "a.parquet", whole("parquet").replace(b"code", b"\xffode"), r"a\.parquet is no readable Parquet")


def test_cells_that_are_no_text_are_told(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"a": ["Cxxx"], "b": [""], "c": [""]}),
        tmp_path / "a.parquet",
        compression="none",
        use_dictionary=False,
    )
    content = (tmp_path / "a.parquet").read_bytes().replace(b"Cxxx", b"\xff\xfe\xff\xfe")
    told(tmp_path / "a.parquet", content, r"a\.parquet is no readable Parquet file \(.*UTF8")


def test_rows_that_a_file_counts_and_does_not_hold_are_told(tmp_path: Path) -> None:
    """The count stands in several places of a Parquet file, as the byte 2 x rows; one of them raised alone is a lie."""
    content, path, lies = whole("parquet"), tmp_path / "a.parquet", 0
    for place in (place for place, byte in enumerate(content) if byte == 2 * ROWS):
        path.write_bytes(content[:place] + bytes([2 * ROWS + 2]) + content[place + 1 :])
        try:
            assert rows_of(path) == ROWS
        except SourceError as error:
            lies += f"{ROWS} rows where it says {ROWS + 1}" in str(error)
    assert lies
