"""How a stage starts and ends: typed parameters in, one clear sentence when something is wrong."""

import logging
import sys
from collections.abc import Callable

from mixplan.config.base import MixplanError
from mixplan.config.params import Params, load_params


def run_stage(work: Callable[[Params], None]) -> None:
    """Load the parameters and do the stage's work; logs go to stderr.

    A mistake that a person can mend ends the process with its sentence and exit code 1; anything else keeps its trace.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        work(load_params())
    except MixplanError as error:
        sys.exit(f"error: {error}")
