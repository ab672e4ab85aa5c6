"""What the plant can make: its lines, the families of products, and how the solver weighs and ends."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Strict

PartOfDay = Annotated[float, Field(ge=0, le=1)]


class FamilyConfig(Strict):
    """Products that follow one another on a line without cleaning."""

    products: Annotated[tuple[str, ...], Field(min_length=1)]
    """Patterns of product names as in a shell, such as ``*HR1*``; a product belongs to the first family that fits."""
    shelf_life_days: PositiveInt
    """Days that a finished product may wait."""


class LineConfig(Strict):
    """A mixer or tank that makes one lot after the other."""

    daily_kg: NonNegativeFloat
    """Kilograms of a full working day; 0 for a line that stands still."""
    families: Annotated[tuple[str, ...], Field(min_length=1)]
    """Families that it can make."""
    weekday_shares: Annotated[tuple[PartOfDay, ...], Field(min_length=7, max_length=7)]
    """How much of a full day it works on each weekday, Monday first; on public holidays it stands still."""
    smallest_lot_kg: PositiveFloat
    """Below it the mixer does not mix."""
    largest_lot_kg: PositiveFloat
    """More does not fit in."""
    cleaning_share: PartOfDay
    """Share of a full day that a change of family takes."""

    @model_validator(mode="after")
    def _any_quantity_splits_into_lots(self) -> "LineConfig":
        if self.largest_lot_kg < 2 * self.smallest_lot_kg:
            raise ValueError("largest_lot_kg must be at least twice smallest_lot_kg, or some weights fit in no lots")
        return self


class LatenessConfig(Strict):
    """What a kilogram that is a day late counts."""

    rush: PositiveFloat
    order: PositiveFloat
    forecast: PositiveFloat


class SolverConfig(Strict):
    """How the solver weighs its aims and when it may stop: least lateness, then fewest cleanings, then least stock."""

    cleaning_tonne_days: PositiveFloat
    """A cleaning counts as much as so many tonnes that wait a day; where that is much, the fewest come first."""
    short_tonne_days: NonNegativeFloat
    """A tonne of material that is short for a day, as goods were made ahead of it, counts as much as so many tonnes
    that wait a day; 0 lets lots be made ahead whatever there is of their materials."""
    gap: Annotated[float, Field(ge=0, lt=1)]
    """Relative distance from the proven best."""
    node_limit: PositiveInt
    """After so many nodes of its search the best plan so far is taken, which is the same on every machine."""
    time_limit_seconds: PositiveFloat
    """The same by the clock: a safety net, as a plan that it ends depends on how fast the machine is."""


class ProductionConfig(Strict):
    """From what is wanted to lots."""

    lead_days: NonNegativeInt
    """Days from the mixer to the customer; a rush order leaves on the day that it is made."""
    daily_weeks: NonNegativeInt
    """First weeks that are planned day by day; later ones are planned week by week."""
    rush_reserve: Annotated[float, Field(ge=0, lt=1)]
    """Share of every line's time that is kept free for rush orders to come."""
    lateness: LatenessConfig
    """Who waits where not all can be made in time."""
    solver: SolverConfig
    """Aims and limits."""
    families: Annotated[dict[str, FamilyConfig], Field(min_length=1)]
    """By name; the order counts, see ``FamilyConfig.products``."""
    lines: Annotated[dict[str, LineConfig], Field(min_length=1)]
    """By name."""

    @model_validator(mode="after")
    def _families_of_lines_exist(self) -> "ProductionConfig":
        made = {family for line in self.lines.values() for family in line.families}
        unknown = sorted(made - set(self.families))
        if unknown:
            raise ValueError(f"lines name families that are not in families: {', '.join(unknown)}")
        return self
