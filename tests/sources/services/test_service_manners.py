"""How a service is asked: at its pace, again where that helps, at once no more where it does not, and in secret."""

import json
import logging
import traceback
from collections.abc import Callable
from datetime import date
from pathlib import Path
from urllib.parse import quote

import httpx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixplan.sources.services import ServiceError, fetch_construction, fetch_weather
from mixplan.sources.services.api_key import ApiKey

from .conftest import (
    KEY,
    TODAY,
    FakePortal,
    FakeStations,
    FakeTime,
    Reply,
    answered,
    construction_config,
    every_day,
    refused,
    weather_config,
)

Ask = Callable[..., pd.DataFrame]


@pytest.fixture
def ask(asos: FakeStations, tmp_path: Path, environment: dict[str, str], time: FakeTime) -> Ask:
    """One station over the days that a cache of its own lacks."""
    for day in every_day("2024-01-01", "2024-04-05"):
        asos.report("108", day, "1.0", "50.0")

    def fetch(**changes: object) -> pd.DataFrame:
        config = weather_config(asos.url, **{"stations": {"서울": ["108"]}, "page_size": 500} | changes)
        return fetch_weather(config, TODAY.replace(day=1), TODAY, TODAY, tmp_path / "cache", environment, time.clock)

    return fetch


PASSING = {
    "server error": (Reply(500), "HTTP 500"),
    "gateway error": (Reply(502, "<html>"), "HTTP 502"),
    "too many requests": (Reply(429, "API token quota exceeded"), "HTTP 429"),
    "closed connection": (Reply(None), "no answer (RemoteProtocolError)"),
    "half an answer": (Reply(body="{", headers={"Content-Length": "99"}), "no answer (RemoteProtocolError)"),
    "maintenance page": (Reply(body="<html>점검중</html>"), "an answer that cannot be read"),
    "another JSON": (Reply(body='{"response": {"header": 1}}'), "an answer that cannot be read"),
    "application error": (answered("01", "APPLICATION_ERROR"), "the service failed (code 01)"),
    "database error": (answered("02", "DB_ERROR"), "its database failed (code 02)"),
    "gateway timeout": (refused("05", "SERVICETIMEOUT_ERROR"), "it did not answer in time (code 05)"),
}


@pytest.mark.parametrize("name", PASSING)
def test_passing_errors_are_asked_again_with_waits_that_double(
    ask: Ask, asos: FakeStations, time: FakeTime, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    reply, reason = PASSING[name]
    asos.replies = [reply] * 3
    with caplog.at_level(logging.INFO):
        assert len(ask(requests_per_second=1000.0)) == 5
    assert len(asos.asked) == 4
    assert time.waits == [2.0, 4.0, 8.0]
    assert f"kma_asos: {reason}; again in 2 s" in caplog.messages


def test_an_answer_that_does_not_come_in_time_is_asked_for_again(
    ask: Ask, asos: FakeStations, caplog: pytest.LogCaptureFixture
) -> None:
    asos.replies = [Reply(hangs=True)]
    with caplog.at_level(logging.INFO):
        assert len(ask(timeout_s=0.3)) == 5
    assert "kma_asos: no answer (ReadTimeout); again in 2 s" in caplog.messages


def test_a_service_that_is_not_there_is_given_up(ask: Ask, time: FakeTime) -> None:
    nowhere = "http://127.0.0.1:9/list"
    with pytest.raises(ServiceError, match=r"^kma_asos: no answer \(ConnectError\), 3 times; what was fetched is kept"):
        ask(base_url=nowhere, attempts=3)
    assert time.waits[-1] == 4.0


def test_no_wait_is_longer_than_the_longest(ask: Ask, asos: FakeStations, time: FakeTime) -> None:
    asos.replies = [Reply(500)] * 5
    ask(attempts=6, longest_wait_s=5.0, requests_per_second=1000.0)
    assert time.waits == [2.0, 4.0, 5.0, 5.0, 5.0]


FINAL = {
    "unknown key": (answered("30", "SERVICE KEY IS NOT REGISTERED ERROR."), r"the key is not registered.*\(code 30\)"),
    "unknown key in XML": (refused("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"), r"the key is not registered"),
    "unknown key in JSON of the gateway": (
        Reply(403, json.dumps({"OpenAPI_ServiceResponse": {"cmmMsgHeader": {"returnReasonCode": "30"}}})),
        r"the key is not registered",
    ),
    "no access": (refused("20", "SERVICE_ACCESS_DENIED_ERROR"), r"may not use this service: apply for Asos"),
    "used up": (answered("22", "LIMITED NUMBER OF SERVICE REQUESTS EXCEEDS ERROR."), r"run again tomorrow"),
    "expired": (refused("31", "DEADLINE_HAS_EXPIRED_ERROR"), r"the key has expired: renew it"),
    "forbidden": (Reply(403), r"HTTP 403: check KMA_SERVICE_KEY, and that it may use this service"),
    "elsewhere": (Reply(302, headers={"Location": "/x"}), r"HTTP 302"),
    "code of its own": (answered("99", "전날 자료까지 제공됩니다."), r"전날 자료까지 제공됩니다\. \(code 99\)"),
}


@pytest.mark.parametrize("name", FINAL)
def test_errors_that_asking_again_cannot_mend_are_told_at_once(
    ask: Ask, asos: FakeStations, time: FakeTime, name: str
) -> None:
    reply, message = FINAL[name]
    asos.replies = [reply]
    with pytest.raises(ServiceError, match=f"^kma_asos: .*{message}"):
        ask()
    assert len(asos.asked) == 1
    assert time.waits == []


@pytest.mark.parametrize("value", [None, "", "  ", "ключ", "a\nb"])
def test_a_key_that_is_none_is_told_before_anything_is_asked(
    ask: Ask, asos: FakeStations, environment: dict[str, str], value: str | None
) -> None:
    environment.pop("KMA_SERVICE_KEY")
    if value is not None:
        environment["KMA_SERVICE_KEY"] = value
    with pytest.raises(ServiceError, match=r"environment variable KMA_SERVICE_KEY is (not set|no API key)"):
        ask()
    assert asos.asked == []


@pytest.mark.parametrize("value", [KEY, quote(KEY, safe=""), f" {KEY}\n"])
def test_a_key_works_as_it_is_and_percent_encoded(
    ask: Ask, asos: FakeStations, environment: dict[str, str], value: str
) -> None:
    environment["KMA_SERVICE_KEY"] = value
    ask()
    assert [query["serviceKey"] for query in asos.asked] == [KEY]


def test_requests_keep_to_the_rate(ask: Ask, asos: FakeStations, time: FakeTime) -> None:
    ask(page_size=10, requests_per_second=4.0)
    assert len(asos.asked) == 10
    assert time.waits == [0.25] * 9


def test_a_slow_answer_takes_the_place_of_waiting(
    ask: Ask, asos: FakeStations, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = asos.known

    def slow(query: dict[str, str]) -> Reply:
        time.now += 1.0
        return known(query)

    monkeypatch.setattr(asos, "known", slow)
    ask(page_size=10, requests_per_second=4.0)
    assert time.waits == []


SPELLINGS = [KEY, quote(KEY, safe=""), KEY.replace("/", r"\/").replace("=", r"\u003d")]
TELLTALES = {
    "in a header": Reply(302, headers={"Location": f"http://127.0.0.1/x?serviceKey={quote(KEY, safe='')}"}),
    "in an XML error": refused("30", f"SERVICE KEY {KEY} IS NOT REGISTERED"),
    "in a message": answered("99", f"bad request: serviceKey={KEY}&x"),
    "in an encoded message": answered("99", f"bad request: serviceKey={quote(KEY, safe='')}&x"),
    "in an escaped message": Reply(
        body='{"response": {"header": {"resultCode": "99", "resultMsg": "key ' + SPELLINGS[2] + '"}}}'
    ),
    "in a page": Reply(body=f"<html>{KEY}</html>"),
    "in a code": Reply(body=f"<returnReasonCode>{KEY}</returnReasonCode>"),
    "closed": Reply(None),
    "failed": Reply(500, KEY),
}


def assert_secret(text: str) -> None:
    for spelling in SPELLINGS:
        assert spelling.lower() not in text.lower()


@pytest.mark.parametrize("name", TELLTALES)
def test_the_key_is_in_no_message_trace_or_log(
    ask: Ask, asos: FakeStations, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    asos.replies = [TELLTALES[name]] * 5
    with caplog.at_level(logging.DEBUG), pytest.raises(ServiceError) as caught:
        ask()
    assert asos.asked[0]["serviceKey"] == KEY
    error: BaseException | None = caught.value
    while error is not None:
        assert_secret(f"{error} {error!r} {error.args}")
        request = getattr(error, "_request", None)
        assert_secret(str(request.url) if isinstance(request, httpx.Request) else "")
        error = error.__context__
    assert_secret("".join(traceback.format_exception(caught.value)))
    logged = [f"{record.getMessage()} {record.args}" for record in caplog.records]
    assert any("HTTP Request: GET" in line for line in logged) or name == "closed"
    assert_secret("\n".join(logged))


def test_the_key_is_in_no_kept_file_even_where_the_service_repeats_it(
    ask: Ask, asos: FakeStations, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for day, spelling in zip(every_day("2024-04-01", "2024-04-03"), SPELLINGS, strict=True):
        asos.report("108", day, "1.0", "50.0")
        asos.days["108"][day]["link"] = f"http://example.org/?serviceKey={spelling}"
    with caplog.at_level(logging.DEBUG):
        table = ask()
    kept = (tmp_path / "cache/kma_asos/2024/108.json").read_text(encoding="utf-8")
    assert kept.count("?serviceKey=***") == 3
    assert_secret(kept + table.to_csv() + caplog.text)


def test_the_portal_keeps_the_secret_too(
    portal: FakePortal, tmp_path: Path, environment: dict[str, str], time: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    config = construction_config(portal.url)
    portal.starts = {"202401": KEY}
    portal.replies = [Reply(500, KEY)]
    arguments = (config, date(2024, 1, 1), date(2024, 2, 1), TODAY, tmp_path, environment, time.clock)
    with caplog.at_level(logging.DEBUG):
        assert fetch_construction(*arguments)["construction_index"].tolist() == ["***"]
        portal.replies = [Reply(body=f'{{err:"77",errMsg:"{KEY}"}}')]
        with pytest.raises(ServiceError, match=r"kosis: the portal refuses the request \(error 77\)") as caught:
            fetch_construction(*arguments)
    assert portal.asked[0]["apiKey"] == KEY
    assert_secret("".join(traceback.format_exception(caught.value)) + caplog.text)
    assert_secret((tmp_path / "kosis/2024.json").read_text(encoding="utf-8"))


SIGNS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)


@given(SIGNS, st.text(max_size=20), st.text(max_size=20))
def test_redaction_finds_a_key_in_every_spelling(key: str, before: str, after: str) -> None:
    for spelling in (key, quote(key, safe=""), quote(quote(key, safe=""), safe=""), json.dumps(key)[1:-1]):
        redacted = ApiKey(key).redacted(f"{before}{spelling}{after}")
        assert "***" in redacted
        assert len(redacted) <= len(before) + len(after) + 3
    assert key not in repr(ApiKey(key))
