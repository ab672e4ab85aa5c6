"""Servers on this machine that answer as the two services do, and a clock whose time passes only by waiting."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from mixplan.config.services import ConstructionService, ServicesConfig, WeatherService
from mixplan.sources.services import Clock

ROOT = Path(__file__).parents[3]
KOREA = ROOT / "conf/source/services/korea.yaml"
KEY = "Ab+9/secret+key/Zz=="
TODAY = date(2024, 4, 10)
FIELDS = ("avgTa", "avgRhm", "sumRn", "ddMefs")


@dataclass(frozen=True)
class Reply:
    """An answer; one without a status closes the connection, one that hangs comes after the client has gone."""

    status: int | None = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False


class FakeService:
    """A service: first the replies that a test puts in its way, then what it knows."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.replies: list[Reply] = []
        self.fails_after: int | None = None
        self.released = threading.Event()
        self.url = ""

    def reply(self, query: dict[str, str]) -> Reply:
        self.asked.append(query)
        if self.fails_after is not None and len(self.asked) > self.fails_after:
            return Reply(503)
        return self.replies.pop(0) if self.replies else self.known(query)

    def known(self, query: dict[str, str]) -> Reply:
        raise NotImplementedError


def answered(code: str, message: str, body: dict[str, Any] | None = None) -> Reply:
    """A JSON answer of data.go.kr, which has the status 200 also where it is an error."""
    response = {"header": {"resultCode": code, "resultMsg": message}} | ({"body": body} if body else {})
    return Reply(body=json.dumps({"response": response}, ensure_ascii=False))


def refused(code: str, message: str) -> Reply:
    """An XML answer of the gateway of data.go.kr, whatever was asked for."""
    return Reply(
        body="<OpenAPI_ServiceResponse>\n<cmmMsgHeader>\n<errMsg>SERVICE ERROR</errMsg>\n"
        f"<returnAuthMsg>{message}</returnAuthMsg>\n<returnReasonCode>{code}</returnReasonCode>\n"
        "</cmmMsgHeader>\n</OpenAPI_ServiceResponse>"
    )


class FakeStations(FakeService):
    """ASOS: days of stations, page by page."""

    def __init__(self) -> None:
        super().__init__()
        self.days: dict[str, dict[date, dict[str, str]]] = {}
        self.today = TODAY

    def report(self, station: str, day: date | str, *readings: str) -> None:
        """Temperature, humidity, rain and fresh snow of a day, blank where not given."""
        day = day if isinstance(day, date) else date.fromisoformat(day)
        values = dict.fromkeys(FIELDS, "") | dict(zip(FIELDS, readings, strict=False))
        self.days.setdefault(station, {})[day] = values

    def known(self, query: dict[str, str]) -> Reply:
        if query["serviceKey"] != KEY:
            return refused("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR")
        assert (query["dataType"], query["dataCd"], query["dateCd"]) == ("JSON", "ASOS", "DAY")
        first, last = date.fromisoformat(query["startDt"]), date.fromisoformat(query["endDt"])
        if last >= self.today:
            return answered("99", "전날 자료까지 제공됩니다. 날짜 범위를 확인해주세요.")
        size, page = int(query["numOfRows"]), int(query["pageNo"])
        of_station = self.days.get(query["stnIds"], {})
        days = [day for day in sorted(of_station) if first <= day <= last]
        if not days:
            return answered("03", "NO_DATA")
        items = [
            {"stnId": query["stnIds"], "stnNm": "지점", "tm": day.isoformat(), "minTa": "", **of_station[day]}
            for day in days[(page - 1) * size : page * size]
        ]
        body = {"dataType": "JSON", "items": {"item": items}, "pageNo": page, "numOfRows": size}
        return answered("00", "NORMAL_SERVICE", body | {"totalCount": len(days)})


class FakePortal(FakeService):
    """KOSIS: one table of months."""

    def __init__(self) -> None:
        super().__init__()
        self.starts: dict[str, str] = {}

    def known(self, query: dict[str, str]) -> Reply:
        if query["apiKey"] != KEY:
            return Reply(body='{err:"11",errMsg:"유효하지 않은 인증KEY입니다."}')
        assert (query["method"], query["format"], query["jsonVD"], query["prdSe"]) == ("getList", "json", "Y", "M")
        months = [month for month in sorted(self.starts) if query["startPrdDe"] <= month <= query["endPrdDe"]]
        if not months:
            return Reply(body='{"err":"30","errMsg":"데이터가 존재하지 않습니다."}')
        items = [
            {"PRD_DE": month, "DT": self.starts[month], "C1_NM": "전국", "ITM_NM": "건축착공면적", "UNIT_NM": "㎡"}
            for month in months
        ]
        return Reply(body=json.dumps(items, ensure_ascii=False))


class Handler(BaseHTTPRequestHandler):
    service: FakeService

    def do_GET(self) -> None:
        parameters = parse_qs(urlsplit(self.path).query, keep_blank_values=True, strict_parsing=True)
        reply = self.service.reply({name: values[0] for name, values in parameters.items()})
        if reply.hangs:
            self.service.released.wait(30)
        if reply.status is None or reply.hangs:
            self.close_connection = True
            return
        content = reply.body.encode()
        self.send_response(reply.status)
        for name, value in {"Content-Length": str(len(content)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""


def serve(service: FakeService) -> Iterator[FakeService]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OneHandler", (Handler,), {"service": service}))
    service.url = f"http://127.0.0.1:{server.server_address[1]}/list"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield service
    service.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def asos() -> Iterator[FakeService]:
    yield from serve(FakeStations())


@pytest.fixture
def portal() -> Iterator[FakeService]:
    yield from serve(FakePortal())


class FakeTime:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep)


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def environment() -> dict[str, str]:
    return {"KMA_SERVICE_KEY": KEY, "KOSIS_API_KEY": KEY}


def shipped(section: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(KOREA.read_text(encoding="utf-8"))[section]
    return content


def weather_config(url: str, **changes: Any) -> WeatherService:
    """The shipped configuration for a server on this machine and two regions."""
    stations = {"서울": ["108"], "인천": ["112", "201"]}
    content = shipped("weather") | {"base_url": url, "stations": stations, "page_size": 40} | changes
    return WeatherService.model_validate_json(json.dumps(content))


def construction_config(url: str, **changes: Any) -> ConstructionService:
    content = shipped("construction") | {"base_url": url} | changes
    return ConstructionService.model_validate_json(json.dumps(content))


def shipped_services() -> ServicesConfig:
    return ServicesConfig.model_validate_json(json.dumps(yaml.safe_load(KOREA.read_text(encoding="utf-8"))))


def every_day(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]
