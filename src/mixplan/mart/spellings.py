"""Other spellings of a value, made plain: each change is a rule of its own, and none changes the value.

A spelling that can be read in two ways (days first, years of two digits, commas for decimals) is none of them.
"""

from datetime import date

import polars as pl

_NUMBER = r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_WITH_UNIT = rf"^({_NUMBER})\s*([^0-9\s.,+-][^0-9]*)$"

_EXPONENTS: dict[str, dict[str, str]] = {
    "kg": {"kg": "", "g": "e-3", "t": "e3", "톤": "e3"},
    "krw": {"krw": "", "won": "", "원": ""},
    "pct": {"%": ""},
    "share": {"%": "e-2"},
    "c": {"℃": "", "°c": ""},
    "mm": {"mm": "", "cm": "e1"},
    "cm": {"cm": "", "mm": "e-1"},
}
"""The last word of a column's name to the units that its cells may carry, and the power of ten to the column's unit."""

_MIDNIGHT = r"[ T]00:00(?::00(?:\.0+)?)?$"
_TIME_OF_DAY = r"(?i)[ T](?:오전 ?|오후 ?)?(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?(?: ?[ap]m)?$"
"""Without a time zone, which could make it another day elsewhere."""
_DAYS = (
    r"^([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})$",
    r"^([0-9]{4})\. ?([0-9]{1,2})\. ?([0-9]{1,2})\.?$",
    r"^([0-9]{4})년 ?([0-9]{1,2})월 ?([0-9]{1,2})일$",
    r"^([0-9]{4})([0-9]{2})([0-9]{2})$",
)
_MONTHS = (
    r"^([0-9]{4})[/.]([0-9]{2})$",  # two digits only: 2021.1 may have been 2021.10 in a column of floats
    r"^([0-9]{4})년 ?([0-9]{1,2})월$",
    r"^([0-9]{4})([0-9]{2})$",
)
_EXCEL_DAY_0 = date(1899, 12, 30)
"""Excel counts from 1900-01-01 as day 1 and takes 1900 for a leap year: right from March 1900 on."""
_LAST_HALF_SECOND = 1 - 0.5 / 86_400
"""Of a day as Excel counts it, where a fraction may be the next midnight that floating point missed."""


def numbers(text: pl.Expr, column: str) -> dict[str, pl.Expr]:
    """By rule the number in plain digits and in the unit of the column, null where the rule does not apply.

    >>> cells = pl.DataFrame({"cell": ["1,234,567.5", "1.005 t", "3 lb", "12,5"]})
    >>> cells.select(**numbers(pl.col("cell"), "weight_kg")).rows()
    [('1234567.5', None), (None, '1005.0'), (None, None), (None, None)]
    """
    unit = text.str.extract(_WITH_UNIT, 2).str.strip_chars().str.to_lowercase()
    known = _EXPONENTS.get(column.rpartition("_")[2], {})
    exponent = unit.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)
    # The power of ten is written behind the digits, as a product of floats could miss by a digit.
    in_column_unit = (text.str.extract(_WITH_UNIT, 1).str.replace_all(",", "") + exponent).cast(
        pl.Float64, strict=False
    )
    return {
        "thousands_separators": pl.when(text.str.contains(rf"^{_NUMBER}$") & text.str.contains(",", literal=True)).then(
            text.str.replace_all(",", "")
        ),
        "number_with_unit": in_column_unit.cast(pl.String),
    }


def days(text: pl.Expr) -> dict[str, pl.Expr]:
    """By rule the day as ``2021-02-28``, null where the rule does not apply.

    >>> cells = pl.DataFrame({"cell": ["2021. 2. 28.", "2021-02-28 00:00", "44255", "28/02/2021"]})
    >>> cells.select(**days(pl.col("cell"))).rows()
    [('2021-02-28', None, None), ('2021-02-28', None, None), (None, '2021-02-28', None), (None, None, None)]
    >>> cells = pl.DataFrame({"cell": ["2021-02-28 14:05:30", "44255.587", "2021-02-28T14:05Z"]})
    >>> cells.select(**days(pl.col("cell"))).rows()
    [(None, None, '2021-02-28'), (None, None, '2021-02-28'), (None, None, None)]
    """
    serial = text.str.extract(r"^([0-9]{5}(?:\.[0-9]+)?)$").cast(pl.Float64)
    fraction = serial - serial.floor()
    excel_day = pl.when(serial.is_between(20_000, 60_000)).then(
        (pl.lit(_EXCEL_DAY_0) + pl.duration(days=serial.floor().cast(pl.Int64))).cast(pl.String)
    )
    form = _day(text.str.replace(_MIDNIGHT, ""))
    excel_moment = pl.when(fraction.is_between(0, _LAST_HALF_SECOND, closed="none")).then(excel_day)
    moment = pl.coalesce(_day(text.str.replace(_TIME_OF_DAY, "")), excel_moment)
    return {
        "date_form": form,
        "excel_date": pl.when(fraction == 0).then(excel_day),
        "time_of_day_dropped": pl.when(form.is_null()).then(moment),
    }


def months(text: pl.Expr) -> dict[str, pl.Expr]:
    """By rule the first day of the month, null where the rule does not apply or the day is another.

    >>> cells = pl.DataFrame({"cell": ["2021/02", "2021년 2월 1일", "2021-02-28", "2021.1"]})
    >>> cells.select(**months(pl.col("cell"))).rows()
    [('2021-02-01', None, None), ('2021-02-01', None, None), (None, None, None), (None, None, None)]
    """
    for form in _MONTHS:
        text = text.str.replace(form, "$1-$2-1")
    return {rule: pl.when(day.str.ends_with("-01")).then(day) for rule, day in days(text).items()}


def _day(text: pl.Expr) -> pl.Expr:
    for form in _DAYS:
        text = text.str.replace(form, "$1-$2-$3")
    day = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(text.str.contains(r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$")).then(day.cast(pl.String))
