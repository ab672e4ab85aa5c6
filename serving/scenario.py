"""What a scenario would change, from what the champion holds: nothing is trained, and no lot is planned again."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from bentoml.exceptions import InvalidArgument

from mixplan.client.schemas import (
    MOST_KG,
    ChangedDemand,
    ChangedMaterial,
    ChangedOrders,
    ReorderRequest,
    ScenarioAnswer,
    ScenarioRequest,
)
from mixplan.planning.bill_of_materials import bill_of_materials, explode, plannable
from mixplan.scenario.apply import QUANTITIES, by_kind, changed_demand, changed_drivers, lead_days
from mixplan.scenario.changes import Change, ScenarioError, parse_change
from serving.forecast import Forecasts
from serving.reorder import Orders

DAYS_A_WEEK = 7
SAME_KG = 0.01
"""Differences that are smaller are none."""


class Scenarios:
    """Scenarios beside one champion's forecast and plan.

    A material's use on each day of the plan moves with its use in that week's demand, by the recipes; lots keep their
    size and day, and the safety stocks are the plan's. ``mixplan plan`` solves all of it anew.
    """

    def __init__(self, forecasts: Forecasts, orders: Orders) -> None:
        self.forecasts, self.orders = forecasts, orders
        recipes = forecasts.recipes.reindex(columns=["product", "material_code", "share", "component_product"])
        self.bill = bill_of_materials(plannable(recipes)[0])
        self.base = self._predicted(forecasts.features)

    def answer(self, request: ScenarioRequest) -> ScenarioAnswer:
        """The differences that the changes make to demand, materials and, where stock is given, orders.

        Raises:
            InvalidArgument: a change cannot be read, names what does not exist, or leads beyond all measure.
        """
        self.forecasts.check_weeks(request.weeks)
        try:
            changes = by_kind([parse_change(text) for text in request.set])
            demand = self._demand(changes)
            days = lead_days(changes["supplier"], self.orders.policy[self.orders.policy["supplier_code"] != ""])
        except ScenarioError as error:
            raise InvalidArgument(f"set: {str(error).removeprefix('--set ')}") from None
        requirements = self._requirements(demand)
        until = self.base["week"].min() + pd.Timedelta(weeks=request.weeks)
        return ScenarioAnswer(
            **self.forecasts.versions,
            reorder_version=self.orders.versions["model_version"],
            origin=self.forecasts.context.origin,
            demand=_changed_demand(self.base, demand, until),
            materials=_changed_materials(self.orders.requirements, requirements),
            orders=None if request.reorder is None else self._orders(request.reorder, requirements, days),
            notes=self._notes(changes, demand),
        )

    def _predicted(self, features: pd.DataFrame) -> pd.DataFrame:
        predicted = self.forecasts.demand.predict(features).rename(columns={"prediction_kg": "quantity_kg"})
        return pd.concat([features[["product", "week"]], predicted[QUANTITIES]], axis=1)

    def _demand(self, changes: Mapping[str, Sequence[Change]]) -> pd.DataFrame:
        """The forecast of the scenario."""
        expected, origin = self.base, pd.Timestamp(self.forecasts.context.origin)
        if changes["drivers"]:
            drivers = changed_drivers(self.forecasts.drivers, origin, changes["drivers"])
            expected = self._predicted(self.forecasts.features_with(drivers))
        wanted = changed_demand(expected, changes["demand"])
        values = wanted[QUANTITIES].to_numpy()
        if not (np.isfinite(values).all() and (values <= MOST_KG).all()):
            raise InvalidArgument(f"set: leads to more than {MOST_KG:,.0f} kg of a product in a week; change less")
        return wanted

    def _requirements(self, demand: pd.DataFrame) -> pd.DataFrame:
        """The plan's requirements, moved with each week's demand for what the material is in."""
        plan = self.orders.requirements
        weeks = plan["date"] - pd.to_timedelta(plan["date"].dt.weekday, unit="D")
        at = pd.MultiIndex.from_arrays([weeks, plan["material_code"]])
        base, scenario = (
            self._materials(table).reindex(at, fill_value=0.0).to_numpy() for table in (self.base, demand)
        )
        used = plan["requirement_kg"].to_numpy()
        scaled = used * scenario / np.where(base > 0, base, 1.0)
        return plan.assign(requirement_kg=np.where(base > 0, scaled, used + scenario / DAYS_A_WEEK))

    def _materials(self, demand: pd.DataFrame) -> pd.Series:
        """Kilograms by week and material that the demand for products with a recipe takes."""
        weekly = demand.pivot_table(index="week", columns="product", values="quantity_kg", aggfunc="sum")
        needed = explode(weekly[weekly.columns.intersection(self.bill.index)], self.bill).reset_index()
        return needed.melt("week", var_name="material_code").set_index(["week", "material_code"])["value"]

    def _orders(
        self, request: ReorderRequest, requirements: pd.DataFrame, days: Mapping[str, float]
    ) -> list[ChangedOrders]:
        policy = self.orders.policy
        mean = policy["supplier_code"].map(days).fillna(policy["mean_lead_time_days"])
        base = self.orders.plan(request, self.orders.requirements, policy)
        scenario = self.orders.plan(request, requirements, policy.assign(mean_lead_time_days=mean))
        before, after = _summed(base).align(_summed(scenario), fill_value=0)
        differs = ((before - after).abs() > SAME_KG).any(axis=1)
        rows = pd.concat([before[differs].add_prefix("base_"), after[differs].add_prefix("scenario_")], axis=1)
        found = _largest_first(rows.rename_axis("material_code").reset_index())
        return [ChangedOrders.model_validate(row) for row in found.to_dict("records")]

    def _notes(self, changes: Mapping[str, Sequence[Change]], demand: pd.DataFrame) -> list[str]:
        notes = []
        only_drivers = changes["drivers"] and not changes["demand"]
        if only_drivers and np.allclose(self.base["quantity_kg"], demand["quantity_kg"]):
            notes.append("the drivers change no demand: the champion looks at none of them")
        without = sorted({change.code for change in changes["demand"]} - set(self.bill.index))
        notes += [f"{product} has no recipe, so it changes no material" for product in without]
        return notes


def _changed_demand(base: pd.DataFrame, scenario: pd.DataFrame, until: pd.Timestamp) -> list[ChangedDemand]:
    differs = (base["quantity_kg"] - scenario["quantity_kg"]).abs() > SAME_KG
    asked = differs & (base["week"] < until)
    return [
        ChangedDemand(product=product, week_start=week, base_kg=before, scenario_kg=after)
        for product, week, before, after in zip(
            base.loc[asked, "product"],
            base.loc[asked, "week"].dt.date,
            base.loc[asked, "quantity_kg"].tolist(),
            scenario.loc[asked, "quantity_kg"].tolist(),
            strict=True,
        )
    ]


def _changed_materials(base: pd.DataFrame, scenario: pd.DataFrame) -> list[ChangedMaterial]:
    used = {
        name: table.groupby("material_code")["requirement_kg"].sum()
        for name, table in (("base_kg", base), ("scenario_kg", scenario))
    }
    rows = pd.DataFrame(used).reset_index()
    rows = rows[(rows["base_kg"] - rows["scenario_kg"]).abs() > SAME_KG]
    return [ChangedMaterial.model_validate(row) for row in _largest_first(rows).to_dict("records")]


def _summed(orders: pd.DataFrame) -> pd.DataFrame:
    """Kilograms, number and late ones of a plan's orders, by material."""
    by_material = orders.groupby("material_code")
    expedites = by_material["expedite"].sum().astype("int64")
    return pd.DataFrame({"kg": by_material["quantity_kg"].sum(), "orders": by_material.size(), "expedites": expedites})


def _largest_first(rows: pd.DataFrame) -> pd.DataFrame:
    order = (rows["base_kg"] - rows["scenario_kg"]).abs().sort_values(ascending=False, kind="stable").index
    return rows.loc[order]
