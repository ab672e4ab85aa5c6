"""When a challenger replaces the champion."""

from typing import Annotated

from pydantic import Field

from mixplan.config.base import Strict


class PromoteConfig(Strict):
    """The rule of promotion."""

    margin: Annotated[float, Field(ge=0, lt=1)]
    """Relative improvement on the same rows that a challenger must bring."""
    owner: Annotated[str, Field(min_length=1)]
    """Who answers for what is served, as model cards name them."""
