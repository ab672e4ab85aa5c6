"""The ASOS daily service of the Korea Meteorological Administration: what it is asked, and what it answers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from mixplan.sources.services.client import ServiceClient
from mixplan.sources.services.errors import PassingError, ServiceError, UnreadableError
from mixplan.sources.services.parts import Item

SERVICE = "kma_asos"
KEY_PARAMETER = "serviceKey"
OK, NO_DATA = "00", "03"
PASSING = {
    "01": "the service failed",
    "02": "its database failed",
    "04": "its web server failed",
    "05": "it did not answer in time",
    "23": "too many requests a second",
}
FINAL = {
    "20": "the key may not use this service: apply for AsosDalyInfoService at data.go.kr",
    "21": "the key is blocked for now: ask data.go.kr",
    "22": "the requests of today are used up: run again tomorrow, what was fetched is kept",
    "30": "the key is not registered: copy it again from data.go.kr",
    "31": "the key has expired: renew it at data.go.kr",
    "32": "the address of this computer is not registered with the key: add it at data.go.kr",
}
_REFUSED = re.compile(r'returnReasonCode"?\s*(?:>|:\s*")\s*(\w+)')


@dataclass(frozen=True)
class Page:
    """One page of days."""

    items: list[Item]
    total: int
    """Days on all pages."""


def station_query(station: str) -> dict[str, str]:
    """What is asked about a station, without days and page."""
    return {"dataType": "JSON", "dataCd": "ASOS", "dateCd": "DAY", "stnIds": station}


def fetch_days(client: ServiceClient, query: Mapping[str, str], first: date, last: date, page_size: int) -> list[Item]:
    """Every day that a station reported from one day to another, page by page; the last must be before today.

    Raises:
        ServiceError: the service refuses, or its pages do not add up.
    """
    days = {"startDt": f"{first:%Y%m%d}", "endDt": f"{last:%Y%m%d}", "numOfRows": str(page_size)}
    items: list[Item] = []
    for number in count(1):
        page = client.ask({**query, **days, "pageNo": str(number)}, read_page)
        items += page.items
        if not page.items or len(items) >= page.total:
            break
    known = {item["tm"] for item in items if str(first) <= item["tm"] <= str(last)}
    if not len(known) == len(items) == page.total:
        raise ServiceError(
            f"{client.name}: station {query['stnIds']}, {first} to {last}: the pages do not add up; run again later"
        )
    return items


def read_page(text: str) -> Page:
    """An answer, which is JSON, or XML where the gateway refuses.

    Raises:
        PassingError: the service says that it failed.
        ServiceError: the service says that the request is wrong.
        UnreadableError: the text is neither.
    """
    if refused := _REFUSED.search(text):
        raise _error(refused[1], "the gateway refuses the request")
    try:
        answer = json.loads(text)["response"]
        code, message = answer["header"]["resultCode"], answer["header"]["resultMsg"]
        if code == NO_DATA:
            return Page([], 0)
        if code != OK:
            raise _error(code, message)
        return Page(_items(answer["body"]), int(answer["body"]["totalCount"]))
    except (ValueError, KeyError, TypeError):
        raise UnreadableError("neither days nor an error") from None


def _items(body: dict[str, Any]) -> list[Item]:
    """The service writes ``""`` for no items."""
    items = body["items"]["item"] if body["items"] else []
    for item in items:
        date.fromisoformat(item["tm"])
    return list(items)


def _error(code: str, message: str) -> ServiceError:
    if code in PASSING:
        return PassingError(f"{PASSING[code]} (code {code})")
    return ServiceError(f"{FINAL.get(code, message)} (code {code})")
