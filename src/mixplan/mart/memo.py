"""Results that are kept by what they were made from: an unchanged part is copied and not cleaned again."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from mixplan.artifacts.files import replace_folder, sha256_of


def key_of(origins: Mapping[str, str]) -> str:
    """A name for what is made from these origins."""
    return hashlib.sha256(json.dumps(origins, sort_keys=True).encode()).hexdigest()


def code_version() -> str:
    """A name for the code that makes results: the modules of the mart, and polars, which writes the files."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return key_of({"polars": pl.__version__} | {module.name: sha256_of(module) for module in modules})


class Memo:
    """A folder of entries: what was made, and its SHA-256 as a seal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._used: set[str] = set()

    def entry(self, key: str, make: Callable[[Path], None]) -> Path:
        """The folder of a key's result: the one that is there, when its seal holds, or one made now.

        Args:
            key: what ``key_of`` returned.
            make: writes the result into an empty folder.
        """
        entry = self.folder / key
        self._used.add(key)
        if not _is_whole(entry):
            with replace_folder(entry) as fresh:
                (fresh / "result").mkdir()
                make(fresh / "result")
                (fresh / "seal").write_text(sha256_of(fresh / "result"), encoding="ascii")
        return entry / "result"

    def forget_unused(self) -> None:
        """Remove every entry that was not asked for."""
        for path in self.folder.iterdir():
            if path.name in self._used:
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _is_whole(entry: Path) -> bool:
    seal = entry / "seal"
    return seal.is_file() and seal.read_bytes() == sha256_of(entry / "result").encode()
