"""Weather, construction and the planner's forecasts: what is known by day or month."""

import polars as pl

from mixplan.mart.accounts import Cleaned
from mixplan.mart.clean import Sieve
from mixplan.mart.master_data import Known
from mixplan.mart.product_names import split_names


def clean_weather(sieve: Sieve, _: Known) -> Cleaned:
    """Daily weather of a region; a row with one broken reading stays out whole, as sensors fail together.

    A reading is missing only where its whole file lacks it: the station did not measure it then.
    """
    region = sieve.filled("region")
    sieve.known("unknown_region", region, sieve.config.regions)
    values = {"date": sieve.day("date"), "region": region}
    for column, (low, high) in sieve.config.weather_ranges:
        readings = sieve.optional_number(column)
        blank = pl.DataFrame({"file": sieve.raw["source_file"], "blank": sieve.text[column] == ""})
        lacking = blank.select(pl.col("blank").all().over("file")).to_series()
        sieve.refuse("not_a_number", readings.is_null() & ~lacking)
        sieve.refuse("out_of_range", ~readings.is_between(low, high))
        values[column] = readings
    return sieve.finish(pl.DataFrame(values))


def clean_construction(sieve: Sieve, _: Known) -> Cleaned:
    """Floor area of construction starts by month, relative to the source's reference."""
    index = sieve.number("construction_index")
    sieve.refuse("negative_quantity", index < 0)
    return sieve.finish(pl.DataFrame({"month": sieve.month("month"), "construction_index": index}))


def clean_planner_forecasts(sieve: Sieve, known: Known) -> Cleaned:
    """What the plant's own planner expected of a product in a month."""
    names = split_names(sieve.filled("product").to_pandas(), set(known.product_of.values()))
    product, remark = (pl.Series(names[name].tolist(), dtype=pl.String) for name in ("product", "remark"))
    sieve.refuse("unknown_product", (product.is_null() | (remark != "")) & (sieve.text["product"] != ""))
    quantity = sieve.number("quantity_kg")
    sieve.refuse("negative_quantity", quantity < 0)
    return sieve.finish(pl.DataFrame({"month": sieve.month("month"), "product": product, "quantity_kg": quantity}))
