"""Values of a candidate that a search may try."""

from collections.abc import Mapping

from mixplan.config.base import Candidate, Strict


class Range(Strict):
    """Values that a search may try; whole numbers where both ends are."""

    low: int | float
    """Least value."""
    high: int | float
    """Greatest value."""
    log: bool = False
    """Whether 1 to 10 deserves as many trials as 10 to 100."""


Space = Mapping[str, Range]
"""Range by hyper-parameter."""


def check_searches(search: Mapping[str, Space], candidates: Mapping[str, Candidate]) -> None:
    """See that everything that is searched exists.

    Raises:
        ValueError: a space names what its candidate does not have.
    """
    for name, space in search.items():
        known = candidates[name].hyper_parameters() if name in candidates else {}
        if unknown := sorted(set(space) - set(known)):
            raise ValueError(f"search.{name} names what the candidate does not have: {', '.join(unknown)}")
