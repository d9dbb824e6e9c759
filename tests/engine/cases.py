"""The tables that the engine's tests are parametrised over."""

import numpy as np
import pytest

METRICS = ("correlation", "cosine", "sqeuclidean", "euclidean")
COMPARISONS = (
    *("pearson", "spearman", "cosine", "tau-a", "tau-b", "rho-a"),
    *("corr_cov", "cosine_cov"),
)
ALIASES = {"corr": "pearson", "kendall": "tau-b"}
PAIRS = (
    *((m, c) for m in METRICS for c in COMPARISONS if not c.endswith("_cov")),
    # What shares its sums, or all but one line, with one of these: once, for every pair
    # takes a second to compile. Metrics that need noise, folds or counts are in
    # test_noise_folds_counts.py.
    ("squared_correlation", "pearson"),
    ("correlation", "corr_cov"),
    ("euclidean", "cosine_cov"),
)
CLOSED_FORM = tuple(
    (m, c) for m in METRICS if m != "euclidean" for c in ("pearson", "cosine")
)


def methods(metric, compare):
    """Every value of ``method`` that is valid for a metric and a comparison."""
    closed = ("closed_form",) if (metric, compare) in CLOSED_FORM else ()
    return ("auto", "downdate", "masked", *closed)


PATHS = tuple((m, c, p) for m, c in PAIRS for p in methods(m, c))

over_metrics = pytest.mark.parametrize("metric", METRICS)
over_comparisons = pytest.mark.parametrize("compare", COMPARISONS)
over_pairs = pytest.mark.parametrize(("metric", "compare"), PAIRS)
over_closed_form = pytest.mark.parametrize(("metric", "compare"), CLOSED_FORM)
over_paths = pytest.mark.parametrize(("metric", "compare", "method"), PATHS)

# Golden numbers, computed with rsatoolbox 0.3.2. Row 3 of X is constant.
X = np.array(
    [[((i + 1) * (j + 2) * 7 + 3 * i**2 + 5 * j) % 11 for j in range(6)]
     for i in range(5)],
    dtype=float,
)  # fmt: skip
NAN = np.nan
CORRELATION = [1.27439587453, 1.20392194197, NAN, 0.796078058032, 0.413017515929,
               NAN, 0.923198553486, NAN, 0.80198019802, NAN]  # fmt: skip
EUCLIDEAN = [15, 16.5, 3.16666666667, 11.8333333333, 8.5, 9.83333333333,
             18.8333333333, 11.6666666667, 18, 11.6666666667]  # fmt: skip
POISSON = [5.21763595335, 5.38208987173, 0.564131575654, 4.29838747606, 1.4486470602,
           4.33970589448, 7.46523013198, 4.579765146, 9.26051112904,
           4.579765146]  # fmt: skip
# With the precision diag(1 / (1, 2, ..., 6)).
MAHALANOBIS = [8.33888888889, 10.2722222222, 2.03333333333, 6.24166666667,
               2.58888888889, 3.66111111111, 4.56944444444, 5.21666666667,
               5.65833333333, 3.78611111111]  # fmt: skip
T = np.array([1, 2, 2, 3, 1, 4, 4, 2, 3, 5], float)
FITS = {
    "pearson": 0.194530210209,
    "cosine": 0.879177714439,
    "spearman": 0.223641312962,
    "rho-a": 0.218181818182,
    "tau-a": 0.177777777778,
    "tau-b": 0.193121819834,
    "corr_cov": 0.279813781534,
    "cosine_cov": 0.757590092051,
}
