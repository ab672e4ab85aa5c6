"""Planted defects: rows of an export made wrong on purpose, and the ledger of what stands where."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.simulation import DefectRates
from mixplan.sources.sample.randomness import Counts

LEDGER_COLUMNS = ["table", "file", "line", "column", "kind", "original", "written"]


@dataclass(frozen=True)
class Defect:
    """A kind of defect in one column of an export; ``reference`` is the column that it contradicts."""

    kind: str
    column: str
    reference: str = ""


DEFECTS: dict[str, tuple[Defect, ...]] = {
    "sales": (
        Defect("impossible_date", "SOLDDATE"),
        Defect("negative_quantity", "QUANT"),
        Defect("unknown_product", "PRODCODE"),
        Defect("unknown_customer", "CUSTID"),
    ),
    "orders": (
        Defect("impossible_date", "수주일자"),
        Defect("date_order", "납기일자", "수주일자"),
        Defect("negative_quantity", "수주량"),
        Defect("unknown_product", "제품코드"),
        Defect("unknown_customer", "거래처코드"),
    ),
    "purchases": (
        Defect("impossible_date", "입고일자"),
        Defect("date_order", "입고일자", "발주일자"),
        Defect("negative_quantity", "발주수량"),
        Defect("unknown_material", "원자재코드"),
    ),
    "lots": (
        Defect("impossible_date", "생산작업요청일자"),
        Defect("negative_quantity", "LOT실중량ⓒ"),
        Defect("unknown_product", "제품코드"),
    ),
    "lot_materials": (
        Defect("shares_not_100", "투입지시비율"),
        Defect("negative_quantity", "투입지시중량"),
        Defect("unknown_material", "원자재코드"),
    ),
    "stock_counts": (
        Defect("impossible_date", "실사일자"),
        Defect("negative_quantity", "재고량"),
        Defect("unknown_material", "원자재코드"),
    ),
    "weather": (Defect("impossible_date", "SOLDDATE"),),
    "products": (),
    "customers": (),
}
"""What may be wrong in each raw table, duplicates and blank rows apart."""


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
        original = frame[defect.column].iloc[rows]
        wrong = WRITERS[defect.kind](rng, frame.iloc[rows], defect)
        written.iloc[rows, frame.columns.get_loc(defect.column)] = wrong
        entry = {"row": rows, "column": defect.column, "kind": defect.kind}
        found.append(pd.DataFrame({**entry, "original": original.to_numpy(), "written": wrong}))
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


def _choose(rng: np.random.Generator, frame: pd.DataFrame, defect: Defect, free: np.ndarray, rate: float) -> Counts:
    """Rows without a defect whose cell has something to spoil; for shares, the first row of a lot that has enough."""
    usable = free & ~frame[defect.column].isin(["", "0", "0.0", "\\N"]).to_numpy()
    rows = len(frame)
    if defect.kind == "shares_not_100":
        first = ~frame.duplicated(["LOT번호", "분할순번"]).to_numpy()
        usable &= first & (frame[defect.column].astype(float) > 25.0).to_numpy()
        rows = int(first.sum())
    candidates = np.flatnonzero(usable)
    return np.sort(rng.choice(candidates, min(_count(rate, rows), len(candidates)), replace=False))


def _touched(frame: pd.DataFrame, defect: Defect, rows: Counts) -> np.ndarray:
    """Rows that carry the defect or, where the sum of a lot's shares is wrong, belong to the lot."""
    touched = np.zeros(len(frame), dtype=bool)
    touched[rows] = True
    if defect.kind == "shares_not_100":
        lot = frame["LOT번호"] + "/" + frame["분할순번"]
        touched = lot.isin(lot.iloc[rows]).to_numpy()
    return touched


def _insertions(
    rng: np.random.Generator, rates: DefectRates, table: str, free: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
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


def _impossible_date(rng: np.random.Generator, rows: pd.DataFrame, defect: Defect) -> list[str]:
    forms = [
        lambda day: f"{day[:4]}-02-30",
        lambda day: f"{day[:8]}32",
        lambda day: f"{day[:4]}-13{day[7:]}",
        lambda _: "\\N",
    ]
    return [forms[form](day) for form, day in zip(rng.integers(0, 4, len(rows)), rows[defect.column], strict=True)]


def _date_order(rng: np.random.Generator, rows: pd.DataFrame, defect: Defect) -> list[str]:
    days = pd.to_datetime(rows[defect.reference]) - pd.to_timedelta(rng.integers(1, 15, len(rows)), unit="D")
    return list(days.dt.strftime("%Y-%m-%d"))


def _negative_quantity(_: np.random.Generator, rows: pd.DataFrame, defect: Defect) -> list[str]:
    return [f"-{value}" for value in rows[defect.column]]


def _unknown_product(_: np.random.Generator, rows: pd.DataFrame, defect: Defect) -> list[str]:
    return [f"{code[:-2]}99" for code in rows[defect.column]]  # no customer has a site 99


def _unknown_customer(rng: np.random.Generator, rows: pd.DataFrame, defect: Defect) -> list[str]:
    numbers = rng.integers(0, 1000, len(rows))
    return [f"2099{n:03d}{code[7:]}" for n, code in zip(numbers, rows[defect.column], strict=True)]


def _unknown_material(rng: np.random.Generator, rows: pd.DataFrame, defect: Defect) -> list[str]:
    return [f"SR99{n:03d}" for n in rng.integers(0, 1000, len(rows))]


def _shares_not_100(_: np.random.Generator, rows: pd.DataFrame, defect: Defect) -> list[str]:
    return [f"{float(share) - 20.0:.12g}" for share in rows[defect.column]]


WRITERS: dict[str, Callable[[np.random.Generator, pd.DataFrame, Defect], list[str]]] = {
    "impossible_date": _impossible_date,
    "date_order": _date_order,
    "negative_quantity": _negative_quantity,
    "unknown_product": _unknown_product,
    "unknown_customer": _unknown_customer,
    "unknown_material": _unknown_material,
    "shares_not_100": _shares_not_100,
}
