"""Typed parameters: what a stage may be told."""
