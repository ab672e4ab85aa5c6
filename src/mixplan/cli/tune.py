"""``mixplan tune``: better values for a candidate, found on the origins that choose winners."""

from pathlib import Path
from typing import Annotated

import typer

tune = typer.Typer(help="Search a candidate's values.", no_args_is_help=True)


@tune.callback()
def group() -> None:
    """Keep ``demand`` a command of a group."""


@tune.command(epilog="Example: mixplan tune demand lightgbm --minutes 10")
def demand(
    candidate: Annotated[str, typer.Argument(help="A candidate with a space in demand.search.")],
    minutes: Annotated[float, typer.Option(min=0.0, help="No trial starts later.")] = 10.0,
    trials: Annotated[int | None, typer.Option(min=1, help="Most trials.")] = None,
) -> None:
    """Search with Optuna; print the values found, what they are worth on later weeks, and how to try them."""
    import yaml

    from mixplan.artifacts.files import read_json
    from mixplan.config.params import load_params
    from mixplan.demand.read import MART, read_builder
    from mixplan.demand.tune import Tuner, with_values
    from mixplan.evaluation.origins import plan_origins
    from mixplan.mart.read import read_table
    from mixplan.tracking.searches import SearchLog

    params = load_params()
    sales = read_table(MART, "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    builder = read_builder(sales, origins.final, params.demand.country)
    tuner = Tuner(builder, origins, params.evaluation, params.demand, params.seed)
    tuner.space(candidate)  # refused before a run is made
    log = SearchLog("demand", candidate, read_json(Path("metrics/mart.json"))["data_version"])
    best = tuner.search(candidate, minutes, trials, lambda trial: log.trial(trial.settings, trial.scores))
    present = params.demand.candidates[candidate]
    found = with_values(present, best.settings)
    before, after = tuner.late(present), tuner.late(found)
    log.close(best.settings, {f"late_{name}": value for name, value in after.items()})
    for what, scores in (("as configured", before), ("as found", after)):
        typer.echo(f"weeks from {tuner.middle.date()}, {what}: {tuner.metric} {scores[tuner.metric]:,.4g}", err=True)
    changes = " ".join(f"-S demand.candidates.{candidate}.{name}={value}" for name, value in best.settings.items())
    typer.echo(f"try it: dvc exp run {changes}", err=True)
    typer.echo(f"# conf/demand/candidates/{candidate}.yaml, found by MLflow run {log.run_id}")
    typer.echo(yaml.safe_dump(found.model_dump(by_alias=True), sort_keys=False), nl=False)
