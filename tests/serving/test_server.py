"""The server as people start it."""

import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from mixplan.artifacts.files import replace_folder
from mixplan.cli import app
from mixplan.promotion.previous import CHAMPION, PREVIOUS
from serving.openapi import SYSTEM

ROOT = Path(__file__).parents[2]
READY_SECONDS = 120


def environment(champion: Path, home: Path) -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "src")])
    return os.environ | {
        "BENTOML_DO_NOT_TRACK": "True",
        "BENTOML_HOME": str(home),
        "MIXPLAN_CHAMPION": str(champion),
        "PYTHONPATH": paths,
    }


WHOLE, FORECAST = "serving.service:Mixplan", "serving.forecast:Forecast"


def command(port: int, service: str = WHOLE) -> list[str]:
    return [sys.executable, "-m", "bentoml", "serve", service, "--host=127.0.0.1", f"--port={port}"]


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
    """The server's champion, in a workspace of its own, where it may be replaced."""
    folder = tmp_path_factory.mktemp("served") / CHAMPION
    shutil.copytree(plant.folder, folder)
    return folder


@pytest.fixture(scope="module")
def tracker() -> Iterator[socket.socket]:
    """A tracking store that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture(scope="module")
def address(folder: Path, tracker: socket.socket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    store = f"http://127.0.0.1:{tracker.getsockname()[1]}"
    with served(folder, tmp_path_factory.mktemp("bentoml"), MLFLOW_TRACKING_URI=store) as address:
        yield address


@contextmanager
def served(champion: Path, home: Path, service: str = WHOLE, **variables: str) -> Iterator[str]:
    """A server of this champion, until the block ends."""
    port, log = free_port(), home / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603
            command(port, service),
            cwd=ROOT,
            env=environment(champion, home) | variables,
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


def test_services_go_on_where_mlflow_does_not_answer(address: str, tracker: socket.socket) -> None:
    """They never even ask it."""
    for path in ("/forecast", "/explain"):
        assert httpx.post(address + path, json={"weeks": 4}).status_code == 200
    assert httpx.get(f"{address}/model").status_code == 200
    with pytest.raises(BlockingIOError):
        tracker.accept()


def test_a_challenger_answers_its_share(plant: Any, planner_plant: Any, tmp_path: Path) -> None:
    """Of 40 questions about half are canaries and all others are shadowed; it comes while the server runs."""
    from mixplan.config.params import PARAMS_FILE
    from mixplan.promotion.shadow import shadow_difference

    log = tmp_path / "shadow.jsonl"
    params = yaml.safe_load((ROOT / PARAMS_FILE).read_text(encoding="utf-8"))
    params["serving"]["canary_share"] = params["serving"]["shadow"]["share"] = 0.5
    params["serving"]["shadow"]["log"] = str(log)
    (tmp_path / PARAMS_FILE).write_text(yaml.safe_dump(params), encoding="utf-8")
    shutil.copytree(plant.folder, tmp_path / "champion")
    questions = [
        {"weeks": weeks, "products": [name]} for weeks in range(1, 14) for name in ("grout", "paste", "선행제")
    ]
    with served(tmp_path / "champion", tmp_path, MIXPLAN_PARAMS=str(tmp_path / PARAMS_FILE)) as address:
        assert httpx.post(f"{address}/forecast", json={"weeks": 1}).json()["model_role"] == "champion"
        with replace_folder(tmp_path / "challenger") as fresh:
            shutil.copytree(planner_plant.folder, fresh, dirs_exist_ok=True)
        answers, give_up = [], time.monotonic() + READY_SECONDS
        while not any(answer["model_role"] == "challenger" for answer in answers):
            assert time.monotonic() < give_up
            answers = [httpx.post(f"{address}/forecast", json=question).json() for question in questions]
        answers = [httpx.post(f"{address}/forecast", json=question).json() for question in questions]
        versions = {
            role: source.version("demand") for role, source in (("champion", plant), ("challenger", planner_plant))
        }
        assert {answer["model_role"]: answer["model_version"] for answer in answers} == versions
        canaries = sum(answer["model_role"] == "challenger" for answer in answers)
        while (text := httpx.get(f"{address}/metrics").text).count('kind="shadow",outcome="compared"') == 0:
            assert time.monotonic() < give_up
        assert 'kind="canary",outcome="answered"' in text
    assert 10 < canaries < 29
    assert shadow_difference(log).paths["questions"].sum() >= 39 - canaries


def test_refusals_keep_their_status_on_the_way(address: str) -> None:
    unknown = httpx.post(f"{address}/recommend", json={"customer": "nobody", "count": 1})
    assert unknown.status_code == 404
    assert list(unknown.json()) == ["error"]
    form = httpx.post(f"{address}/forecast", files={"weeks": b"2"})
    assert form.status_code == 415
    assert "Content-Type" in form.json()["error"]
    assert httpx.post(f"{address}/forecast", json={"weeks": 27}).status_code == 400


def test_what_is_no_http_is_refused_in_the_servers_own_words(address: str) -> None:
    """As the guide says; nothing of it reaches the service."""
    port = int(address.rpartition(":")[2])
    for sent in (b"nonsense\r\n\r\n", b"POST /forecast HTTP/1.1\r\nno header\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), timeout=READY_SECONDS) as connection:
            connection.sendall(sent)
            heard = b"".join(iter(lambda: connection.recv(4096), b""))
        head, _, body = heard.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: text/plain" in head.lower()
        assert body == b"Invalid HTTP request received."


def test_health_and_metrics_stay_open(address: str, plant: Any) -> None:
    assert httpx.get(f"{address}/livez").status_code == 200
    assert httpx.get(f"{address}/healthz").status_code == 200
    metrics = httpx.get(f"{address}/metrics").text
    assert "bentoml_service_request_total" in metrics
    version = plant.version("demand")
    assert f'mixplan_champion{{data_version="sample",task="demand",version="{version}"}} 1.0' in metrics


def test_paths_without_end_are_counted_as_few(address: str) -> None:
    """Every customer has a page, and callers may make up paths."""
    for number in range(20):
        assert httpx.get(f"{address}/customers/{number}").status_code == 404
        assert httpx.get(f"{address}/nowhere/{number}").status_code == 404
    assert httpx.get(f"{address}/customers/1000100").json()["customer"] == "1000100"
    lines = [line for line in httpx.get(f"{address}/metrics").text.splitlines() if "service_request_total{" in line]
    counts = {line.split('endpoint="')[1].split('"')[0]: float(line.split()[-1]) for line in lines if '"404"' in line}
    assert counts["/customers/{customer}"] >= 20
    assert counts["other"] >= 20
    assert not any("nowhere" in line or "/customers/1" in line for line in lines)


def test_a_rollback_is_served_at_once_and_so_is_its_undoing(
    address: str, folder: Path, plant: Any, planner_plant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request fails meanwhile, and the tracking store need not answer."""
    workspace = folder.parents[1]
    shutil.copytree(planner_plant.folder, workspace / PREVIOUS)
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    for champion in (planner_plant, plant):
        asking = Asking(address)
        result = CliRunner().invoke(app, ["rollback", "--why", "doubled"])
        assert result.exit_code == 0, result.output
        assert asking.until(champion.version("demand")) == {200}


