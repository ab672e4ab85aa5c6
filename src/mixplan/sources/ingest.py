"""A folder of exports as raw tables: text only, with the file and line that each row came from."""

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet as pq

from mixplan.config.source import RAW_TABLES, TableExport
from mixplan.sources.files import Rows, SourceError, hold_listable, open_sheet, undisturbed, unreadable
from mixplan.sources.lacking import tell_columns, tell_empty, tell_lacking
from mixplan.sources.matching import export_names, match_header, names_like, raw_rows, raw_schema
from mixplan.sources.memo import Memo, found_in, key_of
from mixplan.sources.parts import ROWS_PER_GROUP, WHOLE, write_part, write_parts
from mixplan.sources.unlisted import tell_unlisted

logger = logging.getLogger(__name__)


@dataclass
class Coverage:
    """What was found in the folder, and what was not."""

    files: list[dict[str, Any]] = field(default_factory=list)
    """File, table, encoding and number of rows of everything that was read."""
    missing_tables: list[str] = field(default_factory=list)
    """Tables without a file."""
    missing_headers: dict[str, list[str]] = field(default_factory=dict)
    """File to the optional headers that it lacks."""
    ignored_headers: dict[str, list[str]] = field(default_factory=dict)
    """File to the headers that the map does not name."""
    personal_headers: dict[str, list[str]] = field(default_factory=dict)
    """File to the personal headers whose cells were dropped."""
    unknown_files: list[str] = field(default_factory=list)
    """Files that belong to no table."""

    def note(self, table: str, name: str, found: Mapping[str, Any]) -> None:
        """Take in what was found in one file."""
        self.files.append({"file": name, "table": table, "encoding": found["encoding"], "rows": found["rows"]})
        for kind in ("missing_headers", "ignored_headers", "personal_headers"):
            if found[kind]:
                getattr(self, kind)[name] = found[kind]


@dataclass(frozen=True)
class Ingest:
    """Every raw table of ``RAW_TABLES``, empty where the source lacks it, and the coverage as plain data."""

    tables: dict[str, pd.DataFrame]
    coverage: dict[str, Any]


def ingest_files(
    exports: Mapping[str, TableExport],
    folder: Path,
    out: Path,
    memo: Path | None = None,
    served: Sequence[str] = (),
) -> dict[str, Any]:
    """Read a folder of exports by the map and write ``out/<table>/<part>.parquet``.

    Every column is text (blank where there is nothing), with ``source_file`` (relative to the folder) and
    ``source_line``; the rows of a part stand in the order of these two. A table without rows is one part ``all``.

    Args:
        exports: the map, by raw table.
        folder: where the exports lie.
        out: a folder to write to; a caller who wants all or nothing hands a new one and moves it.
        served: tables that a service gives: nothing is written for them.
        memo: folder that keeps what was read of each file, so that the next run parses only files that changed.

    Returns:
        The coverage as plain data.

    Raises:
        SourceError: the folder, a required table or a required header is missing, or a folder or file cannot be read.
    """
    hold_listable(folder)
    coverage = Coverage()
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out, prefix=".files") as unkept:
        entries = Memo(memo or Path(unkept))
        for table in (table for table in RAW_TABLES if table not in served):
            _ingest_table(table, exports.get(table), folder, out / table, entries, coverage)
        if memo:
            entries.forget_unused()
    tell_unlisted(out)
    read = {entry["file"] for entry in coverage.files}
    coverage.unknown_files = [name for name in names_like(folder, ["**/*"], any_suffix=True) if name not in read]
    return asdict(coverage)


def read_exports(folder: Path, exports: Mapping[str, TableExport]) -> Ingest:
    """Read a folder of exports as ``ingest_files`` does, into memory."""
    with TemporaryDirectory() as raw:
        coverage = ingest_files(exports, folder, Path(raw))
        return Ingest({table: read_table(Path(raw), table) for table in RAW_TABLES}, coverage)


