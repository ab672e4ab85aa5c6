"""What is simulated: a configuration, the part of the catalogue that it uses, the days and the seed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mixplan.config.simulation import SimulationConfig
from mixplan.sources.sample.catalogue import Catalogue
from mixplan.sources.sample.randomness import generator


@dataclass(frozen=True)
class Scenario:
    """Everything that the parts of the plant have in common."""

    config: SimulationConfig
    catalogue: Catalogue
    """Cut to the sizes in ``config``."""
    days: pd.DatetimeIndex
    """First to last day."""
    future: pd.DatetimeIndex
    """The same, and the days after the last one for which orders are already taken."""
    seed: int

    @classmethod
    def of(cls, config: SimulationConfig, catalogue: Catalogue, seed: int) -> "Scenario":
        """Cut the catalogue and lay out the days."""
        days = pd.date_range(config.first_day, config.last_day, freq="D")
        future = pd.date_range(config.first_day, periods=len(days) + config.operations.order_book_days, freq="D")
        return cls(config, catalogue.first(config.products, config.regions, config.customers), days, future, seed)

    def rng(self, part: str) -> np.random.Generator:
        """The random numbers of one part of the plant."""
        return generator(self.seed, part)

    @property
    def product_names(self) -> list[str]:
        """Products by position."""
        return [product.name for product in self.catalogue.products]

    def last_months(self, frame: pd.DataFrame, column: str, months: int) -> pd.DataFrame:
        """The rows whose date lies in the last ``months`` months before the end, or later."""
        first = self.days[-1] - pd.DateOffset(months=months) + pd.Timedelta(days=1)
        return frame[frame[column] >= first].reset_index(drop=True)
