"""readout=: the RDM of what responds to a layer, against masking it in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import MISSING

import jaxprune as jp
from jaxprune.kernels import readout as kernels

N_UNITS = 24
RNG = np.random.default_rng(40)
WEIGHT, BIAS = RNG.normal(size=(N_UNITS, 11)), RNG.normal(size=11)
LAST = RNG.normal(size=(11, 7))
LABELS = RNG.permutation(np.repeat(list("abcdefg"), [6, 5, 4, 3, 3, 2, 1]))
MEMBERS = np.unique(LABELS)[:, None] == LABELS
# Units 20 to 23 are in no group.
FEW = [np.arange(5), np.array([7, 5, 6]), np.arange(8, 20)]
SOME = np.array([np.isin(np.arange(N_UNITS), group) for group in FEW])
OVERLAPPING = RNG.random((7, N_UNITS)) < 0.4


def slow(x):
    """The read-out in NumPy."""
    return np.maximum(x @ WEIGHT + BIAS, 0) @ LAST


def whole(x):
    """The same, of JAX arrays."""
    return jnp.maximum(x @ WEIGHT + BIAS[None], 0) @ LAST


LINEAR = jp.LinearReadout(WEIGHT, BIAS, lambda z: jnp.maximum(z, 0) @ LAST)
READOUTS = {"whole": whole, "linear": LINEAR}
over_readouts = pytest.mark.parametrize("readout", READOUTS.values(), ids=READOUTS)
over_pairs = pytest.mark.parametrize(
    "pair", [("correlation", "pearson"), ("euclidean", "spearman")], ids="-".join
)


def close(got, wanted, tolerance=1e-12):
    np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance)


@over_readouts
@over_pairs
def test_leave_one_out(features, targets, readout, pair):
    x, t = features("dense"), targets(3)
    options = dict(zip(("metric", "compare"), pair, strict=True))
    units = {"groups": None}, ~np.eye(N_UNITS, dtype=bool)
    maps, several = (({"groups": m}, ~m) for m in (MEMBERS, OVERLAPPING))
    for given, masks in (units, maps, several):
        got = jp.leave_one_out(x, t, readout=readout, **given, **options)
        everything = np.ones((1, N_UNITS), bool)
        full = ref.read_masks(x, t, everything, slow, **options)
        scores = ref.read_masks(x, t, masks, slow, **options)
        close(got.full_score, full[:, 0])
        close(got.scores, scores)
        close(got.importance, full - scores)
        assert (got.path, got.settings.readout is None) == ("readout", False)


@over_readouts
def test_prune(features, targets, readout):
    x, t = features("dense"), targets()
    for groups, members in ((None, np.eye(N_UNITS, dtype=bool)), (FEW, SOME)):
        options = {"undefined": "zero"}
        got = jp.prune(x, t, groups=groups, readout=readout, **options)
        assert set(got.paths.values()) == {"readout"}
        full = ref.score(slow(x), t, **options)
        importance = full - ref.read_masks(x, t, ~members, slow, **options)
        close(got.importance, importance)
        np.testing.assert_array_equal(got.order, ref.ranking(got.importance))
        rest = ~members.any(0)
        sizes = range(1, len(members) + 1)
        masks = np.array([members[got.order[:k]].any(0) | rest for k in sizes])
        curve = ref.read_masks(x, t, masks, slow, **options)
        close(got.curve, curve)
        assert got.best_size == ref.best_size(curve)
        np.testing.assert_array_equal(got.mask, masks[got.best_size - 1])
        close(got.full_rdm, ref.rdm(slow(x)))
        close(got.pruned_rdm, ref.rdm(slow(np.where(got.mask, x, 0))))
        again = jp.reintroduce(
            x, t, got.order, groups=groups, readout=readout, sizes=[2, 3], **options
        )
        close(again.curve, curve[[1, 2]])


@over_readouts
def test_masks_and_groups_alone(features, targets, readout):
    x, t = features("dense"), targets()
    wanted = ref.read_masks(x, t, OVERLAPPING, slow)
    close(jp.score_masks(x, t, OVERLAPPING, readout=readout), wanted)
    close(jp.score(x, t, groups=OVERLAPPING, readout=readout), wanted)
    close(jp.score(x, t, readout=readout), ref.score(slow(x), t))


@over_readouts
def test_missing_pairs_and_conditions(features, targets, readout):
    x, t = features("dense"), targets(missing=MISSING)
    t[4] = t[:, 4] = np.nan
    kept = np.delete(np.arange(9), 4)
    part = t[np.ix_(kept, kept)]
    got = jp.prune(x, t, groups=LABELS, readout=readout)
    scores = ref.read_masks(x[kept], part, ~MEMBERS, slow)
    close(got.importance, ref.score(slow(x[kept]), part) - scores)


def test_controls(features, targets):
    x, t, control = features("dense"), targets(), targets(seed=11)
    given = {"groups": LABELS, "readout": LINEAR}
    got = jp.leave_one_out(x, t, controls=control, **given)
    patterns = [slow(np.where(mask, x, 0)) for mask in ~MEMBERS]
    close(got.scores, [jp.score(one, t, controls=control) for one in patterns])


def test_batches_change_nothing(features, targets):
    x, t = features("dense"), targets()
    order = np.random.default_rng(1).permutation(7)
    options = {"groups": LABELS, "compare": "spearman"}
    for readout in READOUTS.values():
        left_out, put_back = (
            [
                function(x, t, *given, readout=readout, batch_size=size, **options)
                for size in (None, 3)
            ]
            for function, given in ((jp.leave_one_out, ()), (jp.reintroduce, (order,)))
        )
        close(left_out[0].scores, left_out[1].scores)
        close(put_back[0].curve, put_back[1].curve)


def test_a_linear_step_that_is_subtracted_to_nothing():
    """A condition that one group alone responds to is zero without it, exactly."""
    rng = np.random.default_rng(2)
    x, t = rng.random((9, N_UNITS)), np.arange(36.0)
    x[3, 5:] = 0
    rest = lambda z: jnp.maximum(z, 0)  # noqa: E731
    linear = jp.LinearReadout(WEIGHT, np.zeros(11), rest)
    got = jp.leave_one_out(x, t, groups=FEW, readout=linear)
    wanted = jp.leave_one_out(x, t, groups=FEW, readout=lambda x: rest(x @ WEIGHT))
    assert np.isnan(got.scores).tolist() == [True, False, False]
    close(got.scores, wanted.scores)


def test_units_that_never_respond_change_nothing(features, targets):
    x = features("dense")
    x[:, [3, 20]] = 0
    for readout in READOUTS.values():
        got = jp.leave_one_out(x, targets(), readout=readout)
        assert not got.importance[[3, 20]].any()


def test_precision_is_that_of_the_run(features, targets):
    seen = []

    def readout(x):
        seen.append((x.dtype, jnp.asarray(WEIGHT).dtype))
        return whole(x)

    x, t = features("dense"), targets()
    double, single = (
        jp.leave_one_out(x, t, readout=readout, precision=precision)
        for precision in ("float64", "float32")
    )
    assert [*dict.fromkeys(seen)] == [(np.float64,) * 2, (np.float32,) * 2]
    assert (double.dtype, single.dtype) == ("float64", "float32")
    close(single.scores, double.scores, 1e-5)


def test_patterns_of_any_size(features, targets):
    x, t = features("dense"), targets()
    for exponent in (-300, 300):
        far = lambda x, e=exponent: jnp.ldexp(whole(x), e)  # noqa: E731
        got = jp.leave_one_out(x, t, "sqeuclidean", readout=far)
        wanted = jp.leave_one_out(x, t, "sqeuclidean", readout=whole)
        close(got.scores, wanted.scores)


@pytest.mark.slow
def test_shapley_values_add_up(features, targets):
    options = {"groups": LABELS, "readout": LINEAR, "importance": "shapley"}
    got = jp.prune(features("dense"), targets(), undefined="zero", **options)
    assert got.importance.sum() == pytest.approx(got.full_score)


def test_a_function_is_compiled_once_whatever_its_weights(features, targets):
    x, t, weight = features("dense"), targets(), jnp.asarray(WEIGHT)

    def readout(x):
        return x @ weight

    first = jp.leave_one_out(x, t, readout=readout, precision="float32")
    known = kernels.score._cache_size()
    weight = jnp.asarray(WEIGHT[:, ::-1] ** 2)
    second = jp.leave_one_out(x, t, readout=readout, precision="float32")
    assert kernels.score._cache_size() == known
    wanted = ref.read_masks(x, t, ~np.eye(N_UNITS, dtype=bool), lambda x: x @ WEIGHT**2)
    close(second.scores, wanted, 1e-5)
    assert np.abs(first.scores - second.scores).max() > 0.01


def nan(x):
    return jnp.where(jnp.arange(9)[:, None] == 2, jnp.nan, x)


BAD = {
    "no function": (WEIGHT, "readout is of type ndarray; expected a function"),
    "conditions": (lambda x: x[1:], r"readout made an array \(8, 24\) of a layer \(9,"),
    "one dimension": (lambda x: x.sum(1), r"an array \(9,\) .*expected .* \(9, M\)"),
    "no array": (lambda x: (x, x), "readout made tuple"),
    "numpy": (lambda x: np.asarray(x), "readout does .* cannot trace.*use jax.numpy"),
    "if": (lambda x: x if x.sum() > 0 else -x, "jnp.where instead of if"),
    "nan": (nan, r"NaN or infinity for 1 condition\(s\), 2 \(counted from 0\)"),
    "complex": (lambda x: jax.lax.complex(x, x), "readout has dtype complex128"),
    "constant": (lambda x: 0 * x, "readout is constant over all units for condition"),
    "weight": (
        jp.LinearReadout(WEIGHT[1:], BIAS, lambda z: z),
        "weight has 23 rows, and features 24",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_readouts(features, targets, bad):
    readout, message = BAD[bad]
    with pytest.raises(ValueError, match=message):
        jp.leave_one_out(features("dense"), targets(), readout=readout)


def test_options_that_a_readout_does_not_allow(features, targets):
    x, t = features("dense"), targets()
    with pytest.raises(ValueError, match=r"search='forward' with readout"):
        jp.prune(x, t, readout=whole, search="forward")
    with pytest.raises(ValueError, match=r"method='masked' with readout"):
        jp.prune(x, t, readout=whole, method="masked")
    several = {"devices": jax.devices()[:2]}
    noise = {"metric": "mahalanobis", "noise": np.ones(N_UNITS)}
    for options, why in ((several, "devices are several"), (noise, "noise is that")):
        with pytest.raises(ValueError, match=f"readout was given, and {why}"):
            jp.leave_one_out(x, t, readout=whole, **options)
    with pytest.raises(ValueError, match=r"readout was given, and metric='crossnobis'"):
        jp.score(np.stack([x, x]), t, "crossnobis", readout=whole)
    with pytest.raises(ValueError, match="transpose it"):
        jp.LinearReadout(WEIGHT.T, BIAS, lambda z: z)
