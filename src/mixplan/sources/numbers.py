"""Numbers as text that every system reads: no exponent, no needless decimals."""

import numpy as np


def plain(value: float) -> str:
    """The shortest decimals that are this number, written out; blank for what is none.

    >>> [plain(value) for value in (15000.0, 2787.6, 1e-7, 1e16, float("nan"))]
    ['15000', '2787.6', '0.0000001', '10000000000000000', '']
    """
    return "" if np.isnan(value) else np.format_float_positional(value, trim="-")
