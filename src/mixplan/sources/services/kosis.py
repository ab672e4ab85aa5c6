"""The national statistics portal KOSIS: what it is asked, and what it answers."""

import json
import re
from calendar import monthrange
from datetime import date

from mixplan.config.services import ConstructionService
from mixplan.sources.services.client import ServiceClient
from mixplan.sources.services.errors import PassingError, ServiceError, UnreadableError
from mixplan.sources.services.parts import Item

SERVICE = "kosis"
KEY_PARAMETER = "apiKey"
NO_DATA = "30"
PASSING = {"40": "too many requests a minute", "50": "the service failed"}
FINAL = {
    "10": "the key is missing or unknown: copy it again from kosis.kr",
    "11": "the key is not valid or has expired: renew it at kosis.kr",
    "20": "a parameter is missing: name one class for each classification of the table",
    "21": "a parameter is wrong: check organisation, table, item and classifications",
    "31": "the answer would be too large: name one item and one class",
    "41": "too many rows were asked for: name one item and one class",
    "42": "the use of this key is limited: ask kosis.kr",
}
_ERROR = re.compile(r'(?:\berr"?\s*:\s*"?|<err>\s*)(\d+)')
"""Errors come as JSON, as JSON without quotes round the names, and as XML."""


def table_query(config: ConstructionService) -> dict[str, str]:
    """What is asked about a table, without months."""
    classes = {f"objL{level}": name for level, name in enumerate(config.classifications, 1)}
    table = {"orgId": config.organisation, "tblId": config.table, "itmId": config.item}
    return {"method": "getList", "format": "json", "jsonVD": "Y", "prdSe": "M", **table, **classes}


def fetch_months(client: ServiceClient, query: dict[str, str], first: date, last: date) -> list[Item]:
    """Every month that the portal has from the month of one day to that of another.

    Raises:
        ServiceError: the portal refuses, or a month has more than one value.
    """
    items = client.ask({**query, "startPrdDe": f"{first:%Y%m}", "endPrdDe": f"{last:%Y%m}"}, read_items)
    months = {item["PRD_DE"] for item in items if f"{first:%Y%m}" <= item["PRD_DE"] <= f"{last:%Y%m}"}
    if len(months) != len(items):
        raise ServiceError(
            f"{client.name}: table {query['tblId']} has not one value a month for {first:%Y-%m} to {last:%Y-%m}: "
            "name one item and one class of each classification"
        )
    return items


def read_items(text: str) -> list[Item]:
    """An answer: a JSON list of values, or an error.

    Raises:
        PassingError: the portal says that it failed.
        ServiceError: the portal says that the request is wrong.
        UnreadableError: the text is neither.
    """
    try:
        items = json.loads(text)
        if isinstance(items, list):
            for item in items:
                month_of(item)
            return items
    except (ValueError, KeyError, TypeError):
        pass
    if not (error := _ERROR.search(text)):
        raise UnreadableError("neither values nor an error")
    code = error[1]
    if code == NO_DATA:
        return []
    if code in PASSING:
        raise PassingError(f"{PASSING[code]} (error {code})")
    raise ServiceError(f"{FINAL.get(code, 'the portal refuses the request')} (error {code})")


def month_of(item: Item) -> date:
    """First day of the month that an item is about."""
    return date(int(item["PRD_DE"][:4]), int(item["PRD_DE"][4:]), 1)


def month_end(day: date) -> date:
    """Last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])
