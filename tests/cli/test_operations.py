"""The shipped units, crontab and workflow: that they parse, agree with each other, and call commands that exist."""

import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from mixplan.cli import app

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/guides/operations"
ROUTINES = ("daily", "weekly")
DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def unit(name: str) -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((FOLDER / name).read_text())
    return parser


def crontab() -> Iterator[tuple[list[str], str]]:
    """Times and command of each line that is neither a comment nor a variable."""
    for line in (FOLDER / "crontab").read_text().splitlines():
        if line and not re.match(r"#|\w+=", line):
            *times, command = line.split(maxsplit=5)
            yield times, command


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    parsed: dict[Any, Any] = yaml.safe_load((FOLDER / "weekly.yml").read_text())
    return parsed


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = workflow["jobs"]["weekly"]["steps"]
    return found


def exists(command: str) -> bool:
    """Whether the words after ``mixplan`` lead to a command that does something."""
    found: Any = get_command(app)
    for word in command.split():
        found = getattr(found, "commands", {}).get(word)
    return found is not None and not hasattr(found, "commands")


def test_commands_that_exist_are_told_from_those_that_do_not() -> None:
    assert exists("run daily")
    assert not exists("run")
    assert not exists("run hourly")


def test_each_file_calls_commands_that_exist(workflow: dict[Any, Any]) -> None:
    started = unit("mixplan@.service")["Service"]["ExecStart"]
    lines = [started.replace("%i", routine) for routine in ROUTINES]
    lines += [command for _, command in crontab()]
    lines += [step["run"] for step in steps(workflow) if "mixplan" in step.get("run", "")]
    called = [re.search(r"\.venv/bin/mixplan (?!\.)([a-z ]+)$", line) for line in lines]
    assert all(called), lines
    commands = [found[1] for found in called if found]
    assert {f"run {routine}" for routine in ROUTINES} == set(commands)
    assert all(exists(command) for command in commands)


@pytest.mark.parametrize("routine", ROUTINES)
def test_timers_start_the_service_that_is_shipped(routine: str) -> None:
    timer = unit(f"mixplan-{routine}.timer")
    assert timer["Timer"]["Unit"] == f"mixplan@{routine}.service"
    assert timer["Timer"]["Persistent"] == "true", "a morning that was slept through is made up for"
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_the_service_runs_once_where_it_may_write() -> None:
    service = unit("mixplan@.service")["Service"]
    assert service["Type"] == "oneshot"
    assert service["ReadWritePaths"] == service["WorkingDirectory"]
    assert service["ExecStart"].startswith(service["WorkingDirectory"])


def test_systemd_cron_and_workflow_name_the_same_times(workflow: dict[Any, Any]) -> None:
    """Weekly once, on Monday; daily on the other days that daily runs, and never on a day of weekly's."""
    times = {command.rpartition(" ")[2]: when for when, command in crontab()}
    assert set(times) == set(ROUTINES)
    for routine, (minute, hour, _, _, weekdays) in times.items():
        first, _, last = weekdays.partition("-")
        days = f"{DAYS[int(first)]}..{DAYS[int(last)]}" if last else DAYS[int(first)]
        calendar = unit(f"mixplan-{routine}.timer")["Timer"]["OnCalendar"]
        assert calendar == f"{days} {int(hour):02d}:{int(minute):02d}"
    # YAML reads the key `on` as true. The runner's clock is nine hours behind Seoul's.
    (schedule,) = workflow[True]["schedule"]
    minute, hour, _, _, weekday = schedule["cron"].split()
    seoul = int(weekday) * 24 + int(hour) + 9
    at = [minute, str(seoul % 24), str(seoul // 24)]
    assert at == [times["weekly"][0], times["weekly"][1], times["weekly"][4]]


def test_the_workflow_installs_by_a_target_of_the_makefile_and_keeps_the_reports(workflow: dict[Any, Any]) -> None:
    from mixplan.cli.monitor import PAGE, REPORT

    (target,) = [
        step["run"].removeprefix("make ") for step in steps(workflow) if step.get("run", "").startswith("make")
    ]
    assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    upload = steps(workflow)[-1]
    assert upload["if"] == "always()", "also what a run that failed left"
    kept = upload["with"]["path"].split()
    assert "reports/" in kept
    assert all(any(path.match(pattern) for pattern in kept) for path in (REPORT, PAGE))
    assert upload["with"]["include-hidden-files"] is True, "or the action leaves .mixplan out"


def test_the_guide_links_every_file_that_is_shipped() -> None:
    guide = (FOLDER.parent / "operations.md").read_text()
    timers = {f"mixplan-{routine}.timer" for routine in ROUTINES}
    linked = {Path(path).name for path in re.findall(r"\(operations/([^)]+)\)", guide)}
    assert linked | timers == {path.name for path in FOLDER.iterdir()}
    assert all(timer in guide for timer in timers)
