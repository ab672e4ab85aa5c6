"""When a challenger replaces the champion."""

from typing import Annotated

from pydantic import Field, PositiveFloat

from mixplan.config.base import Strict


class PromoteConfig(Strict):
    """The rule of promotion."""

    margin: Annotated[float, Field(ge=0, lt=1)]
    """Relative improvement on the same rows that a challenger must bring."""
    tolerance: Annotated[float, Field(ge=0)]
    """How much worse, relatively, its WAPE may be at any horizon or in any class of products."""
    most_times: Annotated[float, Field(gt=1)]
    """A forecast of a week above so many times the product's largest week so far is taken for broken."""
    most_model_kb: PositiveFloat
    """A model's files above this are too large to serve."""
    most_answer_ms: PositiveFloat
    """A model that needs more for one whole forecast, in the median of several, is too slow to serve."""
    owner: Annotated[str, Field(min_length=1)]
    """Who answers for what is served, as model cards name them."""
