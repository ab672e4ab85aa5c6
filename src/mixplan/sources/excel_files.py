"""Workbooks row by row: the first sheet as the text that a person would have typed."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import dropwhile, islice
from pathlib import Path
from typing import Any

from mixplan.sources.numbers import plain
from mixplan.sources.sheet import BATCH_ROWS, Rows, Sheet, SourceError, clean_header, damage_told, fitted, rows_of

MOST_ROWS = 1 << 20
"""Rows of a sheet; openpyxl counts to any other number that a damaged workbook names."""


def open_excel(path: Path, name: str) -> Sheet:
    """Read the header of a workbook's first sheet, which is the first row with anything in it.

    Args:
        path: .xlsx or .xlsm; formulas count as the values that they were saved with.
        name: what errors call it.

    Raises:
        SourceError: no readable workbook, days counted from 1904, or no header. Reading the rows raises it for a row
            with more cells than the header.
    """
    filled = (record for record in _records(path, name) if any(cell.strip() for cell in record[1]))
    header_line, header = next(filled, (0, []))
    if not header:
        raise SourceError(f"{name} is empty: export it again, with its header line")
    while not header[-1].strip():
        header.pop()

    def read(positions: Sequence[int]) -> Iterator[Rows]:
        records = dropwhile(lambda record: record[0] <= header_line, _records(path, name))
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
    last = 0
    with damage_told(f"{name} is no readable workbook", "it may be cut off; save it again as .xlsx or .csv"):
        for line, values in enumerate(_values(path, name), start=1):
            if line > MOST_ROWS:
                raise SourceError(f"{name} names a row beyond {MOST_ROWS}, the last of any sheet; save it again")
            row = [cell_text(value) for value in values]
            if any(row):
                yield from ((blank, []) for blank in range(last + 1, line))
                yield line, row
                last = line


def _values(path: Path, name: str) -> Iterator[tuple[Any, ...]]:
    from openpyxl import load_workbook
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        if book.epoch == CALENDAR_MAC_1904:
            raise SourceError(
                f"{name} counts days from 1904, so a day that stands there as a number would be four years off; "
                "save it as .csv"
            )
        if not book.worksheets:
            raise SourceError(f"{name} has no sheet of cells: export it again, as a table")
        sheet, *others = book.worksheets
        for other in others:
            if any(cell is not None for row in islice(other.iter_rows(values_only=True), MOST_ROWS) for cell in row):
                raise SourceError(f"{name}: sheet {other.title!r} has cells too, and only the first is read; part them")
        sheet.reset_dimensions()  # what the file says of its size is often wrong
        yield from sheet.iter_rows(values_only=True)
    finally:
        book.close()
