"""Values of a database as the text that an export would hold."""

from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal
from types import NoneType
from typing import Any

FLAGS = {0: "N", 1: "Y", b"\x00": "N", b"\x01": "Y"}
"""How databases without a type for it keep yes and no."""


def as_text(value: object) -> str:
    """A value in plain notation; blank where there is none.

    >>> [as_text(value) for value in (None, True, 2.5e-7, 1e21, Decimal("1E+3"), datetime(2021, 2, 28))]
    ['', 'Y', '0.00000025', '1000000000000000000000', '1000', '2021-02-28']

    Raises:
        TypeError: bytes, which are no text.
    """
    return _WRITERS.get(type(value), str)(value)


def flag_as_text(value: Any) -> str:
    """A value of a column of yes and no, which may be kept as 0 and 1.

    >>> [flag_as_text(value) for value in (1, False, None, 7)]
    ['Y', 'N', '', '7']
    """
    return FLAGS.get(value) or as_text(value)


def _float(value: float) -> str:
    """The shortest digits that are read as the same number."""
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text.removesuffix(".0")


def _moment(value: datetime) -> str:
    """Midnight is how some databases keep a day."""
    is_day = value.tzinfo is None and value.time() == time.min
    return value.date().isoformat() if is_day else value.isoformat(sep=" ")


def _bytes(value: bytes) -> str:
    raise TypeError(f"{len(value)} bytes are no text")


_WRITERS: dict[type, Callable[[Any], str]] = {
    NoneType: lambda _: "",
    bool: lambda value: "Y" if value else "N",
    float: _float,
    Decimal: lambda value: format(value, "f"),
    datetime: _moment,
    bytes: _bytes,
}
