"""Answers kept one file a part: days that can still change are asked for again, final ones never."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mixplan.sources.services.errors import ServiceError

logger = logging.getLogger(__name__)
Item = dict[str, Any]
"""One item of an answer, as the service spells it."""
DAY = timedelta(days=1)
FIRST_LINE = 2
"""Line of a part's first item, one a line; the line before says what was asked for."""


@dataclass(frozen=True)
class Part:
    """What a service answered for one stretch of time, in the order of days."""

    items: list[Item] = field(default_factory=list)
    settled: date | None = None
    """Every day up to this one was final when it was asked for; None where none was."""


@dataclass(frozen=True)
class PartCache:
    """A folder of parts."""

    folder: Path
    day_of: Callable[[Item], date]
    """The day, or first day of the month, that an item is about."""
    final_through: date
    """The last day that no longer changes."""

    def part(
        self,
        name: str,
        asked: Mapping[str, str],
        first: date,
        last: date,
        ask: Callable[[date, date], list[Item]],
    ) -> Part:
        """The part up to ``last``, with what it lacks fetched and kept.

        Args:
            name: file of the part, below the folder.
            asked: the query without key and days; a part that answers another is fetched anew.
            first: first day of the part.
            last: last day that is wanted.
            ask: items from one day to another, both included.

        Raises:
            ServiceError: the file is no part.
        """
        path = self.folder / name
        part = read_part(path, asked)
        since = part.settled + DAY if part.settled else first
        if since > last:
            logger.info("%s: %d rows, all of them kept from before", name, len(part.items))
            return part
        items = [item for item in part.items if not since <= self.day_of(item) <= last] + ask(since, last)
        settled = min(last, self.final_through) if since <= self.final_through else part.settled
        part = Part(sorted(items, key=self.day_of), settled)
        write_part(path, part, asked)
        logger.info("%s: %d rows, asked for %s to %s", name, len(part.items), since, last)
        return part


def read_part(path: Path, asked: Mapping[str, str]) -> Part:
    """What ``write_part`` wrote, or an empty part where there is nothing or it answers something else.

    Raises:
        ServiceError: the file is none of ours.
    """
    if not path.is_file():
        return Part()
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        settled = content["settled"] and date.fromisoformat(content["settled"])
        return Part(list(content["items"]), settled) if content["asked"] == dict(asked) else Part()
    except (ValueError, KeyError, TypeError):
        raise ServiceError(f"{path} is no kept answer of a service: delete it, and it is asked for again") from None


def write_part(path: Path, part: Part, asked: Mapping[str, str]) -> None:
    """Write one item a line, beside the old file first: a kill leaves the old one or the new one."""
    head = {"asked": dict(asked), "settled": part.settled.isoformat() if part.settled else None}
    lines = ",\n".join(json.dumps(item, ensure_ascii=False, sort_keys=True) for item in part.items)
    text = f'{json.dumps(head, sort_keys=True)[:-1]}, "items": [\n{lines}\n]}}\n'
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
