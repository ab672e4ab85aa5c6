"""A folder of exports as raw tables: text only, with the file and line that each row came from."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from mixplan.config.source import RAW_TABLES, Melt, TableExport
from mixplan.sources.files import SUFFIXES, Sheet, SourceError, clean_header, read_sheet

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


@dataclass(frozen=True)
class Ingest:
    """Every raw table of ``RAW_TABLES``, empty where the source lacks it, and the coverage as plain data."""

    tables: dict[str, pd.DataFrame]
    coverage: dict[str, Any]


def read_exports(folder: Path, exports: Mapping[str, TableExport]) -> Ingest:
    """Read a folder of exports by the map.

    Returns:
        Raw tables whose every column is text (blank where there is nothing), with ``source_file`` (relative to the
        folder) and ``source_line``.

    Raises:
        SourceError: the folder, a required table or a required header is missing, or a file cannot be read.
    """
    if not folder.is_dir():
        raise SourceError(f"source folder {folder} does not exist: set source.path to the folder of the exports")
    coverage = Coverage()
    tables = {}
    for table, columns in RAW_TABLES.items():
        export = exports.get(table)
        names = _names(folder, export.files) if export else []
        if export and export.required and not names:
            raise SourceError(
                f"{table}: no file like {' or '.join(export.files)} in {folder}; export it or mend the map"
            )
        parts = [_read_file(folder / name, name, table, export, coverage) for name in names if export]
        tables[table] = _stacked(parts, columns)
        _tell(table, len(tables[table]), names, coverage)
    read = {entry["file"] for entry in coverage.files}
    coverage.unknown_files = [name for name in _names(folder, ["**/*"], any_suffix=True) if name not in read]
    return Ingest(tables, asdict(coverage))


def _names(folder: Path, patterns: Iterable[str], *, any_suffix: bool = False) -> list[str]:
    """Relative names in order, without hidden files and the lock files of Excel."""
    paths = {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
    return sorted(
        path.relative_to(folder).as_posix()
        for path in paths
        if not path.name.startswith((".", "~$")) and (any_suffix or path.suffix.lower() in SUFFIXES)
    )


def _read_file(path: Path, name: str, table: str, export: TableExport, coverage: Coverage) -> pd.DataFrame:
    sheet = read_sheet(path, name)
    mapped = {clean_header(header): column for header, column in export.mapped.items()}
    required = {clean_header(header) for header in export.columns}
    personal = {clean_header(header) for header in export.personal}
    _check_header(sheet, name, required, set(mapped))
    frame = pd.DataFrame(
        {column: sheet.cells[sheet.header.index(h)] for h, column in mapped.items() if h in sheet.header}
    )
    frame["source_file"], frame["source_line"] = name, sheet.lines
    rest = [position for position, header in enumerate(sheet.header) if header not in mapped and header not in personal]
    if export.melt:
        frame, rest = _melted(frame, sheet, rest, export.melt), []
    coverage.files.append({"file": name, "table": table, "encoding": sheet.encoding, "rows": len(sheet.cells)})
    _note(coverage.missing_headers, name, [header for header in mapped if header not in sheet.header])
    _note(coverage.ignored_headers, name, [sheet.header[position] for position in rest])
    _note(coverage.personal_headers, name, [header for header in sheet.header if header in personal])
    return frame


def _check_header(sheet: Sheet, name: str, required: set[str], mapped: set[str]) -> None:
    if missing := sorted(required - set(sheet.header)):
        raise SourceError(f"{name}: no column {', '.join(missing)}; it has {', '.join(sheet.header)}")
    if repeated := sorted(header for header in mapped if sheet.header.count(header) > 1):
        raise SourceError(f"{name}: column {', '.join(repeated)} stands there more than once; keep one of them")


def _melted(frame: pd.DataFrame, sheet: Sheet, positions: list[int], melt: Melt) -> pd.DataFrame:
    """One row a cell, line by line and in the order of the headers."""
    long = frame.loc[frame.index.repeat(len(positions))]
    long[melt.header] = [sheet.header[position] for position in positions] * len(frame)
    long[melt.value] = sheet.cells[positions].to_numpy().ravel()
    return long


def _stacked(parts: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    frame = frame.reindex(columns=[*columns, "source_file", "source_line"])
    text = [*columns, "source_file"]
    frame[text] = frame[text].astype(object).where(frame[text].notna(), "")
    return frame.astype({"source_line": "int64"})


def _note(where: dict[str, list[str]], name: str, headers: list[str]) -> None:
    if headers:
        where[name] = headers


def _tell(table: str, rows: int, names: list[str], coverage: Coverage) -> None:
    if not names:
        coverage.missing_tables.append(table)
        logger.warning("%s: not in this source", table)
        return
    missing = sorted({header for name in names for header in coverage.missing_headers.get(name, [])})
    without = f", without {', '.join(missing)}" if missing else ""
    logger.info("%s: %d rows from %d files%s", table, rows, len(names), without)
