"""What ``conf/`` says of serving, from ``params.yaml``."""

import os
from pathlib import Path

from mixplan.config.params import PARAMS_FILE, load_params
from mixplan.config.serving import ServingConfig

VARIABLE = "MIXPLAN_PARAMS"
DEFAULT = Path(__file__).parents[1] / PARAMS_FILE
"""Beside this code, in the project as in a bento."""


def read_serving() -> ServingConfig:
    """What is said of serving in the project's ``params.yaml`` or the file that the environment variable names.

    Raises:
        ConfigError: the file is missing, or something in it is wrong.
    """
    return load_params(Path(os.environ.get(VARIABLE, DEFAULT))).serving
