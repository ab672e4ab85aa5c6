"""Chance: one stream of random numbers for every part of the plant, and series that remember their past."""

import zlib

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def generator(seed: int, part: str) -> np.random.Generator:
    """The stream of one part: it depends on the seed and the part's name alone, so no part's draws move another's."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(part.encode()),)))


def autocorrelated(rng: np.random.Generator, shape: tuple[int, ...], correlation: float) -> Values:
    """Stationary AR(1) series of mean 0 and variance 1 down the first axis.

    x_t = correlation x_{t-1} + sqrt(1 - correlation²) e_t, started in its stationary state.
    """
    series = rng.standard_normal(shape)
    series[1:] *= np.sqrt(1.0 - correlation**2)
    for row in range(1, len(series)):
        series[row] += correlation * series[row - 1]
    return series
