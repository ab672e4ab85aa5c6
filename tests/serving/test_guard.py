"""Keys, rates and sizes."""

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from serving import guard
from serving.guard import Guard
from serving.keys import KeysError, read_keys
from serving.refusals import PlainRefusals
from serving.settings import read_serving

HOST = ("127.0.0.1", 3000)
HERE, ELSEWHERE = "http://127.0.0.1:3000", "http://192.0.2.7:3000"
DIGEST = hashlib.sha256(b"a key").hexdigest()
JSON = {"Content-Type": "application/json"}
MOST_BYTES = read_serving().limits.body_bytes


async def answered(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("answered")(scope, receive, send)


def limit(patch: pytest.MonkeyPatch, **values: float) -> None:
    """Guards that are made from now on have other limits."""
    config = read_serving()
    other = config.model_copy(update={"limits": config.limits.model_copy(update=values)})
    patch.setattr(guard, "read_serving", lambda: other)


def guarded(patch: pytest.MonkeyPatch, address: str, **variables: str) -> TestClient:
    """A service behind the guard, as it starts with these variables."""
    for name, value in variables.items():
        patch.setenv(name, value)
    return TestClient(Guard(answered), base_url=address)


def ask(client: TestClient, **headers: str) -> Any:
    return client.post("/forecast", json={"weeks": 1}, headers=headers)


@pytest.fixture(params=[HERE, ELSEWHERE])
def keyed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    return guarded(monkeypatch, request.param, MIXPLAN_API_KEYS=f"erp:{DIGEST}")


def test_a_known_key_opens_and_others_do_not(keyed: TestClient) -> None:
    assert ask(keyed, Authorization="Bearer a key").status_code == 200
    assert ask(keyed, authorization="bearer a key").status_code == 200
    for wrong in ({}, {"Authorization": "Bearer b key"}, {"Authorization": "a key"}, {"Authorization": "Basic a key"}):
        refused = ask(keyed, **wrong)
        assert refused.status_code == 401
        assert list(refused.json()) == ["error"]
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert "key" not in refused.json()["error"].partition("with a key")[2]
    assert ask(keyed, Authorization=f"Bearer {DIGEST}").status_code == 401


def test_every_page_needs_the_key_but_those_of_probes(keyed: TestClient) -> None:
    for path in ("/model", "/customers/1000100", "/docs.json", "/metrics", "/", "/schema.json"):
        assert keyed.get(path).status_code == 401, path
    for path in ("/livez", "/healthz", "/readyz"):
        assert keyed.get(path).status_code == 200, path


def test_without_keys_only_loopback_addresses_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(guarded(monkeypatch, HERE)).status_code == 200
    for address in (ELSEWHERE, "http://plant.example"):
        refused = ask(guarded(monkeypatch, address), Authorization="Bearer a key")
        assert refused.status_code == 401
        assert "MIXPLAN_API_KEYS" in refused.json()["error"]


def test_a_key_has_a_rate_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    other = hashlib.sha256(b"other").hexdigest()
    limit(monkeypatch, per_second=0.001)
    client = guarded(monkeypatch, HERE, MIXPLAN_API_KEYS=f"erp:{DIGEST},crm:{other}")
    assert ask(client, Authorization="Bearer a key").status_code == 200
    refused = ask(client, Authorization="Bearer a key")
    assert refused.status_code == 429
    assert "erp may send 0.001 requests a second" in refused.json()["error"]
    assert 0 < int(refused.headers["Retry-After"]) <= 1000
    assert ask(client, Authorization="Bearer other").status_code == 200


def test_keys_come_from_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"erp:{DIGEST}\ncrm.2:{'0' * 64}\n")
    assert read_keys({"MIXPLAN_API_KEYS_FILE": str(path)}) == {DIGEST: "erp", "0" * 64: "crm.2"}
    assert read_keys({}) == {}
    assert read_keys({"MIXPLAN_API_KEYS": ""}) == {}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"MIXPLAN_API_KEYS": "my secret"}, "MIXPLAN_API_KEYS: entry 1 is not"),
        ({"MIXPLAN_API_KEYS": f"erp:{DIGEST} crm:{DIGEST[1:]}"}, "entry 2 is not"),
        ({"MIXPLAN_API_KEYS": f"erp:{DIGEST}", "MIXPLAN_API_KEYS_FILE": "x"}, "both set"),
        ({"MIXPLAN_API_KEYS_FILE": "/nowhere/keys"}, "/nowhere/keys: No such file"),
        ({"MIXPLAN_API_KEYS_FILE": "/dev/null"}, "no keys in it"),
    ],
)
def test_keys_that_cannot_be_read_stop_the_service(environment: Mapping[str, str], said: str) -> None:
    with pytest.raises(KeysError, match=said) as error:
        read_keys(environment)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 10 * 2**20])
@pytest.mark.parametrize("path", ["/forecast", "/reorder", "/nowhere"])
def test_a_body_that_is_too_long_is_refused(client: TestClient, path: str, size: int) -> None:
    response = client.post(path, content=b" " * size, headers=JSON)
    assert response.status_code == 413
    assert "body: longer than" in response.json()["error"]


