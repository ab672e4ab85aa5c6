"""Parquet files that a raw table is kept in: by year where it grows with time, and equal bytes for equal rows."""

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pyarrow as pa
from pyarrow import compute
from pyarrow import parquet as pq

from mixplan.config.source import PARTED

ROWS_PER_GROUP = 1 << 17
"""Rows that Parquet keeps together, and that a writer holds back."""
WHOLE = "all"
"""The one part of a table that is not parted."""
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?=[-./]?[0-9]{2})")


def part_of(day: str) -> str:
    """The year that a date begins with, or ``other``.

    >>> [part_of(day) for day in ("2021-02-22", "20210222", "22.02.2021", "2021", "")]
    ['2021', '2021', 'other', 'other', 'other']
    """
    year = _YEAR.match(day)
    return year.group() if year else "other"


def parted(table: str, batch: pa.RecordBatch) -> Iterator[tuple[str, pa.RecordBatch]]:
    """The rows of each part, in their order."""
    if table not in PARTED:
        yield WHOLE, batch
        return
    beginnings = compute.utf8_slice_codeunits(compute.utf8_trim_whitespace(batch.column(PARTED[table])), 0, 7)
    days = beginnings.dictionary_encode()  # few differ, so each is judged once
    parts = pa.array([part_of(day) for day in days.dictionary.to_pylist()], pa.string()).take(days.indices)
    names = sorted(parts.unique().to_pylist())
    for name in names:
        yield name, batch if len(names) == 1 else batch.filter(compute.equal(parts, name))


class PartWriter:
    """One Parquet file of text and lines, whose bytes depend on its rows alone and not on how they came."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        text = [field.name for field in schema if field.name != "source_line"]
        self._schema = schema
        self._file = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            use_dictionary=text,
            column_encoding={"source_line": "DELTA_BINARY_PACKED"},
        )
        self._pending: list[pa.RecordBatch] = []

    def write(self, batch: pa.RecordBatch) -> None:
        """Take rows; whole groups are written at once."""
        self._pending.append(batch)
        held = sum(part.num_rows for part in self._pending)
        if held >= ROWS_PER_GROUP:
            self._write(held - held % ROWS_PER_GROUP)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._write(sum(part.num_rows for part in self._pending))
        finally:
            self._file.close()

    def _write(self, rows: int) -> None:
        table = pa.Table.from_batches(self._pending, schema=self._schema).combine_chunks()
        self._file.write_table(table.slice(0, rows), row_group_size=ROWS_PER_GROUP)
        self._pending = table.slice(rows).to_batches()


def write_parts(folder: Path, table: str, batches: Iterable[pa.RecordBatch]) -> None:
    """Write rows to ``folder/<part>.parquet``; no rows, no file."""
    writers: dict[str, PartWriter] = {}
    with ExitStack() as files:
        for batch in batches:
            for part, rows in parted(table, batch):
                if part not in writers:
                    writers[part] = files.enter_context(PartWriter(folder / f"{part}.parquet", rows.schema))
                writers[part].write(rows)


def write_part(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write rows to one file, which is there even without any."""
    with PartWriter(path, schema) as writer:
        for batch in batches:
            writer.write(batch)
