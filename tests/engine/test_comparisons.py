"""Whitened comparisons: against their definition, rsatoolbox and linear CKA."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import EUCLIDEAN, FITS, T

import jaxprune as jp
from jaxprune.comparisons import COMPARISONS, compare, compare_all
from jaxprune.comparisons.spearman import centred_ranks, rank_products
from jaxprune.comparisons.whitened import CorrCov, CosineCov

WHITENED = {"corr_cov": CorrCov, "cosine_cov": CosineCov}
over_whitened = pytest.mark.parametrize("name", WHITENED)


def two_rdms(n, seed=0):
    """Squared distances of two sets of points that are alike."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, 6))
    return ref.rdm(points, "sqeuclidean"), ref.rdm(
        points + rng.normal(size=(n, 6)), "sqeuclidean"
    )


def missing(n, count, seed=0):
    chosen = np.random.default_rng(seed).choice(n * (n - 1) // 2, count, replace=False)
    return np.isin(np.arange(n * (n - 1) // 2), chosen)


@over_whitened
def test_golden_number(name):
    assert compare(EUCLIDEAN, T, name) == pytest.approx(FITS[name], abs=1e-12)


@over_whitened
@pytest.mark.parametrize(("n", "share"), [(4, 0), (9, 0), (9, 0.6), (30, 0.2)])
def test_equals_definition(name, n, share):
    d, t = two_rdms(n)
    t[missing(n, int(share * len(t)))] = np.nan
    assert compare(d, t, name) == pytest.approx(ref.compare(d, t, name), abs=1e-13)


@over_whitened
@pytest.mark.parametrize(("n", "count"), [(9, 0), (9, 11), (30, 200), (110, 0)])
def test_equals_rsatoolbox(name, n, count):
    # From 100 conditions on it takes another path; pairs must be missing in both.
    rsatoolbox = pytest.importorskip("rsatoolbox")
    d, t = two_rdms(n)
    d[missing(n, count)] = t[missing(n, count)] = np.nan
    stacks = [rsatoolbox.rdm.RDMs(v[None]) for v in (d, t)]
    expected = rsatoolbox.rdm.compare(*stacks, method=name).item()
    assert compare(d, t, name) == pytest.approx(expected, abs=1e-12)


def test_is_linear_cka_of_double_centred_rdms():
    d, t = two_rdms(20)
    centring = np.eye(20) - 1 / 20
    kernels = [-centring @ ref.square(v) @ centring / 2 for v in (d, t)]
    norms = [np.linalg.norm(kernel) for kernel in kernels]
    cka = np.sum(kernels[0] * kernels[1]) / np.prod(norms)
    assert compare(d, t, "cosine_cov") == pytest.approx(cka, abs=1e-13)


@over_whitened
def test_condition_without_any_pair_does_not_count(name):
    d, t = two_rdms(9)
    full = ref.square(t)
    full[4] = full[:, 4] = np.nan
    fewer = [np.delete(np.delete(ref.square(v), 4, 0), 4, 1) for v in (d, t)]
    expected = compare(*map(ref.condensed, fewer), name)
    assert compare(d, ref.condensed(full), name) == pytest.approx(expected, abs=1e-14)
    x, square = np.random.default_rng(0).normal(size=(9, 12)), ref.square(t)
    without = jp.score(np.delete(x, 4, 0), fewer[1], compare=name)
    square[4] = square[:, 4] = np.nan
    assert jp.score(x, square, compare=name) == pytest.approx(without, abs=1e-14)


@over_whitened
def test_order_of_conditions_does_not_matter(name):
    d, t = two_rdms(9)
    t[missing(9, 7)] = np.nan
    order = np.random.default_rng(1).permutation(9)
    moved = [ref.condensed(ref.square(v)[np.ix_(order, order)]) for v in (d, t)]
    assert compare(*moved, name) == pytest.approx(compare(d, t, name), abs=1e-14)


@over_whitened
def test_itself_its_opposite_and_its_scale(name):
    d, t = two_rdms(9)
    assert compare(d, 3 * d, name) == pytest.approx(1, abs=1e-14)
    assert compare(d, -d, name) == pytest.approx(-1, abs=1e-14)
    assert compare(d, t, name) == pytest.approx(compare(t, d, name), abs=1e-14)


def test_mean_matters_to_the_cosine_only():
    d, t = two_rdms(9)
    shifted = compare(d + 5, t, "corr_cov")
    assert shifted == pytest.approx(compare(d, t, "corr_cov"), abs=1e-13)
    assert abs(compare(d + 5, t, "cosine_cov") - compare(d, t, "cosine_cov")) > 0.01


def test_constant_rdm_is_undefined_to_the_correlation_only():
    flat = np.full(10, 0.1)
    assert np.isnan(compare(flat, T, "corr_cov"))
    expected = ref.compare(flat, T, "cosine_cov")
    assert compare(flat, T, "cosine_cov") == pytest.approx(expected, abs=1e-14)
    assert np.isnan(compare(0 * flat, T, "cosine_cov"))
    noise = 1e-16 * np.arange(10)
    assert np.isnan(compare(1 + noise, T, "corr_cov"))


@over_whitened
def test_nan_in_the_rdm_is_undefined(name):
    d, t = two_rdms(9)
    d[3] = np.nan
    assert np.isnan(compare(d, t, name))
    t[3] = np.nan
    assert np.isfinite(compare(d, t, name))


@over_whitened
def test_batch_of_rdms_and_targets(name):
    rdms, targets = np.stack(two_rdms(9)), np.stack(two_rdms(9, seed=1))
    kept = ~missing(9, 5)
    pairs = tuple(index[kept] for index in np.triu_indices(9, 1))
    comparison = WHITENED[name]()
    got = compare_all(comparison, rdms[:, kept], targets[:, kept], pairs)
    full = np.where(kept, targets, np.nan)
    expected = [[ref.compare(d, t, name) for d in rdms] for t in full]
    np.testing.assert_allclose(got, expected, atol=1e-14)


@over_whitened
def test_float32_keeps_its_digits(name):
    # The whitened length as a difference of two sums is off by 1e-5 here.
    n, rng = 90, np.random.default_rng(0)
    pairs = np.triu_indices(n, 1)
    effects = np.linspace(1, 2, n)
    d = effects[pairs[0]] + effects[pairs[1]] + 0.01 * rng.normal(size=len(pairs[0]))
    t = d + rng.normal(size=len(d))
    comparison = WHITENED[name]()
    prepared = comparison.prepare_all(t[None], pairs)
    single = jax.tree.map(
        lambda a: jnp.asarray(a.astype(np.float32) if a.dtype.kind == "f" else a),
        prepared,
    )
    got = jax.jit(comparison.score_all)(single, d[None].astype(np.float32))
    exact = compare_all(comparison, d[None], t[None], pairs)
    np.testing.assert_allclose(got, exact, rtol=2e-6)


@over_whitened
def test_only_conditions_differ(name):
    # d_ij = a_i + a_j: all of it is additive, and whitening leaves little.
    effects = np.linspace(1, 2, 40)
    i, j = np.triu_indices(40, 1)
    d, t = effects[i] + effects[j], two_rdms(40)[1]
    assert compare(d, t, name) == pytest.approx(ref.compare(d, t, name), abs=1e-12)


def test_each_target_has_its_order(features, targets):
    x, t = features("dense"), targets(k=2)
    result = jp.prune(x, t, compare="corr_cov")
    for k, target in enumerate(t):
        one = ref.prune(x, target, compare="corr_cov")
        np.testing.assert_allclose(result.importance[k], one.importance, atol=1e-12)
        assert result.best_size[k] == one.best_size
        assert result.best_score[k] == pytest.approx(one.best_score, abs=1e-12)


@over_whitened
def test_takes_the_downdate_path(name):
    assert jp.select_path("correlation", name) == "downdate"


def test_constant_target_is_refused_by_the_correlation_only(features):
    flat = np.ones((9, 9)) - np.eye(9)
    with pytest.raises(ValueError, match="constant"):
        jp.score(features(), flat, compare="corr_cov")
    assert np.isfinite(jp.score(features(), flat, compare="cosine_cov"))


@pytest.mark.parametrize(
    ("rdm", "target", "message"),
    [
        (np.ones(6), np.ones(10), r"\(6,\).*\(10,\)"),
        (np.ones((4, 4)), np.ones((4, 4)), r"condensed RDMs"),
        (np.ones(7), np.ones(7), r"length 7.*NaN"),
    ],
)
def test_compare_refuses(rdm, target, message):
    with pytest.raises(ValueError, match=message):
        compare(rdm, target)


@pytest.mark.parametrize("name", FITS)
def test_compare_refuses_a_target_without_pairs(name):
    for target in ([np.nan] * 3, [np.nan, np.nan, 1]):
        with pytest.raises(ValueError, match=r"target has [01] pair\(s\)"):
            compare([1, 2, 3], target, name)


@pytest.mark.parametrize("name", FITS)
def test_constant_target(name):
    # The mean of three times 0.1 is not 0.1.
    got = compare([1, 2, 4], [0.1, 0.1, 0.1], name)
    expected = {"tau-a": 0.0, "rho-a": 0.0}.get(name, np.nan)
    if "cosine" in name:
        expected = compare([0.1, 0.1, 0.1], [1, 2, 4], name)
    np.testing.assert_allclose(got, expected, atol=1e-15)


@pytest.mark.parametrize("name", FITS)
def test_scale_does_not_matter(name):
    d, t = two_rdms(9)
    expected = compare(d, t, name)
    for up, down in ((2.0**700, 2.0**-700), (2.0**-700, 2.0**700)):
        assert compare(up * d, down * t, name) == expected


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        *((name, "float64") for name in ("rho-a", "spearman", "tau-a", "tau-b")),
        ("rho-a", "float32"),
    ],
)
def test_equal_ranks_tie_on_the_device_and_on_the_host(name, dtype):
    rng = np.random.default_rng(0)
    rdms = rng.permuted(np.tile(np.arange(28.0), (200, 1)), axis=1).astype(dtype)
    comparison = COMPARISONS[name]()
    target = rng.integers(9, size=(1, 28)).astype(float)
    prepared = comparison.prepare_all(target, np.triu_indices(8, 1))
    host = comparison.score_rows(prepared, rdms)
    with jax.enable_x64(True):
        there = jnp.asarray(prepared.astype(dtype)), jnp.asarray(rdms)
        device = np.asarray(jax.jit(comparison.score_all)(*there))
    np.testing.assert_allclose(device, host, rtol=0, atol=np.finfo(dtype).eps)
    assert len(np.unique(device)) == len(np.unique(host)) < 200


def test_compare_names_what_it_knows():
    with pytest.raises(ValueError, match=r"name='cka'.*cosine_cov"):
        compare(T, T, "cka")


def test_ranks_what_one_sort_cannot_tell_apart():
    # Values closer than the bits that an index leaves of them, and closer than ties.
    rng = np.random.default_rng(3)
    rdms = rng.random((3, 2000))
    close = rng.permutation(2000)[:120].reshape(3, 2, 20)
    for step, (some, others) in zip((4e-13, 0, 1e-15), close, strict=True):
        rdms[:2, some] = rdms[:2, others] + step
    rdms[2] = np.round(rdms[2], 2)
    target = centred_ranks(rng.random(2000))[None]
    products, variances = rank_products(target, rdms, 1.0)
    ranks = np.stack([centred_ranks(rdm, 1.0) for rdm in rdms])
    assert len(np.unique(ranks[0])) == 2000 - 40
    np.testing.assert_array_equal(products, np.einsum("kp,bp->kb", target, ranks))
    np.testing.assert_array_equal(variances, np.sum(ranks * ranks, 1))
