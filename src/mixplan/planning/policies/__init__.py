"""Ordering policies: one class of one file each, found by the name in ``conf/plan/policies``."""
