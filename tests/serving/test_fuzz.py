"""Requests made from the OpenAPI document: no failure of the service, and no answer outside of its schema."""

import datetime
import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from mixplan.client.schemas import ErrorAnswer
from serving.openapi import ROUTES

EXAMPLES = int(os.environ.get("MIXPLAN_FUZZ", "40"))
"""Cases of each test; more with ``MIXPLAN_FUZZ=5000 pytest tests/serving/test_fuzz.py``."""
NAMES = ["grout", "paste", "선행제", "서울", "SR1", "SR2", "1000100"]
"""What the champion knows: without these almost every case would end at an unknown name."""
CHANGES = [
    *("demand.grout=*2", "demand.paste=-9e9", "demand.grout=1e300", "demand.grout=*1e-320", "demand.=1"),
    *("drivers.temperature=1e308", "drivers.temperature_c=-3"),
    *("supplier.3001300.lead_time_days=1e300", "supplier.3001200.lead_time_days=0"),
]
"""What scenarios may set, and what they may not."""
ANSWERS = {route.path: route.answer for route in ROUTES}
POSTS = [route.path for route in ROUTES if route.request]

many = settings(
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


def strategy(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema allows; lists are kept short."""
    if "$ref" in schema:
        return strategy(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return st.one_of([strategy(each, schemas) for each in schema["anyOf"]])
    return MAKERS[schema["type"]](schema, schemas)


def objects(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    fields = {name: strategy(field, schemas) for name, field in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=fields)


def lists(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    most = min(schema.get("maxItems", 4), 4)
    return st.lists(strategy(schema["items"], schemas), min_size=schema.get("minItems", 0), max_size=most)


def strings(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    if schema.get("format") == "date":
        return st.dates(datetime.date(1990, 1, 1), datetime.date(2110, 1, 1)).map(str)
    least, most = schema.get("minLength", 0), min(schema.get("maxLength", 30), 30)
    return st.sampled_from(NAMES + CHANGES) | st.text(min_size=least, max_size=most)


def numbers(schema: dict[str, Any], schemas: dict[str, Any]) -> st.SearchStrategy[Any]:
    least, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    return st.floats(
        least if above is None else above,
        schema.get("maximum"),
        exclude_min=above is not None,
        allow_nan=False,
        allow_infinity=False,
    )


MAKERS: dict[str, Any] = {
    "object": objects,
    "array": lists,
    "string": strings,
    "number": numbers,
    "integer": lambda schema, _: st.integers(schema.get("minimum"), schema.get("maximum")),
    "boolean": lambda *_: st.booleans(),
    "null": lambda *_: st.none(),
}


@pytest.fixture(scope="module")
def bodies(client: TestClient) -> dict[str, st.SearchStrategy[Any]]:
    """By path, what its schema allows."""
    document = client.get("/docs.json").json()
    schemas = document["components"]["schemas"]
    return {
        path: strategy(document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"], schemas)
        for path in POSTS
    }


def check(response: Any, path: str, *statuses: int) -> None:
    """The status is one of these, and the body what the document says of it."""
    assert response.status_code in statuses, (response.status_code, response.text)
    model = ANSWERS[path] if response.status_code == 200 else ErrorAnswer
    model.model_validate_json(response.content)


@pytest.mark.parametrize("path", POSTS)
@many
@given(data=st.data())
def test_what_the_schema_allows_is_answered_or_refused(
    client: TestClient, bodies: dict[str, st.SearchStrategy[Any]], path: str, data: st.DataObject
) -> None:
    body = json.dumps(data.draw(bodies[path]))
    response = client.post(path, content=body, headers={"Content-Type": "application/json"})
    check(response, path, 200, 400, 404)


@pytest.mark.parametrize("path", POSTS)
@many
@given(data=st.data())
def test_a_field_that_may_hold_anything_is_no_fault_of_the_service(
    client: TestClient, bodies: dict[str, st.SearchStrategy[Any]], path: str, data: st.DataObject
) -> None:
    """A body that is right but for one field, which may hold anything or be new."""
    body = data.draw(bodies[path])
    name = data.draw(st.sampled_from(sorted(body)) | st.text(max_size=10))
    text = json.dumps(body | {name: data.draw(anything)})
    response = client.post(path, content=text, headers={"Content-Type": "application/json"})
    check(response, path, 200, 400, 404)


@many
@given(code=st.sampled_from(NAMES) | st.text(max_size=40))
def test_any_customer_is_known_or_not(client: TestClient, code: str) -> None:
    from urllib.parse import quote

    path = "/customers/" + quote(code, safe="", errors="surrogatepass")
    check(client.get(path), "/customers/{customer}", 200, 404)


@many
@given(
    path=st.sampled_from([*POSTS, "/model", "/customers/1", "/docs.json", "/nowhere"]),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]),
    body=st.binary(max_size=30),
    headers=st.dictionaries(
        st.sampled_from(["Content-Type", "Accept", "Authorization", "Content-Encoding", "X-Forwarded-For"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
    ),
)
def test_nothing_that_is_sent_breaks_a_service(
    client: TestClient, path: str, method: str, body: bytes, headers: dict[str, str]
) -> None:
    response = client.request(method, path, content=body, headers=headers)
    assert response.status_code < 500, response.text
