"""The sentence of an order line: the sum behind it, how it was rounded, and until when there is time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.planning.overrides import Override
from mixplan.planning.tables import TOLERANCE_KG
from mixplan.planning.wording import day, period, weight


@dataclass(frozen=True)
class Sum:
    """The terms of an order: lacking = use + safety - on hand - arriving, or = level - on hand - arriving."""

    first: pd.Timestamp
    last: pd.Timestamp
    """The days that the order covers."""
    use_kg: float
    """Use and arrivals of these days."""
    arriving_kg: float
    on_hand_kg: float
    on_order_kg: float
    """All that is under way, whenever it arrives: what a level counts."""
    safety_kg: float
    reorder_point_kg: float
    order_up_to_kg: float
    """NaN where the forecast says it."""
    lacking_kg: float
    order_kg: float
    """What was lacking, rounded up, or what the tank takes of it."""
    pack_kg: float
    minimum_kg: float
    tank_kg: float
    needed: pd.Timestamp
    order_by: pd.Timestamp
    """The last day to order, to be there when needed."""
    is_assumed: bool
    """Whether nobody has ever counted the stock."""


def reason(terms: Sum) -> str:
    """One sentence for the buyer.

    >>> first, last = pd.Timestamp("2024-06-17"), pd.Timestamp("2024-06-30")
    >>> reason(Sum(first, last, use_kg=41_200.0, arriving_kg=0.0, on_hand_kg=12_000.0, on_order_kg=0.0,
    ...            safety_kg=8_400.0, reorder_point_kg=0.0, order_up_to_kg=np.nan, lacking_kg=37_600.0,
    ...            order_kg=40_000.0, pack_kg=20_000.0, minimum_kg=0.0, tank_kg=np.inf, needed=last,
    ...            order_by=pd.Timestamp("2024-06-19"), is_assumed=False))
    ... # doctest: +NORMALIZE_WHITESPACE
    'covers 17 to 30 June: use 41.2 t, on hand 12.0 t, arriving 0 t, safety 8.4 t, rounded up to 2 packs of 20.0 t;
    order by 19 June'
    """
    by_level = not np.isnan(terms.order_up_to_kg)
    summed = _by_level(terms) if by_level else _by_forecast(terms)
    return f"covers {period(terms.first, terms.last)}: {summed}{_rounding(terms)}; {_deadline(terms)}"


def decision_of(line: Override) -> str:
    """What somebody decided of a line, and why.

    >>> from datetime import date
    >>> monday = date(2024, 6, 3)
    >>> decision_of(Override(number=1, kind="order", code="M", day=monday, decision="change", old_kg=500.0,
    ...                      new_kg=2000.0, expected_on=monday, expires_on=monday, who="Kim", decided_on=monday,
    ...                      reason="a full tanker"))
    'Kim decided 2.0 t on 3 June in place of 500 kg: a full tanker'
    """
    decided = f"{line.who} {'approved' if line.decision == 'approve' else 'decided'} {weight(line.new_kg)}"
    instead = "" if line.decision == "approve" else f" in place of {weight(line.old_kg)}"
    return f"{decided} on {day(pd.Timestamp(line.decided_on))}{instead}: {line.reason}"


def _by_forecast(terms: Sum) -> str:
    return (
        f"use {weight(terms.use_kg)}, {_on_hand(terms)}, arriving {weight(terms.arriving_kg)}, "
        f"safety {weight(terms.safety_kg)}"
    )


def _by_level(terms: Sum) -> str:
    """The level is no sum of the forecast's use, which is said all the same: the buyer compares."""
    return (
        f"up to {weight(terms.order_up_to_kg)} (safety {weight(terms.safety_kg)}, use by forecast "
        f"{weight(terms.use_kg)}), {_on_hand(terms)}, arriving {weight(terms.on_order_kg)}, "
        f"order at {weight(terms.reorder_point_kg)} or less"
    )


def _on_hand(terms: Sum) -> str:
    return f"on hand {weight(terms.on_hand_kg)}{' (assumed)' if terms.is_assumed else ''}"


def _rounding(terms: Sum) -> str:
    """Why more or less is ordered than lacks; nothing where it is not."""
    if terms.lacking_kg - terms.order_kg > TOLERANCE_KG:
        return f", no more than {weight(terms.order_kg)} fit in the tank of {weight(terms.tank_kg)}"
    if terms.order_kg - terms.lacking_kg <= TOLERANCE_KG:
        return ""
    packs = round(terms.order_kg / terms.pack_kg)
    unit = f"{packs:,} pack{'' if packs == 1 else 's'} of {weight(terms.pack_kg)}"
    smallest = "the smallest order, " if terms.lacking_kg < terms.minimum_kg else ""
    least = max(terms.lacking_kg, terms.minimum_kg)
    cheaper = ", which cost less than fewer" if terms.order_kg - least >= terms.pack_kg else ""
    return f", rounded up to {smallest}{unit}{cheaper}"


def _deadline(terms: Sum) -> str:
    """Until when there is time to order, or since when there is none."""
    if terms.order_by >= terms.first:
        return f"order by {day(terms.order_by)}"
    return f"expedite, as it is below safety from {day(terms.needed)} and had to be ordered by {day(terms.order_by)}"
