"""A search for values by Optuna: what a candidate is, and what a score is made on, are the caller's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mixplan.config.base import MixplanError
from mixplan.config.search import Range, Space

Scores = dict[str, float]


@dataclass(frozen=True)
class Trial:
    """One set of values and its scores on the weeks that choose between them."""

    settings: dict[str, float]
    scores: Scores


@dataclass(frozen=True)
class Budget:
    """How long a search may take."""

    minutes: float
    """No trial starts later."""
    trials: int | None = None
    """Most trials; as many as the time allows where left out."""


def space_of(spaces: Mapping[str, Space], name: str, task: str) -> Space:
    """What may be tried of a candidate.

    Raises:
        MixplanError: nothing.
    """
    if name not in spaces:
        raise MixplanError(f"{name!r} has no values to search: {task}.search has {', '.join(spaces) or 'none'}")
    return spaces[name]


def search(
    space: Space,
    present: Mapping[str, float],
    score: Callable[[dict[str, float]], Scores],
    metric: str,
    budget: Budget,
    seed: int,
    report: Callable[[Trial], None] | None = None,
) -> Trial:
    """The values with the lowest metric of those tried by Optuna's sampler; the first are the present ones.

    Args:
        space: what may be tried.
        present: today's values, of at least what is in ``space``.
        score: scores of a candidate with other values.
        metric: the score that decides; lower is better.
        budget: time and trials.
        seed: where the sampler starts.
        report: told of each trial when it is scored.
    """
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial({key: present[key] for key in space})
    done: dict[int, Trial] = {}

    def objective(trial: Any) -> float:
        values = {key: _suggest(trial, key, wanted) for key, wanted in space.items()}
        done[trial.number] = Trial(values, score(values))
        if report:
            report(done[trial.number])
        return done[trial.number].scores[metric]

    study.optimize(objective, n_trials=budget.trials, timeout=60 * budget.minutes)
    return done[study.best_trial.number]


def _suggest(trial: Any, key: str, wanted: Range) -> float:
    if isinstance(wanted.low, int) and isinstance(wanted.high, int):
        return int(trial.suggest_int(key, wanted.low, wanted.high, log=wanted.log))
    # Three digits are what the error can tell apart, and what a person reads.
    return float(f"{trial.suggest_float(key, wanted.low, wanted.high, log=wanted.log):.3g}")
