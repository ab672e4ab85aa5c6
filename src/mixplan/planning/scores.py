"""What simulated stock comes to: service, stock, orders and money."""

import numpy as np

from mixplan.config.policies import CostConfig
from mixplan.planning.simulation import Course
from mixplan.planning.tables import TOLERANCE_KG, Values

DAYS_PER_YEAR = 365


def scores_of(course: Course, wanted_kg: Values, price_krw: Values, costs: CostConfig) -> dict[str, Values]:
    """Scores of each future, (F,).

    With p the price of a kilogram, every evening costs stock x p x holding rate / 365, every order line its price, and
    every kilogram that was lacking p x shortage factor. A material without a known price counts with its order lines
    alone.

    Args:
        course: what happened.
        wanted_kg: (F, D, M), what would have been used.
        price_krw: (M), of a kilogram, the same on every day; NaN where unknown.
        costs: prices of holding, ordering and lacking.

    Returns:
        fill_rate: kilograms served / kilograms wanted (1 where nothing was wanted).
        stock_out_days: days of a material on which something was lost.
        mean_stock_kg, peak_stock_kg, mean_stock_krw, peak_stock_krw: mean and highest of the evenings' stock of all
            materials together.
        orders, ordered_kg: order lines placed, and their kilograms.
        expedites: order lines that were expected after they were needed.
        late_orders, late_days: order lines that came after they were needed, and by how many days in all. Needed is
            what keeps stock above the safety stock, so most of them stop nothing.
        holding_krw, ordering_krw, shortage_krw and their sum cost_krw.

    Half a tonne at 1,000 KRW over two evenings at 36.5% a year, one order line, ten kilograms lacking:

    >>> days = np.array([1.0, 1.0]).reshape(1, 2, 1)
    >>> course = Course(opening_kg=500 * days, receipts_kg=50 * days, served_kg=50 * days,
    ...                 ordered_kg=days * [[50], [0]], is_expedited=0 * days, late_days=0 * days)
    >>> costs = CostConfig(holding_rate_per_year=0.365, order_krw=7000.0, shortage_factor=3.0)
    >>> found = scores_of(course, 50 * days + [[10], [0]], np.array([1000.0]), costs)
    >>> found["cost_krw"].tolist(), found["fill_rate"].round(3).tolist(), found["mean_stock_kg"].tolist()
    ([38000.0], [0.909], [500.0])
    """
    both, price = (1, 2), np.nan_to_num(price_krw)
    closing, lost = course.closing_kg, wanted_kg - course.served_kg
    stock, value = closing.sum(axis=2), closing @ price
    wanted, is_order = wanted_kg.sum(axis=both), course.ordered_kg > 0
    money = {
        "holding_krw": value.sum(axis=1) * costs.holding_rate_per_year / DAYS_PER_YEAR,
        "ordering_krw": is_order.sum(axis=both) * costs.order_krw,
        "shortage_krw": (lost @ price).sum(axis=1) * costs.shortage_factor,
    }
    return {
        "fill_rate": np.where(wanted > 0, course.served_kg.sum(axis=both) / np.where(wanted > 0, wanted, 1.0), 1.0),
        "stock_out_days": (lost > TOLERANCE_KG).sum(axis=both),
        "mean_stock_kg": stock.mean(axis=1),
        "peak_stock_kg": stock.max(axis=1),
        "mean_stock_krw": value.mean(axis=1),
        "peak_stock_krw": value.max(axis=1),
        "orders": is_order.sum(axis=both),
        "ordered_kg": course.ordered_kg.sum(axis=both),
        "expedites": course.is_expedited.sum(axis=both),
        "late_orders": (course.late_days > 0).sum(axis=both),
        "late_days": course.late_days.sum(axis=both),
        **money,
        "cost_krw": np.sum(list(money.values()), axis=0),
    }
