"""``mixplan override``: people decide what the system proposes."""

from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from mixplan.cli.screen import show

override = typer.Typer(help="Approve, change or reject what the plan proposes.", no_args_is_help=True)
PLAN, FORECAST = Path("data/plan/purchase_orders.parquet"), Path("data/forecasts/demand/products.parquet")
DAY = ["%Y-%m-%d"]


class Kind(StrEnum):
    """What is decided."""

    order = "order"
    forecast = "forecast"


Who = Annotated[str, typer.Option(help="Who decides.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence.")]
On = Annotated[datetime | None, typer.Option(formats=DAY, help="The day of it; by default the plan's first day.")]


@override.command(epilog="Example: mixplan override add order 3001100 2024-07-01 --kg 8000 --who Kim --reason 'silo'")
def add(
    kind: Annotated[Kind, typer.Argument(help="order or forecast.")],
    code: Annotated[str, typer.Argument(help="The material that is ordered, or the product that is forecast.")],
    day: Annotated[datetime, typer.Argument(formats=DAY, help="The day of the order, or a day of the week forecast.")],
    who: Who,
    reason: Reason,
    kg: Annotated[
        float | None, typer.Option(min=0.0, help="What it is to be; 0 rejects. Without it: approved.")
    ] = None,
    on: On = None,
    until: Annotated[
        datetime | None, typer.Option(formats=DAY, help="Last first day of a plan that heeds it; by default DAY.")
    ] = None,
) -> None:
    """Decide a proposed order line or a week's forecast; the next `dvc repro` plans with it."""
    from mixplan.artifacts.files import read_parquet
    from mixplan.config.params import load_params
    from mixplan.planning.decide import Act, decide, proposal_of
    from mixplan.planning.overrides import append, read_lines
    from mixplan.planning.wording import weight

    config, origin = load_params().plan, _origin()
    folder = Path(config.overrides)
    plan = {"purchase_orders": read_parquet(PLAN), "products": read_parquet(FORECAST)}
    proposal = proposal_of(kind.value, code, day.date(), plan)
    act = Act(who, reason, on.date() if on else origin)
    line = decide(read_lines(folder), proposal, kg, act, until.date() if until else None, config.ordering)
    append(folder, line)
    typer.echo(
        f"decision {line.number}: {line.kind} {line.code} of {line.day}, {weight(line.new_kg)} "
        f"in place of {weight(line.old_kg)}; run `dvc repro` to plan with it"
    )


@override.command(epilog="Example: mixplan override withdraw 3 --who Kim --reason 'the silo is free again'")
def withdraw(
    number: Annotated[int, typer.Argument(help="The decision's number.")], who: Who, reason: Reason, on: On = None
) -> None:
    """Take a decision back; it stays on record."""
    from mixplan.config.params import load_params
    from mixplan.planning.decide import Act
    from mixplan.planning.decide import withdraw as withdrawn
    from mixplan.planning.overrides import append, read_lines

    folder = Path(load_params().plan.overrides)
    append(folder, withdrawn(read_lines(folder), number, Act(who, reason, on.date() if on else _origin())))
    typer.echo(f"decision {number} is withdrawn; run `dvc repro` to plan without it")


@override.command(name="list", epilog="Example: mixplan override list")
def list_() -> None:
    """Show every decision, whether the plan heeds it, and what it was worth where that is known."""
    import pandas as pd

    from mixplan.config.params import load_params
    from mixplan.planning.overrides import Override, in_force, read_lines, standing
    from mixplan.planning.wording import weight

    lines, origin = read_lines(Path(load_params().plan.overrides)), pd.Timestamp(_origin())
    held = standing(lines)
    now = {each.number for kind in Kind for each in in_force(held, kind.value, origin).values()}
    standing_numbers, worth = {each.number for each in held}, _worth()
    rows = [
        (
            str(each.number),
            f"{each.kind} {each.code} of {each.day}",
            weight(each.old_kg),
            weight(each.new_kg),
            f"{each.who} on {each.decided_on}: {each.reason}",
            "in force" if each.number in now else "over" if each.number in standing_numbers else "withdrawn",
            worth.get(each.number, ""),
        )
        for each in lines
        if isinstance(each, Override)
    ]
    show("Decisions", ("No", "What", "Proposed", "Decided", "Who and why", "State", "What came"), rows, range(2, 4))


def _origin() -> date:
    """The plan's first day."""
    from mixplan.artifacts.files import read_parquet
    from mixplan.config.base import MixplanError

    if not PLAN.is_file() or not FORECAST.is_file():
        raise MixplanError("there is no plan to decide on: run `dvc repro` first")
    first: date = read_parquet(FORECAST)["origin"].max().date()
    return first


def _worth() -> dict[int, str]:
    """What the last plan knew of past decisions, by number."""
    from mixplan.artifacts.files import read_parquet
    from mixplan.planning.wording import weight

    def rows(kind: str) -> list[dict[str, Any]]:
        file = PLAN.with_name(f"decided_{kind}.parquet")
        found = read_parquet(file).to_dict("records") if file.is_file() else []
        return [{str(name): value for name, value in row.items()} for row in found]

    forecasts = {row["number"]: f"{weight(row['actual_kg'])} sold" for row in rows("forecasts")}
    orders = {
        row["number"]: (
            f"{row['decided_short_days']} days short and {weight(row['decided_mean_kg'])} in stock, "
            f"as proposed {row['proposed_short_days']} and {weight(row['proposed_mean_kg'])}"
        )
        for row in rows("orders")
    }
    return forecasts | orders
