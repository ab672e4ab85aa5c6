"""What became of a part, as files: first in a folder of its own, then copied to its places in the mart."""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from mixplan.artifacts.files import read_json, write_json
from mixplan.mart.accounts import Account, Cleaned, Faults, Tally
from mixplan.mart.contracts import checked

MART_FILE = "mart.parquet"
"""The file of a result that has the rows of the mart."""


def write_result(cleaned: Cleaned, table: str, folder: Path) -> None:
    """Write a part's rows of the mart, its quarantine, its corrections and its tally.

    Raises:
        MartError: the rows break the contract of their table.
        OSError: the disk is full or may not be written.
    """
    write_frame(checked(table, cleaned.frame), folder / MART_FILE)
    write_frame(cleaned.quarantine, folder / "quarantine.parquet")
    write_frame(cleaned.corrections.cast({pl.Categorical: pl.String}), folder / "corrections.parquet")
    write_json(folder / "tally.json", asdict(cleaned.tally))


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame as Parquet.

    Raises:
        OSError: names the path and what the system says.
    """
    try:
        frame.write_parquet(path)
    except pl.exceptions.ComputeError as error:  # this is how polars says that the disk is full
        raise OSError(None, str(error).rpartition("IO error: ")[2], str(path)) from error


@dataclass(frozen=True)
class Places:
    """Where the parts of the mart and of what stayed out go."""

    mart: Path
    quarantine: Path

    def put(self, result: Path, table: str, part: str) -> Tally:
        """Copy what ``write_result`` wrote, and return its tally."""
        _copy(result / MART_FILE, self.mart / table / f"{part}.parquet")
        _copy(result / "quarantine.parquet", self.quarantine / table / f"{part}.parquet")
        _copy(result / "corrections.parquet", self.quarantine / "corrections" / f"{table}-{part}.parquet")
        tally = read_json(result / "tally.json")
        files = {name: Faults(**faults) for name, faults in tally["files"].items()}
        return Tally(**{**tally, "account": Account(**tally["account"]), "files": files})


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
