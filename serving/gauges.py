"""What Prometheus hears of the champion, beside BentoML's own counts and times."""

from collections.abc import Mapping
from typing import Any

from mixplan.client.schemas import ModelAnswer


def gauges(model: ModelAnswer, refusal: str | None, challenger: Mapping[tuple[str, str], int]) -> str:
    """The champion's gauges as Prometheus reads them.

    Args:
        model: what answers.
        refusal: why the newest champion was refused; None where it was not.
        challenger: questions to the challenger by kind (shadow or canary) and outcome.
    """
    import prometheus_client  # noqa: PLC0415 - BentoML sets it up for several processes before its first import

    family = prometheus_client.metrics_core.GaugeMetricFamily
    served = family("mixplan_champion", "What answers", labels=["task", "version", "data_version"])
    for name, task in model.tasks.items():
        served.add_metric([name, task.version, task.data_version], 1)
    refused = family("mixplan_champion_refused", "Whether the newest champion was refused")
    refused.add_metric([], float(refusal is not None))
    asked = prometheus_client.metrics_core.CounterMetricFamily(
        "mixplan_challenger_questions", "Questions to the challenger", labels=["kind", "outcome"]
    )
    for labels, count in challenger.items():
        asked.add_metric(list(labels), count)

    class All(prometheus_client.registry.Collector):
        def collect(self) -> list[Any]:
            return [served, refused, asked]

    registry = prometheus_client.CollectorRegistry()
    registry.register(All())
    return prometheus_client.generate_latest(registry).decode("utf-8")
