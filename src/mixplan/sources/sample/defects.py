"""Planted defects: rows of an export made wrong on purpose, and the ledger of what stands where."""

import numpy as np
import pandas as pd

from mixplan.config.simulation import DefectRates
from mixplan.sources.sample.randomness import Counts, Flags, Values
from mixplan.sources.sample.spoilers import DEFECTS, SPOILERS, Defect

LEDGER_COLUMNS = ["table", "file", "line", "column", "kind", "original", "written"]


def plant_defects(
    rng: np.random.Generator, rates: DefectRates, table: str, file: str, frame: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make some rows wrong, at most one defect a row, and repeat or insert others.

    Returns:
        The frame as it is written, and its ledger; the header is line 1.
    """
    if table not in DEFECTS:
        return frame, pd.DataFrame(columns=LEDGER_COLUMNS)
    free, written, found = np.ones(len(frame), dtype=bool), frame.copy(), []
    for defect in DEFECTS[table]:
        rows = _choose(rng, frame, defect, free, getattr(rates, defect.kind))
        free &= ~_touched(frame, defect, rows)
        cells = frame[defect.column].to_numpy(dtype=object)
        wrong = SPOILERS[defect.kind](rng, frame.iloc[rows], defect)
        entry = {"row": rows, "column": defect.column, "kind": defect.kind}
        found.append(pd.DataFrame({**entry, "original": cells[rows], "written": wrong}))
        written.loc[rows, defect.column] = wrong
    positions, inserted = _insertions(rng, rates, table, free)
    order = np.argsort(np.concatenate([np.arange(len(frame)), positions]), kind="stable")
    line = np.empty(len(order), dtype=np.int64)
    line[order] = np.arange(len(order)) + 2
    blank = inserted["kind"] == "blank_row"
    extra = frame.iloc[inserted["copied"]].reset_index(drop=True)
    extra[blank] = ""
    found.append(inserted.assign(column="", original="", written="").drop(columns="copied"))
    ledger = pd.concat(found, ignore_index=True)
    ledger = ledger.assign(table=table, file=file, line=line[ledger["row"].to_numpy(dtype=np.int64)])[LEDGER_COLUMNS]
    return pd.concat([written, extra]).iloc[order].reset_index(drop=True), ledger


def _count(rate: float, rows: int) -> int:
    """Rows to spoil: none at rate 0, otherwise at least one, so that a small plant shows every kind too."""
    return max(1, round(rate * rows)) if rate > 0.0 else 0


def _choose(rng: np.random.Generator, frame: pd.DataFrame, defect: Defect, free: Flags, rate: float) -> Counts:
    """Rows without a defect whose cell has something to spoil; for shares, the first row of a lot that has enough."""
    usable = free & ~frame[defect.column].isin(["", "0", "0.0", "\\N"]).to_numpy()
    rows = len(frame)
    if defect.kind == "shares_not_100":
        first = ~frame.duplicated(["LOT번호", "분할순번"]).to_numpy()
        usable &= first & (frame[defect.column].astype(float) > 25.0).to_numpy()
        rows = int(first.sum())
    candidates = np.flatnonzero(usable)
    return np.sort(rng.choice(candidates, min(_count(rate, rows), len(candidates)), replace=False))


def _touched(frame: pd.DataFrame, defect: Defect, rows: Counts) -> Flags:
    """Rows that carry the defect or, where the sum of a lot's shares is wrong, belong to the lot."""
    touched = np.zeros(len(frame), dtype=bool)
    touched[rows] = True
    if defect.kind == "shares_not_100":
        lot = frame["LOT번호"] + "/" + frame["분할순번"]
        touched = lot.isin(lot.iloc[rows]).to_numpy()
    return touched


def _insertions(rng: np.random.Generator, rates: DefectRates, table: str, free: Flags) -> tuple[Values, pd.DataFrame]:
    """Copies of good rows, one to three rows below them, and blank rows, most of them at the end."""
    candidates = np.flatnonzero(free)
    copied = rng.choice(candidates, min(_count(rates.duplicate_row, len(free)), len(candidates)), replace=False)
    copies_at = np.minimum(copied + rng.integers(0, 3, len(copied)), len(free) - 1) + 0.5
    blanks = _count(rates.blank_row, len(free)) if table == "orders" else 0
    blanks_at = np.where(rng.random(blanks) < 0.7, len(free), rng.integers(0, len(free), blanks)) + 0.7
    kinds = ["duplicate_row"] * len(copied) + ["blank_row"] * blanks
    rows = len(free) + np.arange(len(kinds))
    source = np.concatenate([copied, np.zeros(blanks, dtype=np.int64)]).astype(np.int64)
    return np.concatenate([copies_at, blanks_at]), pd.DataFrame({"row": rows, "kind": kinds, "copied": source})