def read_table(raw: Path, table: str) -> pd.DataFrame:
    """Every part of a raw table as one frame, in the order of file and line."""
    parts = [pq.read_table(path) for path in sorted((raw / table).glob("*.parquet"))]
    frame: pd.DataFrame = pa.concat_tables(parts).to_pandas()
    return frame.sort_values(["source_file", "source_line"], kind="stable", ignore_index=True)


def _ingest_table(
    table: str, export: TableExport | None, folder: Path, out: Path, memo: Memo, coverage: Coverage
) -> None:
    entries = []
    if export:
        for name in _names(table, export, folder):
            entries.append(_entry(folder / name, name, table, export, memo))
            coverage.note(table, name, found_in(entries[-1]))
        if export.required and not any(found_in(entry)["rows"] for entry in entries):
            raise SourceError(f"{table}: its exports have a header and no row below it; export them again")
    try:
        _join(entries, out, table)
    except OSError as error:
        raise unreadable(error, f"table {table}") from None
    _tell(table, export, coverage)


def _names(table: str, export: TableExport, folder: Path) -> list[str]:
    names = export_names(folder, export.files)
    if export.required and not names:
        raise SourceError(f"{table}: no file like {' or '.join(export.files)} in {folder}; export it or mend the map")
    return names


def _entry(path: Path, name: str, table: str, export: TableExport, memo: Memo) -> Path:
    """The folder with the parts of one file, which is parsed only if it was not before."""
    with undisturbed(path, name) as check:
        key = key_of(path, name, table, export)
        if memo.find(key):
            return memo.folder / key
        sheet = open_sheet(path, name)
        match = match_header(sheet.header, export)
        if problem := match.problem():
            raise SourceError(f"{name}: {problem}")
        found = {
            "encoding": sheet.encoding,
            "rows": 0,
            "missing_headers": match.missing_optional,
            "ignored_headers": [] if export.melt else match.unknown,
            "personal_headers": match.personal,
        }
        with memo.making(key, found) as entry:
            rows = _Counted(sheet.read(match.wanted(export.melt)))
            write_parts(entry, table, raw_rows(rows, match, table, name, export.melt))
            found["rows"] = rows.count
            check()  # or the entry would hold other rows than its key says
        return memo.folder / key


@dataclass
class _Counted:
    """Rows of a sheet, counted as they pass."""

    batches: Iterator[Rows]
    count: int = 0

    def __iter__(self) -> Iterator[Rows]:
        for rows in self.batches:
            self.count += len(rows.lines)
            yield rows


def _join(entries: list[Path], out: Path, table: str) -> None:
    """The parts of a table from those of its files, which are in order."""
    out.mkdir()
    parts: dict[str, list[Path]] = {}
    for path in (path for entry in entries for path in sorted(entry.glob("*.parquet"))):
        parts.setdefault(path.stem, []).append(path)
    for part, paths in (parts or {WHOLE: []}).items():
        if len(paths) == 1:
            shutil.copyfile(paths[0], out / paths[0].name)
        else:
            write_part(out / f"{part}.parquet", raw_schema(table), _batches(paths))


def _batches(paths: list[Path]) -> Iterator[pa.RecordBatch]:
    for path in paths:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(ROWS_PER_GROUP)


def _tell(table: str, export: TableExport | None, coverage: Coverage) -> None:
    rows = {entry["file"]: entry["rows"] for entry in coverage.files if entry["table"] == table}
    if export is None or not rows:
        coverage.missing_tables.append(table)
        tell_lacking(table)
        return
    blank = [name for name, count in rows.items() if not count]
    if len(blank) == len(rows):
        tell_empty(table, blank)
        return
    without = f", none of them from {', '.join(blank)}" if blank else ""
    logger.info("%s: %d rows from %d files%s", table, sum(rows.values()), len(rows), without)
    missing = {name: coverage.missing_headers.get(name, []) for name in rows}
    tell_columns(table, export, missing, coverage.ignored_headers)
