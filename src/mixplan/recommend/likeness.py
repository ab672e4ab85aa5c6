"""Which products are alike: by what they are mixed from, and by their group."""

import numpy as np
import pandas as pd

from mixplan.config.rerank import NewConfig


def likeness(recipes: pd.DataFrame, groups: pd.Series, config: NewConfig) -> pd.DataFrame:
    """The products most like each product.

    Likeness is ``group_weight`` for the same group, and the rest of 1 times the cosine of the material shares.

    Args:
        recipes: the mart's ``recipes``.
        groups: group by product.
        config: how many, and the weight of the group.

    Returns:
        product, other and likeness, the likest first; equal ones by name.

    >>> recipes = pd.DataFrame({"product": ["A", "B", "C"], "material_code": ["m", "m", "n"], "share": [1.0, 1.0, 1.0]})
    >>> groups = pd.Series({"A": "g", "B": "h", "C": "g"})
    >>> config = NewConfig(alike_products=1, group_weight=0.25, popular_days=28, damping=0.0)
    >>> likeness(recipes, groups, config).values.tolist()
    [['A', 'B', 0.75], ['B', 'A', 0.75], ['C', 'A', 0.25]]
    """
    shares = recipes.pivot_table(
        index="product", columns="material_code", values="share", aggfunc="sum", fill_value=0.0
    )
    mixed = shares.reindex(groups.index, fill_value=0.0).to_numpy(dtype=np.float64)
    unit = mixed / np.maximum(np.linalg.norm(mixed, axis=1, keepdims=True), 1e-12)
    same_group = groups.to_numpy()[:, None] == groups.to_numpy()[None, :]
    alike = config.group_weight * same_group + (1.0 - config.group_weight) * (unit @ unit.T)
    np.fill_diagonal(alike, -1.0)
    nearest = np.argsort(-alike, axis=1, kind="stable")[:, : min(config.alike_products, len(groups) - 1)]
    names = groups.index.to_numpy()
    return pd.DataFrame(
        {
            "product": np.repeat(names, nearest.shape[1]),
            "other": names[nearest.ravel()],
            "likeness": np.take_along_axis(alike, nearest, axis=1).ravel(),
        }
    )
