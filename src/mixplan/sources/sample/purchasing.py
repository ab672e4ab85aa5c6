"""Buying and stock: the buyer orders every Monday by feel, suppliers deliver when they can, stock is counted weekly."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.simulation import Operations
from mixplan.sources.sample.catalogue import Catalogue
from mixplan.sources.sample.randomness import Counts, Values

LOOK_BACK_DAYS = 28
"""What the buyer remembers."""
REVIEW_DAYS = 7
MAX_LEAD_DAYS = 90
SPOT_DAYS = 3
"""Days of use that a spot delivery brings beyond what is missing."""
SPOT_PREMIUM = 1.25
"""Price of a spot delivery relative to the regular one."""


@dataclass(frozen=True)
class Stockroom:
    """What was bought and what was there."""

    purchases: pd.DataFrame
    """material, ordered, due, received (positions, days), ordered_kg, received_kg, is_spot."""
    stock_kg: Values
    """Stock (days, materials) at the end of every day."""


def simulate_stockroom(
    rng: np.random.Generator, work: Operations, catalogue: Catalogue, use_kg: Values, days: pd.DatetimeIndex
) -> Stockroom:
    """Follow every material through the days; where stock runs out, a spot dealer brings what is missing at once."""
    leads = _lead_times(catalogue)
    container = np.array([material.container_kg for material in catalogue.materials])
    usual = use_kg.mean(axis=0)
    stock = np.ceil(usual * (leads.median_days + REVIEW_DAYS + work.cover_days) / container) * container
    arrivals = np.zeros((len(days) + MAX_LEAD_DAYS, len(container)))
    stock_at_end, rows = np.empty_like(use_kg), []
    on_order = np.zeros(len(container))
    for day in range(len(days)):
        if days[day].dayofweek == 0:
            recent = use_kg[max(day - LOOK_BACK_DAYS, 0) : day].mean(axis=0) if day >= LOOK_BACK_DAYS else usual
            needed = recent * rng.lognormal(0.0, work.buying_noise, len(container))
            wanted = _wanted(needed, stock + on_order, leads.median_days, work.cover_days, container)
            batch = _deliveries(rng, work, day, wanted, leads)
            np.add.at(arrivals, (batch["received"], batch["material"]), batch["received_kg"])
            on_order[batch["material"]] += batch["received_kg"]
            rows.append(batch)
        on_order -= arrivals[day]
        stock = stock + arrivals[day] - use_kg[day]
        missing = np.flatnonzero(stock < 0.0)
        if len(missing):
            spot_kg = np.ceil(SPOT_DAYS * usual[missing] - stock[missing])
            stock[missing] += spot_kg
            rows.append(_spot(day, missing, spot_kg))
        stock_at_end[day] = stock
    return Stockroom(pd.concat(rows, ignore_index=True), stock_at_end)


@dataclass(frozen=True)
class LeadTimes:
    """Lead times by material: lognormal about the supplier's median, with the spread of the log."""

    median_days: Values
    spread: Values

    def draw(self, rng: np.random.Generator) -> Counts:
        """A lead time for each material, in whole days."""
        days = np.round(self.median_days * np.exp(self.spread * rng.standard_normal(len(self.spread))))
        return np.clip(days, 1, MAX_LEAD_DAYS).astype(np.int64)


def _lead_times(catalogue: Catalogue) -> LeadTimes:
    suppliers = {supplier.code: supplier for supplier in catalogue.suppliers}
    of_material = [suppliers[material.supplier] for material in catalogue.materials]
    median = np.array([supplier.median_lead_days for supplier in of_material])
    return LeadTimes(median, np.array([supplier.lead_spread for supplier in of_material]))


def _wanted(needed: Values, position: Values, lead: Values, cover_days: int, container: Values) -> Values:
    """In full containers, up to two covers beyond lead time and review, once the position is below one cover."""
    low = position < needed * (lead + REVIEW_DAYS + cover_days)
    up_to = needed * (lead + REVIEW_DAYS + 2 * cover_days)
    return np.where(low, np.ceil(np.clip(up_to - position, 0.0, None) / container) * container, 0.0)


