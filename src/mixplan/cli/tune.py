"""``mixplan tune``: better values for a candidate, found on the origins that choose winners."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from mixplan.config.base import Candidate
    from mixplan.demand.tune import Tuner
    from mixplan.evaluation.search import Budget
    from mixplan.recommend.tune import RecommendTuner

tune = typer.Typer(help="Search a candidate's values.", no_args_is_help=True)
Minutes = Annotated[float, typer.Option(min=0.0, help="No trial starts later.")]
Trials = Annotated[int | None, typer.Option(min=1, help="Most trials.")]


@tune.command(epilog="Example: mixplan tune demand lightgbm --minutes 10")
def demand(
    candidate: Annotated[str, typer.Argument(help="A candidate with a space in demand.search.")],
    minutes: Minutes = 10.0,
    trials: Trials = None,
) -> None:
    """Search with Optuna; print the values found, what they are worth on later weeks, and how to try them."""
    from mixplan.config.params import load_params
    from mixplan.demand.read import MART, read_builder
    from mixplan.demand.tune import Tuner
    from mixplan.evaluation.origins import plan_origins
    from mixplan.evaluation.search import Budget
    from mixplan.mart.read import read_table

    params = load_params()
    sales = read_table(MART, "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    builder = read_builder(sales, origins.final, params.demand.country)
    tuner = Tuner(builder, origins, params.evaluation, params.demand, params.seed)
    tuner.space(candidate)  # refused before a run is made
    _search("demand", tuner, candidate, params.demand.candidates[candidate], Budget(minutes, trials))


@tune.command(epilog="Example: mixplan tune recommend svd --trials 50")
def recommend(
    candidate: Annotated[str, typer.Argument(help="A candidate with a space in recommend.search.")],
    minutes: Minutes = 10.0,
    trials: Trials = None,
) -> None:
    """Search with Optuna; print the values found, what they are worth on later weeks, and how to try them."""
    from mixplan.config.params import load_params
    from mixplan.evaluation.origins import plan_origins
    from mixplan.evaluation.search import Budget
    from mixplan.mart.read import read_table
    from mixplan.recommend.tune import RecommendTuner

    params = load_params()
    sales = read_table(Path("data/mart"), "sales")
    origins = plan_origins(sales["sold_on"].min(), sales["sold_on"].max(), params.evaluation)
    tuner = RecommendTuner(sales, origins.holdout, params.recommend, params.seed)
    tuner.space(candidate)  # refused before a run is made
    _search("recommend", tuner, candidate, params.recommend.candidates[candidate], Budget(minutes, trials))


def _search(task: str, tuner: "Tuner | RecommendTuner", name: str, present: "Candidate", budget: "Budget") -> None:
    import yaml

    from mixplan.artifacts.files import read_json
    from mixplan.tracking.searches import SearchLog

    log = SearchLog(task, name, read_json(Path("metrics/mart.json"))["data_version"])
    best = tuner.search(name, budget, lambda trial: log.trial(trial.settings, trial.scores))
    found = present.with_values(best.settings)
    before, after = tuner.late(present), tuner.late(found)  # type: ignore[arg-type]  # each knows its own candidates
    log.close(best.settings, {f"late_{metric}": value for metric, value in after.items()})
    for what, scores in (("as configured", before), ("as found", after)):
        typer.echo(f"weeks from {tuner.middle.date()}, {what}: {tuner.metric} {scores[tuner.metric]:,.4g}", err=True)
    changes = " ".join(f"-S {task}.candidates.{name}.{key}={value}" for key, value in best.settings.items())
    typer.echo(f"try it: dvc exp run {changes}", err=True)
    typer.echo(f"# conf/{task}/candidates/{name}.yaml, found by MLflow run {log.run_id}")
    typer.echo(yaml.safe_dump(found.model_dump(by_alias=True), sort_keys=False), nl=False)
