"""An ordering policy on history: what would have happened, had the plant ordered by it, and what would it have cost?"""

from dataclasses import dataclass

import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.costs import costs_of
from mixplan.planning.history import History
from mixplan.planning.lead_times import planned_days
from mixplan.planning.levels import PLANT_RULE
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.simulation import Decision, simulate
from mixplan.planning.tables import TOLERANCE_KG, to_rows


@dataclass(frozen=True)
class Replay:
    """What would have happened."""

    daily: pd.DataFrame
    """date, material_code, opening_kg, receipts_kg, wanted_kg, served_kg, lost_kg, closing_kg, ordered_kg,
    is_expedited, late_days."""
    summary: dict[str, float]
    """See ``summarise`` and ``costs_of``."""

    def line(self, label: str) -> str:
        """One line of a leaderboard."""
        found = self.summary
        return (
            f"{label:22} fill rate {found['fill_rate']:.4f}, {found['mean_stock_kg'] / 1e3:9,.1f} t in stock, "
            f"KRW {found['cost_krw'] / 1e6:9,.1f} million"
        )


def replay(history: History, config: PlanConfig, policy: OrderingPolicy = PLANT_RULE) -> Replay:
    """Replay a policy day by day.

    Each weekly review orders as ``plan_orders`` does, from what was known that morning, with levels that the policy
    sets anew. Then comes what really came: the day's sales, exploded, and each order after its drawn lead time.

    What stock cannot serve is lost, material by material and day by day: a mix that lacks one material still uses the
    others, and nothing is asked for again. Orders that the plant really had under way at the start arrive when they
    really did; later ones are replaced by the policy's.
    """
    decisions = {
        day: Decision(policy.levels(known), known.expected, planned_days(known.terms["mean_lead_time_days"]).to_numpy())
        for day, known in history.known.items()
    }
    course = simulate(
        history.wanted_kg[None],
        history.took_days[None],
        history.on_hand_kg,
        history.under_way,
        decisions,
        config.ordering,
    )
    opening, receipts, served = course.opening_kg[0], course.receipts_kg[0], course.served_kg[0]
    daily = to_rows(
        history.days,
        history.materials,
        opening_kg=opening,
        receipts_kg=receipts,
        wanted_kg=history.wanted_kg,
        served_kg=served,
        lost_kg=history.wanted_kg - served,
        closing_kg=opening + receipts - served,
        ordered_kg=course.ordered_kg[0],
        is_expedited=course.is_expedited[0] > 0,
        late_days=course.late_days[0],
    )
    return Replay(daily, summarise(daily) | costs_of(daily, history.price_krw, config.costs))


def summarise(daily: pd.DataFrame) -> dict[str, float]:
    """What a replay comes to.

    Returns:
        fill_rate: kilograms served / kilograms wanted (1 where nothing was wanted).
        stock_out_days: days of a material on which something was lost.
        mean_stock_kg, peak_stock_kg: mean and highest of the evenings' stock of all materials together.
        orders: order lines placed.
        ordered_kg: kilograms ordered.
        expedites: order lines that were expected after they were needed.
        late_orders, late_days: order lines that came after they were needed, and by how many days in all. Needed is
            what keeps stock above the safety stock, so most of them stop nothing.

    >>> daily = pd.DataFrame({"date": pd.to_datetime(["2024-01-01", "2024-01-02"]), "wanted_kg": [60.0, 40.0],
    ...                       "served_kg": [60.0, 30.0], "lost_kg": [0.0, 10.0], "closing_kg": [30.0, 0.0],
    ...                       "ordered_kg": [50.0, 0.0], "is_expedited": [True, False], "late_days": [2.0, 0.0]})
    >>> summarise(daily)["fill_rate"], summarise(daily)["mean_stock_kg"]
    (0.9, 15.0)
    """
    wanted = daily["wanted_kg"].sum()
    stock = daily.groupby("date")["closing_kg"].sum()
    return {
        "fill_rate": float(daily["served_kg"].sum() / wanted) if wanted > 0 else 1.0,
        "stock_out_days": float((daily["lost_kg"] > TOLERANCE_KG).sum()),
        "mean_stock_kg": float(stock.mean()),
        "peak_stock_kg": float(stock.max()),
        "orders": float((daily["ordered_kg"] > 0).sum()),
        "ordered_kg": float(daily["ordered_kg"].sum()),
        "expedites": float(daily["is_expedited"].sum()),
        "late_orders": float((daily["late_days"] > 0).sum()),
        "late_days": float(daily["late_days"].sum()),
    }
