"""Contracts, corrections and quarantine: raw tables in, trusted tables out, every row accounted for."""