def test_the_longest_body_is_read(client: TestClient) -> None:
    body = b'{"weeks": 1' + b" " * (MOST_BYTES - 12) + b"}"
    assert client.post("/forecast", content=body, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"weeks": ' * 400_000,
        b"[" * 4_000_000,
        b'{"weeks": ' + b"9" * 4_000_000 + b"}",
        b'{"weeks": 1' + b', "x": 1' * 400_000 + b"}",
        b'{"stock": [' + b'{"material_code": "SR1", "stock_kg": 1},' * 90_000,
        b'{"stock": [' + b",".join([b'{"material_code": 1}'] * 100_000) + b"]}",
    ],
    ids=["nested objects", "nested lists", "a long number", "many fields", "cut off", "many mistakes"],
)
@pytest.mark.parametrize("path", ["/forecast", "/reorder", "/scenario"])
def test_bodies_that_are_made_to_hurt_are_refused_soon(client: TestClient, path: str, body: bytes) -> None:
    began = time.process_time()
    response = client.post(path, content=body, headers=JSON)
    assert response.status_code in {400, 413}
    assert len(response.content) < 2000
    assert time.process_time() - began < 5


def request(path: str = "/forecast", *, ends: bool = True) -> tuple[Any, Any]:
    """The scope of a request on a loopback address, and what brings its body, which may never end."""
    parts: asyncio.Queue[Any] = asyncio.Queue()
    parts.put_nowait({"type": "http.request", "body": b"{}", "more_body": not ends})
    headers = [(b"content-type", b"application/json")]
    return {"type": "http", "method": "POST", "path": path, "headers": headers, "server": HOST}, parts.get


class Caller:
    """Asks an ASGI application, and hears."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def ask(self, path: str = "/forecast", *, ends: bool = True) -> tuple[int, dict[bytes, bytes], bytes]:
        """Status, headers and body of the answer."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(*request(path, ends=ends), send)
        start, *parts = sent
        return start["status"], dict(start["headers"]), b"".join(part["body"] for part in parts)


class Slow:
    """An application that answers only once it may."""

    def __init__(self, *, begins: bool = False) -> None:
        self.begins, self.asked, self.may_end = begins, asyncio.Semaphore(0), asyncio.Event()

    async def __call__(self, *given: Any) -> None:
        send = given[-1]
        start = {"type": "http.response.start", "status": 200, "headers": []}
        if self.begins:
            await send(start)
        self.asked.release()
        await self.may_end.wait()
        if not self.begins:
            await send(start)
        await send({"type": "http.response.body", "body": b"answered"})


def test_a_body_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow caller: the first part comes, the next never does."""
    limit(monkeypatch, body_seconds=0.05)

    async def never(scope: Any, receive: Any, send: Any) -> None:
        pytest.fail("a request without an end reached the service")

    status, _, body = asyncio.run(Caller(Guard(never)).ask(ends=False))
    assert status == 408
    assert b"not here after 0.05 seconds" in body


def test_only_so_many_requests_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is above is refused at once and told to wait; probes and metrics are not; then there is room again."""
    limit(monkeypatch, at_once=2)

    async def run() -> None:
        slow = Slow()
        caller = Caller(PlainRefusals(Guard(slow)))
        first = [asyncio.create_task(caller.ask()) for _ in range(2)]
        for _ in first:
            await slow.asked.acquire()
        status, headers, body = await caller.ask()
        assert (status, headers[b"retry-after"]) == (429, b"1")
        assert json.loads(body) == {"error": "/forecast: 2 requests are answered already, and no more at once; wait"}
        open_pages = [asyncio.create_task(caller.ask(path)) for path in ("/readyz", "/livez", "/healthz", "/metrics")]
        for _ in open_pages:
            await slow.asked.acquire()
        slow.may_end.set()
        assert [status for status, _, _ in await asyncio.gather(*first, *open_pages)] == [200] * 6
        assert (await caller.ask())[0] == 200

    asyncio.run(run())


def test_a_body_that_comes_slowly_counts_among_the_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, at_once=1, body_seconds=0.05)

    async def run() -> None:
        caller = Caller(Guard(answered))
        slow = asyncio.create_task(caller.ask(ends=False))
        await asyncio.sleep(0)
        assert (await caller.ask())[0] == 429
        assert (await slow)[0] == 408
        assert (await caller.ask())[0] == 200

    asyncio.run(run())


def test_an_answer_that_does_not_come_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread goes on, so it counts among the requests until it ends; what it says then is not heard."""
    limit(monkeypatch, at_once=1, answer_seconds=0.05)

    async def run() -> None:
        slow, heard = Slow(), asyncio.Event()
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)
            if message["type"] == "http.response.body":
                heard.set()

        app = PlainRefusals(Guard(slow))
        asking = asyncio.create_task(app(*request(), send))
        await heard.wait()
        assert sent[0]["status"] == 504
        assert json.loads(sent[1]["body"]) == {"error": "/forecast: not answered in 0.05 seconds; ask for less"}
        assert (await Caller(app).ask())[0] == 429
        slow.may_end.set()
        await asking
        assert len(sent) == 2
        assert (await Caller(app).ask())[0] == 200

    asyncio.run(run())


def test_an_answer_that_began_in_time_may_end_later(monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, answer_seconds=0.01)

    async def run() -> None:
        slow = Slow(begins=True)
        asking = asyncio.create_task(Caller(Guard(slow)).ask())
        asyncio.get_running_loop().call_later(0.05, slow.may_end.set)
        status, _, body = await asking
        assert (status, body) == (200, b"answered")

    asyncio.run(run())


def test_what_fails_fails_as_it_would_without_a_guard() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("no luck")

    async def run() -> None:
        guard_ = Guard(broken)
        with pytest.raises(ZeroDivisionError):
            await Caller(guard_).ask()
        assert guard_.now == 0

    asyncio.run(run())
