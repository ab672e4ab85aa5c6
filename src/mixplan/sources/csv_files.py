"""CSV in batches: fast by Arrow, and row by row where Arrow refuses what people's exports do."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, dropwhile, islice
from pathlib import Path
from typing import TextIO

import numpy as np
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from mixplan.sources.encodings import CHUNK, Utf8Pieces, encoding_of, wrong_encoding
from mixplan.sources.sheet import BATCH_ROWS, Rows, Sheet, SourceError, clean_header, fitted, rows_of

BLOCK_BYTES = 1 << 22
"""Bytes that Arrow parses at once: its batches are as many rows as these hold."""


def open_csv(path: Path, name: str, *, glance: bool = False) -> Sheet:
    """Read the header, which is the first line with anything in it, and find out how to read the rest.

    Args:
        path: comma-separated text in UTF-8 or CP949; headers and quoted cells may hold line breaks.
        name: what errors call it.
        glance: tell the encoding from the beginning of the file alone; the rows must not be read then.

    Raises:
        SourceError: another encoding, no header, or a quote that never closes. Reading the rows raises it for a row
            with more cells than the header, and for a file that does not end with a line end.
    """
    encoding = encoding_of(path, name, glance=glance)
    header, lines = _header(path, name, encoding)
    quoted = False if glance else _quotes(path) > "".join(lines).count('"')
    body = _Body(path, name, encoding, len(header), len(lines), quoted)
    return Sheet([clean_header(cell) for cell in header], encoding, body.read)


def _header(path: Path, name: str, encoding: str) -> tuple[list[str], list[str]]:
    """The first record with anything in it, and the lines up to its end."""
    lines: list[str] = []

    def noted(file: TextIO) -> Iterator[str]:
        for line in file:
            lines.append(line)
            yield line

    try:
        with path.open(encoding=encoding, newline="") as file:
            record = next((row for row in csv.reader(noted(file)) if any(cell.strip() for cell in row)), [])
    except UnicodeDecodeError:
        raise wrong_encoding(path, name) from None
    except csv.Error as error:
        raise SourceError(f"{name}, line 1: {error}; mend the quotes of the header") from None
    if not record:
        raise SourceError(f"{name} is empty: export it again, with its header line")
    return record, lines


def _quotes(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b'"') for chunk in iter(lambda: file.read(CHUNK), b""))


@dataclass(frozen=True)
class _Body:
    """What stands below the header of a CSV file."""

    path: Path
    name: str
    encoding: str
    width: int
    header_lines: int
    quoted: bool
    """Whether a quote stands below the header, so that a cell may hold line breaks."""

    def read(self, positions: Sequence[int]) -> Iterator[Rows]:
        """Every row: by Arrow, and from where it refuses by Python's own reader.

        What is cut off inside its last cell is a whole file but for the last line end: 12 may have been 12345.
        """
        done = 0
        try:
            for rows in self._fast(positions):
                yield rows
                done += len(rows.lines)
        except pa.ArrowInvalid:
            yield from self._exact(positions, done)
        except UnicodeDecodeError:
            raise wrong_encoding(self.path, self.name) from None
        if not self._ends_a_line():
            with self.path.open(encoding=self.encoding) as file:
                line = sum(1 for _ in file)
            raise SourceError(
                f"{self.name}, line {line}: the file ends here without a line end, so it may be cut off in this row; "
                "export it again, or add a line end if the row is whole"
            )

    def _fast(self, positions: Sequence[int]) -> Iterator[Rows]:
        names = [str(position) for position in range(self.width)]
        wanted = names if self.quoted else [str(position) for position in positions]
        convert = arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=wanted, strings_can_be_null=False
        )
        parse = arrow_csv.ParseOptions(newlines_in_values=self.quoted, ignore_empty_lines=False)
        read = arrow_csv.ReadOptions(
            column_names=names,
            skip_rows=self.header_lines,
            block_size=BLOCK_BYTES,
        )
        line = self.header_lines + 1
        with (
            self.path.open("rb") as file,
            closing(arrow_csv.open_csv(Utf8Pieces(file, self.encoding), read, parse, convert)) as batches,
        ):
            for batch in batches:
                ends = np.arange(line + 1, line + 1 + batch.num_rows) + np.cumsum(self._line_breaks(batch))
                yield Rows(
                    {position: batch.column(str(position)) for position in positions},
                    pa.array(np.append(line, ends[:-1])[: batch.num_rows], pa.int64()),
                )
                line = int(ends[-1]) if batch.num_rows else line
        if self.quoted and self._may_be_open(batch):
            raise pa.ArrowInvalid("the last quote may never close")

    def _line_breaks(self, batch: pa.RecordBatch) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """How many line breaks the cells of each row hold."""
        counts = np.zeros(batch.num_rows, dtype=np.int64)
        for column in batch.columns if self.quoted else ():
            text = (column.buffers()[2] or pa.py_buffer(b"")).to_pybytes()
            if b"\n" in text or b"\r" in text:
                for sign, end in ((1, "\n"), (1, "\r"), (-1, "\r\n")):
                    counts += sign * compute.count_substring(column, end).to_numpy()
        return counts

    def _may_be_open(self, last: pa.RecordBatch) -> bool:
        """Arrow takes the end of the file for the end of a quote; the last cell then holds the last line end."""
        return not self._ends_a_line() or last.column(self.width - 1)[-1].as_py().endswith(("\n", "\r"))

    def _ends_a_line(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, 2)
            return file.read() in {b"\n", b"\r"}

    def _exact(self, positions: Sequence[int], done: int) -> Iterator[Rows]:
        """The rows after the first ``done``."""
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                below = dropwhile(lambda record: record[0] <= self.header_lines, self._records(file))
                records = islice(below, done, None)
                while batch := list(islice(records, BATCH_ROWS)):
                    yield rows_of([(at, fitted(cells, self.width, at, self.name)) for at, cells in batch], positions)
        except UnicodeDecodeError:
            raise wrong_encoding(self.path, self.name) from None

    def _records(self, file: TextIO) -> Iterator[tuple[int, list[str]]]:
        """Every record, the header's too, with its first line."""
        reader = csv.reader(chain(file, ["\n"]))  # the added line is a record of its own, unless a quote is still open
        first, last = 1, (1, [""])
        try:
            for count, row in enumerate(reader):
                if count:
                    yield last
                first, last = reader.line_num + 1, (first, row)
        except csv.Error as error:
            raise SourceError(f"{self.name}, line {first}: {error}; mend the quotes of that line") from None
        if last[1]:
            raise SourceError(
                f"{self.name}, line {last[0]}: a quote opens in this row and never closes; mend it, or export the file "
                "again if it is cut off"
            )
