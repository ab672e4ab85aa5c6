"""One exported file, CSV or Excel, as text cells with the line that each row began on."""

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from mixplan.config.base import MixplanError

EXCEL_SUFFIXES = (".xlsx", ".xlsm")
SUFFIXES = (".csv", *EXCEL_SUFFIXES)
"""File names that end otherwise are never read."""


class SourceError(MixplanError):
    """The exports cannot be read as the map says."""


@dataclass(frozen=True)
class Sheet:
    """A file as found: one header and text cells, blank where the file has nothing."""

    header: list[str]
    """Headers without surrounding blanks and quotes."""
    cells: pd.DataFrame
    """Text, one column a header, named by its position as headers may repeat."""
    lines: list[int]
    """Line of the file on which each row begins; the header's is usually 1."""
    encoding: str
    """``utf-8``, ``utf-8-sig`` (with a mark) or ``cp949``; ``excel`` for a workbook."""


def clean_header(header: str) -> str:
    """A header without surrounding blanks and quotes, and with single blanks inside.

    >>> clean_header(' "LOT  number" ')
    'LOT number'
    """
    return " ".join(header.strip(' \t\r\n"\ufeff').split())


def read_sheet(path: Path, name: str) -> Sheet:
    """Read one export.

    Args:
        path: a CSV file in UTF-8 or CP949, or a workbook, of which the first sheet is read.
        name: what errors call it.

    Raises:
        SourceError: another encoding, no header, no readable workbook, or a row with more cells than the header.
    """
    if path.suffix.lower() in EXCEL_SUFFIXES:
        rows, lines, encoding = _excel_rows(path, name)
    else:
        rows, lines, encoding = _csv_rows(path, name)
    if not rows:
        raise SourceError(f"{name} is empty: export it again, with its header line")
    header = [clean_header(cell) for cell in rows[0]]
    body = [_fitted(row, len(header), line, name) for row, line in zip(rows[1:], lines[1:], strict=True)]
    cells = pd.DataFrame(body, columns=range(len(header)), dtype=object)
    return Sheet(header, cells, lines[1:], encoding)


def _decoded(path: Path, name: str) -> tuple[str, str]:
    content = path.read_bytes()
    marked = content.startswith(codecs.BOM_UTF8)
    for encoding in ("utf-8-sig",) if marked else ("utf-8", "cp949"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise SourceError(f"{name} is neither UTF-8 nor CP949: save it in one of these encodings")


def _csv_rows(path: Path, name: str) -> tuple[list[list[str]], list[int], str]:
    text, encoding = _decoded(path, name)
    reader = csv.reader(io.StringIO(text, newline=""))
    rows: list[list[str]] = []
    lines: list[int] = []
    last_line = 0
    try:
        for row in reader:
            rows.append(row)
            lines.append(last_line + 1)
            last_line = reader.line_num
    except csv.Error as error:
        raise SourceError(f"{name}, line {last_line + 1}: {error}; mend the quotes of that line") from None
    return rows, lines, encoding


def _excel_rows(path: Path, name: str) -> tuple[list[list[str]], list[int], str]:
    try:
        frame = pd.read_excel(path, header=None, dtype=str, keep_default_na=False, na_filter=False, engine="openpyxl")
    except (BadZipFile, KeyError, ValueError) as error:
        raise SourceError(f"{name} is no readable workbook ({error}): save it as .xlsx or .csv") from None
    return frame.to_numpy().tolist(), [int(row) + 1 for row in frame.index], "excel"


def _fitted(row: list[str], width: int, line: int, name: str) -> list[str]:
    """The row with as many cells as the header; only blank cells may be too many."""
    if any(cell.strip() for cell in row[width:]):
        raise SourceError(
            f"{name}, line {line}: {len(row)} cells below {width} headers; put quotes round the cell with a comma"
        )
    return row[:width] + [""] * (width - len(row))
