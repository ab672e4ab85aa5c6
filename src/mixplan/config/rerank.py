"""How the model's order of products is changed for sales: parts with a weight each, and what is done about the new."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveInt

from mixplan.config.base import Strict


class PartConfig(Strict):
    """One reason to move a product."""

    is_on: bool
    """Whether it counts; the ablation tries it anyway."""
    weight: Annotated[float, Field(gt=0, le=1)]
    """How far it may move a product, where 1 is from the model's last product to its first."""


class RerankConfig(Strict):
    """Parts of the order of products; each has a value from 0 to 1 for every product."""

    same_month: PartConfig
    """Popular in these weeks of last year, within the customer's product groups: moves up."""
    segment: PartConfig
    """What the customer's segment asks for (``prefers`` in conf/segments.yaml): moves up."""
    price_band: PartConfig
    """Costs about what the customer usually pays: moves up."""
    season: PartConfig
    """Sells more in the coming quarter than in the rest of the year: moves up."""
    makeable: PartConfig
    """The materials of a usual order are in stock: moves up."""
    rest: PartConfig
    """Bought within ``rest_days``: moves down."""
    rest_days: PositiveInt
    """Days for which a product that was bought rests."""
    month_days: PositiveInt
    """Days ahead that ``same_month`` looks at, in last year's place."""
    price_factor: Annotated[float, Field(gt=1)]
    """Price over the usual one at which ``price_band`` has fallen to a third."""


class NewConfig(Strict):
    """What is offered of new products, and to new customers."""

    alike_products: PositiveInt
    """A new product is rated as this many products most like it, by recipe and group."""
    group_weight: Annotated[float, Field(ge=0, le=1)]
    """Share of the same group in likeness; the rest is the likeness of recipes."""
    popular_days: PositiveInt
    """Days before the day of study whose purchases say what is popular."""
    damping: NonNegativeFloat
    """Customers of the wider circle that stand in for a narrow one: segment within region, region within the plant."""


class AblationConfig(Strict):
    """What each part brings, measured on the weeks that choose."""

    origins: PositiveInt
    """Most days at which all parts are tried, ``days`` apart up to the holdout, each with a year of sales behind it."""
    hiding_origins: PositiveInt
    """The latest of these, on which each customer and each product is hidden in turn and met as new."""
    days: PositiveInt
    """Days after each in which purchases are hits."""
