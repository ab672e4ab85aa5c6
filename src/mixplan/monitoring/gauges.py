"""What was found as a file that Prometheus' node exporter collects."""

from pathlib import Path

from mixplan.monitoring.watch import Watch


def write_gauges(path: Path, watch: Watch) -> None:
    """Write each check's figure and whether it rings, beside the place and moved; the name must end in ``.prom``."""
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    registry = CollectorRegistry()
    value, expected, rings = (
        Gauge(f"mixplan_{name}", sentence, ["kind", "check"], registry=registry)
        for name, sentence in (
            ("check", "Figure of a check"),
            ("check_expected", "Mean of the figure at earlier times"),
            ("check_rings", "1 where the figure lies where it should not"),
        )
    )
    for kind, checks in watch.checks.items():
        for check in checks:
            value.labels(kind, check.name).set(check.value)
            if check.expected is not None:
                expected.labels(kind, check.name).set(check.expected)
            rings.labels(kind, check.name).set(check.rings)
    Gauge("mixplan_retraining_due", "1 where models should be trained anew", registry=registry).set(watch.is_due)
    write_to_textfile(str(path), registry)


def figures(watch: Watch) -> dict[str, float]:
    """Figures, what they are expected to be, and alarms, by name as MLflow keeps them."""
    each = {f"{kind}/{check.name}": check for kind, checks in watch.checks.items() for check in checks}
    values = {name: check.value for name, check in each.items()}
    expected = {f"{name}/expected": check.expected for name, check in each.items() if check.expected is not None}
    alarms = {f"{name}/rings": float(check.rings) for name, check in each.items()}
    return {**values, **expected, **alarms, "retraining_due": float(watch.is_due)}
