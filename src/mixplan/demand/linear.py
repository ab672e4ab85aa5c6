"""Linear candidates: scikit-learn's, on standardised features."""

from sklearn.linear_model import Lasso, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler


def ridge(alpha: float) -> Pipeline:
    """Least squares with an L2 penalty."""
    return make_pipeline(StandardScaler(), Ridge(alpha=alpha))


def lasso(alpha: float, max_iter: int) -> Pipeline:
    """Least squares with an L1 penalty."""
    return make_pipeline(StandardScaler(), Lasso(alpha=alpha, max_iter=max_iter))
