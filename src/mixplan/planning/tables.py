"""Between long rows (one line a day and material) and matrices (days x materials)."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.planning.errors import PlanningError

Values = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
TOLERANCE_KG = 1e-6
"""Differences below a milligram are rounding."""


def to_matrix(rows: pd.DataFrame, dates: pd.DatetimeIndex, materials: pd.Index, date: str, value: str) -> Values:
    """Sums of the column ``value`` by day and material; pairs without a row are 0, other days and materials left out.

    >>> rows = pd.DataFrame({"date": pd.to_datetime(["2024-01-02", "2024-01-02"]), "material_code": ["B", "B"],
    ...                      "quantity_kg": [1.0, 2.0]})
    >>> to_matrix(rows, pd.date_range("2024-01-01", periods=2), pd.Index(["A", "B"]), "date", "quantity_kg").tolist()
    [[0.0, 0.0], [0.0, 3.0]]
    """
    day, material = dates.get_indexer(pd.Index(rows[date])), materials.get_indexer(pd.Index(rows["material_code"]))
    inside = (day >= 0) & (material >= 0)
    matrix = np.zeros((len(dates), len(materials)))
    np.add.at(matrix, (day[inside], material[inside]), rows[value].to_numpy(dtype="float64")[inside])
    return matrix


def arrivals(rows: pd.DataFrame, dates: pd.DatetimeIndex, materials: pd.Index) -> Values:
    """Kilograms that come by day and material, from rows of material_code, quantity_kg and expected_on.

    What should have come before the first day is expected on it.
    """
    first = dates[0]
    expected_on = rows["expected_on"].where(rows["expected_on"] >= first, first)
    return to_matrix(rows.assign(expected_on=expected_on), dates, materials, "expected_on", "quantity_kg")


def to_rows(dates: pd.DatetimeIndex, materials: pd.Index, **matrices: npt.NDArray[np.generic]) -> pd.DataFrame:
    """Long rows of date, material_code and one column a matrix (days x materials), sorted as the matrices are."""
    keys = {"date": np.repeat(dates.to_numpy(), len(materials)), "material_code": np.tile(materials, len(dates))}
    return pd.DataFrame({**keys, **{name: matrix.ravel() for name, matrix in matrices.items()}})


def of_materials(table: pd.DataFrame, materials: pd.Index, name: str) -> pd.DataFrame:
    """The table's line of each material, in the order of ``materials``.

    Raises:
        PlanningError: a material has no line, or more than one.
    """
    lines = table.set_index("material_code")
    missing = materials.difference(lines.index)
    if len(missing):
        raise PlanningError(f"{name}: no line for material {', '.join(missing)}; add one for each required material")
    if lines.index.has_duplicates:
        twice = sorted(lines.index[lines.index.duplicated()].unique())
        raise PlanningError(f"{name}: more than one line for material {', '.join(twice)}; keep one")
    return lines.loc[materials]
