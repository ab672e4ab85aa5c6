"""What can be wrong in a row of an export, and how it is written wrong."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


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
        Defect("impossible_date", "발주일자"),
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


def _unknown_material(rng: np.random.Generator, rows: pd.DataFrame, _: Defect) -> list[str]:
    return [f"SR99{n:03d}" for n in rng.integers(0, 1000, len(rows))]


def _shares_not_100(_: np.random.Generator, rows: pd.DataFrame, defect: Defect) -> list[str]:
    return [f"{float(share) - 20.0:.12g}" for share in rows[defect.column]]


SPOILERS: dict[str, Callable[[np.random.Generator, pd.DataFrame, Defect], list[str]]] = {
    "impossible_date": _impossible_date,
    "date_order": _date_order,
    "negative_quantity": _negative_quantity,
    "unknown_product": _unknown_product,
    "unknown_customer": _unknown_customer,
    "unknown_material": _unknown_material,
    "shares_not_100": _shares_not_100,
}
"""By kind: the new values of the defect's column in the rows that are to be spoiled."""
