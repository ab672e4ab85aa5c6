"""Weather, construction and the planner's forecasts: what is known by day or month."""

import pandas as pd

from mixplan.mart.accounts import Cleaned
from mixplan.mart.clean import Sieve
from mixplan.mart.master_data import Known
from mixplan.mart.product_names import split_names


def clean_weather(sieve: Sieve) -> Cleaned:
    """Daily weather of a region; a row with one broken reading stays out whole, as sensors fail together.

    A reading is missing only where its whole file lacks it: the station did not measure it then.
    """
    region = sieve.filled("region")
    sieve.known("unknown_region", region, sieve.config.regions)
    values = pd.DataFrame({"date": sieve.day("date"), "region": region})
    for column, (low, high) in sieve.config.weather_ranges:
        readings = sieve.optional_number(column)
        lacking = (sieve.text[column] == "").groupby(sieve.raw["source_file"]).transform("all")
        sieve.refuse("not_a_number", readings.isna() & ~lacking)
        sieve.refuse("out_of_range", readings.notna() & ~readings.between(low, high))
        values[column] = readings
    return sieve.finish(values, ["date", "region"])


def clean_construction(sieve: Sieve) -> Cleaned:
    """Floor area of construction starts by month, relative to the source's reference."""
    index = sieve.number("construction_index")
    sieve.refuse("negative_quantity", index < 0)
    return sieve.finish(pd.DataFrame({"month": sieve.month("month"), "construction_index": index}), ["month"])


def clean_planner_forecasts(sieve: Sieve, known: Known) -> Cleaned:
    """What the plant's own planner expected of a product in a month."""
    names = split_names(sieve.filled("product"), set(known.product_of.values()))
    unknown = names["product"].isna() | (names["remark"] != "")
    sieve.refuse("unknown_product", unknown & (sieve.text["product"] != ""))
    quantity = sieve.number("quantity_kg")
    sieve.refuse("negative_quantity", quantity < 0)
    values = pd.DataFrame({"month": sieve.month("month"), "product": names["product"], "quantity_kg": quantity})
    return sieve.finish(values, ["month", "product"])
