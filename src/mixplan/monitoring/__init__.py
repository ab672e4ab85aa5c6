"""Whether forecasts still come true: accuracy against what the backtest promised, drift, and data that are late."""
