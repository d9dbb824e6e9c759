"""One device against all there are: cases for one process, or for each of several.

As a program, ``python -m tests.engine.wide_job PORT N RANK`` is one of N processes that
share the units: every process checks that what all computed is what it computes alone.
"""

import sys

import numpy as np

import jaxprune as jp
from tests.conftest import FEATURES, N_CONDITIONS

TIES, FEW, CONSTANT = "ties across shards", "fewer units than devices", "constant rows"
CASES = (
    (TIES, "correlation", "pearson", {}),
    (CONSTANT, "correlation", "pearson", {"undefined": "zero"}),
    (FEW, "euclidean", "spearman", {}),
    ("fragile", "correlation", "pearson", {}),
    (FEW, "sqeuclidean", "pearson", {}),
    ("levels", "correlation", "spearman", {}),
    ("sparse", "correlation", "pearson", {"missing": True}),
    ("dominated", "cosine", "cosine", {"objective": "r2"}),
    (FEW, "euclidean", "tau-a", {}),
    ("sparse", "correlation", "pearson", {"groups": np.arange(24) % 7}),
    ("sparse", "euclidean", "spearman", {"groups": [np.arange(10), [13, 20]]}),
)
# What is compiled for eight devices takes seconds: these in every run.
SHORT = CASES[0], CASES[2]


def features(kind):
    """Features of a kind; the awkward ones of several devices beside the usual."""
    if kind == TIES:
        # Unit 0 again on every other device, and dead units on each.
        x = np.maximum(FEATURES["dense"](), 0)
        x[:, 2::3], x[:, 1::4] = x[:, :1], 0
        return x
    if kind == FEW:
        return FEATURES["dense"]()[:, :5]
    x = FEATURES["dense" if kind == CONSTANT else kind]()
    if kind == CONSTANT:
        x[3], x[6] = 0.1, 0.0
    return x


def target(missing):
    """Dissimilarities with ties; without two pairs, if some are to be missing."""
    points = np.random.default_rng(10).normal(size=(N_CONDITIONS, 3))
    rdm = np.linalg.norm(points[:, None] - points, axis=-1).round(1)
    if missing:
        rdm[[0, 4, 2, 7], [4, 0, 7, 2]] = np.nan
    return rdm


def check(kind, metric, compare, options, devices="all"):
    """Prune on one device and on several: the same, up to the order of near-ties."""
    options = dict(options)
    x, t = features(kind), target(options.pop("missing", False))
    one = jp.prune(x, t, metric, compare, **options)
    several = jp.prune(x, t, metric, compare, devices=devices, **options)
    check_same(one, several)
    options.pop("groups", None)
    masks = np.random.default_rng(0).random((5, x.shape[1])) < 0.7
    options["devices"] = devices
    shared = jp.score_masks(x, t, masks, metric, compare, **options)
    del options["devices"]
    alone = jp.score_masks(x, t, masks, metric, compare, **options)
    np.testing.assert_allclose(shared, alone, rtol=0, atol=1e-12)


def check_same(one, several, tolerance=1e-12):
    """Importances, ranking but for near-ties, curve, retained units, RDMs."""
    assert several.importance.shape == one.importance.shape
    np.testing.assert_allclose(
        several.importance, one.importance, rtol=0, atol=tolerance
    )
    # Where the order differs, the importances do not, by more than round-off.
    values = np.where(np.isnan(one.importance), np.inf, one.importance)
    ranked, reference = values[several.order], values[one.order]
    defined = np.isfinite(reference)
    np.testing.assert_array_equal(np.isfinite(ranked), defined)
    np.testing.assert_allclose(
        ranked[defined], reference[defined], rtol=0, atol=2 * tolerance
    )
    np.testing.assert_allclose(several.full_score, one.full_score, rtol=0, atol=1e-12)
    np.testing.assert_allclose(several.best_score, one.best_score, rtol=0, atol=1e-12)
    if np.array_equal(one.order, several.order):
        np.testing.assert_allclose(several.curve, one.curve, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(several.retained, one.retained)
    np.testing.assert_allclose(several.full_rdm, one.full_rdm, rtol=1e-12, atol=1e-12)


def main(port, n_processes, rank):
    """Be one of several processes."""
    import jax

    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(f"127.0.0.1:{port}", int(n_processes), int(rank))
    assert len(jax.devices()) > len(jax.local_devices())
    for case in CASES:
        check(*case)
        print("same:", *case, flush=True)
    x = features("dense")
    x[2, 20] = np.nan
    try:
        jp.prune(x, target(False), devices="all")
    except ValueError as error:
        print("error:", error, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
