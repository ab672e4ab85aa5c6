"""mixplan's ratings as scikit-surprise wants them, and back."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from mixplan.recommend.model import Positions
from mixplan.recommend.ratings import HIGHEST, LOWEST


def trainset(ratings: pd.DataFrame) -> Any:
    """All ratings as a surprise ``Trainset``."""
    from surprise import Dataset, Reader

    reader = Reader(rating_scale=(LOWEST, HIGHEST))
    return Dataset.load_from_df(ratings[["customer_code", "product", "rating"]], reader).build_full_trainset()


def inner_customers(train: Any, customers: Iterable[str]) -> Positions:
    """The row that surprise gave to each customer."""
    return np.array([train.to_inner_uid(customer) for customer in customers], dtype=np.intp)


def inner_products(train: Any, products: Iterable[str]) -> Positions:
    """The row that surprise gave to each product: it numbers them as they come."""
    return np.array([train.to_inner_iid(product) for product in products], dtype=np.intp)
