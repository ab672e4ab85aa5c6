"""How the simulated plant of the sample source behaves: its size, what moves its demand, how its people work."""

from datetime import date

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from mixplan.config.base import Strict

Share = Field(ge=0.0, le=1.0)


class DemandEffects(Strict):
    """What moves demand, and how strongly. An effect is a change of log demand, so 0.1 is about ten per cent."""

    cold: NonNegativeFloat
    """Loss for every 10 °C below ``cold_below_c``: concrete is not poured in frost."""
    cold_below_c: float
    """Daily mean temperature below which cold is felt."""
    rain: NonNegativeFloat
    """Loss for every 20 mm of rain on the day, up to 40 mm."""
    snow: NonNegativeFloat
    """Loss for every 5 cm of new snow on the day, up to 10 cm."""
    construction: NonNegativeFloat
    """Elasticity to construction starts."""
    construction_lag_months: PositiveInt
    """Months from the start of a building to its concrete."""
    product_season: NonNegativeFloat
    """Multiplies the catalogue's temperature and humidity preferences of products; 0 takes them away."""
    dosage_temperature: float
    """Change of a load's weight for 10 °C more."""
    dosage_humidity: float
    """Change of a load's weight for 10 points more of relative humidity."""
    saturday: PositiveFloat
    """Demand on a Saturday as a share of a working day's."""
    closed_day: PositiveFloat
    """Demand on a Sunday or a public holiday as a share of a working day's."""
    taste: NonNegativeFloat
    """How much a customer's latent taste shifts what it buys."""
    customer_noise: NonNegativeFloat
    """Standard deviation of a customer's slow ups and downs."""
    product_noise: NonNegativeFloat
    """Standard deviation of a product's ups and downs that nothing explains."""
    load_noise: NonNegativeFloat
    """Standard deviation of the log weight of one load."""


class CustomerLife(Strict):
    """How customers come, buy and go."""

    present_at_start: float = Share
    """Share of the customers who bought before the first day; the others arrive later."""
    leaving: float = Share
    """Share of the customers who leave before the last day."""
    fade_days: PositiveInt
    """Days over which a leaving customer buys less and less."""
    adopted_at_start: float = Share
    """Share of a customer's products that it buys from its arrival; it takes up the others later."""
    growth_spread: NonNegativeFloat
    """Standard deviation of customers' growth a year."""
    discount_max: float = Share
    """Largest discount on the list price."""


class Operations(Strict):
    """How orders are taken, mixed and bought for."""

    advance_orders: float = Share
    """Share of the order lines that are placed one to four weeks ahead."""
    order_book_days: PositiveInt
    """How far ahead orders are taken; those due after the last day stay open."""
    short_deliveries: float = Share
    """Share of order lines and receipts that fall a little short of what was ordered."""
    split_orders: float = Share
    """Share of large orders that are mixed and delivered in two unequal parts."""
    reworked_lots: float = Share
    """Share of the lots that are re-inputs of returned goods."""
    excluded_lots: float = Share
    """Lots that were called off, as a share of those mixed."""
    undated_lots: float = Share
    """Share of the lots without a production date."""
    extra_additions: float = Share
    """Share of a lot's materials to which the operator adds something."""
    recipe_noise: NonNegativeFloat
    """Relative standard deviation of a material's share in a lot about its recipe."""
    buying_noise: NonNegativeFloat
    """Standard deviation of the log of what the buyer feels is needed about what was used lately."""
    cover_days: PositiveInt
    """Days of use that the buyer wants in stock beyond lead time and the weekly review."""
    counting_noise: NonNegativeFloat
    """Relative standard deviation of a stock count."""
    planning_noise: NonNegativeFloat
    """Standard deviation of the log of a planner's forecast about the mean of the last three months."""


class DefectRates(Strict):
    """Share of the rows of an export that carry a planted defect, by kind; at least one row where above zero."""

    blank_row: float = Share
    duplicate_row: float = Share
    impossible_date: float = Share
    date_order: float = Share
    negative_quantity: float = Share
    unknown_product: float = Share
    unknown_customer: float = Share
    unknown_material: float = Share
    shares_not_100: float = Share


class SimulationConfig(Strict):
    """A plant of any size: small numbers take the first entries of the catalogue."""

    first_day: date
    """First day with sales."""
    last_day: date
    """Last day with sales; orders due later are open."""
    order_lines_per_year: PositiveInt
    """Expected order lines that are due in a year."""
    products: PositiveInt
    """Products of the catalogue that are made."""
    product_codes: PositiveInt
    """Products as mixed for one customer and site: the codes of the ERP."""
    customers: PositiveInt
    """Customers over all the years."""
    regions: PositiveInt
    """Regions with weather and sites."""
    contract_months: PositiveInt
    """Months of orders that the export still holds."""
    production_months: PositiveInt
    """Months of lots that the export still holds."""
    stock_count_months: PositiveInt
    """Months of weekly stock counts that the export still holds."""
    effects: DemandEffects
    life: CustomerLife
    operations: Operations
    defects: DefectRates

    @model_validator(mode="after")
    def _sizes_fit(self) -> "SimulationConfig":
        if (self.last_day - self.first_day).days < 2 * 365:
            raise ValueError("a plant needs two years at least: last_day is too near to first_day")
        if self.product_codes < 2 * self.customers:
            raise ValueError("product_codes must be at least twice customers: every customer has a mix or two")
        return self
