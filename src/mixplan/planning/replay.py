"""An ordering policy on history: what would have happened, had the plant ordered by it, and what would it have cost?"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.buying import buying_terms
from mixplan.planning.history import History
from mixplan.planning.levels import PLANT_RULE
from mixplan.planning.policies.interface import OrderingPolicy
from mixplan.planning.scores import scores_of
from mixplan.planning.simulation import Decision, simulate
from mixplan.planning.tables import to_rows


@dataclass(frozen=True)
class Replay:
    """What would have happened."""

    daily: pd.DataFrame
    """date, material_code, opening_kg, receipts_kg, wanted_kg, served_kg, lost_kg, closing_kg, ordered_kg,
    is_expedited, late_days."""
    summary: dict[str, float]
    """See ``scores_of``."""

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
    nobody = np.full(len(history.materials), np.nan)
    decisions = {
        day: Decision(policy.levels(known), known.expected, history.windows[day], nobody)
        for day, known in history.known.items()
    }
    course = simulate(
        history.wanted_kg[None],
        history.took_days[None],
        history.on_hand_kg,
        history.under_way,
        decisions,
        buying_terms(config.ordering, history.materials),
    )
    daily = to_rows(
        history.days,
        history.materials,
        opening_kg=course.opening_kg[0],
        receipts_kg=course.receipts_kg[0],
        wanted_kg=history.wanted_kg,
        served_kg=course.served_kg[0],
        lost_kg=history.wanted_kg - course.served_kg[0],
        closing_kg=course.closing_kg[0],
        ordered_kg=course.ordered_kg[0],
        is_expedited=course.is_expedited[0] > 0,
        late_days=course.late_days[0],
    )
    scores = scores_of(course, history.wanted_kg[None], history.price_krw.to_numpy(dtype="float64"), config.costs)
    return Replay(daily, {name: float(values[0]) for name, values in scores.items()})
