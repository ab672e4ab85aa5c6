"""Text cells as values: what cannot be read as one becomes missing, and the caller says which rule that breaks."""

from datetime import date

import polars as pl

NO_VALUE = r"\N"
"""How database dumps write a missing value."""
DAY = pl.Datetime("ns")
"""The type of days and months in the mart: midnight, as pandas keeps them."""


def plain(text: pl.Expr) -> pl.Expr:
    r"""Cells without surrounding blanks; ``\N`` is blank.

    >>> pl.Series("cell", [" a ", r"\N"]).to_frame().select(plain(pl.col("cell"))).to_series().to_list()
    ['a', '']
    """
    return text.str.strip_chars().replace(NO_VALUE, "")


def codes(text: pl.Expr) -> pl.Expr:
    """Codes that went through a column of floats, as whole numbers again.

    >>> pl.Series("cell", ["2001102.000000", "PEMA01"]).to_frame().select(codes(pl.col("cell"))).to_series().to_list()
    ['2001102', 'PEMA01']
    """
    return text.str.replace(r"^([0-9]+)\.0+$", "$1")


def numbers(text: pl.Expr) -> pl.Expr:
    """Finite numbers; null where the text is none.

    >>> cells = pl.DataFrame({"cell": ["12.5", "", "twelve", "inf"]})
    >>> cells.select(numbers(pl.col("cell"))).to_series().to_list()
    [12.5, None, None, None]
    """
    values = text.cast(pl.Float64, strict=False)
    return pl.when(values.is_finite()).then(values)


def days(text: pl.Expr, earliest: date, latest: date) -> pl.Expr:
    """Days written as ``2021-02-28``; null where the text is none in these years.

    >>> cells = pl.DataFrame({"cell": ["2021-02-28", "2021-02-30"]})
    >>> cells.select(days(pl.col("cell"), date(2000, 1, 1), date(2049, 12, 31)).dt.day()).to_series().to_list()
    [28, None]
    """
    return _days(text, text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), earliest, latest)


def months(text: pl.Expr, earliest: date, latest: date) -> pl.Expr:
    """First days of months written as ``2021-02``, or as their first day; null where the text is none.

    >>> cells = pl.DataFrame({"cell": ["2021-02", "2021-02-01", "2021-13"]})
    >>> cells.select(months(pl.col("cell"), date(2000, 1, 1), date(2049, 12, 31)).dt.month()).to_series().to_list()
    [2, 2, None]
    """
    return _days(text.str.head(7) + "-01", text.str.contains(r"^[0-9]{4}-[0-9]{2}(-01)?$"), earliest, latest)


def _days(text: pl.Expr, is_one: pl.Expr, earliest: date, latest: date) -> pl.Expr:
    day = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(is_one & day.is_between(earliest, latest)).then(day).cast(DAY)
