"""How the challenger's answers differ from the champion's, from the log that a service writes of both."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from mixplan.config.base import MixplanError
from mixplan.demand.history import HORIZON_MONTHS

Entry = dict[str, Any]
KEYS = ["product", "region", "week_start"]
VERSIONS = ("model_version", "data_version", "model_role", "reorder_version")
LAST_WEEKS = [last for _, last in HORIZON_MONTHS.values()]


class ShadowError(MixplanError):
    """There is nothing to compare."""


class Difference(NamedTuple):
    """What a log says of one champion and one challenger."""

    champion: str
    """Version of the champion folder."""
    challenger: str
    paths: pd.DataFrame
    """By path: questions, failures, equal, champion_ms and challenger_ms (medians), and the same with _p95."""
    demand: pd.DataFrame
    """By product and month of the horizon: rows, mean_kg, mean_pct, largest_kg and largest_pct, challenger less
    champion; the largest keep their sign, and per cent are those of the champion's forecast."""
    others: int
    """Lines of other champions or challengers."""
    unreadable: int
    """Lines that were cut off."""


def shadow_difference(log: Path) -> Difference:
    """Compare what the newest pair of champion and challenger answered.

    Args:
        log: the newest file; older ones lie beside it as ``<name>.1`` and so on.

    Raises:
        ShadowError: there is no log, or no line of it can be read.
    """
    lines = list(_lines(log))
    read = [entry for line in lines if (entry := _entry(line)) is not None]
    if not read:
        raise ShadowError(f"{log}: no question was put to a challenger yet; raise serving.shadow.share in conf/serving")
    pair = _versions(read[-1])
    entries = [entry for entry in read if _versions(entry) == pair]
    return Difference(
        *pair,
        paths=_by_path(entries),
        demand=_by_product([entry for entry in entries if entry["path"] == "/forecast"]),
        others=len(read) - len(entries),
        unreadable=len(lines) - len(read),
    )


def _lines(log: Path) -> Iterator[str]:
    """All lines, the oldest first."""
    numbered = [path for path in log.parent.glob(f"{log.name}.*") if path.suffix[1:].isdigit()]
    for path in [*sorted(numbered, key=lambda path: -int(path.suffix[1:])), log]:
        if path.is_file():
            yield from path.read_text(encoding="utf-8", errors="replace").splitlines()


def _entry(line: str) -> Entry | None:
    """A line's content; None where a sudden end cut it off."""
    try:
        content: Entry = json.loads(line)
    except ValueError:
        return None
    return content


def _versions(entry: Entry) -> tuple[str, str]:
    return entry["champion"]["version"], entry["challenger"]["version"]


def _by_path(entries: Sequence[Entry]) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "path": [entry["path"] for entry in entries],
            "failures": [entry["challenger"]["answer"] is None for entry in entries],
            "equal": [_said(entry["champion"]) == _said(entry["challenger"]) for entry in entries],
            "champion_ms": [entry["champion"]["milliseconds"] for entry in entries],
            "challenger_ms": [entry["challenger"]["milliseconds"] for entry in entries],
        }
    ).groupby("path")
    took = rows[["champion_ms", "challenger_ms"]]
    counts = rows[["failures", "equal"]].sum().assign(questions=rows.size())
    return pd.concat([counts, took.median(), took.quantile(0.95).add_suffix("_p95")], axis=1).reset_index()


def _said(side: Entry) -> Entry | None:
    """An answer without the versions, which always differ."""
    answer = side["answer"]
    return answer and {name: value for name, value in answer.items() if name not in VERSIONS}


def _by_product(entries: Sequence[Entry]) -> pd.DataFrame:
    """Differences of forecasts that both made."""
    columns = ["product", "month", "rows", "mean_kg", "mean_pct", "largest_kg", "largest_pct"]
    pairs = [rows for entry in entries if entry["challenger"]["answer"] and len(rows := _rows(entry))]
    if not pairs:
        return pd.DataFrame(columns=columns)
    both = pd.concat(pairs, ignore_index=True)
    both["kg"] = both["quantity_kg"] - both["quantity_kg_champion"]
    both["pct"] = 100 * both["kg"] / both["quantity_kg_champion"].where(both["quantity_kg_champion"] > 0)
    groups = both.groupby(["product", "month"])
    figures = {
        "rows": groups.size(),
        **{f"mean_{unit}": groups[unit].mean() for unit in ("kg", "pct")},
        **{f"largest_{unit}": groups[unit].agg(_largest) for unit in ("kg", "pct")},
    }
    return pd.DataFrame(figures).reset_index()[columns]


def _rows(entry: Entry) -> pd.DataFrame:
    """The rows of both answers side by side, with the month of the horizon that each is in."""
    champion, challenger = (
        pd.DataFrame(entry[side]["answer"]["rows"], columns=[*KEYS, "quantity_kg"]).fillna({"region": ""})
        for side in ("champion", "challenger")
    )
    both = challenger.merge(champion, on=KEYS, suffixes=("", "_champion"))
    days = pd.to_datetime(both["week_start"]) - pd.Timestamp(entry["champion"]["answer"]["origin"])
    return both.assign(month=[1 + sum(week > last for last in LAST_WEEKS) for week in days.dt.days // 7 + 1])


def _largest(differences: pd.Series) -> float:
    """The one that is farthest from zero; NaN where there is none.

    >>> _largest(pd.Series([2.0, -3.0, float("nan")]))
    -3.0
    """
    known = differences.dropna()
    return float("nan") if known.empty else float(known.loc[known.abs().idxmax()])
