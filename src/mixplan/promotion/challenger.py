"""The winners that were not promoted, beside the champion: services may try them on a share of the traffic."""

from collections.abc import Callable, Mapping
from pathlib import Path

from mixplan.artifacts.files import replace_folder
from mixplan.promotion.decide import Decision

CHALLENGER = Path("models/challenger")


def keep_challenger(decisions: Mapping[str, Decision], fill: Callable[[Path], object]) -> None:
    """Leave a challenger where a winner was not promoted and all may be served; otherwise an empty folder.

    Args:
        decisions: by task.
        fill: writes this run's winners, all of them, to a folder that is empty.
    """
    made = decisions.values()
    with replace_folder(CHALLENGER) as folder:
        if all(decision.servable for decision in made) and not all(decision.promote for decision in made):
            fill(folder)
