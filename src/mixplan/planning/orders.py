"""Purchase orders by a weekly review."""

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from mixplan.config.planning import OpenDays, OrderingConfig
from mixplan.planning.buying import BuyingTerms, buying_terms
from mixplan.planning.errors import PlanningError
from mixplan.planning.lead_times import planned_days
from mixplan.planning.overrides import Decided, decided_kg
from mixplan.planning.policies.interface import REVIEW_DAYS, Levels
from mixplan.planning.reasons import Sum, decision_of, reason
from mixplan.planning.review import Outlook, Review, review
from mixplan.planning.stock import ASSUMED
from mixplan.planning.supply_calendar import SupplyCalendar, Window, supply_calendar
from mixplan.planning.tables import Integers, Values, arrivals, of_materials, to_matrix

COLUMNS = [
    "order_on",
    "material_code",
    "quantity_kg",
    "needed_on",
    "expected_on",
    "order_by",
    "expedite",
    "unit_price_krw",
    "supplier_code",
    "lead_time_days",
    "lead_time_source",
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
    calendar: OpenDays,
    decided: Decided = MappingProxyType({}),
) -> pd.DataFrame:
    """Orders of each weekly review from ``start`` to the last day with requirements.

    A review's order goes out on the first day on which both the plant and the supplier work, takes the mean lead time
    rounded up, and arrives in the morning of the supplier's next working day a; the next review's order arrives on b
    (see ``SupplyCalendar``). Where the policy leaves ``order_up_to_kg`` to the forecast (NaN), no evening's stock from
    a to b - 1 may be below the safety stock SS. With P(d) = on hand + arrivals - requirements up to the evening of day
    d, the order is the largest SS - P(d) of these days, rounded up to whole packs and to the smallest order: a periodic
    review with an order-up-to level (the (R, S) policy), where the forecast of each day stands in for a mean.

    Where the policy gives a level S: at a review whose inventory position (on hand + on order - requirements up to the
    evening before) is at or below the reorder point, the order is S less the position.

    Args:
        requirements: date, material_code, requirement_kg; from ``start`` on.
        stock: material_code, on_hand_kg in the morning of ``start``, stock_source (see ``stock_on_hand``).
        open_orders: material_code, quantity_kg, expected_on; what is overdue is expected on ``start``.
        policy: mean_lead_time_days, lead_time_source, unit_price_krw, supplier_code and the levels safety_stock_kg,
            reorder_point_kg and order_up_to_kg by material_code (see ``set_levels``).
        start: first day; no order is placed before it.
        config: day of the review, pack, smallest order and the suppliers' working days.
        calendar: the plant's working days.
        decided: order lines that people decided, by material and day; they take the place of what the review would
            order, and later reviews go on from there.

    Returns:
        The columns of ``COLUMNS``, by order_on and material_code. ``needed_on`` is the first day that would end below
        the safety stock without the order, or else the last day that the order covers. ``order_by`` is the last day on
        which the order could go out to be there by then; where that is before ``order_on``, ``expedite`` says so.

    Raises:
        PlanningError: requirements are empty or before ``start``, or a material has no line in stock or policy.

    Ten kilograms a day, 25 on hand, two days to deliver and a safety stock of 5: the first order covers the days up to
    the ninth, 90 + 5 - 25.

    >>> days = pd.date_range("2024-06-03", periods=14)
    >>> requirements = pd.DataFrame({"date": days, "material_code": "M", "requirement_kg": 10.0})
    >>> stock = pd.DataFrame({"material_code": ["M"], "on_hand_kg": [25.0], "stock_source": ["counted 2024-06-02"]})
    >>> policy = pd.DataFrame({"material_code": ["M"], "mean_lead_time_days": [2.0], "safety_stock_kg": [5.0],
    ...                        "reorder_point_kg": [25.0], "order_up_to_kg": [float("nan")],
    ...                        "unit_price_krw": [1100.0], "supplier_code": ["S"],
    ...                        "lead_time_source": ["9 receipts from S"]})
    >>> nothing = pd.DataFrame({"material_code": [], "quantity_kg": [], "expected_on": pd.to_datetime([])})
    >>> from mixplan.config.planning import SuppliersConfig
    >>> calendar = OpenDays(country="KR", weekdays=(True,) * 7)
    >>> suppliers = SuppliersConfig(usual=calendar)
    >>> config = OrderingConfig(weekday=0, pack_kg=1.0, minimum_kg=0.0, suppliers=suppliers)
    >>> orders = plan_orders(requirements, stock, nothing, policy, days[0], config, calendar)
    >>> orders["quantity_kg"].tolist(), str(orders["expected_on"][0].date())
    ([70.0, 50.0], '2024-06-05')
    >>> orders["reason"][0]
    'covers 3 to 11 June: use 90 kg, on hand 25 kg, arriving 0 t, safety 5 kg; order by 3 June'
    """
    books = _open_books(requirements, stock, open_orders, policy, start, config, calendar, decided)
    windows = books.calendar.windows(config.weekday, len(books.dates), books.lead_days)
    lines = [_order(books, today, window) for today, window in windows.items()]
    if not lines:
        lines = [_order(books, 0, books.calendar.window(0, REVIEW_DAYS, books.lead_days))[:0]]
    orders = pd.concat(lines).sort_values(["order_on", "material_code"], ignore_index=True)
    own = books.terms[["unit_price_krw", "supplier_code", "lead_time_source", "stock_source"]]
    orders = orders.join(own, on="material_code")
    return orders.assign(unit_price_krw=orders["unit_price_krw"] * orders["price_share"])[COLUMNS]


