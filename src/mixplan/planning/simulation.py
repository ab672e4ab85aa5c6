"""Stock simulated day by day, in one or many futures at once: orders go out at reviews, and come when they come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mixplan.planning.buying import BuyingTerms
from mixplan.planning.policies.interface import Levels
from mixplan.planning.review import Outlook, review
from mixplan.planning.supply_calendar import Window
from mixplan.planning.tables import Integers, Values


@dataclass(frozen=True)
class Batch:
    """Goods under way; days count from the first simulated one. F futures (1: all the same), M materials."""

    quantity_kg: Values
    """(F, M)."""
    expected: Integers
    """(M): the day on which the buyer expects them."""
    arrives: Integers
    """(F, M): the day on which they come."""


@dataclass(frozen=True)
class Decision:
    """What a review goes by."""

    levels: Levels
    required_kg: Values
    """(D, M): what the forecast needs from the review on."""
    window: Window
    """When an order of the review is expected, and when one of the next review is."""
    decided_kg: Values
    """(M): what people decided to order in place of the review; NaN where they did not."""


@dataclass(frozen=True)
class Course:
    """What happened; all (F, D, M), opening = opening before + receipts - served."""

    opening_kg: Values
    receipts_kg: Values
    served_kg: Values
    ordered_kg: Values
    """On the day of the review."""
    is_expedited: Values
    """1 where an order would come after it is needed, by what was expected at its review."""
    late_days: Values
    """Days by which an order really came after it was needed, on the day of the review."""

    @property
    def closing_kg(self) -> Values:
        """What is left in the evening."""
        return self.opening_kg + self.receipts_kg - self.served_kg


def simulate(
    wanted_kg: Values,
    took_days: Integers,
    on_hand_kg: Values,
    under_way: Sequence[Batch],
    decisions: Mapping[int, Decision],
    terms: BuyingTerms,
) -> Course:
    """What becomes of stock; each review orders with ``review`` from what is known that morning.

    A day's receipts come in the morning. What stock cannot serve is lost, material by material and day by day.

    Args:
        wanted_kg: (F, D, M), what is used where there is stock.
        took_days: (F, D, M), days from a review on that day to the receipt of its order; 0 is the same morning.
        on_hand_kg: (M), in the morning of the first day.
        under_way: what was ordered before and comes on the first day or later.
        decisions: by day, what its review goes by; other days have none.
        terms: packs, smallest orders and tanks.
    """
    futures, length, _ = wanted_kg.shape
    receipts = np.zeros_like(wanted_kg)
    course = Course(np.zeros_like(wanted_kg), receipts, *(np.zeros_like(wanted_kg) for _ in range(4)))
    batches = list(under_way)
    for batch in batches:
        _receive(receipts, batch)
    on_hand = np.tile(on_hand_kg, (futures, 1))
    for day in range(length):
        if day in decisions:
            batches = [batch for batch in batches if (batch.arrives >= day).any()]
            decision = decisions[day]
            found = review(_outlook(day, on_hand, batches, decision), decision.levels, terms)
            is_ordered = found.order_kg > 0
            arrives = day + took_days[:, day]
            batches.append(Batch(found.order_kg, day + decision.window.arrives, arrives))
            _receive(receipts, batches[-1])
            course.ordered_kg[:, day] = found.order_kg
            course.is_expedited[:, day] = is_ordered & found.is_late
            course.late_days[:, day] = np.where(is_ordered, np.maximum(arrives - day - found.needed, 0), 0)
        course.opening_kg[:, day] = on_hand
        there = on_hand + receipts[:, day]
        course.served_kg[:, day] = np.minimum(there, wanted_kg[:, day])
        on_hand = there - course.served_kg[:, day]
    return course


def _receive(receipts: Values, batch: Batch) -> None:
    """Enter a batch on the day that it comes, where that is within the days."""
    futures, length, materials = receipts.shape
    arrives, kilograms = (np.broadcast_to(part, (futures, materials)) for part in (batch.arrives, batch.quantity_kg))
    future, material = np.nonzero((arrives < length) & (kilograms > 0))
    receipts[future, arrives[future, material], material] += kilograms[future, material]


def _outlook(day: int, on_hand: Values, batches: Sequence[Batch], decision: Decision) -> Outlook:
    """How things look to the buyer, who knows of each batch still under way when it is expected."""
    length, materials = decision.required_kg.shape
    arriving, on_order = np.zeros((len(on_hand), length, materials)), np.zeros_like(on_hand)
    for batch in batches:
        coming = np.where(batch.arrives >= day, batch.quantity_kg, 0.0)
        slot = np.maximum(batch.expected - day, 0)
        inside = np.flatnonzero(slot < length)
        arriving[:, slot[inside], inside] += coming[:, inside]
        on_order += coming
    return Outlook(on_hand, arriving, on_order, decision.required_kg, decision.window, decision.decided_kg)
