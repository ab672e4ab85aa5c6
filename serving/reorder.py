"""Purchase orders by the champion's plan, for the stock that a request gives."""
# BentoML's decorators have no types.
# mypy: disable-error-code="untyped-decorator"

from datetime import date
from pathlib import Path

import bentoml
import pandas as pd
from bentoml.exceptions import InvalidArgument, NotFound

from mixplan.artifacts.files import read_parquet
from mixplan.client.schemas import OrderLine, ReorderAnswer, ReorderRequest, StockLine
from mixplan.config.base import Strict
from mixplan.config.planning import OpenDays, OrderingConfig
from mixplan.planning.orders import plan_orders
from serving.champion import model_of, open_task
from serving.limits import TRAFFIC, guarded
from serving.live import Example, Live, Watching, stop_unless_loaded
from serving.pages import with_pages

DAYS = ["order_on", "needed_on", "expected_on", "order_by"]
GIVEN = "given"
"""Source of a stock that came with the request."""


class Context(Strict):
    """What the plan starts from."""

    start: date
    policy: str
    """The ordering policy that set the levels."""
    ordering: OrderingConfig
    calendar: OpenDays
    """The plant's working days."""


class Orders:
    """What one champion's plan orders."""

    def __init__(self, champion: Path | None = None) -> None:
        folder, self.versions = open_task("reorder", champion)
        self.model = model_of(champion, ("reorder",))
        self.context = Context.model_validate_json((folder / "context.json").read_bytes())
        self.policy = read_parquet(folder / "policy.parquet")
        self.requirements = read_parquet(folder / "requirements.parquet")
        self.materials = set(self.requirements["material_code"])
        asked = ReorderRequest(stock=[StockLine(material_code=min(self.materials), stock_kg=500.0)])
        self.examples: dict[str, Example] = {"/reorder": (asked, self.answer(asked))}

    def answer(self, request: ReorderRequest) -> ReorderAnswer:
        """Purchases to place for the materials whose stock is given, with the plan's requirements and levels."""
        orders = self.plan(request, self.requirements, self.policy)
        return ReorderAnswer(
            **self.versions,
            policy=self.context.policy,
            start=self.context.start,
            end=self.requirements["date"].max().date(),
            orders=_lines(orders),
            left_out=sorted(self.materials - {line.material_code for line in request.stock}),
        )

    def plan(self, request: ReorderRequest, requirements: pd.DataFrame, policy: pd.DataFrame) -> pd.DataFrame:
        """The planned orders as a table.

        Args:
            request: stock and purchases under way.
            requirements: the plan's, or those of a scenario.
            policy: the plan's, or that of a scenario.

        Raises:
            NotFound: the plan uses no such material.
            InvalidArgument: a purchase under way is of a material without a stock.
        """
        stock = {line.material_code: line.stock_kg for line in request.stock}
        self._check(request, stock)
        return plan_orders(
            requirements[requirements["material_code"].isin(stock)],
            pd.DataFrame({"material_code": stock.keys(), "on_hand_kg": stock.values(), "stock_source": GIVEN}),
            _open_orders(request),
            policy,
            pd.Timestamp(self.context.start),
            self.context.ordering,
            self.context.calendar,
        )

    def _check(self, request: ReorderRequest, stock: dict[str, float]) -> None:
        for position, line in enumerate(request.stock):
            if line.material_code not in self.materials:
                where = f"stock[{position}].material_code"
                raise NotFound(f"{where}: The plan uses no material {line.material_code!r}; check the code")
        for position, order in enumerate(request.open_orders):
            if order.material_code not in stock:
                where = f"open_orders[{position}].material_code"
                raise InvalidArgument(f"{where}: {order.material_code!r} has no line in stock; add one")


def _open_orders(request: ReorderRequest) -> pd.DataFrame:
    columns = ["material_code", "quantity_kg", "expected_on"]
    orders = pd.DataFrame([line.model_dump() for line in request.open_orders], columns=columns)
    return orders.assign(expected_on=pd.to_datetime(orders["expected_on"]))


def _lines(orders: pd.DataFrame) -> list[OrderLine]:
    """The planned orders; a price that is not known is NaN in tables and null in answers."""
    days = {name: orders[name].dt.date for name in DAYS}
    rows = orders.assign(**days)[list(OrderLine.model_fields)].to_dict("records")
    prices = [None if pd.isna(price) else price for price in orders["unit_price_krw"]]
    lines = (row | {"unit_price_krw": price} for row, price in zip(rows, prices, strict=True))
    return [OrderLine.model_validate(line) for line in lines]


@bentoml.service(name="reorder", workers=1, traffic=TRAFFIC)
class Reorder(Watching[Orders]):
    """What to buy, when, and why."""

    def __init__(self) -> None:
        self.live = Live(Orders)

    @bentoml.on_deployment
    @staticmethod
    def check() -> None:
        """Stop before any worker starts where there is no sound champion."""
        stop_unless_loaded(Orders)

    @bentoml.api
    def reorder(self, request: ReorderRequest, /) -> ReorderAnswer:
        """Purchases to place for the materials whose stock is given, with the plan's requirements and levels."""
        return self.live.loaded.answer(request)


guarded(Reorder)
with_pages(Reorder)