@dataclass(frozen=True)
class _Books:
    """Everything by day and material, as matrices; each review enters its orders as arrivals."""

    dates: pd.DatetimeIndex
    terms: pd.DataFrame
    """Policy and stock by material."""
    required: Values
    arriving: Values
    calendar: SupplyCalendar
    lead_days: Integers
    levels: Levels
    on_hand: Values
    """In the morning of the first day."""
    on_order: Values
    """What was ever on order, whenever it comes, also after the last day."""
    buying: BuyingTerms
    decided: Decided
    """By material and day."""

    def outlook(self, today: int, window: Window) -> Outlook:
        """How things stand on the morning of that day."""
        came = self.arriving[:today].sum(axis=0)
        return Outlook(
            on_hand_kg=self.on_hand + came - self.required[:today].sum(axis=0),
            arriving_kg=self.arriving[today:],
            on_order_kg=self.on_order - came,
            required_kg=self.required[today:],
            window=window,
            decided_kg=decided_kg(self.decided, self.terms.index, self.days(today + window.sent)),
        )

    def days(self, positions: Integers) -> pd.DatetimeIndex:
        """The days at these positions, also outside of the plan."""
        return pd.DatetimeIndex(self.dates[0] + pd.to_timedelta(positions, unit="D"))


def _open_books(
    requirements: pd.DataFrame,
    stock: pd.DataFrame,
    open_orders: pd.DataFrame,
    policy: pd.DataFrame,
    start: pd.Timestamp,
    config: OrderingConfig,
    calendar: OpenDays,
    decided: Decided,
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
        calendar=supply_calendar(terms["supplier_code"], start, calendar, config.suppliers),
        lead_days=planned_days(terms["mean_lead_time_days"]).to_numpy(),
        levels=Levels(
            *(terms[name].to_numpy("float64") for name in ("safety_stock_kg", "reorder_point_kg", "order_up_to_kg"))
        ),
        on_hand=terms["on_hand_kg"].to_numpy(dtype="float64"),
        on_order=ordered.reindex(materials, fill_value=0.0).to_numpy(dtype="float64", copy=True),
        buying=buying_terms(config, materials),
        decided=decided,
    )


def _order(books: _Books, today: int, window: Window) -> pd.DataFrame:
    """The order lines of one review; they are entered in the books."""
    outlook = books.outlook(today, window)
    found = review(outlook, books.levels, books.buying)
    order_by = books.days(books.calendar.last_call(today + found.needed, books.lead_days))
    material = np.flatnonzero(found.order_kg > 0)
    lines = pd.DataFrame(
        {
            "order_on": books.days(today + window.sent)[material],
            "material_code": books.terms.index[material],
            "quantity_kg": found.order_kg[material],
            "needed_on": books.dates[today + found.needed[material]],
            "expected_on": books.dates[today + window.arrives[material]],
            "order_by": order_by[material],
            "expedite": found.is_late[material],
            "lead_time_days": books.lead_days[material],
            "price_share": books.buying.price_share(found.order_kg)[material],
            "reason": pd.Series(
                [_said(books, today, outlook, found, order_by, position) for position in material.tolist()],
                dtype="object",
            ),
        }
    )
    books.arriving[today + window.arrives[material], material] += found.order_kg[material]
    books.on_order[material] += found.order_kg[material]
    return lines


def _said(books: _Books, today: int, outlook: Outlook, found: Review, order_by: pd.DatetimeIndex, material: int) -> str:
    """Who decided the line, where somebody did, and the sum behind what the review would order."""
    sent = books.dates[today + outlook.window.sent[material]]
    line = books.decided.get((books.terms.index[material], sent))
    is_proposed = found.proposed_kg[material] > 0
    own = _reason(books, today, outlook, found, order_by[material], material) if is_proposed else ""
    return "; ".join(part for part in (decision_of(line) if line else "", own) if part)


def _reason(books: _Books, today: int, outlook: Outlook, found: Review, order_by: pd.Timestamp, material: int) -> str:
    until = slice(0, found.covers_until[material] + 1)
    covered = books.dates[[today, today + found.covers_until[material]]]
    return reason(
        Sum(
            first=covered[0],
            last=covered[1],
            use_kg=outlook.required_kg[until, material].sum(),
            on_hand_kg=outlook.on_hand_kg[material],
            arriving_kg=outlook.arriving_kg[until, material].sum(),
            on_order_kg=outlook.on_order_kg[material],
            safety_kg=books.levels.safety_stock_kg[material],
            reorder_point_kg=books.levels.reorder_point_kg[material],
            order_up_to_kg=books.levels.order_up_to_kg[material],
            lacking_kg=found.lacking_kg[material],
            order_kg=found.proposed_kg[material],
            needed=books.dates[today + found.needed[material]],
            order_by=order_by,
            pack_kg=books.buying.pack_kg[material],
            minimum_kg=books.buying.minimum_kg[material],
            tank_kg=books.buying.tank_kg[material],
            is_assumed=books.terms["stock_source"].iloc[material] == ASSUMED,
        )
    )
