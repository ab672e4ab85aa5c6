"""The server as people start it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mixplan.artifacts.files import replace_folder

ROOT = Path(__file__).parents[2]
READY_SECONDS = 120


def environment(champion: Path, home: Path) -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    return os.environ | {
        "BENTOML_DO_NOT_TRACK": "True",
        "BENTOML_HOME": str(home),
        "MIXPLAN_CHAMPION": str(champion),
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",  # nobody is there, and services go on
        "PYTHONPATH": paths,
    }


def command(port: int) -> list[str]:
    return [sys.executable, "-m", "bentoml", "serve", "serving.service:Mixplan", "--host=127.0.0.1", f"--port={port}"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(server: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        assert server.poll() is None, log.read_text()
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"not ready after {READY_SECONDS} s: {log.read_text()}")


@pytest.fixture(scope="module")
def folder(plant: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's champion, which may be replaced."""
    folder = tmp_path_factory.mktemp("served") / "champion"
    shutil.copytree(plant.folder, folder)
    return folder


@pytest.fixture(scope="module")
def address(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("bentoml")
    port, log = free_port(), home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603
            command(port),
            cwd=ROOT,
            env=environment(folder, home),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until_ready(server, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(30)
        finally:
            if server.poll() is None:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(30)


def test_one_address_answers_for_all_three_services(address: str, plant: Any) -> None:
    bodies = {
        "forecast": {"weeks": 1},
        "reorder": {"stock": [{"material_code": "SR1", "stock_kg": 500}]},
        "recommend": {"customer": "1000100", "count": 1},
    }
    answers = {path: httpx.post(f"{address}/{path}", json=body) for path, body in bodies.items()}
    assert [answer.status_code for answer in answers.values()] == [200, 200, 200]
    assert len(answers["forecast"].json()["rows"]) == 3
    assert answers["reorder"].json()["orders"][0]["quantity_kg"] == 700.0
    assert answers["recommend"].json()["products"][0]["product"] == "grout"
    versions = [answers[path].json()["model_version"] for path in ("forecast", "reorder", "recommend")]
    assert versions == [plant.version(task) for task in ("demand", "reorder", "recommend")]


def test_refusals_keep_their_status_on_the_way(address: str) -> None:
    unknown = httpx.post(f"{address}/recommend", json={"customer": "nobody", "count": 1})
    assert unknown.status_code == 404
    assert list(unknown.json()) == ["error"]
    form = httpx.post(f"{address}/forecast", files={"weeks": b"2"})
    assert form.status_code == 415
    assert "Content-Type" in form.json()["error"]
    assert httpx.post(f"{address}/forecast", json={"weeks": 27}).status_code == 400


def test_health_and_metrics_stay_open(address: str, plant: Any) -> None:
    assert httpx.get(f"{address}/livez").status_code == 200
    assert httpx.get(f"{address}/healthz").status_code == 200
    metrics = httpx.get(f"{address}/metrics").text
    assert "bentoml_service_request_total" in metrics
    version = plant.version("demand")
    assert f'mixplan_champion{{data_version="sample",task="demand",version="{version}"}} 1.0' in metrics


def test_champions_change_without_a_restart_or_a_failed_request(
    address: str, folder: Path, plant: Any, planner_plant: Any
) -> None:
    give_up = time.monotonic() + READY_SECONDS
    with httpx.Client(base_url=address) as client:
        for champion in (planner_plant, plant):
            with replace_folder(folder) as fresh:
                shutil.copytree(champion.folder, fresh, dirs_exist_ok=True)
            answering = ""
            while answering != champion.version("demand"):
                assert time.monotonic() < give_up, answering
                answer = client.post("/forecast", json={"weeks": 1})
                assert answer.status_code == 200, answer.text
                answering = answer.json()["model_version"]


def test_a_champion_that_was_tampered_with_is_refused_loudly(address: str, folder: Path, plant: Any) -> None:
    give_up = time.monotonic() + READY_SECONDS
    with replace_folder(folder) as fresh:
        shutil.copytree(plant.folder, fresh, dirs_exist_ok=True)
        (fresh / "demand/context.json").write_bytes(b"{}")
    while not (refused := httpx.get(f"{address}/model").json()["refused"]):
        assert time.monotonic() < give_up
    assert "demand/context.json is not the file that was promoted" in refused
    answer = httpx.post(f"{address}/forecast", json={"weeks": 1})
    assert (answer.status_code, answer.json()["model_version"]) == (200, plant.version("demand"))
    assert httpx.get(f"{address}/readyz").status_code == 200


def test_without_a_champion_the_server_says_so_and_stops(tmp_path: Path) -> None:
    missing = tmp_path / "champion"
    ended = subprocess.run(  # noqa: S603
        command(free_port()),
        cwd=ROOT,
        env=environment(missing, tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=READY_SECONDS,
        check=False,
    )
    assert ended.returncode != 0
    assert "run `make demo` first" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_serving_needs_neither_trackers_nor_tensorflow(plant: Any, tmp_path: Path) -> None:
    program = """
import sys
from mixplan.client.schemas import ForecastRequest, RecommendRequest, ReorderRequest
from serving.service import Mixplan
service = Mixplan()
service.forecast(ForecastRequest(weeks=1))
service.reorder(ReorderRequest.model_validate_json('{"stock": [{"material_code": "SR1", "stock_kg": 0}]}'))
service.recommend(RecommendRequest(customer="1000100", count=1))
heavy = {"mlflow", "dvc", "hydra", "tensorflow", "keras", "surprise", "implicit"}
print(sorted({name.partition(".")[0] for name in sys.modules} & heavy))
"""
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment(plant.folder, tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=READY_SECONDS,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == "[]"


ALONE = """
import json, sys
from importlib import import_module
from starlette.testclient import TestClient
module, name, body = sys.argv[1:]
service = getattr(import_module(f"serving.{module}"), name)
with TestClient(service.to_asgi(), base_url="http://127.0.0.1:3000") as client:
    answer, refused = client.post(f"/{module}", json=json.loads(body)), client.post(f"/{module}", content=b"x")
    print(answer.status_code, answer.json()["model_version"], refused.status_code, list(refused.json()))
"""


@pytest.mark.parametrize(
    ("module", "task", "body"),
    [
        ("forecast", "demand", '{"weeks": 1}'),
        ("reorder", "reorder", '{"stock": [{"material_code": "SR1", "stock_kg": 0}]}'),
        ("recommend", "recommend", '{"customer": "1000100", "count": 1}'),
    ],
)
def test_each_service_stands_alone(plant: Any, tmp_path: Path, module: str, task: str, body: str) -> None:
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ALONE, module, module.capitalize(), body],
        cwd=tmp_path,
        env=environment(plant.folder, tmp_path / "home"),
        capture_output=True,
        text=True,
        timeout=READY_SECONDS,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == f"200 {plant.version(task)} 415 ['error']"
