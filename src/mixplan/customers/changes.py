"""Which customers changed their segment, when, and what moved them."""

from itertools import pairwise

import numpy as np
import pandas as pd

from mixplan.config.customers import CustomersConfig
from mixplan.customers.behaviour import NoSalesError, behaviour
from mixplan.customers.naming import MEASURES
from mixplan.customers.segments import Segments

COLUMNS = ["customer_code", "changed_on", "before", "after", "cause"]
SAYING = {
    "recency_days": "days since the last order",
    "frequency": "order days in the window",
    "monetary": "value of the window",
    "products": "products bought",
    "price_level": "price level",
    "seasonality": "share of the strongest quarter",
    "trend": "trend of orders",
}


def segment_changes(
    sales: pd.DataFrame, as_of: pd.Timestamp, segments: Segments, config: CustomersConfig
) -> pd.DataFrame:
    """Changes from month to month over the last ``history_months``, all seen by today's segments.

    Returns:
        customer_code, changed_on (the day of study that shows the change), before and after (names of segments) and
        cause (the measure that moved the customer most towards its new segment); the latest first.
    """
    days = [as_of - pd.Timedelta(days=30 * month) for month in reversed(range(config.history_months + 1))]
    frames = [frame for day in days if (frame := _behaviour_at(sales, day, config, segments)) is not None]
    parts = [_between(earlier, later, segments) for earlier, later in pairwise(frames)]
    changed = [part for part in parts if len(part)]
    found = pd.concat(changed, ignore_index=True) if changed else pd.DataFrame(columns=COLUMNS)
    return found.sort_values(["changed_on", "customer_code"], ascending=[False, True], ignore_index=True)


def _behaviour_at(
    sales: pd.DataFrame, day: pd.Timestamp, config: CustomersConfig, segments: Segments
) -> pd.DataFrame | None:
    """Behaviour as of a day; nothing where no sale is known yet, or where values are in another unit."""
    try:
        frame = behaviour(sales, day, config)
    except NoSalesError:
        return None
    is_comparable = bool((frame["monetary_unit"] == segments.monetary_unit).all())
    return frame.assign(changed_on=day, segment=segments.positions(frame)) if is_comparable else None


def _between(earlier: pd.DataFrame, later: pd.DataFrame, segments: Segments) -> pd.DataFrame:
    """Changes between two days of study."""
    both = earlier.merge(later, on="customer_code", suffixes=("_before", ""))
    names = np.array([*segments.names, segments.gone_name], dtype=object)
    both = both[names[both["segment_before"]] != names[both["segment"]]]
    old = both[["monetary_unit", *(f"{name}_before" for name in MEASURES)]].set_axis(
        ["monetary_unit", *MEASURES], axis=1
    )
    # Who is gone has no centroid: the fall of its orders says it all.
    centroids = np.vstack([segments.centroids, np.zeros(len(MEASURES))])
    towards = centroids[both["segment"]] - centroids[both["segment_before"]]
    is_gone = (both[["segment", "segment_before"]] == len(segments.names)).any(axis=1)
    towards[is_gone] = (
        np.eye(len(MEASURES))[MEASURES.index("frequency")]
        * np.sign(both["frequency"] - both["frequency_before"]).to_numpy()[is_gone, None]
    )
    moved = (segments.points(both) - segments.points(old)) * towards
    causes = [
        f"{SAYING[MEASURES[place]]}: {_number(before[place])} to {_number(after[place])}"
        for place, before, after in zip(
            moved.argmax(axis=1), old[list(MEASURES)].to_numpy(), both[list(MEASURES)].to_numpy(), strict=True
        )
    ]
    return pd.DataFrame(
        {
            "customer_code": both["customer_code"],
            "changed_on": both["changed_on"],
            "before": names[both["segment_before"]],
            "after": names[both["segment"]],
            "cause": causes,
        }
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2g}"
