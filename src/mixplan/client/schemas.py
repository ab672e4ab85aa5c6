"""Requests and answers: every field with its meaning, its unit in its name, and an example."""

from collections import Counter
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from mixplan.config.base import Strict

Name = Annotated[str, Field(min_length=1, max_length=100)]
Written = Annotated[str, Field(min_length=1, max_length=200)]
Level = Annotated[float, Field(ge=0.01, le=0.99, allow_inf_nan=False)]
MOST_ROWS = 20_000
"""Of one page: some 3 MB."""
MOST_QUANTILES = 60_000
"""Of one page: some 3 MB more. A page with many levels has fewer rows."""
MOST_CHANGES = 20
MOST_KG = 1e9
"""A million tonnes: more is a slip of the keyboard."""


class Answer(Strict):
    """What every answer says of its origin."""

    model_version: str = Field(
        description="Version of the task's files in the champion folder", examples=["1f0c9be2a7d4"]
    )
    data_version: str = Field(
        description="Version of the data that the champion learnt from", examples=["9a3e5b7c1d20"]
    )
    model_role: Literal["champion", "challenger"] = Field(
        default="champion", description="Who answers; a challenger where a share of the questions tries it"
    )


class ExplainRequest(Strict):
    """Weekly demand to explain."""

    weeks: int = Field(ge=1, le=26, description="Weeks from the origin on", examples=[13])
    products: list[Name] | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="Products; all where left out",
        examples=[["MPA-HR1000"]],
    )


class ForecastRequest(ExplainRequest):
    """Weekly demand to forecast."""

    regions: list[Name] | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="Regions; the whole plant where left out",
        examples=[["서울"]],
    )
    quantiles: list[Level] | None = Field(
        default=None,
        min_length=1,
        max_length=99,
        description="Levels of the quantiles to answer; none where left out",
        examples=[[0.1, 0.5, 0.9]],
    )
    explain: bool = Field(default=False, description="Whether to tell what moved the forecast", examples=[True])
    limit: int = Field(
        default=MOST_ROWS,
        ge=1,
        le=MOST_ROWS,
        description="Most rows of this page; it ends earlier where it has 60,000 quantiles",
        examples=[1000],
    )
    offset: int = Field(
        default=0,
        ge=0,
        le=10**9,
        description="Rows before this page: 0, or the last answer's next_offset",
        examples=[0],
    )


class Quantile(Strict):
    """Demand that is not exceeded with a probability."""

    level: float = Field(description="The probability", examples=[0.9])
    quantity_kg: float = Field(description="The demand, no less than that of a lower level", examples=[50110.0])


class ForecastRow(Strict):
    """Demand for a product in a week."""

    product: str = Field(description="Product", examples=["MPA-HR1000"])
    region: str | None = Field(description="Region, or null for the whole plant", examples=["서울"])
    week_start: date = Field(description="Monday of the week", examples=["2024-07-01"])
    quantity_kg: float = Field(description="Expected demand", examples=[41250.0])
    lower_kg: float = Field(description="Lower end of the interval", examples=[33020.0])
    upper_kg: float = Field(description="Upper end of the interval", examples=[50110.0])
    quantiles: list[Quantile] | None = Field(
        default=None, description="One for each level that was asked for, lowest first"
    )


class Part(Strict):
    """What moved the plant's forecast of a product in a month."""

    product: str = Field(description="Product", examples=["MPA-HR1000"])
    month: int = Field(description="Month of the horizon: weeks 1-4, 5-8, 9-13, 14-17, 18-21 or 22-26", examples=[1])
    part: str = Field(
        description="level (the last year's mean), own_season and plant_season, growth, or a feature of the model",
        examples=["own_season"],
    )
    contribution_kg: float = Field(
        description="What it adds or takes away; a month's parts add up to its forecast", examples=[-8120.0]
    )


class ForecastAnswer(Answer):
    """A demand forecast, by product, region and week."""

    origin: date = Field(description="First day of the forecast; all that is older was known", examples=["2024-07-01"])
    interval: float = Field(
        description="Share of weeks that the interval should hold; measured for the whole plant, derived for regions",
        examples=[0.8],
    )
    rows: list[ForecastRow] = Field(description="One row a product, region and week, as many as the page holds")
    total_rows: int = Field(description="Rows of all pages together", examples=[104])
    next_offset: int | None = Field(description="Where the next page begins; null on the last", examples=[None])
    explanation: list[Part] | None = Field(
        default=None,
        description="What moved the plant's forecast, for each whole month that was asked for; null where it was not",
    )


class ExplainAnswer(Answer):
    """What moved the plant's forecast."""

    origin: date = Field(description="First day of the forecast; all that is older was known", examples=["2024-07-01"])
    parts: list[Part] = Field(description="For each product and each whole month that was asked for")


class StockLine(Strict):
    """Stock of a material."""

    material_code: Name = Field(description="Material", examples=["SR12010"])
    stock_kg: float = Field(
        ge=0,
        le=MOST_KG,
        allow_inf_nan=False,
        description="On hand in the morning of the plan's first day",
        examples=[8200.0],
    )


