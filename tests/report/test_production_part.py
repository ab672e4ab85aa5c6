"""Production, decisions and scenarios on the page."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from mixplan.artifacts.files import write_json, write_parquet
from mixplan.planning.overrides import Override, as_table
from mixplan.report.inputs import read_results
from mixplan.report.page import render_page
from mixplan.report.production import FIGURES, made, scenarios_table, worth


def test_what_is_made_and_how_far_it_is_proven(root: Path) -> None:
    said = made(read_results(root))
    assert said.replace("\N{NO-BREAK SPACE}", " ") == (
        "2 lots make 5 t in 2 weeks, with 1 cleanings between families; proven to be within 1.2% of the best plan."
    )
    searches = pd.DataFrame({"search": ["a", "b"], "value": 0.0, "gap": [0.0, 0.5], "ended": ["optimal", "clock"]})
    write_parquet(root / "data/plan/production_searches.parquet", searches)
    assert 'the search "b" ended at its limit of time, so that other machines may plan' in made(read_results(root))


def test_decisions_and_scenarios_are_shown_with_their_words_escaped(root: Path) -> None:
    monday = date(2024, 7, 1)
    own = Override(
        number=1,
        kind="order",
        code="M1",
        day=monday,
        decision="change",
        old_kg=3000.0,
        new_kg=1000.0,
        expected_on=monday,
        expires_on=monday,
        who="<b>Kim</b>",
        decided_on=monday,
        reason="the silo holds no more",
    )
    write_parquet(root / "data/plan/overrides.parquet", as_table([own]))
    base: dict[str, Any] = dict.fromkeys(FIGURES, 2e6)
    said = {"set": ["drivers.temperature=+3"], "base": base, "scenario": base | {"lots": 2e6 + 5}}
    write_json(root / "scenarios/hot/changes.json", said)
    html = render_page(read_results(root), 0.8)
    assert "&lt;b&gt;Kim&lt;/b&gt; on 2024-07-01" in html
    assert "order M1 of 2024-07-01" in html
    assert "hot: drivers.temperature=+3" in html
    assert "2,000,005 (+5)" in html
    assert "2.0 (+0.0)" in html


def test_nothing_is_said_of_decisions_and_scenarios_where_there_are_none(usual_page: str) -> None:
    assert "What people decided" not in usual_page
    assert "What if" not in usual_page
    assert scenarios_table({}).rows == ()
    assert worth({"plan": {"decisions": {"forecasts": 0, "orders": 0}}}) == ""


def test_what_decisions_were_worth() -> None:
    found = {"forecasts": 2, "orders": 1, "wape_proposed": 0.5, "wape_decided": 0.3, "forecast_value_added": 0.2}
    found |= {"decided_short_days": 3, "proposed_short_days": 0, "decided_mean_kg": 1e3, "proposed_mean_kg": 4e3}
    assert worth({"plan": {"decisions": found}}).replace("\N{NO-BREAK SPACE}", " ") == (
        "2 decided forecasts missed by 30.0% (WAPE), the system's would have by 50.0%: value added +20.0%; "
        "1 decided orders left 3 days short at 1 t in stock, as proposed 0 at 4 t"
    )