class Asking:
    """Asks for forecasts all the while, in a thread of its own, until a version answers."""

    def __init__(self, address: str) -> None:
        self.statuses: set[int] = set()
        self.versions: queue.Queue[str] = queue.Queue()
        self.over, self.thread = threading.Event(), threading.Thread(target=self._ask, args=(address,), daemon=True)
        self.thread.start()

    def _ask(self, address: str) -> None:
        with httpx.Client(base_url=address) as client:
            while not self.over.is_set():
                answer = client.post("/forecast", json={"weeks": 1})
                self.statuses.add(answer.status_code)
                self.versions.put(answer.json().get("model_version", ""))

    def until(self, version: str) -> set[int]:
        """Every status that was answered until this version did."""
        give_up = time.monotonic() + READY_SECONDS
        try:
            while self.versions.get(timeout=READY_SECONDS) != version:
                assert time.monotonic() < give_up
        finally:
            self.over.set()
            self.thread.join()
        return self.statuses


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


@pytest.mark.parametrize("service", [WHOLE, FORECAST])
def test_without_a_champion_the_server_says_so_and_stops(service: str, tmp_path: Path) -> None:
    missing = tmp_path / "champion"
    ended = subprocess.run(  # noqa: S603
        command(free_port(), service),
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


ALONE = {
    FORECAST: {"/forecast": "demand", "/explain": "demand"},
    "serving.reorder:Reorder": {"/reorder": "reorder"},
    "serving.recommend:Recommend": {"/recommend": "recommend", "/customers/{customer}": "customers"},
}
"""By service, what it answers and the task whose version its answers have."""


@pytest.fixture(scope="module")
def alone(plant: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """The services of one champion folder, each on an address of its own; they start at the same time."""
    folder = tmp_path_factory.mktemp("alone") / "champion"
    shutil.copytree(plant.folder, folder)
    with ThreadPoolExecutor() as pool, ExitStack() as servers:
        homes = [tmp_path_factory.mktemp("bentoml") for _ in ALONE]
        started = [served(folder, home, service) for service, home in zip(ALONE, homes, strict=True)]
        addresses = list(pool.map(servers.enter_context, started))
        yield folder, dict(zip(ALONE, addresses, strict=True))


@pytest.mark.parametrize("service", ALONE)
def test_each_service_stands_alone(service: str, alone: tuple[Path, dict[str, str]], plant: Any) -> None:
    """It answers what its document says, as its document says, and nothing else."""
    address, offered = alone[1][service], ALONE[service]
    document = httpx.get(f"{address}/docs.json").json()
    assert document["openapi"] == "3.1.0"
    assert {path for path in document["paths"] if path not in SYSTEM} == {*offered, "/model"}
    for path, task in offered.items():
        ((method, operation),) = document["paths"][path].items()
        question = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
        answer = httpx.request(method, address + path.replace("{customer}", "1000100"), json=question)
        assert answer.json() == operation["responses"]["200"]["content"]["application/json"]["example"]
        assert answer.json()["model_version"] == plant.version(task)
        refused = httpx.request(method, address + path.replace("{customer}", "nobody"), json={"week": 1})
        assert (refused.status_code, list(refused.json())) == (400 if question else 404, ["error"])
    for path in {path for other in ALONE.values() for path in other} - set(offered) | {"/scenario"}:
        assert httpx.get(address + path.replace("{customer}", "1000100")).status_code == 404
    tasks = httpx.get(f"{address}/model").json()["tasks"]
    assert {task: entry["version"] for task, entry in tasks.items()} == {
        task: plant.version(task) for task in offered.values()
    }
    metrics = httpx.get(f"{address}/metrics").text
    assert metrics.count("mixplan_champion{") == len(tasks)
    assert "\nmixplan_champion_refused 0.0\n" in metrics


def test_services_that_stand_alone_refuse_a_champion_that_does_not_fit(
    alone: tuple[Path, dict[str, str]], plant: Any
) -> None:
    folder, addresses = alone
    with replace_folder(folder) as fresh:
        shutil.copytree(plant.folder, fresh, dirs_exist_ok=True)
        (fresh / "demand/context.json").write_bytes(b"{}")
    give_up = time.monotonic() + READY_SECONDS
    for address in addresses.values():
        while not (refused := httpx.get(f"{address}/model").json()["refused"]):
            assert time.monotonic() < give_up
        assert "demand/context.json is not the file that was promoted" in refused
        assert "\nmixplan_champion_refused 1.0\n" in httpx.get(f"{address}/metrics").text