class OpenOrderLine(Strict):
    """A purchase under way."""

    material_code: Name = Field(description="Material", examples=["SR12010"])
    quantity_kg: float = Field(gt=0, le=MOST_KG, allow_inf_nan=False, description="Still to come", examples=[5000.0])
    expected_on: date = Field(
        ge=date(2000, 1, 1),
        le=date(2099, 12, 31),
        description="Day of arrival; a day before the plan means overdue, and counts as its first day",
        examples=["2024-07-04"],
    )


class ReorderRequest(Strict):
    """Stock and purchases under way, of the materials to order."""

    stock: list[StockLine] = Field(min_length=1, max_length=10_000, description="One line a material")
    open_orders: list[OpenOrderLine] = Field(default=[], max_length=10_000, description="Purchases under way")

    @field_validator("stock")
    @classmethod
    def _one_line_a_material(cls, stock: list[StockLine]) -> list[StockLine]:
        twice = sorted(code for code, lines in Counter(line.material_code for line in stock).items() if lines > 1)
        if twice:
            text = "Material {material_code} has more than one line; give one"
            raise PydanticCustomError("duplicate_material", text, {"material_code": twice[0]})
        return stock


class ScenarioRequest(Strict):
    """What would be otherwise, as ``mixplan plan --set`` takes it."""

    set: list[Written] = Field(
        min_length=1,
        max_length=MOST_CHANGES,
        description="drivers.NAME=+3, demand.PRODUCT=*1.2 or supplier.CODE.lead_time_days=12: + and - add, * "
        "multiplies, and a number alone takes the place of what was there",
        examples=[["demand.MPA-HR1000=*1.2"]],
    )
    weeks: int = Field(ge=1, le=26, description="Weeks of demand from the origin on", examples=[13])
    reorder: ReorderRequest | None = Field(
        default=None, description="Stock and purchases under way; without them no orders are compared"
    )


class ChangedDemand(Strict):
    """A product's week that would be otherwise."""

    product: str = Field(description="Product", examples=["MPA-HR1000"])
    week_start: date = Field(description="Monday of the week", examples=["2024-07-01"])
    base_kg: float = Field(description="Expected demand as it is", examples=[41250.0])
    scenario_kg: float = Field(description="Expected demand in the scenario", examples=[49500.0])


class ChangedMaterial(Strict):
    """A material that would be used otherwise."""

    material_code: str = Field(description="Material", examples=["SR12010"])
    base_kg: float = Field(description="Use over the days of the plan as it is", examples=[151200.0])
    scenario_kg: float = Field(description="Use in the scenario", examples=[160400.0])


class ChangedOrders(ChangedMaterial):
    """A material whose purchases would be otherwise; kilograms are those of its planned orders."""

    base_orders: int = Field(description="Number of orders as it is", examples=[6])
    scenario_orders: int = Field(description="Number of orders in the scenario", examples=[7])
    base_expedites: int = Field(description="Orders that come too late as it is", examples=[0])
    scenario_expedites: int = Field(description="Orders that come too late in the scenario", examples=[1])


class ScenarioAnswer(Answer):
    """What a scenario changes; what it leaves is not in the lists."""

    reorder_version: str = Field(description="Version of the plan's files", examples=["1f0c9be2a7d4"])
    origin: date = Field(description="First day of the forecast", examples=["2024-07-01"])
    demand: list[ChangedDemand] = Field(description="By product and week")
    materials: list[ChangedMaterial] = Field(description="The largest difference first")
    orders: list[ChangedOrders] | None = Field(
        description="The largest difference first; null where no stock was given"
    )
    notes: list[str] = Field(
        description="Changes that change nothing, and why", examples=[["the drivers change no demand: ..."]]
    )


class OrderLine(Strict):
    """A purchase to place."""

    order_on: date = Field(description="Day to order", examples=["2024-07-01"])
    material_code: str = Field(description="Material", examples=["SR12010"])
    quantity_kg: float = Field(description="Quantity, in whole packs", examples=[15000.0])
    needed_on: date = Field(
        description="First day that would end below the safety stock without it", examples=["2024-07-09"]
    )
    expected_on: date = Field(description="Day of arrival", examples=["2024-07-08"])
    order_by: date = Field(description="Last day to order, to be there when needed", examples=["2024-07-02"])
    expedite: bool = Field(description="Whether that day is past when it is ordered", examples=[False])
    unit_price_krw: float | None = Field(
        description="Expected price of a kilogram; null if never bought", examples=[1480.0]
    )
    supplier_code: str = Field(description="Usual supplier; empty if never bought", examples=["3001300"])
    lead_time_days: int | None = Field(
        default=None, description="Days from order to receipt; null from services of before", examples=[7]
    )
    lead_time_source: str | None = Field(
        default=None,
        description="Whose receipts say so; null from services of before",
        examples=["9 receipts from 3001300"],
    )
    reason: str = Field(
        description="The sum behind the quantity",
        examples=[
            "covers 1 to 14 July: use 19.8 t, on hand 8.2 t, arriving 0 t, safety 3.1 t, rounded up to 1 pack of "
            "15.0 t; order by 2 July"
        ],
    )


