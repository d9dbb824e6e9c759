"""Noise ceilings: against rsatoolbox, published definitions, and what they promise."""

import warnings

import numpy as np
import pytest
import reference as ref

from jaxprune.base.arrays import condensed, squareform
from jaxprune.comparisons import COMPARISONS, compare
from jaxprune.inference import noise_ceiling, pool

U = np.array([15, 16.5, 19 / 6, 71 / 6, 8.5, 59 / 6, 113 / 6, 35 / 3, 18, 35 / 3])
T = np.array([1, 2, 2, 3, 1, 4, 4, 2, 3, 5], float)
GOLDEN = {
    "pearson": (0.516518477849, 0.76982193692),
    "cosine": (0.933674520178, 0.970273995954),
    "spearman": (0.513097661739, 0.755250020405),
    "rho-a": (0.510101010101, 0.745454545455),
    "corr_cov": (0.587788096925, 0.796002141011),
    "cosine_cov": (0.865126940713, 0.939414241169),
}
over_comparisons = pytest.mark.parametrize("name", COMPARISONS)


def stack(k=5, n=9, noise=1.0, seed=0, gone=()):
    """RDMs of subjects who share a structure, ``(k, n, n)``; with ties."""
    rng = np.random.default_rng(seed)
    points, own = rng.normal(size=(n, 4)), noise * rng.normal(size=(k, n, 4))
    rdms = np.array([ref.square(ref.rdm(points + x, "euclidean")) for x in own])
    rdms *= rng.uniform(0.5, 5, size=(k, 1, 1))
    for subject, i, j in gone:
        rdms[subject, i, j] = rdms[subject, j, i] = np.nan
    return rdms.round(1)


