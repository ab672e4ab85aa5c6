"""``mixplan tune``: better values for a candidate, found on the origins that choose winners."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from mixplan.config.base import Candidate
    from mixplan.evaluation.search import Trial

tune = typer.Typer(help="Search a candidate's values.", no_args_is_help=True)


@tune.callback()
def group() -> None:
    """Keep each task a command of a group."""


@tune.command(epilog="Example: mixplan tune demand lightgbm --minutes 10")
def demand(
    candidate: Annotated[str, typer.Argument(help="A candidate with a space in demand.search.")],
    minutes: Annotated[float, typer.Option(min=0.0, help="No trial starts later.")] = 10.0,
    trials: Annotated[int | None, typer.Option(min=1, help="Most trials.")] = None,
) -> None:
    """Search with Optuna; print the values found, what they are worth on later weeks, and how to try them."""
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
    _tell("demand", candidate, (before, after), tuner.middle, tuner.metric, best, found, log.run_id)


@tune.command(epilog="Example: mixplan tune recommend svd --trials 50")
def recommend(
    candidate: Annotated[str, typer.Argument(help="A candidate with a space in recommend.search.")],
    minutes: Annotated[float, typer.Option(min=0.0, help="No trial starts later.")] = 10.0,
    trials: Annotated[int | None, typer.Option(min=1, help="Most trials.")] = None,
) -> None:
    """Search with Optuna; print the values found, what they are worth on later weeks, and how to try them."""
    from mixplan.artifacts.files import read_json
    from mixplan.config.params import load_params
    from mixplan.evaluation.origins import plan_origins
    from mixplan.evaluation.search import Budget
    from mixplan.mart.read import read_table
    from mixplan.recommend.tune import RecommendTuner, with_values
    from mixplan.tracking.searches import SearchLog

    params = load_params()
    sales = read_table(Path("data/mart"), "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    tuner = RecommendTuner(sales, origins.holdout, params.recommend, params.seed)
    tuner.space(candidate)  # refused before a run is made
    log = SearchLog("recommend", candidate, read_json(Path("metrics/mart.json"))["data_version"])
    best = tuner.search(candidate, Budget(minutes, trials), lambda trial: log.trial(trial.settings, trial.scores))
    present = params.recommend.candidates[candidate]
    found = with_values(present, best.settings)
    before, after = tuner.late(present), tuner.late(found)
    log.close(best.settings, {f"late_{name}": value for name, value in after.items()})
    _tell("recommend", candidate, (before, after), tuner.middle, tuner.metric, best, found, log.run_id)


def _tell(
    task: str,
    candidate: str,
    late: tuple[Mapping[str, float], Mapping[str, float]],
    middle: "pd.Timestamp",
    metric: str,
    best: "Trial",
    found: "Candidate",
    run_id: str,
) -> None:
    """What values are worth on later weeks, and how to try and keep them."""
    import yaml

    for what, scores in zip(("as configured", "as found"), late, strict=True):
        typer.echo(f"weeks from {middle.date()}, {what}: {metric} {scores[metric]:,.4g}", err=True)
    changes = " ".join(f"-S {task}.candidates.{candidate}.{name}={value}" for name, value in best.settings.items())
    typer.echo(f"try it: dvc exp run {changes}", err=True)
    typer.echo(f"# conf/{task}/candidates/{candidate}.yaml, found by MLflow run {run_id}")
    typer.echo(yaml.safe_dump(found.model_dump(by_alias=True), sort_keys=False), nl=False)
