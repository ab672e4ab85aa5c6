"""What is asked with GET, and the OpenAPI document."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from mixplan.artifacts.files import replace_folder
from serving.gauges import gauges
from serving.live import Live
from serving.openapi import ROUTES
from serving.pages import pages
from serving.whole import Champion


def test_the_model_page_has_versions_scores_and_cards(client: TestClient, plant: Any) -> None:
    answer = client.get("/model").json()
    assert {task: entry["version"] for task, entry in answer["tasks"].items()} == {
        task: plant.version(task) for task in ("demand", "reorder", "recommend", "customers")
    }
    assert answer["tasks"]["customers"]["card"] == "# customers: small\n"
    assert answer["tasks"]["demand"]["card"] is None
    assert answer["tasks"]["demand"]["scores"] == {"rmse": 1.0}
    assert (answer["data_version"], answer["refused"]) == ("sample", None)


def test_a_customer(client: TestClient, plant: Any) -> None:
    answer = client.get("/customers/1000100").json()
    assert answer["model_version"] == plant.version("customers")
    assert answer["segment_profile"] == "Likely to leave"
    assert answer["action"] == "Keep in touch by mail."
    assert (answer["recency_days"], answer["mean_interval_days"]) == (40, None)


@pytest.mark.parametrize(
    "path", ["/customers/nobody", "/customers/", "/customers/%00", "/customers/..%2F..%2Fetc", "/customers/a/b", "/x"]
)
def test_an_unknown_customer_or_page(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert list(response.json()) == ["error"]


def test_pages_are_only_read(client: TestClient) -> None:
    for path in ("/model", "/customers/1000100"):
        response = client.post(path, json={})
        assert response.status_code == 405
        assert list(response.json()) == ["error"]


def test_a_refused_champion_is_seen_on_the_model_page_and_in_the_metrics(
    plant: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "champion"
    shutil.copytree(plant.folder, folder)
    monkeypatch.setenv("MIXPLAN_CHAMPION", str(folder))
    live = Live(Champion)
    with replace_folder(folder) as fresh:
        shutil.copytree(plant.folder, fresh, dirs_exist_ok=True)
        (fresh / "demand/context.json").write_text("{}")
    live.look()
    answer = TestClient(pages(lambda: live, customers=False)).get("/model").json()
    assert answer["version"] == live.loaded.model.version
    assert "demand/context.json is not the file" in answer["refused"]
    assert "\nmixplan_champion_refused 1.0\n" in gauges(live.loaded.model, live.refusal, {})
    assert "\nmixplan_champion_refused 0.0\n" in gauges(live.loaded.model, None, {})


@pytest.fixture(scope="module")
def document(client: TestClient) -> Any:
    return client.get("/docs.json").json()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_every_example_is_accepted_and_answered_as_shown(client: TestClient, document: Any, route: Any) -> None:
    ((method, operation),) = document["paths"][route.path].items()
    content = operation["responses"]["200"]["content"]["application/json"]
    path, body = route.path, None
    for parameter in operation.get("parameters", []):
        path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    if method == "post":
        body = operation["requestBody"]["content"]["application/json"]["example"]
    response = client.request(method, path, json=body)
    assert response.status_code == 200, response.text
    assert response.json() == content["example"]
    TypeAdapter(route.answer).validate_json(response.content)


def test_every_path_of_the_document_is_there(client: TestClient, document: Any) -> None:
    """But for /metrics, which BentoML answers in a server alone."""
    for path, operations in document["paths"].items():
        for method in operations if path != "/metrics" else ():
            asked = path.replace("{customer}", "1000100")
            assert client.request(method, asked, json={} if method == "post" else None).status_code in {200, 400}, asked


def test_every_refusal_has_the_documented_shape(document: Any) -> None:
    for route in ROUTES:
        ((_, operation),) = document["paths"][route.path].items()
        for status, response in operation["responses"].items():
            schema = response["content"]["application/json"]["schema"]["$ref"]
            assert status == "200" or schema == "#/components/schemas/ErrorAnswer"
    assert set(document["components"]["schemas"]["ErrorAnswer"]["properties"]) == {"error"}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_refusals_are_those_that_can_occur(client: TestClient, document: Any, route: Any) -> None:
    """What the champion, the body, the method and the guard refuse; the guard's own are in ``test_guard``."""
    ((method, operation),) = document["paths"][route.path].items()
    expected = {"200", "401", "405", "408", "413", "429", "504"}
    if method == "post":
        expected |= {"400", "404", "415"}
        assert client.post(route.path, json=[]).status_code == 400
        assert client.post(route.path, content="weeks").status_code == 415
    elif "{customer}" in route.path:
        expected |= {"404"}
    assert set(operation["responses"]) == expected
    assert operation["responses"]["429"]["headers"]["Retry-After"]["schema"] == {"type": "integer"}
    other = client.request("DELETE", route.path)
    assert (other.status_code, list(other.json())) == (405, ["error"])


def test_every_reference_leads_somewhere_and_every_field_is_described(document: Any) -> None:
    schemas = document["components"]["schemas"]
    for name in re.findall(r"#/components/schemas/(\w+)", str(document)):
        assert name in schemas
    for name, schema in schemas.items():
        for field, said in schema["properties"].items():
            assert said.get("description"), f"{name}.{field}"
