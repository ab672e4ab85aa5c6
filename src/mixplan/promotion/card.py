"""Model cards: what a champion was made of, how good it is, and where it must not be trusted."""

from collections.abc import Sequence
from statistics import fmean

from mixplan.artifacts.champion import Winner

LIMITS = {
    "demand": (
        "It knows nothing of the origin's week or later, and only products with sales in the year before the origin. "
        "A region's forecast is its share of last year, and its interval has not been backtested."
    ),
    "drivers": (
        "Beyond a week the weather is little better known than by its climate; the last window's scores say how much."
    ),
    "reorder": "It plans materials that the plan's recipes use, with lead times and prices of past purchases.",
    "recommend": "Ratings are made from purchases: nobody was asked. Who never bought is offered what its region buys.",
    "customers": (
        "Segments describe past purchases. They do not say why a customer buys, and where metrics/customers.json has "
        "firm 0, samples of the customers do not find them again."
    ),
}
"""By task, what its answers must not be taken for."""


def model_card(
    task: str, winner: Winner, data_version: str, learnt_from: str, features: Sequence[str], owner: str
) -> str:
    """The card as Markdown. Equal champions have equal cards: it knows no time, host or run.

    Args:
        task: what it won.
        winner: with its scores on the windows that chose it and on the last one.
        data_version: the data that it learnt from.
        learnt_from: the same in words.
        features: what it looks at.
        owner: who answers for it.
    """
    parts = [
        f"# {task}: {winner.candidate}",
        f"Owner: {owner}",
        f"## Made of\n\nData {data_version}: {learnt_from}",
        f"## Scores\n\n{_scores(winner)}",
        *([f"## Spread\n\n{_spread(winner)}"] if winner.losses else []),
        "## Features\n\n" + "\n".join(f"- {name}" for name in features),
        f"## Limits\n\n{LIMITS[task]}",
    ]
    return "\n\n".join(parts) + "\n"


def _scores(winner: Winner) -> str:
    rows = ["| score | where it was chosen | last window, which chose nothing |", "| --- | ---: | ---: |"]
    for name in sorted({*winner.chosen_by, *winner.metrics}):
        own = (_number(scores[name]) if name in scores else "" for scores in (winner.chosen_by, winner.metrics))
        rows.append(f"| {name} | {' | '.join(own)} |")
    return "\n".join(rows)


def _spread(winner: Winner) -> str:
    losses = winner.losses
    best, worst = min(losses, key=losses.__getitem__), max(losses, key=losses.__getitem__)
    return (
        f"Loss over {len(losses)} origins: {_number(fmean(losses.values()))} in the mean, "
        f"{_number(losses[best])} at best (from {best}), {_number(losses[worst])} at worst (from {worst})."
    )


def _number(value: float) -> str:
    return f"{value:.4g}"
