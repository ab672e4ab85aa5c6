"""When a champion's forecasts are no longer what they were promised to be."""

from typing import Annotated

from pydantic import Field, PositiveInt

from mixplan.config.base import Strict


class MonitorConfig(Strict):
    """What rings."""

    level: Annotated[float, Field(gt=0, lt=0.5)]
    """Chance that any check of a kind rings falsely at one time, if all goes on as before."""
    minimum_weeks: PositiveInt
    """Weeks that a forecast must have behind it."""
    recent_weeks: PositiveInt
    """Latest weeks that are compared with the same weeks of the year before."""
    longest_gap_days: dict[str, PositiveInt]
    """By table of the mart, days from its last row until new ones are overdue."""
    gauges: Annotated[str, Field(pattern=r"\.prom$")] | None
    """File that each run leaves its figures in for Prometheus' textfile collector."""
