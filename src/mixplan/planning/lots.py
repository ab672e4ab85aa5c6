"""Lots on days: each line's quantities of a span of time cut into mixers, one family after the other."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from mixplan.config.production import ProductionConfig
from mixplan.planning.buckets import Buckets
from mixplan.planning.lot_sizes import LotSizes
from mixplan.planning.pegging import ROUNDING_KG
from mixplan.planning.tables import Integers, Values

KILOGRAMS = 1000.0


def lots_of(
    sizes: LotSizes,
    products: Sequence[str],
    buckets: Buckets,
    capacity_kg: Values,
    config: ProductionConfig,
    family: Callable[[str], str | None],
) -> pd.DataFrame:
    """Lots of equal weight, none larger than the mixer, by line and day.

    A line begins with the family that it is still set up for and ends with the one that it keeps for the next bucket.
    In a bucket of several days the lots are spread over the line's working time.

    Args:
        sizes: what each line makes in each bucket.
        products: names of the P products.
        buckets: time as the plan cuts it.
        capacity_kg: lines x days.
        config: lines and families.
        family: the family of a product.

    Returns:
        lot (a number from 1 on), line, product, family, bucket, made_on and quantity_kg, in the order in which they are
        made.
    """
    names, rows = list(config.families), []
    for bucket in range(len(buckets.first)):
        for place, (line, terms) in enumerate(config.lines.items()):
            made = sizes.made[:, place, bucket] * KILOGRAMS
            own = [
                (_turn(sizes, names.index(str(family(products[each]))), place, bucket), each)
                for each in np.flatnonzero(made > ROUNDING_KG).tolist()
            ]
            ordered = [each for _, each in sorted(own)]
            counts = np.ceil((made[ordered] - ROUNDING_KG) / terms.largest_lot_kg).astype("int64")
            kilograms = (made[ordered] / counts).repeat(counts)
            day = _days(kilograms, capacity_kg[place], buckets, bucket)
            product = [products[each] for each in np.array(ordered, dtype="int64").repeat(counts)]
            rows += [
                (line, name, family(name), bucket, buckets.days[on], kg)
                for name, on, kg in zip(product, day, kilograms, strict=True)
            ]
    columns = ["line", "product", "family", "bucket", "made_on", "quantity_kg"]
    lots = pd.DataFrame(rows, columns=columns).astype({"bucket": "int64", "made_on": "datetime64[ns]"})
    lots = lots.sort_values(["made_on", "line"], kind="stable", ignore_index=True)
    lots.insert(0, "lot", np.arange(1, len(lots) + 1))
    return lots


def cleanings_of(lots: pd.DataFrame) -> int:
    """How often a line goes on with another family than it made before.

    >>> lots = pd.DataFrame({"line": ["one", "two", "one", "one"], "family": ["red", "blue", "blue", "blue"]})
    >>> cleanings_of(lots)
    1
    """
    before = lots.groupby("line")["family"].shift()
    return int((before.notna() & (before != lots["family"])).sum())


def _turn(sizes: LotSizes, family: int, line: int, bucket: int) -> tuple[int, int]:
    """When a family has its turn: first what was carried in, last what is carried out."""
    if sizes.set_ups.begins[family, line, bucket]:
        return -1, family
    return int(sizes.set_ups.ends[family, line, bucket]), family


def _days(kilograms: Values, capacity_kg: Values, buckets: Buckets, bucket: int) -> Integers:
    """The day of each lot, by how much of the line's work lies before its middle."""
    first, last = int(buckets.first[bucket]), int(buckets.last[bucket])
    worked = capacity_kg[first : last + 1].cumsum()
    if not len(kilograms):
        return np.zeros(0, dtype="int64")
    middle = (kilograms.cumsum() - kilograms / 2) / kilograms.sum() * worked[-1]
    days: Integers = first + np.searchsorted(worked, middle)
    return days
