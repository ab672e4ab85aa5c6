"""Weekly demand by product: features as of an origin, regressors, intervals, scores."""
