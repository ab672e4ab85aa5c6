"""Forecasts of what moves demand: weather by day, construction starts by month."""
