"""How a stage starts and ends: typed parameters in, one clear sentence when something is wrong."""

import sys
from collections.abc import Callable

from mixplan.config.base import MixplanError
from mixplan.config.params import Params, load_params
from mixplan.config.terminal import log_to_stderr, printable


def run_stage(work: Callable[[Params], None]) -> None:
    """Load the parameters and do the stage's work; logs go to stderr.

    A mistake that a person can mend ends the process with its sentence and exit code 1; anything else keeps its trace.
    """
    log_to_stderr()
    try:
        work(load_params())
    except MixplanError as error:
        sys.exit(printable(f"error: {error}"))
