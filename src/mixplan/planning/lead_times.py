"""How long suppliers need, from the purchases that were received.

A material's lead times are those of its own supplier. Where these are thin, fewer than ``minimum_receipts``, all
suppliers of the material stand in, and where these are thin too, all receipts of the plant: thresholds in place of a
weighted mean of both (complete pooling of small groups; Gelman and Hill, Data Analysis Using Regression and
Multilevel/Hierarchical Models, 2007, chapter 12), as a buyer can check a threshold by counting. What stands in is never
taken to be quicker than the floor of the configuration: a dealer who comes on the same day says little of others.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.planning import LeadTimeConfig
from mixplan.planning.tables import Values

NO_SUPPLIER = ""
"""The supplier of a material that was never bought."""


def usual_suppliers(
    purchases: pd.DataFrame, materials: pd.Index, origin: pd.Timestamp, config: LeadTimeConfig
) -> pd.Series:
    """Whom each material is bought from: most purchases of the window, then most of all, then the first code.

    Args:
        purchases: the mart's ``purchases`` that are known.
        materials: material codes.
        origin: the window ends before it.
        config: the window.

    Returns:
        The supplier's code by material; ``NO_SUPPLIER`` where there is no purchase.

    >>> purchases = pd.DataFrame({"material_code": "M", "supplier_code": ["old", "old", "new"],
    ...                           "ordered_on": pd.to_datetime(["2020-01-06", "2020-01-13", "2024-01-08"])})
    >>> config = LeadTimeConfig(window_days=60, minimum_receipts=2, default_mean_days=7, default_longest_days=14)
    >>> usual_suppliers(purchases, pd.Index(["M", "N"]), pd.Timestamp("2024-02-01"), config).tolist()
    ['new', '']
    """
    is_recent = purchases["ordered_on"] >= origin - pd.Timedelta(days=config.window_days)
    times = (
        purchases.assign(lately=is_recent)
        .groupby(["material_code", "supplier_code"])["lately"]
        .agg(["sum", "size"])
        .reset_index()
        .sort_values(["sum", "size", "supplier_code"], ascending=[False, False, True])
        .drop_duplicates("material_code")
        .set_index("material_code")["supplier_code"]
    )
    return times.reindex(materials, fill_value=NO_SUPPLIER)


def lead_times(
    purchases: pd.DataFrame, suppliers: pd.Series, origin: pd.Timestamp, config: LeadTimeConfig
) -> pd.DataFrame:
    """Mean and longest days from order to receipt, as known at an origin.

    Args:
        purchases: the mart's ``purchases``; those received in ``config.window_days`` before ``origin`` count.
        suppliers: the supplier's code by material.
        origin: first day that does not count.
        config: window, what is thin, and floor.

    Returns:
        material_code, mean_lead_time_days, longest_lead_time_days, receipts (of the material from its supplier) and
        lead_time_source, which says what spoke.

    >>> purchases = pd.DataFrame({"material_code": "M", "supplier_code": ["S", "S", "spot"],
    ...                           "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-09"]),
    ...                           "received_on": pd.to_datetime(["2024-01-05", "2024-01-16", "2024-01-09"])})
    >>> config = LeadTimeConfig(window_days=60, minimum_receipts=2, default_mean_days=7, default_longest_days=14)
    >>> found = lead_times(purchases, pd.Series({"M": "S"}), pd.Timestamp("2024-02-01"), config).to_dict("list")
    >>> found["mean_lead_time_days"], found["longest_lead_time_days"], found["lead_time_source"]
    ([6.0], [8.0], ['2 receipts from S'])
    """
    pools = _pools(_known(purchases, origin, config), suppliers, config.minimum_receipts)
    known = [(pool, *_summed_up(pool, config)) for pool in pools]
    return pd.DataFrame(
        {
            "material_code": suppliers.index,
            "mean_lead_time_days": [mean for _, mean, _ in known],
            "longest_lead_time_days": [longest for _, _, longest in known],
            "receipts": [pool.own for pool, _, _ in known],
            "lead_time_source": [pool.source for pool, _, _ in known],
        }
    )


def known_lead_days(
    purchases: pd.DataFrame, suppliers: pd.Series, origin: pd.Timestamp, config: LeadTimeConfig
) -> tuple[Values, ...]:
    """By material, the days from order to receipt that ``lead_times`` sums up, shortest first.

    Without any receipts these are the default's mean and longest days.
    """
    default = np.array([config.default_mean_days, config.default_longest_days])
    pools = _pools(_known(purchases, origin, config), suppliers, config.minimum_receipts)
    return tuple(_floored(pool, config) if len(pool.days) else default for pool in pools)


def drawn_lead_times(
    purchases: pd.DataFrame, suppliers: pd.Series, draws: int, config: LeadTimeConfig, seed: int
) -> Values:
    """Whole days from order to receipt, drawn with replacement from all that purchases from the supplier ever took.

    Each draw belongs to its place in the table and not to an order, so plans that order differently meet the same
    suppliers. What really happened has no floor.

    Args:
        purchases: the mart's ``purchases``; every receipt counts.
        suppliers: the supplier's code by material.
        draws: number of draws for each material.
        config: what is thin, and the days where nothing was ever received.
        seed: equal seeds give equal draws.

    Returns:
        draws x materials.

    >>> purchases = pd.DataFrame({"material_code": "M", "supplier_code": "S",
    ...                           "ordered_on": pd.to_datetime(["2024-01-01", "2024-01-08"]),
    ...                           "received_on": pd.to_datetime(["2024-01-05", pd.NaT])})
    >>> config = LeadTimeConfig(window_days=60, minimum_receipts=1, default_mean_days=6.5, default_longest_days=14)
    >>> drawn_lead_times(purchases, pd.Series({"M": "S"}), 2, config, seed=1).tolist()
    [[4.0], [4.0]]
    >>> drawn_lead_times(purchases[1:], pd.Series({"M": "S"}), 2, config, seed=1).tolist()
    [[7.0], [7.0]]
    """
    pools = _pools(purchases[purchases["received_on"].notna()], suppliers, config.minimum_receipts)
    luck = np.random.default_rng(seed).random((draws, len(suppliers)))
    columns = []
    for position, pool in enumerate(pools):
        days = pool.days if len(pool.days) else np.array([np.ceil(config.default_mean_days)])
        columns.append(days[(luck[:, position] * len(days)).astype("int64")])
    return np.column_stack(columns)


def planned_days(mean_lead_time_days: pd.Series) -> pd.Series:
    """Whole days to plan with: the mean lead time, rounded up.

    >>> planned_days(pd.Series([6.0, 6.2])).tolist()
    [6, 7]
    """
    whole_days: pd.Series = np.ceil(mean_lead_time_days.round(6)).astype("int64")
    return whole_days


@dataclass(frozen=True)
class _Pool:
    """Lead times that speak for a material."""

    days: Values
    """Shortest first; none where nothing was received."""
    own: int
    """Receipts of the material from its supplier."""
    is_thin: bool
    """Whether others stand in for these."""
    source: str


def _pools(received: pd.DataFrame, suppliers: pd.Series, minimum: int) -> Iterator[_Pool]:
    """The lead times of each material's supplier; where they are thin those of its suppliers, or of all receipts."""
    days = (received["received_on"] - received["ordered_on"]).dt.days.to_numpy().astype("float64")
    materials, codes = (received[name].to_numpy(dtype="object") for name in ("material_code", "supplier_code"))
    for material, supplier in suppliers.items():
        is_of = materials == material
        own, of_material = days[is_of & (codes == supplier)], days[is_of]
        if len(own) >= minimum:
            yield _Pool(np.sort(own), len(own), is_thin=False, source=f"{len(own)} receipts from {supplier}")
            continue
        few = f"as only {len(own)} from {supplier}" if supplier else "as it was never bought"
        for others, named in ((of_material, "of it"), (days, "of all materials")):
            if len(others) >= minimum:
                yield _Pool(np.sort(others), len(own), is_thin=True, source=f"{len(others)} receipts {named}, {few}")
                break
        else:
            yield _Pool(days[:0], len(own), is_thin=True, source=f"default, as only {len(days)} receipts in all")


def _summed_up(pool: _Pool, config: LeadTimeConfig) -> tuple[float, float]:
    """Mean and longest days."""
    days = _floored(pool, config)
    mean = float(days.mean()) if len(days) else config.default_mean_days
    longest = float(days.max(initial=config.default_longest_days if pool.is_thin else 0.0))
    return mean, longest


def _floored(pool: _Pool, config: LeadTimeConfig) -> Values:
    return np.maximum(pool.days, config.default_mean_days) if pool.is_thin else pool.days


def _known(purchases: pd.DataFrame, origin: pd.Timestamp, config: LeadTimeConfig) -> pd.DataFrame:
    """Purchases received in the window before the origin."""
    received = purchases["received_on"]
    return purchases[(received < origin) & (received >= origin - pd.Timedelta(days=config.window_days))]
