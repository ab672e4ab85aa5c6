"""Files whose bytes depend on their content alone, and folders that are replaced whole or not at all."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def write_json(path: Path, content: Any) -> None:
    """Write JSON with sorted keys, all of it or nothing; NaN and infinity are refused, as JSON has no word for them."""
    text = json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text + "\n", encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def read_json(path: Path) -> Any:
    """What ``write_json`` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_arrays(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write named arrays as ``.npz`` without objects; numpy dates members 1980, so equal arrays are equal bytes."""
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise TypeError(f"array {name!r} holds Python objects, which would be pickled")
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{name: arrays[name] for name in sorted(arrays)})  # type: ignore[arg-type]


def read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """What ``write_arrays`` wrote."""
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame without its index."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)


def read_parquet(path: Path) -> pd.DataFrame:
    """What ``write_parquet`` wrote."""
    # Arrow's threads may still hold the file when Python ends, and then end it with SIGABRT (apache/arrow#34314).
    return pd.read_parquet(path, use_threads=False)


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder, in one order on every machine."""
    return sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.as_posix())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, or of a folder's relative names and contents."""
    if path.is_file():
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    digest = hashlib.sha256()
    for file in files_below(path):
        digest.update(f"{file.relative_to(path).as_posix()}\0{sha256_of(file)}\n".encode())
    return digest.hexdigest()


@contextmanager
def replace_folder(target: Path) -> Iterator[Path]:
    """Yield a new folder beside ``target`` and put it in its place only when the block ends well.

    Readers see the old state or the new one; after an error the old one is still there.
    """
    fresh, old = target.with_name(f".{target.name}.new"), target.with_name(f".{target.name}.old")
    if old.exists() and not target.exists():
        old.rename(target)  # an earlier run ended between the two moves below: this is still the last good state
    for leftover in (fresh, old):
        shutil.rmtree(leftover, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield fresh
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
