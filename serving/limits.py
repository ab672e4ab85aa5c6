"""What every service of this folder stands behind."""

from typing import Any

from mixplan.config.serving import LONGEST_ANSWER_SECONDS
from serving.counting import count_by_route
from serving.guard import Guard
from serving.refusals import PlainRefusals

TRAFFIC = {"timeout": LONGEST_ANSWER_SECONDS}
"""BentoML reads it with the code; what ``conf/`` says, ``Guard`` holds within it."""


def guarded(service: Any) -> None:
    """Put a BentoML service behind its limits: refusals outermost, so that all of them have one shape."""
    count_by_route()
    service.add_asgi_middleware(PlainRefusals)
    service.add_asgi_middleware(Guard)
