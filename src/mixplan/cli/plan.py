"""``mixplan plan`` and ``mixplan scenarios``: what would be planned if something were otherwise."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mixplan.cli.screen import show


def plan(
    name: Annotated[str, typer.Option(help="What to call it: a folder below scenarios.")],
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
    _compare({name: said})
    typer.echo("`dvc repro report` brings it to the page", err=True)


def scenarios() -> None:
    """Show the saved scenarios side by side."""
    from mixplan.scenario.changes import ScenarioError
    from mixplan.scenario.compare import saved_scenarios

    found = saved_scenarios(Path())
    if not found:
        raise ScenarioError("there is no scenario yet: plan one with `mixplan plan`")
    _compare(found)


def _compare(found: Mapping[str, Any]) -> None:
    from mixplan.report.production import scenarios_table

    table = scenarios_table(found)
    show("Scenarios (and how far they are from their plan)", table.header, table.rows, table.numbers)
