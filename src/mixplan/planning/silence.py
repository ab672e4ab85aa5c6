"""Keeping a library's own lines off stdout, which is for results."""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

STDOUT = 1


@contextmanager
def silent_stdout() -> Iterator[None]:
    """What compiled code prints goes nowhere; HiGHS now and then prints although it is told not to."""
    sys.stdout.flush()
    kept = os.dup(STDOUT)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            os.dup2(nowhere.fileno(), STDOUT)
            yield
            ctypes.CDLL(None).fflush(None)  # what C has not written yet would come later
    finally:
        os.dup2(kept, STDOUT)
        os.close(kept)
