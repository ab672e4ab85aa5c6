"""BentoML's counts and times by route.

Its own are by path: each customer's page and each path that leads nowhere would be counted apart and for ever, until
``/metrics`` takes minutes.
"""

from typing import Any

from bentoml._internal.server.http import instruments
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.openapi import ROUTES, SYSTEM

CUSTOMERS = "/customers/{customer}"
OTHER = "other"
PATHS = {"/docs.json", "/schema.json", *SYSTEM, *(route.path for route in ROUTES)} - {CUSTOMERS}
_ASKED = "mixplan.path"


def route_of(path: str) -> str:
    """What a request is counted as.

    >>> route_of("/forecast"), route_of("/customers/1000100"), route_of("/forecast/../x")
    ('/forecast', '/customers/{customer}', 'other')
    """
    if path in PATHS:
        return path
    return CUSTOMERS if path.startswith("/customers/") else OTHER


class ByRoute(instruments.RunnerTrafficMetricsMiddleware):  # type: ignore[misc]
    """Counts the route, and hands on the path."""

    def __init__(self, app: ASGIApp, **options: Any) -> None:
        async def with_path(scope: Scope, receive: Receive, send: Send) -> None:
            await app({**scope, "path": scope[_ASKED]} if _ASKED in scope else scope, receive, send)

        super().__init__(with_path, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope = {**scope, "path": route_of(scope["path"]), _ASKED: scope["path"]}
        await super().__call__(scope, receive, send)


def count_by_route() -> None:
    """Put it in the place of BentoML's own, which no option reaches."""
    instruments.RunnerTrafficMetricsMiddleware = ByRoute
