"""WHAT distance: one RDM metric per file.

A metric is a frozen dataclass, a static argument of the kernels, which never ask
which metric they hold. Adding one: a file here and a line in `METRICS`.
"""

from typing import Any

from ..base import checks
from ._base import Metric as Metric
from .correlation import Correlation as Correlation
from .cosine import Cosine as Cosine
from .crossnobis import Crossnobis as Crossnobis
from .euclidean import Euclidean as Euclidean
from .mahalanobis import Mahalanobis as Mahalanobis
from .poisson import Poisson as Poisson
from .sqeuclidean import SquaredEuclidean as SquaredEuclidean
from .squared_correlation import SquaredCorrelation as SquaredCorrelation

METRICS: dict[str, type[Metric]] = {
    "correlation": Correlation,
    "cosine": Cosine,
    "sqeuclidean": SquaredEuclidean,
    "euclidean": Euclidean,
    "squared_correlation": SquaredCorrelation,
    "mahalanobis": Mahalanobis,
    "crossnobis": Crossnobis,
    "poisson": Poisson,
}

__all__ = [
    "METRICS",
    "Correlation",
    "Cosine",
    "Crossnobis",
    "Euclidean",
    "Mahalanobis",
    "Metric",
    "Poisson",
    "SquaredCorrelation",
    "SquaredEuclidean",
    "metric_named",
]


def metric_named(name: str, undefined: Any = "nan", noise: Any = None) -> Metric:
    """Metric by name, for units with this noise."""
    checks.choice("metric", name, list(METRICS))
    checks.choice("undefined", undefined, ["nan", "zero"])
    checks.noise_wanted(name, METRICS[name].noise, noise is not None)
    return METRICS[name](undefined)
