"""What a request must hold before anything of it is read: a key, a rate, a size, and an end."""

import asyncio
import ipaddress
import math

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mixplan.config.serving import LONGEST_BODY_BYTES
from serving.keys import Allowance, digest_of, read_keys
from serving.settings import read_serving

OPEN = {"/livez", "/healthz", "/readyz"}
"""What probes ask, without a key."""
ALWAYS = OPEN | {"/metrics"}
"""What is answered however many other requests there are."""

Refusal = JSONResponse


class Guard:
    """ASGI middleware: refuses requests without a key, too many, too large, or too slow ones.

    Keys are needed where any are set, and on every address but the loopback ones; where none are set, a request from
    elsewhere is refused.

    Raises:
        KeysError: see ``read_keys``.
        ConfigError: see ``read_serving``.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.keys, self.limits = app, read_keys(), read_serving().limits
        self.allowance = Allowance(self.limits.per_second)
        self.now = 0
        """Requests that are read or answered."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif refusal := self._refusal(scope):
            await refusal(scope, receive, send)
        else:
            self.now += 1
            try:
                await self._answer(scope, receive, send)
            finally:
                self.now -= 1

    def _refusal(self, scope: Scope) -> Refusal | None:
        if scope["path"] not in OPEN and (self.keys or not _is_loopback(scope)):
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
        if scope["path"] not in ALWAYS and self.now >= self.limits.at_once:
            said = f"{scope['path']}: {self.now} requests are answered already, and no more at once; wait"
            return JSONResponse({"error": said}, 429, {"Retry-After": "1"})
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the question, and have it answered in time."""
        body = await self._read(receive)
        if isinstance(body, Refusal):
            await body(scope, receive, send)
            return
        began = late = False

        async def send_in_time(message: Message) -> None:
            nonlocal began
            if not late:
                began = True
                await send(message)

        answering = asyncio.ensure_future(self.app(scope, _once(body, receive), send_in_time))
        await asyncio.wait({answering}, timeout=self.limits.answer_seconds)
        if not (began or answering.done()):
            late = True
            said = f"{scope['path']}: not answered in {self.limits.answer_seconds:g} seconds; ask for less"
            await JSONResponse({"error": said}, 504)(scope, receive, send)
        # What came late still works, in a thread that nothing ends, so it counts until it has ended.
        await answering

    async def _read(self, receive: Receive) -> bytes | Refusal:
        """The whole body, or why it is refused."""
        try:
            async with asyncio.timeout(self.limits.body_seconds):
                return await self._read_all(receive)
        except TimeoutError:
            said = f"body: not here after {self.limits.body_seconds:g} seconds"
            return JSONResponse({"error": said}, 408, {"Connection": "close"})

    async def _read_all(self, receive: Receive) -> bytes | Refusal:
        """A body that is too long is read on, so that the caller hears why it was refused, but not without end."""
        parts: list[bytes] = []
        size, more = 0, True
        while more and size <= LONGEST_BODY_BYTES:
            message = await receive()
            part = message.get("body", b"")
            size += len(part)
            if size <= self.limits.body_bytes:
                parts.append(part)
            more = message.get("more_body", False)
        if size > self.limits.body_bytes:
            said = f"body: longer than the {self.limits.body_bytes:,} bytes that are read; ask in parts"
            return JSONResponse({"error": said}, 413, {"Connection": "close"})
        return b"".join(parts)


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


def _once(body: bytes, receive: Receive) -> Receive:
    """The body again for the application, and then whatever the server says."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