def theirs(rdms, name, labels=None):
    """What rsatoolbox returns, its warnings about tau apart."""
    rsatoolbox = pytest.importorskip("rsatoolbox")
    from rsatoolbox.inference import boot_noise_ceiling

    index = np.arange(len(rdms)) if labels is None else np.asarray(labels)
    data = rsatoolbox.rdm.RDMs(
        condensed(rdms), rdm_descriptors={"subject": index.tolist()}
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        method = "corr" if name == "pearson" else name
        return boot_noise_ceiling(data, method, rdm_descriptor="subject")


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_numbers(name):
    rdms = squareform(np.stack([T, T[::-1] + U, 3 * U]))
    ceiling = noise_ceiling(rdms, name)
    expected = pytest.approx(GOLDEN[name], abs=1e-11)
    assert (ceiling.lower, ceiling.upper) == expected


def test_squared_scores():
    rdms = stack()
    plain, squared = noise_ceiling(rdms), noise_ceiling(rdms, objective="r2")
    np.testing.assert_allclose(squared.upper_scores, plain.upper_scores**2)
    assert squared.lower == pytest.approx(np.mean(plain.lower_scores**2))
    with pytest.raises(ValueError, match="objective='R' is not known"):
        noise_ceiling(rdms, objective="R")


@over_comparisons
@pytest.mark.parametrize("k", [2, 5])
def test_equals_rsatoolbox(name, k):
    rdms = stack(k)
    ceiling = noise_ceiling(rdms, name)
    expected = pytest.approx(theirs(rdms, name), abs=1e-12)
    assert (ceiling.lower, ceiling.upper) == expected


@over_comparisons
def test_equals_rsatoolbox_where_the_same_pairs_are_missing(name):
    rdms = stack(4, gone=[(s, *pair) for s in range(4) for pair in [(0, 1), (3, 7)]])
    ceiling = noise_ceiling(rdms, name)
    expected = pytest.approx(theirs(rdms, name), abs=1e-12)
    assert (ceiling.lower, ceiling.upper) == expected
    assert np.flatnonzero(~ceiling.pairs).tolist() == [0, 24]


@pytest.mark.parametrize("name", ["pearson", "spearman", "cosine_cov"])
def test_sessions_of_a_subject_are_left_out_together(name):
    rdms, labels = stack(6), ["a", "b", "a", "c", "b", "a"]
    ceiling = noise_ceiling(rdms, name, subjects=labels)
    expected = pytest.approx(theirs(rdms, name, labels), abs=1e-12)
    assert (ceiling.lower, ceiling.upper) == expected
    others = pool(condensed(rdms[[0, 2, 3, 5]]), name)
    each = [compare(others, row, name) for row in condensed(rdms[[1, 4]])]
    np.testing.assert_allclose(ceiling.lower_scores[[1, 4]], each, atol=1e-13)


@over_comparisons
def test_each_subject(name):
    rdms = stack()
    ceiling = noise_ceiling(rdms, name)
    rows = condensed(rdms)
    upper = [ref.compare(pool(rows, name), row, name) for row in rows]
    lower = [
        ref.compare(pool(np.delete(rows, k, 0), name), row, name)
        for k, row in enumerate(rows)
    ]
    np.testing.assert_allclose(ceiling.upper_scores, upper, atol=1e-13)
    np.testing.assert_allclose(ceiling.lower_scores, lower, atol=1e-13)
    assert ceiling.lower == pytest.approx(np.mean(lower), abs=1e-13)
    assert ceiling.upper == pytest.approx(np.mean(upper), abs=1e-13)
    assert ceiling.compare == name


@pytest.mark.parametrize("name", ["pearson", "cosine", "spearman", "rho-a"])
def test_no_model_is_above_the_upper_bound(name):
    rows = condensed(stack(4, n=6))
    upper = noise_ceiling(squareform(rows), name).upper
    rng = np.random.default_rng(0)
    best = pool(rows, name)
    models = best + rng.normal(size=(60, len(best))) * best.std() / 3
    means = [np.mean([compare(m, row, name) for row in rows]) for m in models]
    assert max(means) <= upper + 1e-12


def test_noise_lowers_both_bounds():
    little, much = (noise_ceiling(stack(noise=s)) for s in (0.2, 2.0))
    assert little.lower > 0.9
    assert much.lower < little.lower
    assert much.upper < little.upper
    assert much.lower < much.upper


@over_comparisons
def test_equal_subjects_reach_one(name):
    rdms = np.repeat(stack(1), 3, axis=0) * np.array([1, 2, 5])[:, None, None]
    ceiling = noise_ceiling(rdms, name)
    rows = condensed(rdms)
    itself = compare(rows[0], rows[0], name)  # below 1 for rho-a and tau-a, with ties
    assert ceiling.lower == pytest.approx(itself, abs=1e-13)
    assert ceiling.upper == pytest.approx(itself, abs=1e-13)


def test_pair_missing_in_one_subject_is_left_out_for_all():
    one = stack(gone=[(2, 0, 4)])
    every = stack(gone=[(s, 0, 4) for s in range(5)])
    assert noise_ceiling(one).lower == noise_ceiling(every).lower
    pooled = pool(condensed(one))
    assert np.flatnonzero(np.isnan(pooled)).tolist() == [3]


def test_similarities_rsatoolbox_and_aliases():
    rdms = stack()
    expected = noise_ceiling(rdms)
    similar = noise_ceiling(1 - rdms, target_kind="similarity")
    assert similar.lower == pytest.approx(expected.lower, abs=1e-13)
    assert noise_ceiling(rdms, "corr").lower == expected.lower
    assert noise_ceiling(rdms, "corr").compare == "pearson"
    rsatoolbox = pytest.importorskip("rsatoolbox")
    theirs = rsatoolbox.rdm.RDMs(condensed(rdms))
    assert noise_ceiling(theirs).upper == expected.upper


@pytest.mark.parametrize("name", ["pearson", "corr_cov", "spearman"])
def test_subjects_that_cancel_have_no_ceiling(name):
    rdm = ref.square(np.array([0.1, 0.7, 0.2, 0.9, 0.3, 0.5]))
    opposite = (1 - rdm) * (1 - np.eye(4))
    ceiling = noise_ceiling(np.stack([rdm, opposite]), name)
    assert np.isnan(ceiling.upper)
    assert ceiling.lower == pytest.approx(-1, abs=1e-12)


def test_human_it(data_dir):
    file = data_dir / "objects92" / "rdms_human_it_subjects.npz"
    if not file.exists():
        pytest.skip(f"needs {file}")
    with np.load(file) as found:
        rdms = found["rdms"].astype(float)
    subjects = np.repeat(np.arange(4), 2)
    ceiling = noise_ceiling(rdms, "spearman", subjects=subjects)
    assert -1 < ceiling.lower < ceiling.upper < 1
    # Sessions of one subject are more alike than subjects are.
    assert ceiling.lower < noise_ceiling(rdms, "spearman").lower


@pytest.mark.parametrize(
    ("rdms", "options", "message"),
    [
        (stack(1), {}, "one subject.*at least 2"),
        (stack(1)[0], {}, r"shape \(9, 9\).*\(k, n, n\)"),
        (stack(3), {"subjects": [1, 1, 1]}, "one subject"),
        (stack(3), {"subjects": [1, 2]}, "one label for each of the 3 RDM"),
        (stack(3), {"compare": "cka"}, "compare='cka'"),
        (stack(3), {"target_kind": "distance"}, "target_kind='distance'"),
        (stack(3) * np.array([1, 0, 1])[:, None, None], {}, r"target\[1\] is constant"),
        (stack(2) + np.triu(np.ones((9, 9)), 1), {}, "not symmetric"),
    ],
)
def test_refuses(rdms, options, message):
    with pytest.raises(ValueError, match=message):
        noise_ceiling(rdms, **options)


def test_refuses_subjects_without_a_common_pair():
    rdms = stack(2)
    rdms[0, :5] = rdms[0, :, :5] = np.nan
    rdms[1, 5:] = rdms[1, :, 5:] = np.nan
    with pytest.raises(ValueError, match="2 RDMs have no pair in common"):
        noise_ceiling(rdms)


@pytest.mark.parametrize("rdms", [np.ones(6), np.ones((2, 4, 4)), np.ones((0, 6))])
def test_pool_refuses(rdms):
    with pytest.raises(ValueError, match=r"rdms has shape .*\(k, P\)"):
        pool(rdms)
