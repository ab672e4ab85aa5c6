"""What an ordering policy is told, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.policies import CostConfig
from mixplan.planning.lead_times import planned_days
from mixplan.planning.tables import Values

REVIEW_DAYS = 7
"""Days from one review to the next."""


@dataclass(frozen=True)
class Known:
    """What is known on the morning of a review; all columns are the materials of ``terms``, in its order."""

    terms: pd.DataFrame
    """See ``material_policy``."""
    use: Values
    """Days x materials, kg: the days before the review, oldest first."""
    lead_days: tuple[Values, ...]
    """By material, days from order to receipt of the purchases received lately, shortest first."""
    expected: Values
    """Days x materials, kg: what the forecast needs from the day of the review on."""
    margin: Values
    """Days x materials, kg: the upper end of the forecast's interval less ``expected``."""
    costs: CostConfig

    def with_lead_days(self, supplier_days: Mapping[str, float]) -> "Known":
        """The same with certain lead times of the materials of some suppliers."""
        given = self.terms["supplier_code"].map(supplier_days)
        found = [days if pd.isna(sure) else np.array([sure]) for days, sure in zip(self.lead_days, given, strict=True)]
        return replace(self, lead_days=tuple(found))

    @property
    def cover_days(self) -> npt.NDArray[np.int64]:
        """Days until the next review's order arrives: the lead time to plan with, and the review period."""
        return planned_days(self.terms["mean_lead_time_days"]).to_numpy() + REVIEW_DAYS

    def until_next(self, daily: Values) -> Values:
        """Sums of the first ``cover_days`` rows, by material."""
        is_covered = np.arange(len(daily))[:, None] < self.cover_days
        return np.asarray((daily * is_covered).sum(axis=0))

    def quantile_of_lead_days(self, share: float) -> Values:
        """By material, the days within which ``share`` of its purchases came."""
        return np.array([np.quantile(days, share) for days in self.lead_days])


@dataclass(frozen=True)
class Levels:
    """Of each material, the levels of the inventory position (on hand + on order - backorders) that call for orders."""

    safety_stock_kg: Values
    """What should be left when the next order arrives."""
    reorder_point_kg: Values
    """At or below it an order is placed."""
    order_up_to_kg: Values
    """What the order fills the position up to; NaN where it is the forecast's use until the next order arrives and the
    safety stock (see ``plan_orders``), which moves from review to review."""


class OrderingPolicy(Protocol):
    """A rule that says when and how much to order."""

    def levels(self, known: Known) -> Levels:
        """The levels as of a review; ``known`` is left alone."""


def led_by_forecast(known: Known, safety_stock_kg: Values) -> Levels:
    """Levels of a policy that fills up to what the forecast needs and a safety stock."""
    usual = (known.terms["mean_daily_use_kg"] * known.terms["mean_lead_time_days"]).to_numpy(dtype="float64")
    return Levels(safety_stock_kg, usual + safety_stock_kg, np.full(len(usual), np.nan))


def use_over_cover(known: Known) -> tuple[Values, Values]:
    """Mean and standard deviation of the use over lead time and review period, by material, kg.

    With daily use of mean u and standard deviation s_u that is independent from day to day, a lead time of mean L and
    standard deviation s_L, and R days between reviews: mean u (L + R) and variance (L + R) s_u^2 + u^2 s_L^2 (Silver,
    Pyke and Thomas, Inventory and Production Management in Supply Chains, 4th ed. 2017).
    """
    mean_use, days = known.use.mean(axis=0), known.terms["mean_lead_time_days"].to_numpy() + REVIEW_DAYS
    of_lead_days = np.array([lead_days.var() for lead_days in known.lead_days])
    return mean_use * days, np.sqrt(days * known.use.var(axis=0) + mean_use**2 * of_lead_days)
