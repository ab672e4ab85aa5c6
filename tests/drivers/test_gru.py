"""The network's answer against Keras's own, on the same weights."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from mixplan.config.drivers import SeriesConfig
from mixplan.drivers.gru import Gru

DAILY = SeriesConfig(frequency="D", minimum=None, maximum=None, publication_lag_days=0, longest_gap=3)


def small() -> Gru:
    return Gru(
        facts=DAILY,
        interval=0.8,
        harmonics=1,
        context_days=10,
        context_months=4,
        path_days=14,
        path_months=3,
        decay_steps=(2.0, 10.0),
        units=3,
        epochs=1,
        batch_size=64,
        learning_rate=0.02,
        random_state=1,
    )


def test_answers_equal_keras() -> None:
    rng, model = np.random.default_rng(2), small()
    network = model._network()
    model.weights = [rng.normal(size=array.shape).astype(np.float32) for array in network.get_weights()]
    network.set_weights(model.weights)
    windows = rng.normal(size=(20, 10, 3)).astype(np.float32)
    np.testing.assert_allclose(model._answer(windows), network(windows, training=False), rtol=1e-4, atol=1e-5)


def test_asking_a_saved_model_needs_no_tensorflow(tmp_path: Path, simulate: Callable[..., pd.Series]) -> None:
    small().fit(simulate(DAILY, 400)).save(tmp_path / "model")
    code = (
        "import sys; from pathlib import Path; from mixplan.drivers.gru import Gru; "
        f"print(len(Gru.load(Path({str(tmp_path / 'model')!r})).predict(5)), 'tensorflow' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - own words
    assert told.stdout.split() == ["5", "False"]
