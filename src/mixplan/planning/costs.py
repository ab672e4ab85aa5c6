"""What a replayed policy would have cost."""

import pandas as pd

from mixplan.config.policies import CostConfig

DAYS_PER_YEAR = 365


def costs_of(daily: pd.DataFrame, price_krw: pd.Series, config: CostConfig) -> dict[str, float]:
    """Stock, orders and shortages of a replay in money.

    With p the price of a kilogram, every evening costs stock x p x holding rate / 365, every order line its price, and
    every kilogram that was lacking p x shortage factor. A material without a known price counts with its order lines
    alone.

    Args:
        daily: date, material_code, closing_kg, lost_kg, ordered_kg; see ``Replay``.
        price_krw: of a kilogram by material_code, the same price from the first day to the last.
        config: prices of holding, ordering and lacking.

    Returns:
        mean_stock_krw and peak_stock_krw of all materials together; holding_krw, ordering_krw, shortage_krw and
        their sum cost_krw.

    Half a tonne at 1,000 KRW over two evenings at 36.5% a year, one order line, ten kilograms lacking:

    >>> daily = pd.DataFrame({"date": pd.to_datetime(["2024-01-01", "2024-01-02"]), "material_code": "M",
    ...                       "closing_kg": [500.0, 500.0], "lost_kg": [10.0, 0.0], "ordered_kg": [0.0, 50.0]})
    >>> config = CostConfig(holding_rate_per_year=0.365, order_krw=7000.0, shortage_factor=3.0)
    >>> costs_of(daily, pd.Series({"M": 1000.0}), config)["cost_krw"]
    38000.0
    """
    price = daily["material_code"].map(price_krw).fillna(0.0)
    value = (daily["closing_kg"] * price).groupby(daily["date"]).sum()
    holding = float(value.sum() * config.holding_rate_per_year / DAYS_PER_YEAR)
    ordering = float((daily["ordered_kg"] > 0).sum() * config.order_krw)
    shortage = float((daily["lost_kg"] * price).sum() * config.shortage_factor)
    return {
        "mean_stock_krw": float(value.mean()),
        "peak_stock_krw": float(value.max()),
        "holding_krw": holding,
        "ordering_krw": ordering,
        "shortage_krw": shortage,
        "cost_krw": holding + ordering + shortage,
    }
