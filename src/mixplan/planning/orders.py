"""Purchase orders by a weekly review."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mixplan.config.planning import OrderingConfig
from mixplan.planning.errors import PlanningError
from mixplan.planning.lead_times import planned_days
from mixplan.planning.stock import ASSUMED
from mixplan.planning.tables import TOLERANCE_KG, Values, arrivals, of_materials, to_matrix
from mixplan.planning.wording import day, period, weight

REVIEW_DAYS = 7
COLUMNS = [
    "order_on",
    "material_code",
    "quantity_kg",
    "needed_on",
    "expected_on",
    "expedite",
    "unit_price_krw",
    "supplier_code",
    "stock_source",
    "reason",
]


def plan_orders(
    requirements: pd.DataFrame,
    stock: pd.DataFrame,
    open_orders: pd.DataFrame,
    policy: pd.DataFrame,
    start: pd.Timestamp,
    config: OrderingConfig,
) -> pd.DataFrame:
    """Orders of each weekly review from ``start`` to the last day with requirements.

    Where the policy leaves ``order_up_to_kg`` to the forecast (NaN): an order placed on day t arrives in the morning of
    t + L, with L the mean lead time rounded up, and the next one a week later. In that week, t + L to t + L + 6, no
    evening's stock may be below the safety stock SS. With P(d) = on hand + arrivals - requirements up to the evening of
    day d, the order is the largest SS - P(d) of the week, rounded up to whole packs and to the smallest order: a
    periodic review with an order-up-to level (the (R, S) policy), where the forecast of each day stands in for a mean.

    Where the policy gives a level S: at a review whose inventory position (on hand + on order - requirements up to the
    evening before) is at or below the reorder point, the order is S less the position.

    Args:
        requirements: date, material_code, requirement_kg; from ``start`` on.
        stock: material_code, on_hand_kg in the morning of ``start``, stock_source (see ``stock_on_hand``).
        open_orders: material_code, quantity_kg, expected_on; what is overdue is expected on ``start``.
        policy: mean_lead_time_days, unit_price_krw, supplier_code and the levels safety_stock_kg, reorder_point_kg and
            order_up_to_kg by material_code (see ``set_levels``).
        start: first day; no order is placed before it.
        config: day of the review, pack and smallest order.

    Returns:
        The columns of ``COLUMNS``, by order_on and material_code. ``needed_on`` is the first day that would end below
        the safety stock without the order, or else the last day that the order covers; ``expedite`` says that this is
        before ``expected_on``.

    Raises:
        PlanningError: requirements are empty or before ``start``, or a material has no line in stock or policy.

    Ten kilograms a day, 25 on hand, two days to deliver and a safety stock of 5: the first order covers the days up to
    the ninth, 90 + 5 - 25.

    >>> days = pd.date_range("2024-06-03", periods=14)
    >>> requirements = pd.DataFrame({"date": days, "material_code": "M", "requirement_kg": 10.0})
    >>> stock = pd.DataFrame({"material_code": ["M"], "on_hand_kg": [25.0], "stock_source": ["counted 2024-06-02"]})
    >>> policy = pd.DataFrame({"material_code": ["M"], "mean_lead_time_days": [2.0], "safety_stock_kg": [5.0],
    ...                        "reorder_point_kg": [25.0], "order_up_to_kg": [float("nan")],
    ...                        "unit_price_krw": [1100.0], "supplier_code": ["S"]})
    >>> nothing = pd.DataFrame({"material_code": [], "quantity_kg": [], "expected_on": pd.to_datetime([])})
    >>> config = OrderingConfig(weekday=0, pack_kg=1.0, minimum_kg=0.0)
    >>> orders = plan_orders(requirements, stock, nothing, policy, days[0], config)
    >>> orders["quantity_kg"].tolist(), str(orders["expected_on"][0].date())
    ([70.0, 50.0], '2024-06-05')
    >>> orders["reason"][0]
    'covers 3 to 11 June: use 90 kg, on hand 25 kg, arriving 0 t, safety 5 kg'
    """
    books = _open_books(requirements, stock, open_orders, policy, start)
    first = (config.weekday - start.weekday()) % REVIEW_DAYS
    reviews = range(first, len(books.dates), REVIEW_DAYS) or [len(books.dates)]
    orders = pd.concat([_review(books, today, config) for today in reviews], ignore_index=True)
    return orders.join(books.terms[["unit_price_krw", "supplier_code", "stock_source"]], on="material_code")[COLUMNS]


@dataclass(frozen=True)
class _Books:
    """Everything by day and material, as matrices; each review enters its orders as arrivals."""

    dates: pd.DatetimeIndex
    terms: pd.DataFrame
    """Policy and stock by material."""
    required: Values
    arriving: Values
    lead_days: npt.NDArray[np.int64]
    safety: Values
    reorder_point: Values
    order_up_to: Values
    """NaN where the forecast says it."""
    on_order: Values
    """What was ever on order, whenever it comes, also after the last day."""


def _open_books(
    requirements: pd.DataFrame,
    stock: pd.DataFrame,
    open_orders: pd.DataFrame,
    policy: pd.DataFrame,
    start: pd.Timestamp,
) -> _Books:
    if requirements.empty or requirements["date"].min() < start:
        raise PlanningError(f"requirements: give at least one row, and none before {start.date()}")
    dates = pd.date_range(start, requirements["date"].max())
    materials = pd.Index(sorted(requirements["material_code"].unique()), name="material_code")
    terms = of_materials(policy, materials, "policy").join(of_materials(stock, materials, "stock"))
    ordered = open_orders.groupby("material_code")["quantity_kg"].sum()
    return _Books(
        dates=dates,
        terms=terms,
        required=to_matrix(requirements, dates, materials, "date", "requirement_kg"),
        arriving=arrivals(open_orders, dates, materials),
        lead_days=planned_days(terms["mean_lead_time_days"]).to_numpy(),
        safety=terms["safety_stock_kg"].to_numpy(dtype="float64"),
        reorder_point=terms["reorder_point_kg"].to_numpy(dtype="float64"),
        order_up_to=terms["order_up_to_kg"].to_numpy(dtype="float64"),
        on_order=ordered.reindex(materials, fill_value=0.0).to_numpy(dtype="float64", copy=True),
    )


def _review(books: _Books, today: int, config: OrderingConfig) -> pd.DataFrame:
    """Orders of one review; they are entered in the books."""
    days = np.arange(len(books.dates))[:, None]
    on_hand = books.terms["on_hand_kg"].to_numpy(dtype="float64")
    evenings = on_hand + np.cumsum(books.arriving - books.required, axis=0)
    below = books.safety - evenings
    arrival = today + books.lead_days
    position = on_hand + books.on_order - books.required[:today].sum(axis=0)
    by_forecast, worst = _lacking_by_forecast(below, days, arrival)
    by_level = np.where(position <= books.reorder_point, books.order_up_to - position, -np.inf)
    has_level = ~np.isnan(books.order_up_to)
    worst = np.where(has_level, np.minimum(arrival + REVIEW_DAYS, len(days)) - 1, worst)
    is_below = (below > TOLERANCE_KG) & (days >= today)
    found = pd.DataFrame({"lack_kg": np.where(has_level, by_level, by_forecast), "arrival": arrival, "worst": worst})
    found["first_below"] = np.where(is_below.any(axis=0), np.argmax(is_below, axis=0), worst)
    found["morning_kg"], found["position_kg"] = np.vstack([on_hand, evenings])[today], position
    found = found[(found["lack_kg"] > TOLERANCE_KG) & (found["arrival"] < len(days))]
    return _lines(books, today, found, config)


def _lacking_by_forecast(
    below: Values, days: npt.NDArray[np.int64], arrival: npt.NDArray[np.int64]
) -> tuple[Values, npt.NDArray[np.int64]]:
    """How far stock falls below safety in the week from the arrival on, and the last day on which it does so most."""
    lacking = np.where((days >= arrival) & (days < arrival + REVIEW_DAYS), below, -np.inf)
    worst = len(days) - 1 - np.argmax(lacking[::-1], axis=0)
    return lacking[worst, np.arange(len(worst))], worst


def _lines(books: _Books, today: int, found: pd.DataFrame, config: OrderingConfig) -> pd.DataFrame:
    """What was ``found`` lacking (by position of the material; days as positions too) as order lines."""
    material, arrival = found.index.to_numpy(), found["arrival"].to_numpy()
    reasons = [_reason(books, today, row) for row in found.itertuples()]
    packs = np.ceil(np.round(np.maximum(found["lack_kg"].to_numpy(), config.minimum_kg) / config.pack_kg, 9))
    books.arriving[arrival, material] += packs * config.pack_kg
    books.on_order[material] += packs * config.pack_kg
    return pd.DataFrame(
        {
            "order_on": books.dates[np.full(len(found), today)],
            "material_code": books.terms.index[material],
            "quantity_kg": packs * config.pack_kg,
            "needed_on": books.dates[found["first_below"]],
            "expected_on": books.dates[arrival],
            "expedite": (found["first_below"] < found["arrival"]).to_numpy(),
            "reason": pd.Series(reasons, dtype="object"),
        }
    )


def _reason(books: _Books, today: int, found: Any) -> str:
    """The sum behind an order: what is lacking = use + safety - on hand - arriving, or = level - position."""
    until = slice(today, found.worst + 1)
    assumed = " (assumed)" if books.terms["stock_source"].iloc[found.Index] == ASSUMED else ""
    late = f"; below safety from {day(books.dates[found.first_below])}" if found.first_below < found.arrival else ""
    covers = f"covers {period(books.dates[today], books.dates[found.worst])}: "
    on_hand = f"on hand {weight(found.morning_kg)}{assumed}, "
    if not np.isnan(books.order_up_to[found.Index]):
        return (
            f"{covers}up to {weight(books.order_up_to[found.Index])}, {on_hand}"
            f"on order {weight(found.position_kg - found.morning_kg)}, "
            f"order at {weight(books.reorder_point[found.Index])} or less{late}"
        )
    return (
        f"{covers}use {weight(books.required[until, found.Index].sum())}, {on_hand}"
        f"arriving {weight(books.arriving[until, found.Index].sum())}, "
        f"safety {weight(books.safety[found.Index])}{late}"
    )
