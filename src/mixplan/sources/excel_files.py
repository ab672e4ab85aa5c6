"""Workbooks row by row: the first sheet as the text that a person would have typed."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from mixplan.sources.numbers import plain
from mixplan.sources.sheet import BATCH_ROWS, Rows, Sheet, SourceError, clean_header, fitted, rows_of

BROKEN = (BadZipFile, KeyError, ValueError, EOFError, ParseError, zlib.error)
"""What openpyxl raises for a workbook that is none."""


def open_excel(path: Path, name: str) -> Sheet:
    """Read the header of a workbook's first sheet.

    Args:
        path: .xlsx or .xlsm; formulas count as the values that they were saved with.
        name: what errors call it.

    Raises:
        SourceError: no readable workbook, or no header. Reading the rows raises it for a row with more cells than the
            header.
    """
    _, header = next(_records(path, name), (1, []))
    if not any(header):
        raise SourceError(f"{name} is empty: export it again, with its header line")
    while not header[-1].strip():
        header.pop()

    def read(positions: Sequence[int]) -> Iterator[Rows]:
        records = islice(_records(path, name), 1, None)
        while batch := list(islice(records, BATCH_ROWS)):
            yield rows_of([(line, fitted(row, len(header), line, name)) for line, row in batch], positions)

    return Sheet([clean_header(cell) for cell in header], "excel", read)


def cell_text(value: Any) -> str:
    """A cell as text: days as YYYY-MM-DD, numbers without exponent and needless decimals, truth as Y and N.

    >>> from datetime import datetime
    >>> [cell_text(value) for value in (None, 2001102.0, 1e-7, True, datetime(2021, 2, 22))]
    ['', '2001102', '0.0000001', 'Y', '2021-02-22']
    >>> cell_text(datetime(2021, 2, 22, 13, 5))
    '2021-02-22 13:05:00'
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, float):
        return plain(value)
    if isinstance(value, date):  # a datetime is one too
        return str(value).removesuffix(" 00:00:00")
    return str(value)


def _records(path: Path, name: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with its line; blank rows at the end of a sheet are formatting and no rows."""
    blank: list[tuple[int, list[str]]] = []
    try:
        for line, values in enumerate(_values(path, name), start=1):
            row = [cell_text(value) for value in values]
            if line > 1 and not any(row):
                blank.append((line, []))
                continue
            yield from blank
            blank.clear()
            yield line, row
    except BROKEN as error:
        raise SourceError(
            f"{name} is no readable workbook ({error}): it may be cut off; save it again as .xlsx or .csv"
        ) from None


def _values(path: Path, name: str) -> Iterator[tuple[Any, ...]]:
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        sheet, *others = book.worksheets
        for other in others:
            if any(cell is not None for row in other.iter_rows(values_only=True) for cell in row):
                raise SourceError(f"{name}: sheet {other.title!r} has cells too, and only the first is read; part them")
        sheet.reset_dimensions()  # what the file says of its size is often wrong
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()
