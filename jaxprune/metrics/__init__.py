"""WHAT distance: one RDM metric per file.

A metric is a frozen dataclass, a static argument of the kernels, which never ask
which metric they hold. Adding one: a file here and a line in `METRICS`.
"""

from ._base import Metric as Metric
from .correlation import Correlation as Correlation
from .cosine import Cosine as Cosine
from .euclidean import Euclidean as Euclidean
from .sqeuclidean import SquaredEuclidean as SquaredEuclidean

METRICS: dict[str, type[Metric]] = {
    "correlation": Correlation,
    "cosine": Cosine,
    "sqeuclidean": SquaredEuclidean,
    "euclidean": Euclidean,
}

__all__ = [
    "METRICS",
    "Correlation",
    "Cosine",
    "Euclidean",
    "Metric",
    "SquaredEuclidean",
]
