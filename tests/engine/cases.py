"""The tables that the engine's tests are parametrised over."""

import os

import numpy as np
import pytest

# XLA's default, for what is asserted about optimised code; see tests/conftest.py.
OPTIMISED = {"xla_backend_optimization_level": 3}
if "xla_cpu_use_fusion_emitters" in os.environ["XLA_FLAGS"]:
    OPTIMISED["xla_cpu_use_fusion_emitters"] = True

METRICS = ("correlation", "cosine", "sqeuclidean", "euclidean")
COMPARISONS = (
    *("pearson", "spearman", "cosine", "tau-a", "tau-b", "rho-a"),
    *("corr_cov", "cosine_cov"),
)
ALIASES = {"corr": "pearson", "kendall": "tau-b"}
CLOSED_FORM = tuple(
    (m, c) for m in METRICS if m != "euclidean" for c in ("pearson", "cosine")
)
# Every pair has kernels of its own, which take seconds to compile. In every run: each
# metric with a fit of values and one of ranks, each comparison with the default metric,
# all closed forms, and each kind of fit with the one metric that is a root. What shares
# all but one line with another occurs once. Metrics that need noise, folds or counts
# are in test_noise_folds_counts.py.
PAIRS = (
    *(("correlation", c) for c in COMPARISONS),
    *(pair for pair in CLOSED_FORM if pair[0] != "correlation"),
    *(("euclidean", c) for c in ("pearson", "spearman", "tau-b", "cosine_cov")),
    *((m, "spearman") for m in ("cosine", "sqeuclidean")),
    ("squared_correlation", "pearson"),
)
# For what a metric and a kind of fit do each in its own way, and not together.
FEW_PAIRS = (
    ("correlation", "pearson"),
    ("correlation", "spearman"),
    ("correlation", "corr_cov"),
    ("cosine", "cosine"),
    ("sqeuclidean", "pearson"),
    ("euclidean", "tau-b"),
)
# Before an issue is resolved.
MORE_PAIRS = tuple(
    pair
    for pair in ((m, c) for m in METRICS for c in COMPARISONS)
    if pair not in PAIRS and not pair[1].endswith("_cov")
)


def methods(metric, compare):
    """Every path that is open to a metric and a comparison, ``"auto"``'s first."""
    closed = ("closed_form",) if (metric, compare) in CLOSED_FORM else ()
    return (*closed, "downdate", "masked")


def _cases(pairs, of_pair=lambda *pair: [pair]):
    """The cases of some pairs in every run, and those of all others, marked slow."""
    return [
        pytest.param(*case, marks=() if pair in pairs else pytest.mark.slow)
        for pair in (*PAIRS, *MORE_PAIRS)
        for case in of_pair(*pair)
    ]


def _paths(metric, compare):
    return [(metric, compare, method) for method in methods(metric, compare)]


# One pattern of missing pairs everywhere: kernels are compiled for a number of pairs.
MISSING = ((0, 3), (2, 5), (2, 6), (7, 8))
# Of three targets the first and the last miss as many, but not the same ones.
UNEQUAL = (
    *((0, *pair) for pair in MISSING),
    *((2, (i + 1) % 9, (j + 1) % 9) for i, j in MISSING),
)

over_metrics = pytest.mark.parametrize("metric", METRICS)
over_comparisons = pytest.mark.parametrize("compare", COMPARISONS)
over_pairs = pytest.mark.parametrize(("metric", "compare"), _cases(PAIRS))
over_few_pairs = pytest.mark.parametrize(("metric", "compare"), _cases(FEW_PAIRS))
over_closed_form = pytest.mark.parametrize(("metric", "compare"), CLOSED_FORM)
over_paths = pytest.mark.parametrize(
    ("metric", "compare", "method"), _cases(PAIRS, _paths)
)
over_few_paths = pytest.mark.parametrize(
    ("metric", "compare", "method"), _cases(FEW_PAIRS, _paths)
)

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
