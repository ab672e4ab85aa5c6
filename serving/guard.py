"""What a request must hold before anything of it is read: a key, a rate, a size, and an end."""

import asyncio
import ipaddress
import math
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.keys import Allowance, digest_of, read_keys, read_rate

MOST_BYTES = 4 * 2**20
"""The longest lists that requests may have, with the longest names, are shorter."""
MOST_BYTES_READ = 64 * 2**20
"""A body that is too long is read to its end, so that the caller hears why it was refused, but no further than this."""
BODY_SECONDS = 10.0
"""A body must be here by then."""
OPEN = {"/livez", "/healthz", "/readyz"}
"""What probes ask, without a key."""

Refusal = JSONResponse


class Guard:
    """ASGI middleware: refuses requests without a key, too many, too large, or too slow ones.

    Keys are needed where any are set, and on every address but the loopback ones; where none are set, a request from
    elsewhere is refused.

    Raises:
        KeysError: see ``read_keys`` and ``read_rate``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.keys, self.allowance = app, read_keys(), Allowance(read_rate())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            body = await _read(receive)
            if not isinstance(body, Refusal):
                await self.app(scope, _once(body, receive), send)
                return
            refusal = body
        await refusal(scope, receive, send)

    def _refusal(self, scope: Scope) -> Refusal | None:
        if scope["path"] in OPEN or not (self.keys or not _is_loopback(scope)):
            return None
        name = self.keys.get(digest_of(_key(scope)))
        if name is None:
            said = "Authorization: send `Bearer <key>` with a key that this service knows"
            if not self.keys:
                said += "; it knows none, so it answers on a loopback address alone (see MIXPLAN_API_KEYS)"
            return JSONResponse({"error": said}, 401, {"WWW-Authenticate": "Bearer"})
        wait = self.allowance.seconds_to_wait(name)
        if wait:
            said = f"Authorization: {name} may send {self.allowance.rate:g} requests a second; wait"
            return JSONResponse({"error": said}, 429, {"Retry-After": str(math.ceil(wait))})
        return None


def _is_loopback(scope: Scope) -> bool:
    """Whether the request came to a loopback address of this machine."""
    host = (scope.get("server") or ("", None))[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _key(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name.lower() == b"authorization":
            scheme, _, key = value.decode("latin-1").partition(" ")
            return str(key.strip()) if scheme.lower() == "bearer" else ""
    return ""


async def _read(receive: Receive) -> bytes | Refusal:
    """The whole body, or why it is refused."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read_all(receive)
    except TimeoutError:
        return JSONResponse({"error": f"body: not here after {BODY_SECONDS:g} seconds"}, 408, {"Connection": "close"})


async def _read_all(receive: Receive) -> bytes | Refusal:
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= MOST_BYTES_READ:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= MOST_BYTES:
            parts.append(part)
        more = message.get("more_body", False)
    if size > MOST_BYTES:
        said = f"body: longer than the {MOST_BYTES:,} bytes that are read; ask in parts"
        return JSONResponse({"error": said}, 413, {"Connection": "close"})
    return b"".join(parts)


def _once(body: bytes, receive: Receive) -> Callable[[], "asyncio.Future[Message]"]:
    """The body again for the application, and then whatever the server says."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again  # type: ignore[return-value]
