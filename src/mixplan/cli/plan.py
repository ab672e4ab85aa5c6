"""``mixplan plan`` and ``mixplan scenarios``: what would be planned if something were otherwise."""

from pathlib import Path
from typing import Annotated, Any

import typer

from mixplan.cli.screen import show

FIGURES = {
    "lots": "Lots",
    "made_kg": "Made, kg",
    "late_kg": "Late, kg",
    "orders_not_met": "Customers' orders not met in time",
    "purchase_orders": "Purchase orders",
    "bought_kg": "Bought, kg",
    "bought_krw": "Bought, KRW",
    "expedites": "Purchase orders to speed up",
    "stock_out_days": "Days x materials out of stock",
    "mean_stock_krw": "Mean stock, KRW",
}


def plan(
    name: Annotated[str, typer.Option(help="What to call it: a folder below data/scenarios.")],
    changes: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="drivers.NAME=+3, demand.PRODUCT=*1.2 or supplier.CODE.lead_time_days=12; give it again for more.",
        ),
    ],
) -> None:
    """Plan a scenario beside the base without training anything, and say what it changes."""
    from mixplan.config.params import load_params
    from mixplan.scenario.changes import checked_name, parse_change
    from mixplan.scenario.compare import save
    from mixplan.scenario.plan import plan_scenario

    checked_name(name)
    parsed = [parse_change(change) for change in changes]
    said = save(Path(), name, changes, plan_scenario(Path(), parsed, load_params()))
    _compare(f"{name}: {', '.join(changes)}", {name: said})


def scenarios() -> None:
    """Show the saved scenarios side by side."""
    from mixplan.scenario.changes import ScenarioError
    from mixplan.scenario.compare import saved_scenarios

    found = saved_scenarios(Path())
    if not found:
        raise ScenarioError("there is no scenario yet: plan one with `mixplan plan`")
    _compare("Scenarios, each beside the plan that it was made for", found)


def _compare(caption: str, found: dict[str, dict[str, Any]]) -> None:
    rows = [
        (
            heading,
            f"{next(iter(found.values()))['base'][figure]:,.0f}",
            *(
                f"{said['scenario'][figure]:,.0f} ({said['scenario'][figure] - said['base'][figure]:+,.0f})"
                for said in found.values()
            ),
        )
        for figure, heading in FIGURES.items()
    ]
    show(caption, ("Figure", "Base", *found), rows, range(1, 2 + len(found)))
