"""What every service of this folder stands behind."""

from typing import Any

from serving.counting import count_by_route
from serving.guard import Guard
from serving.refusals import PlainRefusals

TRAFFIC = {"timeout": 30, "max_concurrency": 128}
"""Seconds for an answer, and requests at once; more are refused with 429."""


def guarded(service: Any) -> None:
    """Put a BentoML service behind its limits: refusals outermost, so that all of them have one shape."""
    count_by_route()
    service.add_asgi_middleware(PlainRefusals)
    service.add_asgi_middleware(Guard)
