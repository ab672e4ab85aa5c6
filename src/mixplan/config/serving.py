"""What share of the questions a challenger answers, and what callers may ask for."""

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


LONGEST_ANSWER_SECONDS = 60
"""BentoML itself gives up then."""
LONGEST_BODY_BYTES = 64 * 2**20


class LimitsConfig(Strict):
    """What callers may ask of a service; what is above is refused."""

    body_bytes: Annotated[int, Field(gt=0, le=LONGEST_BODY_BYTES)]
    """Of a question. The longest lists that one may have, with the longest names, take less than 4 MiB."""
    body_seconds: PositiveFloat
    """A question must be here by then."""
    answer_seconds: Annotated[float, Field(gt=0, le=LONGEST_ANSWER_SECONDS)]
    """An answer that has not begun by then is given up."""
    at_once: PositiveInt
    """Requests that are read or answered at the same time."""
    per_second: PositiveFloat
    """Requests of one API key."""


class ServingConfig(Strict):
    """The challenger's part in what is served, and the limits."""

    shadow: ShadowConfig
    canary_share: Share
    """Questions that the challenger answers in the champion's place."""
    limits: LimitsConfig

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        if self.shadow.share + self.canary_share > 1:
            raise ValueError("shadow.share and canary_share add up to more than 1; no question is both")
        return self
