"""A thousand futures of the plan: use that misses its forecast as it has before, and suppliers as they have been."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.planning import PlanConfig
from mixplan.planning.basis import Basis
from mixplan.planning.buying import buying_terms
from mixplan.planning.calendar import day_shares
from mixplan.planning.levels import PLANT_RULE
from mixplan.planning.overrides import decided_kg, in_force
from mixplan.planning.policies.interface import REVIEW_DAYS, OrderingPolicy
from mixplan.planning.scores import scores_of
from mixplan.planning.simulation import Batch, Course, Decision, simulate
from mixplan.planning.tables import TOLERANCE_KG, Integers, Values, to_rows

LESS_STOCK = 0.3
"""What a better policy should save of the plant's stock."""


@dataclass(frozen=True)
class Futures:
    """F futures of D days and M materials."""

    wanted_kg: Values
    """(F, D, M)."""
    took_days: Integers
    """(F, D, M): days from a review on that day to the receipt of its order."""


def draw_futures(basis: Basis, backtest: pd.DataFrame, config: PlanConfig, seed: int) -> Futures:
    """Futures drawn with replacement from what has happened, so that neither error nor lead time needs a distribution.

    A product's production is that of the plan's lots and the errors of one of its past forecasts, week after week of
    its horizon: a forecast that was too low for long stays so here. Nothing is wanted below 0. Lead times are drawn
    from those that the policy knows (see ``known_lead_days``), for every day anew, and end on the supplier's working
    days.

    Args:
        basis: what the plan starts from.
        backtest: the demand winner's past forecasts: origin, product, horizon_weeks, prediction_kg, actual_kg.
        config: number of futures.
        seed: equal seeds give equal futures.
    """
    rng = np.random.default_rng(seed)
    daily = _made(basis)
    made = daily.groupby(np.arange(len(daily)) // REVIEW_DAYS).sum().to_numpy()
    errors = _error_paths(backtest, daily.columns, len(made))
    path = rng.integers(0, len(errors), (config.futures, made.shape[1]))
    error = errors[path, :, np.arange(made.shape[1])].swapaxes(1, 2).repeat(REVIEW_DAYS, axis=1)
    planned = made.repeat(REVIEW_DAYS, axis=0)
    # Less than planned shrinks the week's lots; more comes on all days that sell.
    kept = np.clip(1 + np.divide(error, planned, out=np.zeros_like(error), where=planned > 0), 0.0, 1.0)
    shares = day_shares(basis.shares_by_day, pd.DatetimeIndex(daily.index[::REVIEW_DAYS]))["share"].to_numpy()
    products = daily.to_numpy() * kept + shares[:, None] * error.clip(min=0.0)
    wanted = products @ basis.bill.loc[daily.columns].to_numpy()
    luck, lead_days = rng.random(wanted.shape), basis.known.lead_days
    drawn = [days[(luck[..., place] * len(days)).astype("int64")] for place, days in enumerate(lead_days)]
    review = np.arange(len(daily))[:, None]
    return Futures(wanted, basis.supply.arrives(review, np.ceil(np.stack(drawn, axis=-1)).astype("int64")) - review)


def _made(basis: Basis) -> pd.DataFrame:
    """Days of the plan x products of the bill that are wanted or made, kg of lots."""
    products = pd.Index(sorted(set(basis.production["product"]) & set(basis.bill.index)), name="product")
    lots = basis.schedule.lots.pivot_table("quantity_kg", "made_on", "product", aggfunc="sum")
    return lots.reindex(index=pd.DatetimeIndex(basis.requirements["date"].unique()), columns=products).fillna(0.0)


def _error_paths(backtest: pd.DataFrame, products: pd.Index, weeks: int) -> Values:
    """Origins x weeks x products, kg; 0 where a product was not forecast at an origin."""
    rows = backtest.assign(error_kg=backtest["actual_kg"] - backtest["prediction_kg"])
    wide = rows.pivot_table("error_kg", ["origin", "horizon_weeks"], "product", aggfunc="sum")
    origins = wide.index.unique("origin")
    every = pd.MultiIndex.from_product([origins, range(1, weeks + 1)])
    return wide.reindex(index=every, columns=products).fillna(0.0).to_numpy().reshape(len(origins), weeks, -1)


def run_futures(basis: Basis, futures: Futures, policy: OrderingPolicy, config: PlanConfig) -> Course:
    """What becomes of the plan's stock in every future, with the levels and the forecast of the plan's first day.

    Confirmed receipts come when they are expected, and lines that people decided are ordered as they decided, as in the
    plan.
    """
    materials = pd.Index(basis.known.terms["material_code"])
    due = (basis.awaited["expected_on"] - basis.origin).dt.days
    is_of = np.equal.outer(basis.awaited["material_code"].to_numpy(), materials.to_numpy())
    batches = [
        Batch(np.where(mine, kilograms, 0.0)[None], np.where(mine, day, 0), np.where(mine, day, -1)[None])
        for mine, kilograms, day in zip(is_of, basis.awaited["quantity_kg"], due, strict=True)
    ]
    return simulate(
        futures.wanted_kg,
        futures.took_days,
        basis.stock.set_index("material_code").loc[materials, "on_hand_kg"].to_numpy(dtype="float64"),
        batches,
        _decisions(basis, policy),
        buying_terms(config.ordering, materials),
    )


def _decisions(basis: Basis, policy: OrderingPolicy) -> dict[int, Decision]:
    """What each review of the plan goes by."""
    known, decided = basis.known, in_force(basis.overrides, "order", basis.origin)
    levels, materials = policy.levels(known), pd.Index(known.terms["material_code"])
    found = {}
    for day, window in basis.windows.items():
        sent = pd.DatetimeIndex(basis.origin + pd.to_timedelta(day + window.sent, unit="D"))
        found[day] = Decision(levels, known.expected[day:], window, decided_kg(decided, materials, sent))
    return found


def beside_plant_rule(
    basis: Basis, futures: Futures, policy: OrderingPolicy, config: PlanConfig
) -> tuple[pd.DataFrame, dict[str, float]]:
    """The policy's stock in all futures, and how sure it is that it beats the plant's own rule.

    Returns:
        See ``stock_bands`` and ``compared``.
    """
    price = basis.known.terms["unit_price_krw"].to_numpy(dtype="float64")
    own, rule = (run_futures(basis, futures, each, config) for each in (policy, PLANT_RULE))
    scores = [scores_of(course, futures.wanted_kg, price, config.costs) for course in (own, rule)]
    return stock_bands(basis, futures, own), compared(*scores)


def stock_bands(basis: Basis, futures: Futures, course: Course) -> pd.DataFrame:
    """Projected stock by day and material over all futures.

    Returns:
        date, material_code, lower_kg and upper_kg (10 and 90% of the futures are below) and short_share, the share of
        futures in which something is lacking on that day.
    """
    lower, upper = np.quantile(course.closing_kg, [0.1, 0.9], axis=0)
    short = (futures.wanted_kg - course.served_kg > TOLERANCE_KG).mean(axis=0)
    days = pd.date_range(basis.origin, periods=len(lower), name="date")
    materials = pd.Index(basis.known.terms["material_code"])
    return to_rows(days, materials, lower_kg=lower, upper_kg=upper, short_share=short)


def compared(scores: Mapping[str, Values], rule: Mapping[str, Values]) -> dict[str, float]:
    """A policy's scores beside the plant's own rule's, over the same futures.

    Returns:
        The number of futures; mean, 10% and 90% of fill_rate, mean_stock_kg, cost_krw and stock_saved (share of the
        rule's mean stock); and the shares of futures in which the policy is cheaper, serves at least as much, and does
        so with at least 30% less stock.

    >>> def three(fill_rate, stock, cost):
    ...     return {"fill_rate": np.array(fill_rate), "mean_stock_kg": np.array(stock), "cost_krw": np.array(cost)}
    >>> found = compared(three([1.0, 0.8], [6.0, 6.0], [4.0, 9.0]), three([1.0, 0.9], [10.0, 10.0], [5.0, 5.0]))
    >>> found["cheaper_share"], found["serves_as_much_share"], found["as_much_with_less_stock_share"]
    (0.5, 0.5, 0.5)
    """
    saved = 1 - scores["mean_stock_kg"] / rule["mean_stock_kg"]
    serves = scores["fill_rate"] >= rule["fill_rate"]
    spread = {name: scores[name] for name in ("fill_rate", "mean_stock_kg", "cost_krw")} | {"stock_saved": saved}
    return {
        "count": len(saved),
        **{f"{name}_mean": float(values.mean()) for name, values in spread.items()},
        **{f"{name}_p10": float(np.quantile(values, 0.1)) for name, values in spread.items()},
        **{f"{name}_p90": float(np.quantile(values, 0.9)) for name, values in spread.items()},
        "cheaper_share": float((scores["cost_krw"] < rule["cost_krw"]).mean()),
        "serves_as_much_share": float(serves.mean()),
        "as_much_with_less_stock_share": float((serves & (saved >= LESS_STOCK)).mean()),
    }
