"""Words of files at a terminal: none may move the cursor, change a colour or turn the text round."""

import subprocess
import sys
from pathlib import Path

import pytest

from mixplan.cli.screen import show
from mixplan.config.terminal import printable

CLEARS = "\x1b[2Jname\x07\u202e"


def test_words_stay_as_they_are() -> None:
    text = "제품명\t단가 (₩)\n[PEMA] é　x"
    assert printable(text) == text


def test_a_table_shows_no_sign_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    show(CLEARS, [CLEARS], [[CLEARS]])
    shown = capsys.readouterr().out
    assert shown.count(r"\x1b[2Jname\x07\u202e") == 3
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


@pytest.mark.parametrize("command", ["cli.main", "config.stage.run_stage"])
def test_an_error_and_a_log_line_show_none(tmp_path: Path, command: str) -> None:
    """And not one line of each request that is made."""
    module, _, name = command.rpartition(".")
    code = f"""
import logging, sys
import mixplan.{module} as module
from mixplan.config.base import MixplanError

def work(*_):
    logging.getLogger("httpx").info("HTTP Request: GET /")
    logging.getLogger("mixplan").info("read %s", {CLEARS!r})
    raise MixplanError({CLEARS!r})

module.app, module.load_params = work, lambda: None
module.{name}(*[work] * ({name!r} == "run_stage"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 1
    assert done.stderr.splitlines() == [r"read \x1b[2Jname\x07\u202e", r"error: \x1b[2Jname\x07\u202e"]
