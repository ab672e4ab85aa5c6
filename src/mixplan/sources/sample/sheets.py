"""A sheet: one export as text, with the habits of the system that writes it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Sheet:
    """An export before it is a file."""

    table: str
    """The raw table that it is read into."""
    file: str
    """Name relative to the folder of all exports, with forward slashes."""
    frame: pd.DataFrame
    """Every cell a string."""
    encoding: Literal["cp949", "utf-8", "utf-8-sig"]
    line_end: Literal["\n", "\r\n"]

    def write(self, folder: Path) -> None:
        """Write the file below ``folder``."""
        path = folder / self.file
        path.parent.mkdir(parents=True, exist_ok=True)
        self.frame.to_csv(path, index=False, encoding=self.encoding, lineterminator=self.line_end)


def dates(column: pd.Series, missing: str = "") -> pd.Series:
    """Days as YYYY-MM-DD, and ``missing`` where there is none."""
    text = pd.Series(np.datetime_as_string(column.to_numpy(dtype="datetime64[D]")).astype(object), index=column.index)
    return text.where(column.notna(), missing)


def numbers(column: pd.Series) -> pd.Series:
    """Numbers without needless decimals: 15000 and 2787.6."""
    return column.map("{:.12g}".format).astype(object)


def flags(column: pd.Series) -> pd.Series:
    """Y and N."""
    return pd.Series(np.where(column, "Y", "N").astype(object), index=column.index)