class ReorderAnswer(Answer):
    """Purchases to place, by day and material."""

    policy: str = Field(description="Ordering policy that set the levels", examples=["forecast_cover"])
    start: date = Field(description="First day of the plan", examples=["2024-07-01"])
    end: date = Field(description="Last day of the plan", examples=["2024-09-29"])
    orders: list[OrderLine] = Field(description="Purchases to place")
    left_out: list[str] = Field(
        description="Materials that the plan uses but the request gave no stock of: nothing was ordered for these",
        examples=[["SR17010"]],
    )


class RecommendRequest(Strict):
    """A customer to offer products to."""

    customer: Name = Field(description="Customer code", examples=["1000100"])
    count: int = Field(ge=1, le=100, description="Most products to return", examples=[5])
    new_only: bool = Field(default=False, description="Leave out what the customer has ever bought", examples=[True])
    region: str = Field(
        default="", max_length=100, description="Where a customer without purchases is", examples=["서울"]
    )


class ReasonWeight(Strict):
    """Why a product is offered."""

    reason: str = Field(description="In words", examples=["its season begins"])
    weight: float = Field(description="What it adds to the product's place", examples=[0.2])


class Recommendation(Strict):
    """A product to offer."""

    product: str = Field(description="Product", examples=["MPA-SR2000"])
    score: float = Field(description="Expected rating, 1 to 5", examples=[3.7])
    place: float = Field(description="What products are ordered by: the sum of the reasons' weights", examples=[1.1])
    reason: str = Field(description="The model's reason", examples=["customers with similar purchases rate it 3.7"])
    reasons: list[ReasonWeight] = Field(description="Every reason: the model's first, then the heaviest")


class RecommendAnswer(Answer):
    """Products to offer, best first."""

    customer: str = Field(description="Customer code", examples=["1000100"])
    products: list[Recommendation] = Field(description="Products, best first")


class CustomerAnswer(Answer):
    """A customer as of the champion's origin."""

    customer: str = Field(description="Customer code", examples=["1000100"])
    segment: int = Field(description="Number of the segment", examples=[0])
    segment_profile: str = Field(description="What the segment is called", examples=["Potentially loyal"])
    at_risk: bool = Field(description="Whether it is likely to order less than half of its usual", examples=[True])
    chance: float | None = Field(
        description="Chance of being at risk; null for customers without a rhythm of their own", examples=[0.62]
    )
    reason: str | None = Field(description="What the chance is read off", examples=["last order 40 days ago ..."])
    worth_low: float | None = Field(
        description="What the next 12 months bring at least, in 9 of 10 cases, in monetary_unit", examples=[2.0e7]
    )
    worth_middle: float | None = Field(description="What they bring in half of the cases", examples=[5.5e7])
    worth_high: float | None = Field(description="What they bring at most, in 9 of 10 cases", examples=[9.1e7])
    action: str = Field(description="What to do", examples=["Call: it is likely to order less than half ..."])
    recency_days: int = Field(description="Days since the last order", examples=[40])
    frequency: int = Field(description="Days with an order in the last year", examples=[17])
    monetary: float = Field(description="Value bought in the last year, in monetary_unit", examples=[94995100.0])
    monetary_unit: str = Field(description="KRW, or kg where prices are not known", examples=["KRW"])
    products: int = Field(description="Different products bought in the last year", examples=[5])
    mean_interval_days: float | None = Field(
        description="Mean time between order days; null after a single one", examples=[2.5]
    )
    overdue_ratio: float | None = Field(
        description="recency_days / mean_interval_days; null after a single order day", examples=[16.0]
    )


class ServedTask(Strict):
    """What answers one task."""

    version: str = Field(description="Version of the task's files", examples=["1f0c9be2a7d4"])
    data_version: str = Field(description="Version of the data that it learnt from", examples=["9a3e5b7c1d20"])
    candidate: str = Field(description="What won", examples=["lightgbm"])
    scores: dict[str, float] = Field(description="Scores on the last window", examples=[{"rmse_6m": 83651.2}])
    card: str | None = Field(
        description="The model card as Markdown; null for a champion from before there were cards",
        examples=["# demand: lightgbm"],
    )


class ModelAnswer(Strict):
    """What answers now."""

    version: str = Field(description="Version of the champion folder", examples=["a60ddcc086fc"])
    data_version: str = Field(
        description="Version of the data of the run that put it together; tasks may have stayed from older data",
        examples=["9a3e5b7c1d20"],
    )
    tasks: dict[str, ServedTask] = Field(description="By task")
    refused: str | None = Field(
        description="Why the newest champion was refused, so that the one before goes on; null where it was not",
        examples=["models/champion: demand/context.json is not the file that was promoted"],
    )


class ErrorAnswer(Strict):
    """Every refusal."""

    error: str = Field(
        description="The field, and what is wrong with it",
        examples=["weeks: Input should be less than or equal to 26"],
    )
