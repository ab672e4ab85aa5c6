"""Which tables lie below a folder: one Parquet file each, or a folder of part files."""

from pathlib import Path

from mixplan.config.base import MixplanError


class PublishError(MixplanError):
    """A table cannot be found, read or passed on."""


def tables_below(*folders: Path) -> dict[str, Path]:
    """Tables by name: ``<folder>/<name>.parquet``, or ``<folder>/<name>/`` with Parquet files in it.

    Raises:
        PublishError: a folder is missing or has no tables, or two tables have one name.
    """
    tables: dict[str, Path] = {}
    for folder in folders:
        found = [path for path in sorted(folder.glob("[!.]*")) if parts_of(path)]
        if not found:
            raise PublishError(f"{folder} has no tables: run `dvc repro` first")
        for path in found:
            if other := tables.get(path.stem):
                raise PublishError(f"{path} and {other} are both a table {path.stem}: remove one of them")
            tables[path.stem] = path
    return tables


def parts_of(path: Path) -> list[Path]:
    """Parquet files of a table, in the order of their names; none where the path is no table."""
    if path.is_dir():
        return sorted(path.glob("*.parquet"))
    return [path] if path.suffix == ".parquet" and path.is_file() else []
