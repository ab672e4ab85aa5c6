"""On what terms materials can be bought: packs, smallest orders, tanks that hold no more, cheaper prices for much."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.planning import OrderingConfig
from mixplan.planning.tables import Values


@dataclass(frozen=True)
class BuyingTerms:
    """By material."""

    pack_kg: Values
    minimum_kg: Values
    tank_kg: Values
    """Infinite where nothing limits the stock."""
    breaks: tuple[tuple[Values, Values], ...]
    """From how many kilograms (infinite: never) on which share of the usual price holds, the fewest first."""

    def price_share(self, order_kg: Values) -> Values:
        """Share of the usual price at which that much is sold."""
        share = np.ones_like(order_kg)
        for from_kg, lower in self.breaks:
            share = np.where(order_kg >= from_kg, lower, share)
        return share

    def order(self, lacking_kg: Values, room_kg: Values) -> Values:
        """Whole packs for what lacks, at least the smallest order, and no more than there is room for.

        Where a larger order costs less in all, because its price is lower, it is the larger one. Where there is no room
        for the smallest order nothing is ordered.

        Args:
            lacking_kg: (..., M); 0 or less where nothing is to be ordered.
            room_kg: (..., M): what the tank can still take on the day of the receipt.

        >>> each = np.array([1.0, 1.0, 1.0])
        >>> terms = BuyingTerms(50 * each, 100 * each, np.inf * each, ((1000 * each, 0.8 * each),))
        >>> terms.order(np.array([30.0, 120.0, 850.0]), np.array([np.inf, np.inf, 2000.0])).tolist()
        [100.0, 150.0, 1000.0]
        >>> terms.order(np.array([30.0, 120.0, 850.0]), np.array([60.0, 140.0, 900.0])).tolist()
        [0.0, 100.0, 850.0]
        """
        least = np.where(lacking_kg > 0, np.maximum(lacking_kg, self.minimum_kg), 0.0)
        most = np.floor(np.round(np.maximum(room_kg, 0.0) / self.pack_kg, 9)) * self.pack_kg
        order = np.minimum(self._packed(least), most)
        order = np.where(order < self.minimum_kg, 0.0, order)
        for from_kg, lower in self.breaks:
            more = self._packed(from_kg)
            is_cheaper = (order > 0) & (more > order) & (more <= most)
            is_cheaper &= np.where(is_cheaper, more * lower, np.inf) < order * self.price_share(order)
            order = np.where(is_cheaper, more, order)
        return order

    def _packed(self, kilograms: Values) -> Values:
        packed: Values = np.ceil(np.round(kilograms / self.pack_kg, 9)) * self.pack_kg
        return packed


def buying_terms(config: OrderingConfig, materials: pd.Index) -> BuyingTerms:
    """The terms of each material, in the order of ``materials``; the general ones where it has none of its own."""
    own = [config.materials.get(str(code)) for code in materials]

    def of(name: str, general: float) -> Values:
        found = [getattr(each, name, None) for each in own]
        return np.array([general if value is None else value for value in found], dtype="float64")

    levels = max((len(each.price_breaks) for each in own if each), default=0)
    every = [[*(each.price_breaks if each else ())] for each in own]
    breaks = tuple(
        (
            np.array([each[level].from_kg if level < len(each) else np.inf for each in every]),
            np.array([each[level].price_share if level < len(each) else 1.0 for each in every]),
        )
        for level in range(levels)
    )
    return BuyingTerms(
        of("pack_kg", config.pack_kg), of("minimum_kg", config.minimum_kg), of("tank_kg", np.inf), breaks
    )
