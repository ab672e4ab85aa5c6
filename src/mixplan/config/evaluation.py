"""Where scores are taken, and the rule that picks a winner by them."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from mixplan.config.base import Strict


class SelectConfig(Strict):
    """The rule that picks a task's winner."""

    metric: Literal["r2", "rmse", "mae", "wape"]
    """The score that decides."""
    tie_margin: Annotated[float, Field(ge=0, lt=1)]
    """Relative difference that does not count as better: the simpler model wins such a tie."""


class OriginSelectConfig(SelectConfig):
    """The rule that picks the winner of a task whose candidates are scored at several origins."""

    level: Annotated[float, Field(gt=0, lt=0.5)]
    """Largest chance, by the Diebold-Mariano test over origins, at which the best is taken to be better than a simpler
    candidate, or a challenger than the champion."""


class EvaluationConfig(Strict):
    """Rolling origins in whole weeks, counted back from the last complete week of sales."""

    horizon_weeks: Annotated[int, Field(gt=0, le=26)]
    """How far ahead every forecast reaches; scores know months up to week 26."""
    grid_weeks: PositiveInt
    """Distance between the origins at which driver forecasts are made."""
    training_step_weeks: PositiveInt
    """Distance between the origins that give a demand model its training rows."""
    selection_step_weeks: PositiveInt
    """Distance between the origins whose scores choose the winners."""
    selection_origins: PositiveInt
    """How many origins choose the winners."""
    holdout_weeks: PositiveInt
    """Length of the last window: never used to choose, scored once for the winners."""
    minimum_history_weeks: PositiveInt
    """History that the first origin must have behind it."""

    @property
    def overlap(self) -> int:
        """Selection origins, one's own included, until the windows of forecasts no longer overlap."""
        return -(-self.horizon_weeks // self.selection_step_weeks)

    @model_validator(mode="after")
    def _on_the_grid(self) -> "EvaluationConfig":
        for name in ("horizon_weeks", "training_step_weeks", "selection_step_weeks", "holdout_weeks"):
            if getattr(self, name) % self.grid_weeks:
                raise ValueError(f"{name} must be a multiple of grid_weeks, or its origins have no driver forecasts")
        if self.holdout_weeks < self.horizon_weeks:
            raise ValueError("holdout_weeks must not be shorter than horizon_weeks")
        return self
