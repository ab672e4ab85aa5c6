"""One review of stock: what to order this morning."""

from dataclasses import dataclass

import numpy as np

from mixplan.planning.buying import BuyingTerms
from mixplan.planning.policies.interface import Levels
from mixplan.planning.supply_calendar import Window
from mixplan.planning.tables import TOLERANCE_KG, Integers, Values


@dataclass(frozen=True)
class Outlook:
    """What is there, what comes and what is needed, as expected on the morning of a review.

    F futures (or none: the axis may be missing), D days from the review on, M materials.
    """

    on_hand_kg: Values
    """(F, M); below zero where orders of customers wait."""
    arriving_kg: Values
    """(F, D, M), on the day that it is expected; what is overdue on the first."""
    on_order_kg: Values
    """(F, M): all that is under way, also what comes after the last day."""
    required_kg: Values
    """(D, M)."""
    window: Window
    """When an order of today comes, and when one of the next review does."""
    decided_kg: Values
    """(M): what people decided to order in place of the review; NaN where they did not."""


@dataclass(frozen=True)
class Review:
    """What a review comes to; all (F, M), days count from the review."""

    order_kg: Values
    """What is ordered: what people decided, or else what is proposed."""
    proposed_kg: Values
    """Whole packs that the tank can take; 0 where nothing is to be ordered."""
    lacking_kg: Values
    """What ``proposed_kg`` was made of, where something is proposed."""
    covers_until: Integers
    """The last day that the order must cover."""
    needed: Integers
    """The first day that would end below the safety stock without the order, or else ``covers_until``."""
    is_late: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
    """Whether the order comes after it is needed."""


def review(outlook: Outlook, levels: Levels, terms: BuyingTerms) -> Review:
    """What to order now; see ``plan_orders`` for the rule.

    Ten kilograms a day, 25 on hand, two days to deliver and a safety stock of 5: 90 + 5 - 25 up to the ninth day.

    >>> nothing = np.zeros((14, 1))
    >>> window = Window(sent=np.array([0]), arrives=np.array([2]), next_arrives=np.array([9]))
    >>> outlook = Outlook(np.array([25.0]), nothing, np.zeros(1), nothing + 10.0, window, np.array([np.nan]))
    >>> levels = Levels(np.array([5.0]), np.array([25.0]), np.array([np.nan]))
    >>> terms = BuyingTerms(np.array([1.0]), np.array([0.0]), np.array([np.inf]), ())
    >>> found = review(outlook, levels, terms)
    >>> found.order_kg.tolist(), found.covers_until.tolist(), found.needed.tolist(), found.is_late.tolist()
    ([70.0], [8], [2], [False])
    """
    length, window = len(outlook.required_kg), outlook.window
    evenings = outlook.on_hand_kg[..., None, :] + np.cumsum(outlook.arriving_kg - outlook.required_kg, axis=-2)
    below = levels.safety_stock_kg - evenings
    by_forecast, worst = _by_forecast(below, window)
    position = outlook.on_hand_kg + outlook.on_order_kg
    by_level = np.where(position <= levels.reorder_point_kg, levels.order_up_to_kg - position, -np.inf)
    has_level = ~np.isnan(levels.order_up_to_kg)
    lacking = np.where(has_level, by_level, by_forecast)
    covers_until = np.where(has_level, np.minimum(window.next_arrives, length) - 1, worst)
    is_below = below > TOLERANCE_KG
    needed = np.where(is_below.any(axis=-2), np.argmax(is_below, axis=-2), covers_until)
    # What comes no sooner than the next review's order waits for it.
    is_placed = window.arrives < np.minimum(window.next_arrives, length)
    lacks = np.where(is_placed & (lacking > TOLERANCE_KG), lacking, 0.0)
    proposed = terms.order(lacks, terms.tank_kg - _at_arrival(evenings, outlook))
    order = np.where(is_placed & ~np.isnan(outlook.decided_kg), outlook.decided_kg, proposed)
    return Review(order, proposed, lacking, covers_until, needed, needed < window.arrives)


def _at_arrival(evenings: Values, outlook: Outlook) -> Values:
    """(F, M): stock in the morning on which an order of today comes, before the day's use; never below 0."""
    day = np.minimum(outlook.window.arrives, evenings.shape[-2] - 1)
    there = np.broadcast_to(day, (*evenings.shape[:-2], 1, len(day)))
    morning = np.take_along_axis(evenings, there, axis=-2)[..., 0, :] + outlook.required_kg[day, np.arange(len(day))]
    there_kg: Values = np.maximum(morning, 0.0)
    return there_kg


def _by_forecast(below: Values, window: Window) -> tuple[Values, Integers]:
    """How far stock falls below safety from the arrival to the next one, and the last day on which it does so most."""
    days = np.arange(below.shape[-2])[:, None]
    lacking = np.where((days >= window.arrives) & (days < window.next_arrives), below, -np.inf)
    worst = below.shape[-2] - 1 - np.argmax(lacking[..., ::-1, :], axis=-2)
    return lacking.max(axis=-2), worst
