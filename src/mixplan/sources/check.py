"""A folder of exports looked at before anything is read: which file is which table, and what would be made of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mixplan.config.source import RAW_TABLES, TableExport
from mixplan.sources.files import SourceError, hold_listable, open_sheet, undisturbed
from mixplan.sources.matching import export_names, match_header, names_like


@dataclass(frozen=True)
class FileCheck:
    """One file, or a table without any; what does not apply is empty."""

    table: str
    """Raw table; empty for a file that belongs to none."""
    file: str
    """Name relative to the folder; empty for a table without a file."""
    verdict: str
    """``ready``, or what is wrong and what to do, in words."""
    stops: bool = False
    """Whether ingest would stop here."""
    encoding: str = ""
    """Of a CSV file as its beginning has it; ``excel`` or ``parquet``."""
    rows: int | None = None
    """Where the file tells it without being read."""
    required: tuple[str, ...] = ()
    """Required headers that are there."""
    optional: tuple[str, ...] = ()
    """Optional headers that are there."""
    missing_required: tuple[str, ...] = ()
    missing_optional: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    """Headers that the map does not name; not told where it names none, as they may be a row of data then."""
    personal: tuple[str, ...] = ()
    """Headers whose cells would be dropped."""


def check_source(folder: Path, exports: Mapping[str, TableExport]) -> list[FileCheck]:
    """Look at the headers of every export, and at nothing below them.

    Returns:
        A row for each table and file of it, in the order of ``RAW_TABLES``, for each table without a file, and for
        each file that belongs to no table. Ingest would run unless a row ``stops``, or a row below a header is broken.

    Raises:
        SourceError: there is no such folder, or one below it cannot be listed.
    """
    hold_listable(folder)
    checks = [check for table in RAW_TABLES for check in _table(table, exports.get(table), folder)]
    known = {check.file for check in checks}
    unknown = [name for name in names_like(folder, ["**/*"], any_suffix=True) if name not in known]
    return checks + [FileCheck("", name, "belongs to no table, not read") for name in unknown]


def _table(table: str, export: TableExport | None, folder: Path) -> Iterator[FileCheck]:
    if export is None:
        yield FileCheck(table, "", "not in the map, stays empty")
        return
    try:
        names = export_names(folder, export.files)
    except SourceError as error:
        yield FileCheck(table, "", str(error), stops=True)
        return
    for name in names:
        yield _file(table, name, export, folder)
    if not names:
        patterns = " or ".join(export.files)
        verdict = (
            f"required, but no file like {patterns}" if export.required else f"no file like {patterns}, stays empty"
        )
        yield FileCheck(table, "", verdict, stops=export.required)


def _file(table: str, name: str, export: TableExport, folder: Path) -> FileCheck:
    try:
        with undisturbed(folder / name, name):
            sheet = open_sheet(folder / name, name, glance=True)
    except SourceError as error:
        return FileCheck(table, name, str(error), stops=True)
    match = match_header(sheet.header, export)
    there = [header for header in sheet.header if sheet.header.index(header) in match.columns.values()]
    problem = match.problem()
    return FileCheck(
        table=table,
        file=name,
        verdict=problem or "ready",
        stops=bool(problem),
        encoding=sheet.encoding,
        rows=sheet.rows,
        required=tuple(header for header in there if header in match.required),
        optional=tuple(header for header in there if header not in match.required),
        missing_required=tuple(match.missing_required),
        missing_optional=tuple(match.missing_optional),
        ignored=() if export.melt or not match.columns else tuple(match.unknown),
        personal=tuple(match.personal),
    )
