"""Coverage by level and month, against truth that is known and against plain loops."""

import numpy as np
import pandas as pd
import pytest

from mixplan.demand.calibration import coverage_by_level
from mixplan.demand.quantiles import column_of

LEVELS = [0.1, 0.3, 0.5, 0.7, 0.9]


def of_true_quantiles(silent: float) -> pd.DataFrame:
    """20,000 weeks, of which the share ``silent`` brings nothing and the others bring 0 to 100 kg alike."""
    rng = np.random.default_rng(3)
    weeks = 20_000
    actual = np.where(rng.random(weeks) < silent, 0.0, rng.uniform(0.0, 100.0, weeks))
    rows = pd.DataFrame({"horizon_weeks": np.arange(weeks) % 26 + 1, "actual_kg": actual})
    for level in LEVELS:
        rows[column_of(level)] = max(0.0, 100.0 * (level - silent) / (1 - silent))
    return rows


@pytest.mark.parametrize("silent", [0.0, 0.4, 0.6])
def test_true_quantiles_cover_as_their_levels_say(silent: float) -> None:
    """Also where most of the weeks bring nothing and equal the lower quantiles."""
    table = coverage_by_level(of_true_quantiles(silent), LEVELS)
    assert table.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert np.abs(table.to_numpy() - LEVELS).max() < 0.03


def test_quantiles_that_are_too_high_cover_too_much() -> None:
    rows = of_true_quantiles(0.4)
    rows[column_of(0.7)] *= 1.3
    assert (coverage_by_level(rows, LEVELS)[0.7] > 0.76).all()


def test_weeks_with_sales_are_counted_as_they_come() -> None:
    rows = of_true_quantiles(0.0)
    table = coverage_by_level(rows, LEVELS)
    first = rows[rows["horizon_weeks"] <= 4]
    for level in LEVELS:
        hits = [row.actual_kg <= getattr(row, column_of(level)) for row in first.itertuples()]
        assert table.loc[1, level] == pytest.approx(sum(hits) / len(hits))
