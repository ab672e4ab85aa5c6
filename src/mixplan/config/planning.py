"""What the plan may be told: its calendar, how suppliers are judged and how orders are placed."""

from typing import Annotated

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Strict
from mixplan.config.policies import CostConfig, PolicyCandidate, Share
from mixplan.config.production import ProductionConfig

LONGEST_LEAD_DAYS = 3650
"""Ten years: what is said to take longer is a slip of the pen."""
Days = Annotated[float, Field(ge=0, le=LONGEST_LEAD_DAYS)]


class OpenDays(Strict):
    """When the plant works, or a supplier takes orders and delivers."""

    country: str
    """ISO code of the country whose public holidays are free."""
    weekdays: Annotated[tuple[bool, ...], Field(min_length=7, max_length=7)]
    """Whether it is open, Monday first."""

    @model_validator(mode="after")
    def _opens_at_all(self) -> "OpenDays":
        if not any(self.weekdays):
            raise ValueError("weekdays must have at least one open day")
        return self


class LeadTimeConfig(Strict):
    """What is taken from past purchases about the time that suppliers need."""

    window_days: PositiveInt
    """Only receipts of so many days before the origin count."""
    minimum_receipts: PositiveInt
    """Fewer receipts of a material from its supplier are thin: see ``planning.lead_times`` for what stands in."""
    default_mean_days: Days
    """Mean days from order to receipt where there is no history, and the floor where it is thin."""
    default_longest_days: Days
    """Longest days from order to receipt where there is no history, and the floor where it is thin."""

    @model_validator(mode="after")
    def _longest_is_longest(self) -> "LeadTimeConfig":
        if self.default_longest_days < self.default_mean_days:
            raise ValueError("default_longest_days must not be shorter than default_mean_days")
        return self


class PriceBreak(Strict):
    """A lower price for large orders."""

    from_kg: PositiveFloat
    """Smallest order that has it; the whole order does."""
    price_share: Annotated[float, Field(gt=0, lt=1)]
    """Share of the usual price."""


class MaterialTerms(Strict):
    """What differs from the general terms for one material."""

    pack_kg: PositiveFloat | None = None
    minimum_kg: NonNegativeFloat | None = None
    tank_kg: PositiveFloat | None = None
    """What its tank or silo holds."""
    supplier_code: Annotated[str, Field(min_length=1)] | None = None
    """Who delivers it by contract; where nobody is named, see ``planning.lead_times.usual_suppliers``."""
    price_breaks: tuple[PriceBreak, ...] = ()
    """The smallest first."""

    @model_validator(mode="after")
    def _breaks_rise(self) -> "MaterialTerms":
        starts, shares = [each.from_kg for each in self.price_breaks], [each.price_share for each in self.price_breaks]
        if starts != sorted(set(starts)) or shares != sorted(set(shares), reverse=True):
            raise ValueError("price_breaks must rise in from_kg and fall in price_share")
        return self


class SuppliersConfig(Strict):
    """When suppliers are open."""

    usual: OpenDays
    """Of every supplier without days of its own."""
    others: dict[str, OpenDays] = Field(default_factory=dict)
    """Where a supplier differs, by its code."""


class OrderingConfig(Strict):
    """How purchase orders are placed."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    """Day of the weekly review, 0 is Monday; where the plant does not work on it, the next day on which it does."""
    pack_kg: PositiveFloat
    """Orders are whole numbers of packs."""
    minimum_kg: NonNegativeFloat
    """Smallest order of a material."""
    suppliers: SuppliersConfig
    """When suppliers take orders and deliver."""
    materials: dict[str, MaterialTerms] = Field(default_factory=dict)
    """Materials with terms of their own, by code."""

    @model_validator(mode="after")
    def _tanks_hold_an_order(self) -> "OrderingConfig":
        for code, own in self.materials.items():
            pack_kg = self.pack_kg if own.pack_kg is None else own.pack_kg
            minimum_kg = self.minimum_kg if own.minimum_kg is None else own.minimum_kg
            if own.tank_kg is not None and own.tank_kg < max(pack_kg, minimum_kg):
                raise ValueError(
                    f"materials.{code}: its tank holds {own.tank_kg:g} kg, and its smallest order is "
                    f"{max(pack_kg, minimum_kg):g} kg, so nothing could ever be ordered"
                )
        return self


class PlanConfig(Strict):
    """From the demand forecast to purchase orders."""

    weeks: PositiveInt
    """Length of the plan."""
    not_stocked: tuple[str, ...]
    """Materials that are never bought, such as water from the tap."""
    use_days: PositiveInt
    """Days before the origin whose use sets safety stocks."""
    price_purchases: PositiveInt
    """Latest purchases of a material whose mean price is the expected price."""
    overrides: Annotated[str, Field(min_length=1)]
    """Folder of what people decided, which ``mixplan override`` writes."""
    calendar: OpenDays
    """When the plant works."""
    production: ProductionConfig
    """What the plant can make."""
    lead_times: LeadTimeConfig
    """What is taken from past purchases."""
    ordering: OrderingConfig
    """How purchase orders are placed."""
    costs: CostConfig
    """Prices at which a replay is judged."""
    service_levels: Annotated[tuple[Share, ...], Field(min_length=1)]
    """Shares of order cycles without a shortage at which every policy that knows such a share is tried."""
    futures: PositiveInt
    """Futures in which the chosen policy is compared with the plant's own rule."""
    minimum_fill_rate: Annotated[float, Field(ge=0, le=1)]
    """Share of the materials wanted that a policy must serve in the replay to be chosen."""
    tie_margin: Annotated[float, Field(ge=0, lt=1)]
    """Relative difference in cost that does not count as better: the simpler policy wins such a tie."""
    simplicity: tuple[str, ...]
    """Policies from the simplest to the richest: ties go to the earlier."""
    policies: Annotated[dict[str, PolicyCandidate], Field(min_length=1)]
    """The ordering policies that compete, by name."""

    @model_validator(mode="after")
    def _orders_can_go_out(self) -> "PlanConfig":
        suppliers = self.ordering.suppliers
        for name, days in {"usual": suppliers.usual, **suppliers.others}.items():
            if not any(map(all, zip(self.calendar.weekdays, days.weekdays, strict=True))):
                raise ValueError(f"ordering.suppliers: {name} is open on no weekday on which the plant works")
        return self

    @model_validator(mode="after")
    def _simplicity_is_complete(self) -> "PlanConfig":
        without = sorted(set(self.policies) - set(self.simplicity))
        if without:
            raise ValueError(f"simplicity must name every policy; it lacks {', '.join(without)}")
        return self
