"""What Prometheus hears of the champion, beside BentoML's own counts and times."""

from typing import Any

from serving.schemas import ModelAnswer


def gauges(model: ModelAnswer, refusal: str | None) -> str:
    """The champion's gauges as Prometheus reads them.

    Args:
        model: what answers.
        refusal: why the newest champion was refused; None where it was not.
    """
    import prometheus_client  # noqa: PLC0415 - BentoML sets it up for several processes before its first import

    family = prometheus_client.metrics_core.GaugeMetricFamily
    served = family("mixplan_champion", "What answers", labels=["task", "version", "data_version"])
    for name, task in model.tasks.items():
        served.add_metric([name, task.version, model.data_version], 1)
    refused = family("mixplan_champion_refused", "Whether the newest champion was refused")
    refused.add_metric([], float(refusal is not None))

    class Both(prometheus_client.registry.Collector):
        def collect(self) -> list[Any]:
            return [served, refused]

    registry = prometheus_client.CollectorRegistry()
    registry.register(Both())
    return prometheus_client.generate_latest(registry).decode("utf-8")
