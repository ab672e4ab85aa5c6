"""What is said of a table that a source lacks."""

import logging

import pytest

from mixplan.config.source import RAW_TABLES
from mixplan.sources.lacking import WITHOUT, tell_lacking


def test_every_table_has_its_consequence() -> None:
    assert set(WITHOUT) == set(RAW_TABLES)


def test_the_consequence_is_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tell_lacking("stock_counts")
    assert caplog.messages == ["stock_counts: not in this source, so opening stock is assumed at the reorder point"]
