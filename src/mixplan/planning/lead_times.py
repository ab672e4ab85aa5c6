"""How long suppliers need, from the purchases that were received."""

import numpy as np
import pandas as pd

from mixplan.config.planning import LeadTimeConfig
from mixplan.planning.tables import Values


def lead_times(
    purchases: pd.DataFrame, materials: pd.Index, origin: pd.Timestamp, config: LeadTimeConfig
) -> pd.DataFrame:
    """Mean and longest days from order to receipt, as known at an origin.

    Args:
        purchases: the mart's ``purchases``; those received in ``config.window_days`` before ``origin`` count.
        materials: material codes.
        origin: first day that does not count.
        config: window, and the default for materials with few receipts.

    Returns:
        material_code, mean_lead_time_days, longest_lead_time_days, receipts and lead_time_source, which says whether
        the receipts or the default spoke.

    >>> purchases = pd.DataFrame({"material_code": "M", "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-08"]),
    ...                           "received_on": pd.to_datetime(["2024-01-05", "2024-01-16"])})
    >>> config = LeadTimeConfig(window_days=60, minimum_receipts=2, default_mean_days=7, default_longest_days=14)
    >>> found = lead_times(purchases, pd.Index(["M"]), pd.Timestamp("2024-02-01"), config).to_dict("list")
    >>> found["mean_lead_time_days"], found["longest_lead_time_days"], found["lead_time_source"]
    ([6.0], [8.0], ['2 receipts'])
    """
    known = _known(purchases, origin, config)
    statistics = _days(known).groupby(known["material_code"]).agg(["mean", "max", "count"]).reindex(materials)
    receipts = statistics["count"].fillna(0).astype("int64")
    enough = receipts >= config.minimum_receipts
    return pd.DataFrame(
        {
            "material_code": materials,
            "mean_lead_time_days": statistics["mean"].where(enough, config.default_mean_days).to_numpy(dtype="float64"),
            "longest_lead_time_days": statistics["max"]
            .where(enough, config.default_longest_days)
            .to_numpy(dtype="float64"),
            "receipts": receipts.to_numpy(),
            "lead_time_source": [
                f"{count} receipts" if count >= config.minimum_receipts else f"default, as only {count} receipts"
                for count in receipts
            ],
        }
    )


def known_lead_days(
    purchases: pd.DataFrame, materials: pd.Index, origin: pd.Timestamp, config: LeadTimeConfig
) -> tuple[Values, ...]:
    """By material, the days from order to receipt that ``lead_times`` sums up, shortest first.

    With too few receipts these are the default's mean and longest days.
    """
    known = _known(purchases, origin, config)
    seen = {
        code: np.sort(days.to_numpy(dtype="float64")) for code, days in _days(known).groupby(known["material_code"])
    }
    default = np.array([config.default_mean_days, config.default_longest_days])
    found = (seen.get(code, default[:0]) for code in materials)
    return tuple(days if len(days) >= config.minimum_receipts else default for days in found)


def drawn_lead_times(
    purchases: pd.DataFrame, materials: pd.Index, draws: int, default_days: float, seed: int
) -> Values:
    """Whole days from order to receipt, drawn with replacement from all that the material's purchases ever took.

    Each draw belongs to its place in the table and not to an order, so plans that order differently meet the same
    suppliers.

    Args:
        purchases: the mart's ``purchases``; every receipt counts.
        materials: material codes.
        draws: number of draws for each material.
        default_days: for a material that was never received.
        seed: equal seeds give equal draws.

    Returns:
        draws x materials.

    >>> purchases = pd.DataFrame({"material_code": "M", "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-08"]),
    ...                           "received_on": pd.to_datetime(["2024-01-05", pd.NaT])})
    >>> drawn_lead_times(purchases, pd.Index(["M", "N"]), 2, default_days=6.5, seed=1).tolist()
    [[4.0, 7.0], [4.0, 7.0]]
    """
    received = purchases[purchases["received_on"].notna()]
    seen = {code: np.sort(days.to_numpy()) for code, days in _days(received).groupby(received["material_code"])}
    luck = np.random.default_rng(seed).random((draws, len(materials)))
    columns = []
    for position, code in enumerate(materials):
        days = seen.get(code, np.array([np.ceil(default_days)]))
        columns.append(days[(luck[:, position] * len(days)).astype("int64")].astype("float64"))
    return np.column_stack(columns)


def planned_days(mean_lead_time_days: pd.Series) -> pd.Series:
    """Whole days to plan with: the mean lead time, rounded up.

    >>> planned_days(pd.Series([6.0, 6.2])).tolist()
    [6, 7]
    """
    whole_days: pd.Series = np.ceil(mean_lead_time_days.round(6)).astype("int64")
    return whole_days


def _known(purchases: pd.DataFrame, origin: pd.Timestamp, config: LeadTimeConfig) -> pd.DataFrame:
    """Purchases received in the window before the origin."""
    received = purchases["received_on"]
    return purchases[(received < origin) & (received >= origin - pd.Timedelta(days=config.window_days))]


def _days(purchases: pd.DataFrame) -> pd.Series:
    """Days from order to receipt."""
    return (purchases["received_on"] - purchases["ordered_on"]).dt.days
