"""What is made when, what people decided, and what scenarios would change."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from mixplan.planning.lots import cleanings_of
from mixplan.planning.schedule import proof
from mixplan.report.inputs import Metrics, Results
from mixplan.report.table import Table
from mixplan.report.words import count, percent, signed, tonnes, whole_tonnes

FIGURES = {
    "lots": "Lots",
    "made_kg": "Made, t",
    "late_kg": "Late, t",
    "orders_not_met": "Customers' orders not met in time",
    "purchase_orders": "Purchase orders",
    "bought_kg": "Bought, t",
    "bought_krw": "Bought, KRW million",
    "expedites": "Purchase orders to speed up",
    "stock_out_days": "Days x materials out of stock",
    "mean_stock_krw": "Mean stock, KRW million",
}


def made(results: Results) -> str:
    """What the plan makes, and how sure it is that no plan is better."""
    lots = results.production_lots
    return (
        f"{count(len(lots))} lots make {whole_tonnes(lots['quantity_kg'].sum())} in {results.plan_weeks} weeks, with "
        f"{count(cleanings_of(lots))} cleanings between families; {proof(results.production_searches)}."
    )


def lots_table(lots: pd.DataFrame, first: int) -> Table:
    """The plan's first lots, and what they are for."""
    rows = tuple(
        (lot["product"], lot["line"], tonnes(lot["quantity_kg"]), str(lot["made_on"].date()), lot["serves"])
        for _, lot in lots.head(first).iterrows()
    )
    caption = f"Lots of the plan: first {count(len(rows))} of {count(len(lots))}"
    return Table(caption, ("Product", "Line", "Tonnes", "Made on", "For"), rows, range(2, 4))


def decided_table(overrides: pd.DataFrame) -> Table:
    """Decisions that the plan heeds, beside what the system had proposed."""
    rows = tuple(
        (
            f"{each['kind']} {each['code']} of {each['day'].date()}",
            tonnes(each["old_kg"]),
            tonnes(each["new_kg"]),
            f"{each['who']} on {each['decided_on'].date()}",
            each["reason"],
        )
        for _, each in overrides.iterrows()
    )
    return Table("Decisions in this plan", ("What", "Proposed, t", "Decided, t", "Who", "Why"), rows, range(1, 3))


def worth(metrics: Metrics) -> str:
    """What past decisions were worth; empty while nothing is known of any."""
    found, said = metrics["plan"]["decisions"], []
    if "forecast_value_added" in found:
        said.append(
            f"{count(found['forecasts'])} decided forecasts missed by {percent(found['wape_decided'])} (WAPE), the "
            f"system's would have by {percent(found['wape_proposed'])}: value added "
            f"{signed(found['forecast_value_added'])}"
        )
    if found.get("orders"):
        said.append(
            f"{count(found['orders'])} decided orders left {count(found['decided_short_days'])} days short at "
            f"{whole_tonnes(found['decided_mean_kg'])} in stock, as proposed {count(found['proposed_short_days'])} at "
            f"{whole_tonnes(found['proposed_mean_kg'])}"
        )
    return "; ".join(said)


def scenarios_table(scenarios: Mapping[str, Any]) -> Table:
    """Every saved scenario's figures, and how far they are from its own base plan."""
    rows = tuple(
        (heading, *(_beside(said["scenario"][name], said["base"][name], heading) for said in scenarios.values()))
        for name, heading in FIGURES.items()
        if scenarios
    )
    header = ("Figure", *(f"{name}: {', '.join(said['set'])}" for name, said in scenarios.items()))
    return Table("Scenarios", header, rows, range(1, 1 + len(scenarios)))


def _beside(value: float, base: float, heading: str) -> str:
    unit, digits = (1e6, 1) if heading.endswith("million") else (1e3, 1) if heading.endswith(", t") else (1.0, 0)
    return f"{value / unit:z,.{digits}f} ({(value - base) / unit:+z,.{digits}f})"
