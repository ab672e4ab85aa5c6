"""What was read of a file before, kept by the content that it was read from, so that no file is parsed twice."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from mixplan.artifacts.files import files_below, read_json, replace_folder, sha256_of, write_json
from mixplan.config import source
from mixplan.config.source import TableExport

ENTRY = "entry.json"
READERS = ("openpyxl", "pyarrow")
"""Libraries that read exports and write parts."""


def key_of(path: Path, name: str, table: str, export: TableExport) -> str:
    """SHA-256 of all that the rows of a file depend on: its content and name, the map, and who reads and writes."""
    told = [code_version(), table, name, export.model_dump_json(), sha256_of(path)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


@cache
def code_version() -> str:
    """A name for the code that reads exports: the modules beside this one, the map's, and the libraries."""
    modules = sorted([*Path(__file__).parent.glob("*.py"), Path(source.__file__)])
    told = [*(f"{name} {version(name)}" for name in READERS), *(sha256_of(module) for module in modules)]
    return hashlib.sha256("\0".join(told).encode()).hexdigest()


@dataclass
class Memo:
    """A folder of entries, each the parts of one file and what was found in it."""

    folder: Path
    used: set[str] = field(default_factory=set)
    """Keys of the entries that were found or made."""

    def find(self, key: str) -> Path | None:
        """The folder of an entry whose every byte is as it was written."""
        entry = self.folder / key
        try:
            content = read_json(entry / ENTRY)
            whole = content["parts"] == _digests(entry)
        except (OSError, ValueError, KeyError, TypeError):
            whole = False
        if whole:
            self.used.add(key)
        return entry if whole else None

    @contextmanager
    def making(self, key: str, found: dict[str, Any]) -> Iterator[Path]:
        """Yield a folder for the parts; with what ``found`` holds then it becomes the entry, if the block ends well."""
        with replace_folder(self.folder / key) as entry:
            yield entry
            write_json(entry / ENTRY, {"parts": _digests(entry), "found": found})
        self.used.add(key)

    def forget_unused(self) -> None:
        """Remove every entry that this run did not use, and what a killed run left."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in self.used:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def found_in(entry: Path) -> dict[str, Any]:
    """What was found in the file of an entry."""
    found: dict[str, Any] = read_json(entry / ENTRY)["found"]
    return found


def _digests(entry: Path) -> dict[str, str]:
    return {path.name: sha256_of(path) for path in files_below(entry) if path.name != ENTRY}