def _deliveries(rng: np.random.Generator, work: Operations, day: int, wanted: Values, leads: LeadTimes) -> pd.DataFrame:
    """The purchases of one Monday; the supplier promises its median, rounded up, and comes when it comes."""
    received = day + leads.draw(rng)
    short = rng.random(len(wanted)) < work.short_deliveries
    received_kg = np.where(short, np.round(wanted * rng.uniform(0.85, 0.98, len(wanted))), wanted)
    bought = np.flatnonzero(wanted > 0.0)
    frame = {
        "material": bought,
        "ordered": day,
        "due": day + np.ceil(leads.median_days[bought]).astype(np.int64),
        "received": received[bought],
        "ordered_kg": wanted[bought],
        "received_kg": received_kg[bought],
        "is_spot": False,
    }
    return pd.DataFrame(frame)


def _spot(day: int, material: Counts, quantity_kg: Values) -> pd.DataFrame:
    days = {"ordered": day, "due": day, "received": day}
    return pd.DataFrame(
        {"material": material, **days, "ordered_kg": quantity_kg, "received_kg": quantity_kg, "is_spot": True}
    )


def purchase_frame(
    rng: np.random.Generator, catalogue: Catalogue, purchases: pd.DataFrame, days: pd.DatetimeIndex
) -> pd.DataFrame:
    """The mart's purchase columns and is_spot; what has not arrived by the last day is open."""
    material = purchases["material"].to_numpy()
    codes = np.array([one.code for one in catalogue.materials], dtype=object)
    suppliers = np.array([one.supplier for one in catalogue.materials], dtype=object)
    price = np.array([one.price_krw for one in catalogue.materials])
    inflation = np.exp(0.035 * purchases["ordered"] / 365.25) * rng.normal(1.0, 0.015, len(purchases))
    premium = np.where(purchases["is_spot"], SPOT_PREMIUM, 1.0)
    arrived = purchases["received"].to_numpy() < len(days)
    ordered_on = days[0] + pd.to_timedelta(purchases["ordered"], unit="D")
    number = (purchases.groupby("ordered").cumcount() + 1).astype(str).str.zfill(4)
    received_on = days[0] + pd.to_timedelta(purchases["received"], unit="D")
    return pd.DataFrame(
        {
            "purchase_no": "B" + ordered_on.dt.strftime("%Y%m%d") + "-" + number,
            "material_code": codes[material],
            "supplier_code": np.where(purchases["is_spot"], catalogue.spot_supplier, suppliers[material]),
            "quantity_kg": purchases["ordered_kg"],
            "unit_price_krw": np.round(price[material] * inflation * premium),
            "ordered_on": ordered_on,
            "due_on": days[0] + pd.to_timedelta(purchases["due"], unit="D"),
            "received_on": received_on.where(arrived),
            "received_kg": np.where(arrived, purchases["received_kg"], 0.0),
            "is_fully_received": arrived & (purchases["received_kg"] == purchases["ordered_kg"]),
            "is_spot": purchases["is_spot"],
        }
    )


def count_stock(
    rng: np.random.Generator, work: Operations, catalogue: Catalogue, stock_kg: Values, days: pd.DatetimeIndex
) -> pd.DataFrame:
    """The stock of every material at the end of every Sunday, as people count it."""
    sundays = np.flatnonzero(days.dayofweek == 6)
    counted = stock_kg[sundays] * rng.normal(1.0, work.counting_noise, (len(sundays), stock_kg.shape[1]))
    codes = np.array([material.code for material in catalogue.materials], dtype=object)
    return pd.DataFrame(
        {
            "counted_on": np.repeat(days[sundays].to_numpy(), len(codes)),
            "material_code": np.tile(codes, len(sundays)),
            "stock_kg": np.round(counted.ravel(), 1),
        }
    )
