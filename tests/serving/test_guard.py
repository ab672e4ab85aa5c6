"""Keys, rates and sizes."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from serving import guard
from serving.guard import Guard
from serving.keys import KeysError, read_keys, read_rate

HERE, ELSEWHERE = "http://127.0.0.1:3000", "http://192.0.2.7:3000"
DIGEST = hashlib.sha256(b"a key").hexdigest()
JSON = {"Content-Type": "application/json"}


async def answered(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("answered")(scope, receive, send)


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
    variables = {"MIXPLAN_API_KEYS": f"erp:{DIGEST},crm:{other}", "MIXPLAN_REQUESTS_PER_SECOND": "0.001"}
    client = guarded(monkeypatch, HERE, **variables)
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
        ({"MIXPLAN_API_KEYS_FILE": "/nowhere"}, "/nowhere: No such file"),
        ({"MIXPLAN_API_KEYS_FILE": "/dev/null"}, "no keys in it"),
    ],
)
def test_keys_that_cannot_be_read_stop_the_service(environment: Mapping[str, str], said: str) -> None:
    with pytest.raises(KeysError, match=said) as error:
        read_keys(environment)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "inf", "1e3", "", "fast"])
def test_a_rate_is_a_number_above_zero(rate: str) -> None:
    with pytest.raises(KeysError, match="no number above zero"):
        read_rate({"MIXPLAN_REQUESTS_PER_SECOND": rate})


@pytest.mark.parametrize("size", [guard.MOST_BYTES + 1, 10 * 2**20])
@pytest.mark.parametrize("path", ["/forecast", "/reorder", "/nowhere"])
def test_a_body_that_is_too_long_is_refused(client: TestClient, path: str, size: int) -> None:
    response = client.post(path, content=b" " * size, headers=JSON)
    assert response.status_code == 413
    assert "body: longer than" in response.json()["error"]


def test_the_longest_body_is_read(client: TestClient) -> None:
    body = b'{"weeks": 1' + b" " * (guard.MOST_BYTES - 12) + b"}"
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


def test_a_body_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow caller: the first part comes, the next never does."""
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    sent: list[Any] = []

    async def never(scope: Any, receive: Any, send: Any) -> None:
        pytest.fail("a request without an end reached the service")

    async def run() -> None:
        parts: asyncio.Queue[Any] = asyncio.Queue()
        await parts.put({"type": "http.request", "body": b'{"weeks"', "more_body": True})
        scope = {"type": "http", "method": "POST", "path": "/forecast", "headers": [], "server": ("127.0.0.1", 3000)}

        async def send(message: Any) -> None:
            sent.append(message)

        await Guard(never)(scope, parts.get, send)

    asyncio.run(run())
    assert sent[0]["status"] == 408
    assert b"not here after 0.05 seconds" in sent[1]["body"]
