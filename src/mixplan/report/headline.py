"""The few numbers that a planner asks for first, each with its sentence."""

from dataclasses import dataclass

import pandas as pd

from mixplan.planning.wording import day
from mixplan.report.inputs import Metrics, Results
from mixplan.report.words import money, percent, plain, whole_tonnes


@dataclass(frozen=True)
class Card:
    """One number of the headline."""

    label: str
    figure: str
    detail: str
    """What the number is compared with, or what to know about it."""


def cards(results: Results) -> list[Card]:
    """The headline of the page."""
    return [
        demand_card(results),
        orders_card(results.purchase_orders, results.origin),
        fill_rate_card(results.metrics),
        risk_card(results.metrics),
    ]


def demand_card(results: Results) -> Card:
    """Demand of the plan's weeks beside the same weeks of last year: those that start 52 weeks earlier."""
    weeks = results.plan_weeks
    ahead_kg = results.forecast.loc[results.forecast["horizon_weeks"] <= weeks, "prediction_kg"].sum()
    first = results.origin - pd.Timedelta(weeks=52)
    is_same = (results.sales["sold_on"] >= first) & (results.sales["sold_on"] < first + pd.Timedelta(weeks=weeks))
    before_kg = results.sales.loc[is_same, "quantity_kg"].sum()
    same_weeks = "the same weeks of last year"
    detail = f"nothing was sold in {same_weeks}"
    if before_kg > 0:
        change = ahead_kg / before_kg - 1
        direction = "less" if change < 0 else "more"
        detail = f"{percent(abs(change))} {direction} than in {same_weeks} ({whole_tonnes(before_kg)})"
    return Card(f"Demand, next {weeks} weeks", whole_tonnes(ahead_kg), detail)


def orders_card(orders: pd.DataFrame, origin: pd.Timestamp) -> Card:
    """Purchase orders to place in the week of the origin, their weight and what they cost at recent prices."""
    due = orders[orders["order_on"] < origin + pd.Timedelta(weeks=1)]
    if due.empty:
        return Card("Orders to place this week", "0", "stock and open orders are enough")
    parts = [f"{whole_tonnes(due['quantity_kg'].sum())} of materials", _cost(due)]
    if due["expedite"].any():
        parts.append(f"{due['expedite'].sum()} to speed up, as stock falls below safety before they arrive")
    return Card("Orders to place this week", str(len(due)), "; ".join(parts))


def _cost(orders: pd.DataFrame) -> str:
    cost_krw = orders["quantity_kg"] * orders["unit_price_krw"]
    unknown = int(cost_krw.isna().sum())
    if unknown == len(orders):
        return "no price is known"
    return f"about {money(cost_krw.sum())}" + (f" and {unknown} without a known price" if unknown else "")


def fill_rate_card(metrics: Metrics) -> Card:
    """Share of the materials wanted that stock could give in the last window, by winner and plant's own rule."""
    plan, last = metrics["plan"], metrics["promote"]["holdout"]
    won, rule = last["reorder"], last["reorder_plant_rule"]
    detail = (
        f"{_stock_and_cost(won)}, ordered by {plain(plan['winner'])} in the last weeks, which chose no policy; by the "
        f"plant's own rule {percent(rule['fill_rate'])}, {_stock_and_cost(rule)}"
    )
    return Card("Fill rate of materials", percent(won["fill_rate"]), detail)


def planners_rule(metrics: Metrics) -> str:
    """What the plant does without this platform, on the weeks that chose the policy."""
    plan = metrics["plan"]
    start, found = pd.Timestamp(plan["replay_from"]), plan["planners_rule"]
    return (
        f"{plan['replay_weeks']} weeks from {day(start)} {start.year}, with {plain(plan['forecast'])} forecasts. With "
        f"the planners' own forecasts the plant's own rule (max minus mean) would have served "
        f"{percent(found['fill_rate'])}, with {_stock_and_cost(found)}."
    )


def _stock_and_cost(replay: Metrics) -> str:
    return f"{whole_tonnes(replay['mean_stock_kg'])} in stock at {money(replay['cost_krw'])}"


def risk_card(metrics: Metrics) -> Card:
    """Customers who are overdue by the rule of risk."""
    customers = metrics["customers"]
    total = sum(size for name, size in customers.items() if name.startswith("size_"))
    late, none = "likely to order less than half of their usual soon", "all keep their usual rhythm"
    detail = late if customers["at_risk"] else none
    return Card("Customers at risk", f"{customers['at_risk']:.0f} of {total:.0f}", detail)


def worth_note(metrics: Metrics) -> str:
    """How often the range of the next twelve months held what came, on days that were told nothing of it."""
    tried, latest = metrics["risk"]["worth"]["selection"], metrics["risk"]["worth"]["latest"]
    promise = f"Next 12 months: meant to hold what comes for {percent(tried['interval'])} of the customers."
    if not latest["days"]:
        return f"{promise} The history is too short to try it."
    before = f"on {tried['days']:.0f} days before for {percent(tried['coverage'])}, " if tried["days"] else ""
    return f"{promise} It did {before}and for {percent(latest['coverage'])} in the latest year."


def lately(metrics: Metrics) -> str:
    """How far the demand winner was off in the last window, which chose nothing: to be read before the forecast."""
    holdout = metrics["promote"]["holdout"]
    last, naive, planner = (holdout[name] for name in ("demand", "demand_seasonal_naive", "demand_planner"))
    direction = "too high" if last["bias_3m"] > 0 else "too low"
    return (
        f"Forecast by {plain(metrics['demand']['winner'])}. Tried on the last weeks of the data, which had no part "
        f"in its choice, its first three months were {percent(abs(last['bias_3m']))} {direction} in all, and "
        f"{percent(last['wape_3m'])} off product by product and month by month; the same weeks of the year before "
        f"would have been {percent(naive['wape_3m'])} off, the planners' rule {percent(planner['wape_3m'])}."
    )
