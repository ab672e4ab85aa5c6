"""BG/NBD and Gamma-Gamma against the published example, the paper's closed form, and parameters that were planted."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1

from mixplan.customers.buy_till_you_die import BgNbd, GammaGamma, fit_bg_nbd, fit_gamma_gamma

PAPER = BgNbd(r=0.243, alpha=4.414, a=0.793, b=2.426)
"""Fader, Hardie and Lee (2005), table 2: estimates on the CDNOW data."""


def closed_form(model: BgNbd, x: float, last: float, age: float, weeks: float) -> float:
    """Expected purchases in the coming weeks: equation 10 of the paper."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    shrunk = ((alpha + age) / (alpha + age + weeks)) ** (r + x)
    series = hyp2f1(r + x, b + x, a + b + x - 1, weeks / (alpha + age + weeks))
    stopped = (a / (b + x - 1)) * ((alpha + age) / (alpha + last)) ** (r + x) if x > 0 else 0.0
    return float((a + b + x - 1) / (a - 1) * (1 - shrunk * series) / (1 + stopped))


def history(x: float, last: float, age: float) -> pd.DataFrame:
    return pd.DataFrame({"x": [x], "last": [last], "age": [age], "n": [x + 1], "mean": [1.0]})


def test_closed_form_is_the_published_example():
    """The authors' worksheet: 1.226 purchases in 39 weeks of a customer with x = 2, t_x = 30.43, T = 38.86."""
    assert closed_form(PAPER, 2, 30.43, 38.86, 39.0) == pytest.approx(1.226, abs=0.001)


@pytest.mark.parametrize(("x", "last", "age"), [(2, 30.43, 38.86), (0, 0.0, 38.86), (10, 20.0, 30.0), (5, 1.0, 30.0)])
def test_drawn_purchases_have_the_mean_of_the_closed_form(x, last, age):
    drawn = PAPER.draw_purchases(history(x, last, age), 39.0, 200_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(closed_form(PAPER, x, last, age, 39.0), rel=0.03, abs=0.001)


def simulated(model: BgNbd, customers: int, seed: int) -> pd.DataFrame:
    """Customers purchase by purchase over 60 weeks, as the paper tells the story."""
    rng, rows = np.random.default_rng(seed), []
    for _ in range(customers):
        rate, stop, now, x, last = rng.gamma(model.r, 1 / model.alpha), rng.beta(model.a, model.b), 0.0, 0, 0.0
        while (now := now + rng.exponential(1 / rate)) < 60.0:
            x, last = x + 1, now
            if rng.random() < stop:
                break
        rows.append((x, last, 60.0))
    return pd.DataFrame(rows, columns=["x", "last", "age"])


def test_planted_parameters_are_recovered():
    planted = BgNbd(r=1.0, alpha=5.0, a=1.0, b=4.0)
    rows = simulated(planted, 4000, 3)
    found = fit_bg_nbd(rows)
    assert found.r / found.alpha == pytest.approx(planted.r / planted.alpha, rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(0.2, rel=0.15)
    arrays = [rows[name].to_numpy(float) for name in ("x", "last", "age")]
    assert found.log_likelihood(*arrays) >= planted.log_likelihood(*arrays) - 1e-6


def test_planted_value_is_recovered_and_drawn():
    rng = np.random.default_rng(4)
    n = rng.integers(2, 12, 4000)
    nu = rng.gamma(5.0, 1 / 80.0, 4000)
    rows = pd.DataFrame({"n": n, "mean": rng.gamma(6.0 * n) / nu / n})
    found = fit_gamma_gamma(rows)
    expected = GammaGamma(6.0, 5.0, 80.0).expected(n, rows["mean"].to_numpy())
    np.testing.assert_allclose(found.expected(n, rows["mean"].to_numpy()), expected, rtol=0.1)
    worth = found.draw_worth(rows.head(5), np.full((5, 100_000), 3), rng)
    np.testing.assert_allclose(worth.mean(axis=1), 3 * found.expected(n, rows["mean"].to_numpy())[:5], rtol=0.02)


def test_no_purchases_are_worth_nothing():
    worth = GammaGamma(6.0, 5.0, 80.0).draw_worth(history(2, 3.0, 9.0), np.zeros((1, 4), int), np.random.default_rng(1))
    assert worth.tolist() == [[0.0] * 4]
