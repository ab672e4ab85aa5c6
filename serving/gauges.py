"""What Prometheus hears of the champion, beside BentoML's own counts and times."""

from serving.schemas import ModelAnswer


def gauges(model: ModelAnswer, refusal: str | None) -> str:
    """The champion's gauges as Prometheus reads them.

    Args:
        model: what answers.
        refusal: why the newest champion was refused; None where it was not.
    """
    # BentoML sets it up for several processes first, which an import at the top would come before.
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import GaugeMetricFamily
    from prometheus_client.registry import Collector

    served = GaugeMetricFamily("mixplan_champion", "What answers", labels=["task", "version", "data_version"])
    for name, task in model.tasks.items():
        served.add_metric([name, task.version, model.data_version], 1)
    refused = GaugeMetricFamily("mixplan_champion_refused", "Whether the newest champion was refused")
    refused.add_metric([], float(refusal is not None))

    class Both(Collector):
        def collect(self) -> list[GaugeMetricFamily]:
            return [served, refused]

    registry = CollectorRegistry()
    registry.register(Both())
    return generate_latest(registry).decode("utf-8")
