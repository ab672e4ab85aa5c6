"""A scenario's changes, made to tables."""

from collections.abc import Mapping, Sequence

import pandas as pd

from mixplan.scenario.changes import Change, ScenarioError

QUANTITIES = ["quantity_kg", "lower_kg", "upper_kg"]
MOST_DRIVER = 1e6
"""No driver comes near it in its unit, and models that count in single precision stop at some."""


def changed_drivers(drivers: pd.DataFrame, origin: pd.Timestamp, changes: Sequence[Change]) -> pd.DataFrame:
    """The drivers' forecasts with other numbers in those that were made at the origin.

    Args:
        drivers: origin, week and a column a driver.
        origin: of the forecast that is made again.
        changes: of drivers.

    Raises:
        ScenarioError: there is no such driver, or a number is beyond all measure.
    """
    changed, ahead = drivers.copy(), drivers["origin"] == origin
    for change in changes:
        name = change.among([column for column in drivers.columns if column not in ("origin", "week")])
        changed.loc[ahead, name] = change.amount.applied(changed.loc[ahead, name])
        if not (changed.loc[ahead, name].abs() <= MOST_DRIVER).all():
            raise ScenarioError(f"--set drivers.{change.code}: beyond {MOST_DRIVER:,.0f}, which no driver reaches")
    return changed


def changed_demand(expected: pd.DataFrame, changes: Sequence[Change]) -> pd.DataFrame:
    """The forecast with other quantities of some products; none falls below zero."""
    wanted = expected.copy()
    for change in changes:
        is_of = wanted["product"] == change.among([str(name) for name in wanted["product"].unique()])
        for column in QUANTITIES:
            wanted.loc[is_of, column] = change.amount.applied(wanted.loc[is_of, column]).clip(lower=0.0)
    return wanted


def lead_days(changes: Sequence[Change], purchases: pd.DataFrame) -> Mapping[str, float]:
    """Days from order to receipt by supplier, where they are otherwise.

    Raises:
        ScenarioError: a supplier is unknown, or the days are not given as such.
    """
    known = [str(code) for code in purchases["supplier_code"].unique()]
    for change in changes:
        if change.amount.sign:
            raise ScenarioError(f"--set supplier.{change.code}.lead_time_days: give the days themselves, such as 12")
    return {change.among(known): change.amount.value for change in changes}


def by_kind(changes: Sequence[Change]) -> dict[str, list[Change]]:
    """The changes of drivers, demand and supplier, in their order."""
    return {kind: [each for each in changes if each.kind == kind] for kind in ("drivers", "demand", "supplier")}
