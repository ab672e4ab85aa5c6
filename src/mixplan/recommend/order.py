"""The order in which customers are learnt: by what they rated and how, never by their numbers."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Values = npt.NDArray[np.float64]


def by_content(ratings: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order to learn from: customers by a digest of all that they rated, a customer's rows by product.

    Gradient descent takes customers one after another and begins each at random, so its answers depend on the order.
    A digest has nothing to do with the customer's number, nor with how much it buys.

    Args:
        ratings: customer_code, product and rating, one row a pair, in any order.

    Returns:
        The same columns and digest: equal for customers who rated all alike, whom only their numbers tell apart.
    """
    # The last digits of a rating are the processor's own.
    told = ratings[["product", "rating"]].round({"rating": 9})
    each = pd.util.hash_pandas_object(told, index=False)
    ordered = ratings.assign(digest=each.groupby(ratings["customer_code"]).transform("sum"))
    return ordered.sort_values(["digest", "customer_code", "product"], ignore_index=True)


def mean_of_twins(values: Values, ordered: pd.DataFrame) -> Values:
    """One row a customer, where those who rated all alike share their mean: chance must not tell them apart.

    Args:
        values: one row a customer, in the order of ``ordered``.
        ordered: from ``by_content``.

    >>> ratings = pd.DataFrame({"customer_code": ["a", "b", "c"], "product": "P", "rating": [3.0, 3.0, 4.0]})
    >>> ordered = by_content(ratings)
    >>> values = pd.Series({"a": 1.0, "b": 2.0, "c": 7.0})[ordered["customer_code"]].to_numpy()
    >>> dict(zip(ordered["customer_code"], mean_of_twins(values, ordered).tolist()))["a"]
    1.5
    """
    group = pd.factorize(ordered.drop_duplicates("customer_code")["digest"])[0]
    sums = np.zeros((group.max() + 1, *values.shape[1:]))
    np.add.at(sums, group, values)
    counts = np.bincount(group).astype(np.float64)
    return (sums.T / counts).T[group]
