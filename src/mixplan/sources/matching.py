"""The header of one export against the map: which column is which raw column, and what is neither."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pyarrow as pa

from mixplan.config.source import RAW_TABLES, Melt, TableExport
from mixplan.sources.files import SUFFIXES, SourceError
from mixplan.sources.sheet import Rows, clean_header


@dataclass(frozen=True)
class Match:
    """What the map makes of a header."""

    header: list[str]
    columns: dict[str, int]
    """Raw column to the position of its header."""
    required: set[str]
    """Headers that every file must have."""
    missing_required: list[str]
    missing_optional: list[str]
    repeated: list[str]
    """Mapped headers that stand there more than once."""
    personal: list[str]
    """Headers whose cells are dropped."""
    others: list[int]
    """Positions of headers that the map does not name: ignored, or the names of a wide export."""

    @property
    def unknown(self) -> list[str]:
        """Headers that the map does not name."""
        return [self.header[position] for position in self.others]

    def wanted(self, melt: Melt | None) -> list[int]:
        """Positions of the cells that are read; no other column is handed on, the personal ones least of all."""
        return [*self.columns.values(), *(self.others if melt else ())]

    def problem(self) -> str:
        """What keeps the file from being read, and what to do; empty if nothing does.

        Where no header is known the first row may be one of data, and of people: it is not repeated.
        """
        if not self.columns and (self.required or self.missing_optional):
            wanted = ", ".join([*sorted(self.required), *self.missing_optional])
            found = f"none of its {len(self.header)} headers is known"
            return f"{found}; it needs a first row with {wanted}; mend it or the map"
        if self.missing_required:
            taken = {self.header[position] for position in self.columns.values()}
            free = [header for header in self.header if header not in taken]
            close = {near for header in self.missing_required for near in get_close_matches(header, free, n=1)}
            hint = f"; {', '.join(sorted(close))} comes close, mend it or the map" if close else ""
            return f"no column {', '.join(self.missing_required)}; it has {', '.join(self.header)}{hint}"
        if self.repeated:
            return f"column {', '.join(self.repeated)} stands there more than once; keep one of them"
        return ""


def match_header(header: list[str], export: TableExport) -> Match:
    """Find the map's headers in a file's, blanks and quotes around them aside."""
    mapped = {clean_header(name): column for name, column in export.mapped.items()}
    required = {clean_header(name) for name in export.columns}
    personal = {clean_header(name) for name in export.personal}
    return Match(
        header=header,
        columns={column: header.index(name) for name, column in mapped.items() if name in header},
        required=required,
        missing_required=sorted(required - set(header)),
        missing_optional=[name for name in mapped if name not in header and name not in required],
        repeated=sorted(name for name in mapped if header.count(name) > 1),
        personal=[name for name in header if name in personal],
        others=[at for at, name in enumerate(header) if name not in mapped and name not in personal],
    )


def names_like(folder: Path, patterns: Sequence[str], *, any_suffix: bool = False) -> list[str]:
    """Names relative to the folder in order, without hidden files and the lock files of Excel."""
    paths = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(
        path.relative_to(folder).as_posix()
        for path in paths
        if not path.name.startswith((".", "~$")) and (any_suffix or path.suffix.lower() in SUFFIXES)
    )


def export_names(folder: Path, patterns: Sequence[str]) -> list[str]:
    """The exports that patterns find, in order.

    Raises:
        SourceError: a pattern finds what is no file that can be read: left out in silence, its rows would be missing.
    """
    names = names_like(folder, patterns)
    found = {path for pattern in patterns for path in folder.glob(pattern) if not path.name.startswith((".", "~$"))}
    if odd := sorted({path.relative_to(folder).as_posix() for path in found} - set(names)):
        raise SourceError(f"{odd[0]} is no file ending in {', '.join(SUFFIXES)}: export it as one, or move it away")
    return names


def raw_schema(table: str) -> pa.Schema:
    """Columns of a raw table: text, and where each row came from."""
    fields = [pa.field(column, pa.string()) for column in (*RAW_TABLES[table], "source_file")]
    return pa.schema([*fields, pa.field("source_line", pa.int64())])


def raw_rows(rows: Iterable[Rows], match: Match, table: str, name: str, melt: Melt | None) -> Iterator[pa.RecordBatch]:
    """Rows of a sheet, read at ``match.wanted(melt)``, as rows of a raw table."""
    schema = raw_schema(table)
    for some in rows:
        cells = {column: some.cells[position] for column, position in match.columns.items()}
        lines = some.lines
        if melt:
            cells, lines = _melted(cells, some, match, melt)
        blank, origin = pa.repeat("", len(lines)), pa.repeat(name, len(lines))
        columns = [cells.get(column, blank) for column in RAW_TABLES[table]]
        yield pa.RecordBatch.from_arrays([*columns, origin, lines], schema=schema)


def _melted(
    cells: dict[str, pa.StringArray], rows: Rows, match: Match, melt: Melt
) -> tuple[dict[str, pa.StringArray], pa.Int64Array]:
    """One row a cell, line by line and in the order of the headers."""
    height, width = len(rows.lines), len(match.others)
    line = np.repeat(np.arange(height), width)
    header = np.tile(np.arange(width), height)
    long = {column: values.take(line) for column, values in cells.items()}
    long[melt.header] = pa.array([match.header[position] for position in match.others], pa.string()).take(header)
    values = [rows.cells[position] for position in match.others] or [pa.array([], pa.string())]
    long[melt.value] = pa.concat_arrays(values).take(header * height + line)
    return long, rows.lines.take(line)
