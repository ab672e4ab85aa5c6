"""A database by its URL, whose password never reaches a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mixplan.config.base import MixplanError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
"""Drivers that are installed, for URLs that name none."""
SERVERS = ("postgresql", "mysql", "mariadb")
CONNECT_SECONDS = 10


class DatabaseError(MixplanError):
    """A database cannot be opened, read or written."""


def parsed_url(text: str) -> "URL":
    """A URL with a driver that is installed.

    >>> parsed_url("postgresql://reader@localhost/plant").drivername
    'postgresql+psycopg'

    Raises:
        DatabaseError: the text is no URL; it is not repeated, as it may hold a password.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseError(
            "the database URL is none: write it like postgresql://user:password@host:5432/database, with special "
            "characters of the password as %40 for @ or %2F for /"
        ) from None
    return url.set(drivername=DRIVERS.get(url.drivername, url.drivername))


def place(url: "URL") -> str:
    """What messages call a database: no user, no password, no options."""
    host = f" on {url.host}" + (f":{url.port}" if url.port else "") if url.host else ""
    return f"database {url.database}{host}"


def reason(error: BaseException, url: "URL") -> str:
    """The first line of what a driver says, without the password."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    return lines[0].replace(str(url.password), "***") if url.password else lines[0]


@contextmanager
def connection(url: "URL") -> Iterator["Connection"]:
    """A connection in one transaction, which ends well with the block or is taken back.

    Servers show it one state of all tables from the first query on (REPEATABLE READ).

    Raises:
        DatabaseError: no such driver, server, user, password or database; or a statement fails inside the block.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DBAPIError, NoSuchModuleError
    from sqlalchemy.pool import NullPool

    if url.drivername.startswith("sqlite") and url.database and not Path(url.database).parent.is_dir():
        raise DatabaseError(f"cannot open {place(url)}: its folder does not exist")
    backend = url.get_backend_name()
    options = (
        {"isolation_level": "REPEATABLE READ", "connect_args": {"connect_timeout": CONNECT_SECONDS}}
        if backend in SERVERS
        else {}
    )
    try:
        engine = create_engine(url, poolclass=NullPool, **options)
    except (NoSuchModuleError, ModuleNotFoundError):
        raise DatabaseError(
            f"no driver for {url.drivername} is installed: use postgresql, mariadb, mysql or sqlite"
        ) from None
    try:
        with engine.begin() as opened:
            if backend == "sqlite":
                opened.exec_driver_sql("BEGIN")  # Python's driver begins one only before the first INSERT
            yield opened
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        raise DatabaseError(f"{place(url)}: {reason(error, url)}") from None
