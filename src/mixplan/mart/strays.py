"""Sales dated far after all others: a mistyped year would move the day that everything is forecast from."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl

from mixplan.config.mart import MartConfig


def last_believable(sales: Iterable[Path], config: MartConfig) -> date:
    """The last sale before a long pause that nearly no sale follows; ``latest_day`` where there is no such pause.

    A plant that opens again after a long pause soon has more sales than that, and then all of them count.

    Args:
        sales: the files of all parts of the cleaned sales.
        config: how long is long, and how few sales are nearly none.
    """
    days = pl.scan_parquet(list(sales)).group_by("sold_on").agg(lines=pl.len()).sort("sold_on")
    strays = days.with_columns(
        before=pl.col("sold_on").shift(),
        since=pl.col("lines").cum_sum(reverse=True),
    ).filter(
        (pl.col("sold_on") - pl.col("before") > pl.duration(days=config.longest_pause_days))
        & (pl.col("since") < config.stray_share * pl.col("lines").sum())
    )
    last: list[date] = strays.select(pl.col("before").dt.date()).head(1).collect()["before"].to_list()
    return last[0] if last else config.latest_day


def last_sale(sales: Path) -> date:
    """The last day of one file of sales, the first day of all where it has none."""
    last: date | None = pl.scan_parquet(sales).select(pl.col("sold_on").max().dt.date()).collect().item()
    return last or date.min
