"""Ratings from purchases, models that estimate them, and what to offer to whom, with reasons."""
