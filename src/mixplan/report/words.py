"""Numbers and names as people read them."""


def percent(share: float) -> str:
    """A share in per cent.

    >>> percent(0.16842)
    '16.8%'
    """
    return f"{share:z.1%}"


def signed(share: float) -> str:
    """A share in per cent that says whether it is too much or too little.

    >>> signed(0.0351), signed(-0.0002)
    ('+3.5%', '+0.0%')
    """
    return f"{share:+z.1%}"


def score(value: float) -> str:
    """A number without a unit, or in one that its heading says.

    >>> score(0.97296)
    '0.973'
    """
    return f"{value:z,.3f}"


def tenths(value: float) -> str:
    """A number that nobody needs exactly.

    >>> tenths(1234.56)
    '1,234.6'
    """
    return f"{value:z,.1f}"


def tonnes(quantity_kg: float) -> str:
    """Kilograms as tonnes; the heading says so.

    >>> tonnes(58577.4)
    '58.6'
    """
    return f"{quantity_kg / 1000:z,.1f}"


def whole_tonnes(quantity_kg: float) -> str:
    """Kilograms as whole tonnes, on one line.

    >>> whole_tonnes(16_326_744.0).split()
    ['16,327', 't']
    """
    return f"{quantity_kg / 1000:z,.0f}\N{NO-BREAK SPACE}t"


def count(value: float) -> str:
    """A whole number.

    >>> count(41843.0)
    '41,843'
    """
    return f"{value:,.0f}"


def money(amount_krw: float) -> str:
    """An amount as people say it.

    >>> money(123_456_789.0)
    'KRW 123.5 million'
    """
    return f"KRW {amount_krw / 1e6:,.1f} million"


def millions(amount_krw: float) -> str:
    """Millions of KRW; the heading says so.

    >>> millions(123_456_789.0)
    '123.5'
    """
    return f"{amount_krw / 1e6:z,.1f}"


def value(amount: float, unit: str) -> str:
    """What a customer bought, in KRW or kg.

    >>> value(12_300_000.0, "KRW"), value(847_000.0, "kg")
    ('KRW 12.3 million', '847.0 t')
    """
    return money(amount) if unit == "KRW" else f"{tonnes(amount)} t"


def plain(name: str) -> str:
    """A candidate's or table's name without its underscores.

    >>> plain("seasonal_naive")
    'seasonal naive'
    """
    return name.replace("_", " ")
