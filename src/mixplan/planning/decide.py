"""A person decides a proposed order line or a forecast, or takes a decision back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import pandas as pd

from mixplan.config.planning import OrderingConfig
from mixplan.planning.buying import buying_terms
from mixplan.planning.errors import PlanningError
from mixplan.planning.overrides import Line, Override, Withdrawal, standing
from mixplan.planning.wording import weight

Decision = Literal["approve", "change", "reject"]


@dataclass(frozen=True)
class Act:
    """Who does it, why, and on which day."""

    who: str
    reason: str
    on: date


@dataclass(frozen=True)
class Proposal:
    """What the system proposes."""

    kind: Literal["order", "forecast"]
    code: str
    day: date
    quantity_kg: float
    expected_on: date
    """See ``Override.expected_on``."""


def proposal_of(kind: Literal["order", "forecast"], code: str, day: date, plan: Mapping[str, pd.DataFrame]) -> Proposal:
    """What the plan proposes for a material and order day, or a product and week.

    Args:
        kind: what it is about.
        code: material or product.
        day: the order's day, or any day of the forecast's week.
        plan: purchase_orders and products, the forecast that the plan was made of.

    Raises:
        PlanningError: the plan proposes no such thing; says what it does propose.
    """
    table, own, date_column, quantity = {
        "order": ("purchase_orders", "material_code", "order_on", "quantity_kg"),
        "forecast": ("products", "product", "week", "prediction_kg"),
    }[kind]
    asked = pd.Timestamp(day) if kind == "order" else pd.Timestamp(day) - pd.Timedelta(days=day.weekday())
    rows = plan[table][plan[table][own] == code]
    found = rows[rows[date_column] == asked]
    if found.empty:
        days = ", ".join(str(each.date()) for each in rows[date_column].sort_values().head(5))
        raise PlanningError(
            f"{kind} {code} of {asked.date()}: the plan has none; it has {days or f'no {kind} of {code} at all'}"
        )
    row = found.iloc[0]
    end = row["expected_on"].date() if kind == "order" else asked.date() + timedelta(days=6)
    return Proposal(kind, code, asked.date(), float(row[quantity]), end)


def decide(
    lines: Sequence[Line],
    proposal: Proposal,
    new_kg: float | None,
    act: Act,
    expires_on: date | None,
    config: OrderingConfig,
) -> Override:
    """The line that says what somebody decided.

    Args:
        lines: what is in the file.
        proposal: what the system proposes; where somebody has decided it before, what it proposed then still counts.
        new_kg: None approves the proposal, 0 rejects it.
        act: who, why and when.
        expires_on: the last first day of a plan that heeds it; by default the day that it is about.
        config: packs and smallest order.

    Raises:
        PlanningError: a decision about it stands already, or no supplier fills such an order.
    """
    own = [each for each in lines if isinstance(each, Override)]
    before = [each for each in own if (each.kind, each.code, each.day) == (proposal.kind, proposal.code, proposal.day)]
    for each in standing(lines):
        if each in before:
            raise PlanningError(
                f"{each.who} decided {each.kind} {each.code} of {each.day} already: withdraw {each.number} first"
            )
    if proposal.kind == "order" and new_kg:
        _check_order(proposal.code, new_kg, config)
    old_kg = before[-1].old_kg if before else proposal.quantity_kg
    decision: Decision = "approve" if new_kg is None else "change" if new_kg > 0 else "reject"
    return Override(
        number=1 + max((each.number for each in own), default=0),
        kind=proposal.kind,
        code=proposal.code,
        day=proposal.day,
        decision=decision,
        old_kg=old_kg,
        new_kg=old_kg if new_kg is None else new_kg,
        expected_on=proposal.expected_on,
        expires_on=expires_on or proposal.day,
        who=act.who,
        decided_on=act.on,
        reason=act.reason,
    )


def _check_order(code: str, kilograms: float, config: OrderingConfig) -> None:
    terms = buying_terms(config, pd.Index([code]))
    pack_kg, minimum_kg = float(terms.pack_kg[0]), float(terms.minimum_kg[0])
    packs = round(kilograms / pack_kg, 9)
    if packs != round(packs):
        raise PlanningError(f"{kilograms:,.10g} kg are no whole packs of {weight(pack_kg)}: decide another quantity")
    if kilograms < minimum_kg:
        raise PlanningError(f"{kilograms:,.10g} kg are less than the smallest order of {weight(minimum_kg)}")


def withdraw(lines: Sequence[Line], number: int, act: Act) -> Withdrawal:
    """The line that takes a decision back.

    Raises:
        PlanningError: there is no such decision, or it was taken back before.
    """
    if number not in {each.number for each in standing(lines)}:
        raise PlanningError(f"there is no decision {number} that stands: see `mixplan override list`")
    return Withdrawal(number=number, who=act.who, decided_on=act.on, reason=act.reason)
