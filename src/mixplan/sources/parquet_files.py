"""Parquet in batches: columns of any plain type as the text that a CSV export would have held."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa
from pyarrow import compute, types
from pyarrow import parquet as pq

from mixplan.sources.numbers import plain
from mixplan.sources.sheet import Rows, Sheet, SourceError, clean_header, damage_told

BATCH_ROWS = 1 << 16


def open_parquet(path: Path, name: str) -> Sheet:
    """Read the schema of a Parquet file, whose column names are the header; its first row counts as line 2.

    Raises:
        SourceError: the file is cut off or damaged. Reading the rows raises it also for a column without plain values.
    """
    with _told(name), _opened(path) as file:
        names, rows = file.schema_arrow.names, file.metadata.num_rows

    def read(positions: Sequence[int]) -> Iterator[Rows]:
        line = 2
        with _told(name), _opened(path) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=[names[position] for position in positions]):
                batch.validate(full=True)  # or bytes that are no text would pass for it
                cells = {
                    position: as_text(batch.column(names[position]), names[position], name) for position in positions
                }
                yield Rows(cells, pa.array(range(line, line + batch.num_rows), pa.int64()))
                line += batch.num_rows
            if line - 2 != rows:
                raise ValueError(f"{line - 2} rows where it says {rows}")

    return Sheet([clean_header(column) for column in names], "parquet", read, rows)


def _opened(path: Path) -> pq.ParquetFile:
    return pq.ParquetFile(path, memory_map=False)


def _told(name: str) -> AbstractContextManager[None]:
    return damage_told(f"{name} is no readable Parquet file", "it is cut off or damaged, export it again")


def as_text(column: pa.Array, header: str, name: str) -> pa.StringArray:
    """Text of a column: days as YYYY-MM-DD, numbers without exponent and needless decimals, truth as Y and N.

    Raises:
        SourceError: a cell is a list, a group of fields, or bytes that are no UTF-8.
    """
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        if types.is_boolean(column.type):
            column = compute.if_else(column, "Y", "N")
        elif types.is_timestamp(column.type):
            column = _days(column)
        elif types.is_floating(column.type) or types.is_decimal(column.type):
            column = _plain(column)
        return column.cast(pa.string()).fill_null("")
    except (pa.ArrowException, NotImplementedError) as error:
        raise SourceError(
            f"{name}: column {header} is {column.type}, which has no plain text ({error}); export it as text"
        ) from None


def _days(column: pa.Array) -> pa.StringArray:
    local = compute.local_timestamp(column) if column.type.tz else column
    text = compute.replace_substring_regex(local.cast(pa.string()), r"\.0+$", "")
    return compute.replace_substring_regex(text, " 00:00:00$", "")


def _plain(column: pa.Array) -> pa.StringArray:
    numbers = column.cast(pa.float64()) if types.is_float16(column.type) else column
    text = numbers.cast(pa.string()).fill_null("")
    odd = compute.match_substring_regex(text, "(?i)e|nan")
    if not compute.any(odd).as_py():
        return text
    written_out = pa.array([plain(float(value)) for value in text.filter(odd).to_pylist()], pa.string())
    return compute.replace_with_mask(text, odd, written_out)
