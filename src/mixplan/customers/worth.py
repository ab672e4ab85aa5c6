"""What each customer will be worth, as a distribution: purchases by BG/NBD, their value by Gamma-Gamma."""

import numpy as np
import pandas as pd

from mixplan.config.risk import ValueConfig
from mixplan.customers.buy_till_you_die import WEEK_DAYS, fit_bg_nbd, fit_gamma_gamma, histories_of
from mixplan.customers.rhythm import value_of

COLUMNS = ["worth_low", "worth_middle", "worth_high"]


def worth(sales: pd.DataFrame, as_of: pd.Timestamp, config: ValueConfig, seed: int) -> pd.DataFrame:
    """Quantiles of what each customer buys in the coming ``horizon_days``.

    Args:
        sales: the mart's ``sales``.
        as_of: first day that is not known.
        config: horizon, quantiles and draws.
        seed: where the draws begin.

    Returns:
        customer_code, worth_low, worth_middle and worth_high, in KRW where every sale has a price, otherwise kg.
    """
    histories = histories_of(sales, as_of)
    rng = np.random.default_rng(seed)
    purchases = fit_bg_nbd(histories).draw_purchases(histories, config.horizon_days / WEEK_DAYS, config.draws, rng)
    drawn = fit_gamma_gamma(histories).draw_worth(histories, purchases, rng)
    quantiles = np.quantile(drawn, config.quantiles, axis=1).T
    return pd.DataFrame(quantiles, index=histories.index, columns=COLUMNS).reset_index()


def score_worth(sales: pd.DataFrame, as_of: pd.Timestamp, config: ValueConfig, seed: int) -> dict[str, float]:
    """How often what came lay between low and high, and how far the middle was off, in all, as a share."""
    found = worth(sales, as_of, config, seed)
    ahead = (sales["sold_on"] - as_of).dt.days
    after = sales[ahead.between(0, config.horizon_days - 1)]
    came = (
        found["customer_code"].map(value_of(sales).loc[after.index].groupby(after["customer_code"]).sum()).fillna(0.0)
    )
    return {
        "coverage": float(came.between(found["worth_low"], found["worth_high"]).mean()),
        "interval": config.quantiles[2] - config.quantiles[0],
        "wape": float((found["worth_middle"] - came).abs().sum() / came.sum()),
        "bias": float((found["worth_middle"] - came).sum() / came.sum()),
    }
