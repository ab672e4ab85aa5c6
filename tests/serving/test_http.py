"""What callers see: answers, and one sentence for every refusal."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

JSON = {"Content-Type": "application/json"}
ENDPOINTS = ["/forecast", "/explain", "/reorder", "/scenario", "/recommend"]
FORECAST = {"weeks": 2, "products": ["grout"], "regions": ["서울"]}
LINE = {"material_code": "SR1", "stock_kg": 500.0}
ORDER = {"material_code": "SR1", "quantity_kg": 50.0, "expected_on": "2024-07-04"}
REORDER = {"stock": [LINE], "open_orders": [ORDER]}
RECOMMEND = {"customer": "1000100", "count": 2}
EXPLAIN = {"weeks": 4, "products": ["grout"]}
SCENARIO = {"set": ["demand.grout=*1.2"], "weeks": 4}
VALID = {
    "/forecast": FORECAST,
    "/explain": EXPLAIN,
    "/reorder": REORDER,
    "/scenario": SCENARIO,
    "/recommend": RECOMMEND,
}

fixed_client = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused(response: Any, *statuses: int) -> str:
    """The sentence of a refusal, which is all that it says."""
    assert response.status_code in statuses, response.text
    assert response.headers["content-type"] == "application/json"
    content = response.json()
    assert list(content) == ["error"]
    assert isinstance(content["error"], str)
    assert content["error"]
    assert "\n" not in content["error"]
    return str(content["error"])


def test_a_forecast(client: TestClient) -> None:
    answer = client.post("/forecast", json=FORECAST).json()
    versions, page = {"model_version", "data_version", "model_role"}, {"total_rows", "next_offset"}
    assert set(answer) == versions | page | {"origin", "interval", "rows", "explanation"}
    assert [(row["product"], row["region"], row["week_start"]) for row in answer["rows"]] == [
        ("grout", "서울", "2024-07-01"),
        ("grout", "서울", "2024-07-08"),
    ]
    assert all(0 <= row["lower_kg"] <= row["quantity_kg"] <= row["upper_kg"] for row in answer["rows"])


def test_purchase_orders(client: TestClient) -> None:
    answer = client.post("/reorder", json=REORDER).json()
    first = answer["orders"][0]
    assert (first["material_code"], first["quantity_kg"], first["order_on"]) == ("SR1", 650.0, "2024-07-01")
    assert answer["left_out"] == ["SR2", "SR3"]


def test_recommendations(client: TestClient) -> None:
    answer = client.post("/recommend", json=RECOMMEND).json()
    assert [row["product"] for row in answer["products"]] == ["grout", "novelty"]


def test_whole_numbers_are_kilograms_too(client: TestClient) -> None:
    body = {"stock": [{"material_code": "SR1", "stock_kg": 500}]}
    assert client.post("/reorder", json=body).status_code == 200


def test_the_content_type_may_name_its_encoding(client: TestClient) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert client.post("/forecast", content='{"weeks": 1}', headers=headers).status_code == 200


def test_the_schema_describes_every_field(client: TestClient) -> None:
    routes = {route["route"]: route for route in client.get("/schema.json").json()["routes"]}
    assert set(routes) == set(ENDPOINTS)
    for route in routes.values():
        for name, field in (route["input"]["properties"] | route["output"]["properties"]).items():
            assert field.get("description"), f"{route['route']} {name}"
    assert set(ENDPOINTS) <= set(client.get("/docs.json").json()["paths"])


@pytest.mark.parametrize(
    ("path", "body", "status", "named"),
    [
        ("/forecast", {}, 400, "weeks"),
        ("/forecast", {"weeks": 0}, 400, "weeks"),
        ("/forecast", {"weeks": 27}, 400, "weeks"),
        ("/forecast", {"weeks": -1}, 400, "weeks"),
        ("/forecast", {"weeks": 1.5}, 400, "weeks"),
        ("/forecast", {"weeks": "4"}, 400, "weeks"),
        ("/forecast", {"weeks": True}, 400, "weeks"),
        ("/forecast", {"weeks": None}, 400, "weeks"),
        ("/forecast", FORECAST | {"products": []}, 400, "products"),
        ("/forecast", FORECAST | {"regions": []}, 400, "regions"),
        ("/forecast", FORECAST | {"products": "grout"}, 400, "products"),
        ("/forecast", FORECAST | {"products": [3]}, 400, "products[0]"),
        ("/forecast", FORECAST | {"products": [""]}, 400, "products[0]"),
        ("/forecast", FORECAST | {"products": ["grout", "mortar"]}, 404, "products[1]: 'mortar'"),
        ("/forecast", FORECAST | {"regions": ["Seoul"]}, 404, "regions[0]: 'Seoul'"),
        ("/forecast", FORECAST | {"week": 3}, 400, "week: "),
        ("/forecast", {"request": FORECAST}, 400, "weeks"),
        ("/explain", {}, 400, "weeks"),
        ("/explain", EXPLAIN | {"products": ["grout", "mortar"]}, 404, "products[1]: 'mortar'"),
        ("/explain", EXPLAIN | {"regions": ["서울"]}, 400, "regions"),
        ("/reorder", {}, 400, "stock"),
        ("/reorder", {"stock": []}, 400, "stock"),
        ("/reorder", {"stock": {}}, 400, "stock"),
        ("/reorder", {"stock": [LINE | {"stock_kg": -1}]}, 400, "stock[0].stock_kg"),
        ("/reorder", {"stock": [LINE | {"stock_kg": 1e300}]}, 400, "stock[0].stock_kg"),
        ("/reorder", {"stock": [LINE | {"stock_kg": "500"}]}, 400, "stock[0].stock_kg"),
        ("/reorder", {"stock": [LINE | {"stock_kg": None}]}, 400, "stock[0].stock_kg"),
        ("/reorder", {"stock": [LINE, LINE]}, 400, "stock: Material SR1 has more than one line"),
        ("/reorder", {"stock": [LINE, LINE | {"material_code": "SR9"}]}, 404, "stock[1].material_code"),
        ("/reorder", REORDER | {"open_orders": [ORDER | {"quantity_kg": -5.0}]}, 400, "open_orders[0].quantity_kg"),
        ("/reorder", REORDER | {"open_orders": [ORDER | {"quantity_kg": 0}]}, 400, "open_orders[0].quantity_kg"),
        ("/reorder", REORDER | {"open_orders": [ORDER | {"expected_on": "soon"}]}, 400, "open_orders[0].expected_on"),
        ("/reorder", REORDER | {"open_orders": [ORDER | {"expected_on": "9999-01-01"}]}, 400, "expected_on"),
        ("/reorder", REORDER | {"open_orders": [ORDER | {"material_code": "SR2"}]}, 400, "open_orders[0].material"),
        ("/recommend", {"count": 3}, 400, "customer"),
        ("/recommend", RECOMMEND | {"customer": 1000100}, 400, "customer"),
        ("/recommend", RECOMMEND | {"customer": "nobody"}, 404, "customer 'nobody'"),
        ("/recommend", RECOMMEND | {"count": 0}, 400, "count"),
        ("/recommend", RECOMMEND | {"count": 101}, 400, "count"),
        ("/recommend", RECOMMEND | {"new_only": "yes"}, 400, "new_only"),
        ("/recommend", RECOMMEND | {"region": 7}, 400, "region"),
    ],
)
def test_a_request_that_cannot_be_answered(
    client: TestClient, path: str, body: object, status: int, named: str
) -> None:
    assert named in refused(client.post(path, json=body), status)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("body", ["", "[]", "3", "null", '"weeks"', "{", '{"weeks": }', "\xff", "[" * 5000, "[]" * 2])
def test_a_body_that_is_no_json_object(client: TestClient, path: str, body: str) -> None:
    refused(client.post(path, content=body.encode("latin-1"), headers=JSON), 400)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_numbers_that_are_none(client: TestClient, number: str) -> None:
    stock = f'{{"stock": [{{"material_code": "SR1", "stock_kg": {number}}}]}}'
    assert "stock[0].stock_kg" in refused(client.post("/reorder", content=stock, headers=JSON), 400)
    assert "weeks" in refused(client.post("/forecast", content=f'{{"weeks": {number}}}', headers=JSON), 400)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "application/vnd.bentoml+pickle", "", None]
)
def test_only_json_is_read(client: TestClient, path: str, media_type: str | None) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    response = client.post(path, content=json.dumps(VALID[path]), headers=headers)
    assert "Content-Type" in refused(response, 415)


@pytest.mark.parametrize("path", ENDPOINTS)
def test_forms_are_refused(client: TestClient, path: str) -> None:
    assert "Content-Type" in refused(client.post(path, files={"weeks": "2"}), 415)


def test_other_paths_and_methods(client: TestClient) -> None:
    assert "/orders" in refused(client.post("/orders", json={}), 404)
    assert "/forecast" in refused(client.get("/forecast"), 405)


def test_many_mistakes_are_counted(client: TestClient) -> None:
    error = refused(client.post("/reorder", json={"stock": [{"material_code": "SR1"}] * 50}), 400)
    assert "stock[0].stock_kg" in error
    assert error.endswith("and 47 more")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["weeks", "products", "regions", "stock", "open_orders", "customer", "count", "new_only"])


@fixed_client
@given(path=st.sampled_from(ENDPOINTS), changes=st.dictionaries(fields, anything, max_size=3))
def test_no_json_breaks_a_service(client: TestClient, path: str, changes: dict[str, Any]) -> None:
    body = json.dumps(VALID[path] | changes)
    response = client.post(path, content=body, headers=JSON)
    if response.status_code != 200:
        refused(response, 400, 404)


@fixed_client
@given(path=st.sampled_from(ENDPOINTS), body=st.binary(max_size=60))
def test_no_bytes_break_a_service(client: TestClient, path: str, body: bytes) -> None:
    refused(client.post(path, content=body, headers=JSON), 400)


@fixed_client
@given(
    weeks=st.integers(1, 26),
    products=st.none() | st.sets(st.sampled_from(["grout", "paste", "선행제"]), min_size=1),
    regions=st.none() | st.sets(st.sampled_from(["서울", "부산광역시"]), min_size=1),
)
def test_a_row_for_every_product_region_and_week(
    client: TestClient, weeks: int, products: set[str] | None, regions: set[str] | None
) -> None:
    body = {"weeks": weeks, "products": products and sorted(products), "regions": regions and sorted(regions)}
    rows = client.post("/forecast", json=body).json()["rows"]
    keys = {(row["product"], row["region"], row["week_start"]) for row in rows}
    assert len(keys) == len(rows) == weeks * len(products or "123") * len(regions or "1")


@settings(fixed_client, max_examples=15)
@given(st.floats(0, 1e9), st.floats(0.001, 1e9))
def test_more_stock_never_orders_more(client: TestClient, stock_kg: float, more_kg: float) -> None:
    def ordered(kilograms: float) -> float:
        body = {"stock": [{"material_code": "SR1", "stock_kg": min(kilograms, 1e9)}]}
        return sum(line["quantity_kg"] for line in client.post("/reorder", json=body).json()["orders"])

    assert ordered(stock_kg + more_kg) <= ordered(stock_kg)
