"""The course of the year with departures that a gated recurrent network reads off the latest ones.

Shapes: W windows, L steps of context, C channels, K decays, P steps of path.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit

from mixplan.drivers.interface import Values
from mixplan.drivers.season import Season, year_angle
from mixplan.drivers.seasonal import Arrays, SeasonalModel


@dataclass(kw_only=True, eq=False)
class Gru(SeasonalModel):
    """A GRU (Cho et al. 2014, arXiv:1406.1078) gives the weights of K exponential decays, whose sum is the departure.

    Few decays in place of one output a step keep the path smooth, bring it back to the season and reach any horizon.
    """

    harmonics: int
    context_days: int
    context_months: int
    path_days: int
    path_months: int
    decay_steps: Sequence[float]
    units: int
    epochs: int
    batch_size: int
    learning_rate: float
    random_state: int
    weights: Sequence[npt.NDArray[np.float32]] = field(init=False)
    """Of the trained network, as Keras orders them: the GRU's three, then two of the layer behind it."""
    spread: float = field(init=False)
    """Standard deviation of the departures that the network was trained on."""
    errors: Values = field(init=False)
    """Error at each step of the training path, relative to ``spread``; it never falls with the step."""

    @property
    def _context(self) -> int:
        return self.context_days if self.facts.frequency == "D" else self.context_months

    @property
    def _path(self) -> int:
        return self.path_days if self.facts.frequency == "D" else self.path_months

    def _fit(self, history: pd.Series) -> None:
        keras = import_keras()
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
        keras.utils.set_random_seed(self.random_state)
        self.season = Season.fit(history, self.facts.frequency, self.harmonics, self.interval)
        departures = self.season.departures(history)
        self.spread = float(np.std(departures)) or 1.0
        known = range(1, len(history) - self._path + 1)
        windows = self._windows(departures, known)
        scaled = departures.to_numpy() / self.spread
        targets = np.stack([scaled[steps : steps + self._path] for steps in known]).astype(np.float32)  # (W, P)
        decays = self._decays(self._path).astype(np.float32)
        network = self._network()
        optimizer = keras.optimizers.Adam(self.learning_rate)
        optimizer.build(network.trainable_variables)  # or its variables make TensorFlow trace the step twice
        network.compile(
            optimizer,
            loss=lambda target, weights: keras.ops.mean((target - weights @ decays) ** 2),
        )
        network.fit(windows, targets, batch_size=self.batch_size, epochs=self.epochs, verbose=0)
        self.weights = network.get_weights()
        errors = np.sqrt(np.mean((targets - self._answer(windows) @ decays) ** 2, axis=0))
        self.errors = np.minimum(np.maximum.accumulate(errors), 1.0)

    def _departures(self, observed: pd.Series, known: Sequence[int], horizon: int) -> Values:
        return self._answer(self._windows(observed, known)) @ self._decays(horizon) * self.spread

    def _uncertainty(self, horizon: int) -> Values:
        return self.errors[np.minimum(np.arange(horizon), len(self.errors) - 1)]

    def _windows(self, departures: pd.Series, known: Sequence[int]) -> npt.NDArray[np.float32]:
        """The context before each origin, (W, L, C); before the first observation departures are 0."""
        angle = year_angle(pd.DatetimeIndex(departures.index), self.facts.frequency)
        channels = np.column_stack([departures / self.spread, np.sin(angle), np.cos(angle)])  # (step, C)
        padded = np.concatenate([np.zeros((self._context, channels.shape[1])), channels])
        return np.stack([padded[steps : steps + self._context] for steps in known]).astype(np.float32)

    def _decays(self, horizon: int) -> Values:
        """Each decay along the path, (K, P)."""
        ages = np.outer(1 / np.asarray(self.decay_steps, dtype=np.float64), np.arange(horizon))
        return np.asarray(np.exp(-ages), dtype=np.float64)

    def _answer(self, windows: npt.NDArray[np.float32]) -> Values:
        """The network's answer, (W, K), by Keras's formulas: asking takes no TensorFlow, nor its half a second."""
        kernel, recurrent, biases, dense, dense_bias = self.weights
        given = windows @ kernel + biases[0]
        state: Values = np.zeros((len(windows), self.units))
        for step in range(self._context):
            update, reset, new = np.split(given[:, step], 3, axis=1)
            own_update, own_reset, own_new = np.split(state @ recurrent + biases[1], 3, axis=1)
            kept = expit(update + own_update)
            state = kept * state + (1 - kept) * np.tanh(new + expit(reset + own_reset) * own_new)
        return np.asarray(state @ dense + dense_bias, dtype=np.float64)

    def _network(self) -> Any:
        keras = import_keras()
        return keras.Sequential(
            [
                keras.Input((self._context, 3)),
                keras.layers.GRU(self.units),
                keras.layers.Dense(len(self.decay_steps), kernel_initializer="zeros"),
            ]
        )

    def _arrays(self) -> Arrays:
        weights = {f"weight_{position:02d}": array for position, array in enumerate(self.weights)}
        return {"errors": self.errors, "spread": np.array(self.spread), **weights}

    def _restore(self, arrays: Arrays) -> None:
        self.weights = [arrays[name] for name in sorted(arrays) if name.startswith("weight_")]
        self.errors, self.spread = arrays["errors"], float(arrays["spread"])


def import_keras() -> Any:
    """Keras, imported where it is needed and with what TensorFlow reads only once."""
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # it rounds by the order in which threads finish
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    return keras
