"""What share of the questions a challenger answers."""

from typing import Annotated, Self

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Strict

Share = Annotated[float, Field(ge=0, le=1)]


class ShadowConfig(Strict):
    """Questions that the challenger answers as well, into a log."""

    share: Share
    """Of all questions; the questions themselves decide which."""
    log: Annotated[str, Field(min_length=1)]
    """File of JSON lines, see ``mixplan shadow``; relative to the folder that the service was started in."""
    most_mb: PositiveFloat
    """A file of the log grows no larger; one line above it is not kept."""
    files: PositiveInt
    """Files of before that are kept beside the newest."""
    waiting: PositiveInt
    """Questions that may wait for the challenger; more are dropped and counted."""


class ServingConfig(Strict):
    """The challenger's part in what is served."""

    shadow: ShadowConfig
    canary_share: Share
    """Questions that the challenger answers in the champion's place."""

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        if self.shadow.share + self.canary_share > 1:
            raise ValueError("shadow.share and canary_share add up to more than 1; no question is both")
        return self
