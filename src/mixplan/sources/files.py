"""One exported file of any kind, told by its content; and the sentences for files that cannot be read."""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mixplan.sources.sheet import Rows, Sheet, SourceError, clean_header

__all__ = [
    "SUFFIXES",
    "Rows",
    "Sheet",
    "SourceError",
    "clean_header",
    "hold_listable",
    "open_sheet",
    "undisturbed",
    "unreadable",
]

KINDS = {".csv": "text", ".xlsx": "workbook", ".xlsm": "workbook", ".parquet": "Parquet"}
SUFFIXES = tuple(KINDS)
"""Files whose names end otherwise are never read."""
BEGINNINGS = {
    b"PAR1": "Parquet",
    b"PK\x03\x04": "workbook",
    b"\xd0\xcf\x11\xe0": "old Excel (.xls)",
    b"%PDF": "PDF",
    b"\x1f\x8b": "gzip",
}
"""How files of a kind begin; whatever begins otherwise is text."""
FULL = (errno.ENOSPC, errno.EDQUOT)


def open_sheet(path: Path, name: str, *, glance: bool = False) -> Sheet:
    """Open one export; its rows are read when they are asked for, batch by batch.

    Args:
        path: a CSV file in UTF-8 or CP949, a workbook, of which the first sheet is read, or a Parquet file.
        name: what errors call it.
        glance: look at the beginning of a CSV file alone; its rows must not be read then.

    Raises:
        SourceError: the file is empty, is not what its name says, or cannot be read as what it is.
    """
    from mixplan.sources.csv_files import open_csv
    from mixplan.sources.excel_files import open_excel
    from mixplan.sources.parquet_files import open_parquet

    with path.open("rb") as file:
        beginning = file.read(8)
    if not beginning:
        raise SourceError(f"{name} is empty: export it again, with its header line")
    kind = next((kind for magic, kind in BEGINNINGS.items() if beginning.startswith(magic)), "text")
    if kind != KINDS[path.suffix.lower()]:
        raise SourceError(f"{name} holds {kind}, not what its name says: name it for what it is, or export it again")
    if kind == "text":
        return open_csv(path, name, glance=glance)
    return open_excel(path, name) if kind == "workbook" else open_parquet(path, name)


def hold_listable(folder: Path) -> None:
    """Hold that every folder below can be listed: globbing leaves one that cannot out in silence, with all its files.

    Raises:
        SourceError: names the first that is not there, or that the system does not let be listed.
    """
    waiting, seen = [folder], set()
    while waiting:
        path = waiting.pop()
        try:
            seen.add(path.resolve())
            with os.scandir(path) as entries:
                for entry in entries:
                    entry.stat(follow_symlinks=False)  # a folder may show its names and still keep its files closed
                    if entry.is_dir() and Path(entry).resolve() not in seen:
                        waiting.append(Path(entry))
        except OSError as error:
            raise unreadable(error, str(error.filename or path)) from None


@contextmanager
def undisturbed(path: Path, name: str) -> Iterator[Callable[[], None]]:
    """Hold that the file stays as it is while the block reads it; what is yielded checks that it did so far.

    Raises:
        SourceError: it changed, or the system does not let it be read.
    """

    def check() -> None:
        if _stamp(path) != before:
            raise SourceError(f"{name} changed while it was read: run again when its export is finished")

    try:
        before = _stamp(path)
        try:
            yield check
        finally:
            check()
    except OSError as error:
        raise unreadable(error, name) from None


def unreadable(error: OSError, name: str) -> SourceError:
    """What to say when the system does not let a file be read, or what it holds be written."""
    reason = error.strerror or str(error)
    if error.errno in FULL:
        return SourceError(f"{name}: {reason} to write what it holds; free some, what was there before stays")
    return SourceError(f"{name} cannot be read ({reason}): see that it is there and that you may read it")


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino
