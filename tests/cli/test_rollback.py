"""``mixplan rollback``."""

import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mixplan.artifacts.champion import ChampionError, Winner, read_champion, write_manifest
from mixplan.cli import app
from mixplan.promotion.previous import CHAMPION, PREVIOUS, champion_lock, rollbacks


@pytest.fixture
def versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """The champion's and that of the one before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    winners = {"demand": Winner(candidate="ridge", metrics={}, chosen_by={})}
    found = []
    for folder in (CHAMPION, PREVIOUS):
        (folder / "demand").mkdir(parents=True)
        (folder / "demand/model.json").write_text(str(folder))
        found.append(write_manifest(folder, "d1", winners).version)
    return found[0], found[1]


def test_what_is_served_does_not_wait_for_the_tracking_store(
    versions: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    champion, previous = versions
    with caplog.at_level(logging.WARNING):
        result = CliRunner().invoke(app, ["rollback", "--why", "doubled"])
    assert result.exit_code == 0, result.output
    assert f"champion {champion} -> {previous}" in result.stdout
    assert (read_champion(CHAMPION).version, read_champion(PREVIOUS).version) == (previous, champion)
    assert "the registry is as it was" in caplog.text
    assert [(entry.why, entry.version) for entry in rollbacks()] == [("doubled", champion)]


def test_it_waits_for_a_run_that_decides_on_the_champion(versions: tuple[str, str]) -> None:
    with ThreadPoolExecutor() as pool:
        with champion_lock():
            under_way = pool.submit(CliRunner().invoke, app, ["rollback", "--why", "doubled"])
            with pytest.raises(TimeoutError):
                under_way.result(timeout=0.3)
            assert read_champion(CHAMPION).version == versions[0]
        assert under_way.result().exit_code == 0
    assert read_champion(CHAMPION).version == versions[1]


def test_a_reason_is_asked_for(versions: tuple[str, str]) -> None:
    assert CliRunner().invoke(app, ["rollback"]).exit_code == 2
    assert read_champion(CHAMPION).version == versions[0]


def test_without_a_champion_before_it_nothing_changes(versions: tuple[str, str]) -> None:
    shutil.rmtree(PREVIOUS)
    result = CliRunner().invoke(app, ["rollback", "--why", "doubled"])
    assert isinstance(result.exception, ChampionError)
    assert read_champion(CHAMPION).version == versions[0]
