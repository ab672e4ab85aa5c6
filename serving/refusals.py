"""What cannot be answered is answered as ``{"error": "<field>: <what is wrong>"}``, whoever refused it.

BentoML reads any body as JSON or a form, whatever its type says, and refuses in three shapes: a list of mistakes, a
sentence in a list, and the router's plain text. Callers need one.
"""

import json
from collections.abc import Sequence
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

JSON = "application/json"
MOST_MISTAKES = 3
"""A sentence names so many mistakes; the rest are counted."""


class PlainRefusals:
    """ASGI middleware: only JSON comes in, and every refusal goes out as one sentence in JSON."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        media_type = _media_type(scope)
        if scope["method"] == "POST" and media_type != JSON:
            refusal = JSONResponse({"error": f"Content-Type: send {JSON}, not {media_type or 'nothing'}"}, 415)
            await refusal(scope, receive, send)
            return
        held: list[Message] = []

        async def send_or_hold(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 400:
                held.append(message)
            elif not held:
                await send(message)
            else:
                held.append(message)
                if not message.get("more_body", False):
                    await _refusal(held, scope["path"])(scope, receive, send)

        await self.app(scope, receive, send_or_hold)


def _media_type(scope: Scope) -> str:
    headers = {name.lower(): value for name, value in scope["headers"]}
    return str(headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower())


def _refusal(held: Sequence[Message], path: str) -> JSONResponse:
    """The held messages of a refusal as one answer."""
    start, *parts = held
    kept = {"content-length", "content-type"}
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    headers = {name: value for name, value in headers.items() if name.lower() not in kept}
    body = b"".join(part.get("body", b"") for part in parts)
    return JSONResponse({"error": sentence(body, path)}, start["status"], headers)


def sentence(body: bytes, path: str) -> str:
    """One sentence from what BentoML or its router said.

    >>> sentence(b'{"error": "1 error", "detail": [{"loc": ["stock", 0], "msg": "Field required"}]}', "/reorder")
    'stock[0]: Field required'
    >>> sentence(b'[{"error": "customer: unknown"}]', "/recommend")
    'customer: unknown'
    >>> sentence(b"Not Found", "/orders")
    '/orders: Not Found'
    """
    try:
        said = json.loads(body)
    except ValueError:
        return f"{path}: {body.decode('utf-8', 'replace').strip()}"
    if isinstance(said, list):
        said = said[0]
    if "detail" not in said:
        return str(said["error"])
    mistakes = [f"{_field(mistake['loc'])}: {mistake['msg']}" for mistake in said["detail"]]
    more = len(mistakes) - MOST_MISTAKES
    return "; ".join(mistakes[:MOST_MISTAKES]) + (f"; and {more} more" if more > 0 else "")


def _field(location: Sequence[Any]) -> str:
    """A place in the body as people write it.

    >>> _field(["stock", 3, "stock_kg"]), _field([])
    ('stock[3].stock_kg', 'body')
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.removeprefix(".") or "body"
