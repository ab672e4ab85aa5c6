"""Text cells as values: what cannot be read as one becomes missing, and the caller says which rule that breaks."""

import re
from datetime import date

import numpy as np
import pandas as pd

NO_VALUE = r"\N"
"""How database dumps write a missing value."""


def plain(text: "pd.Series[str]") -> "pd.Series[str]":
    r"""Cells without surrounding blanks; ``\N`` is blank.

    >>> plain(pd.Series([" a ", r"\N"], dtype=object)).tolist()
    ['a', '']
    """
    stripped = text.str.strip()
    return stripped.mask(stripped == NO_VALUE, "")


def codes(text: "pd.Series[str]") -> "pd.Series[str]":
    """Codes that went through a column of floats, as whole numbers again.

    >>> codes(pd.Series(["2001102.000000", "PEMA01"])).tolist()
    ['2001102', 'PEMA01']
    """
    whole = {code: re.sub(r"^(\d+)\.0+$", r"\1", code) for code in text.unique()}
    return text.map(whole).astype(object)


def numbers(text: "pd.Series[str]") -> "pd.Series[float]":
    """Finite numbers; NaN where the text is none.

    >>> numbers(pd.Series(["12.5", "", "twelve", "inf"])).tolist()
    [12.5, nan, nan, nan]
    """
    values = pd.to_numeric(text, errors="coerce").astype("float64")
    return values.where(np.isfinite(values))


def days(text: "pd.Series[str]", earliest: date, latest: date) -> "pd.Series[pd.Timestamp]":
    """Days written as ``2021-02-28``, in Excel also with the midnight; NaT where the text is none in these years.

    >>> days(pd.Series(["2021-02-28", "2021-02-30"]), date(2000, 1, 1), date(2049, 12, 31)).dt.day.tolist()
    [28.0, nan]
    """
    return _moments(text.str.removesuffix(" 00:00:00"), "%Y-%m-%d", earliest, latest)


def months(text: "pd.Series[str]", earliest: date, latest: date) -> "pd.Series[pd.Timestamp]":
    """First days of months written as ``2021-02``, or as their first day; NaT where the text is none.

    >>> months(pd.Series(["2021-02", "2021-02-01", "2021-13"]), date(2000, 1, 1), date(2049, 12, 31)).dt.month.tolist()
    [2.0, 2.0, nan]
    """
    month = text.str.removesuffix(" 00:00:00").str.replace(r"^(\d{4}-\d{2})-01$", r"\1", regex=True)
    return _moments(month, "%Y-%m", earliest, latest)


def _moments(text: "pd.Series[str]", form: str, earliest: date, latest: date) -> "pd.Series[pd.Timestamp]":
    parsed = pd.to_datetime(text, format=form, errors="coerce").astype("datetime64[ns]")
    return parsed.where(parsed.between(pd.Timestamp(earliest), pd.Timestamp(latest)))
