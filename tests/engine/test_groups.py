"""groups=: units left out, put back and retained together, against deleted columns."""

import jax.numpy as jnp
import numpy as np
import pytest
import reference as ref
from cases import FEW_PAIRS, MISSING

import jaxprune as jp
from jaxprune.execution.budget import BATCHES

N_UNITS = 24
LABELS = np.random.default_rng(30).permutation(
    np.repeat(list("abcdefg"), [6, 5, 4, 3, 3, 2, 1])
)
MEMBERS = np.unique(LABELS)[:, None] == LABELS
# Units 20 to 23 are in no group.
FEW = [np.arange(5), np.array([7, 5, 6]), np.arange(8, 20)]
SOME = np.array([np.isin(np.arange(N_UNITS), group) for group in FEW])
OVERLAPPING = np.random.default_rng(31).random((7, N_UNITS)) < 0.4
KINDS = ("dense", "sparse", "heavy", "tiny", "huge", "fragile", "levels", "dominated")
# Each takes seconds to compile; in every run, a metric with means and one without.
IN_EVERY_RUN = ("correlation", "pearson"), ("sqeuclidean", "pearson")
over_pairs = pytest.mark.parametrize(
    ("metric", "compare"),
    [
        pytest.param(*pair, marks=() if pair in IN_EVERY_RUN else pytest.mark.slow)
        for pair in FEW_PAIRS
    ],
)
SHARED = np.linalg.inv(np.cov(np.random.default_rng(32).normal(size=(N_UNITS, 60))))


def check_left_out(x, target, groups, members, **options):
    """Importances against the columns of each group deleted; our result."""
    got = jp.leave_one_out(x, target, groups=groups, **options)
    slow = {k: v for k, v in options.items() if k not in ("method", "memory")}
    scores = ref.score_masks(x, target, ~members, **slow)
    full = np.asarray(ref.score(x, target, **slow))
    np.testing.assert_allclose(got.full_score, full, rtol=0, atol=1e-12)
    np.testing.assert_allclose(got.scores, scores, rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        got.importance, full[..., None] - scores, rtol=0, atol=1e-12
    )
    return got


def prefixes(members, order):
    """Masks of the first groups of an order, with the units that are in none."""
    rest = ~members.any(0)
    masks = [members[order[: size + 1]].any(0) | rest for size in range(len(order))]
    return np.array(masks)


def check_pruned(x, target, groups, members, **options):
    """Importance, ranking, curve, best prefix and what is retained."""
    got = jp.prune(x, target, groups=groups, **options)
    slow = {k: v for k, v in options.items() if k != "memory"}
    full = ref.score(x, target, **slow)
    importance = full - ref.score_masks(x, target, ~members, **slow)
    np.testing.assert_allclose(got.importance, importance, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(got.order, ref.ranking(got.importance))
    masks = prefixes(members, got.order)
    curve = ref.score_masks(x, target, masks, **slow)
    np.testing.assert_allclose(got.curve, curve, rtol=0, atol=1e-12)
    assert got.best_size == ref.best_size(curve)
    retained = np.sort(got.order[: got.best_size])
    np.testing.assert_array_equal(got.retained_groups, retained)
    np.testing.assert_array_equal(got.mask, masks[got.best_size - 1])
    np.testing.assert_array_equal(got.retained, np.flatnonzero(got.mask))
    pruned = ref.rdm(x[..., got.mask], got.settings.metric)
    np.testing.assert_allclose(got.pruned_rdm, pruned, rtol=1e-9, atol=1e-12)
    return got


@over_pairs
def test_equals_column_deletion(features, targets, metric, compare):
    options = {"metric": metric, "compare": compare}
    for kind in KINDS:
        x = features(kind)
        got = check_left_out(x, targets(), LABELS, MEMBERS, **options)
        assert (got.path, got.settings.groups) == ("downdate", 7)
        np.testing.assert_array_equal(got.groups, list("abcdefg"))
        check_left_out(x, targets(), FEW, SOME, **options)
        check_left_out(x, targets(), OVERLAPPING, OVERLAPPING, **options)


@over_pairs
def test_pruned_as_by_definition(features, targets, metric, compare):
    options = {"metric": metric, "compare": compare}
    for kind in ("dense", "fragile", "levels"):
        check_pruned(features(kind), targets(), LABELS, MEMBERS, **options)
    check_pruned(features("sparse"), targets(), FEW, SOME, **options)


def test_masked_path(features, targets):
    options = {"method": "masked"}
    got = check_left_out(features("dense"), targets(), LABELS, MEMBERS, **options)
    assert got.path == "masked"
    check_left_out(features("dense"), targets(), OVERLAPPING, OVERLAPPING, **options)


@pytest.mark.slow
def test_groups_of_one_unit_are_units(features, targets):
    x, t = features("sparse"), targets()
    for options in ({}, {"metric": "euclidean", "compare": "spearman"}):
        got = jp.prune(x, t, groups=np.arange(N_UNITS), **options)
        units = jp.prune(x, t, **options)
        np.testing.assert_allclose(got.importance, units.importance, atol=1e-14)
        np.testing.assert_array_equal(got.retained, units.retained)
        np.testing.assert_array_equal(got.retained_groups, units.retained)
        assert units.retained_groups is None
    for search in ("backward", "forward"):
        got = jp.prune(x, t, search=search, groups=np.arange(N_UNITS))
        np.testing.assert_array_equal(got.order, jp.prune(x, t, search=search).order)


def test_group_without_which_a_condition_is_constant(features, targets):
    x = features("dense")
    x[3, LABELS != "c"] = 0.5
    got = check_left_out(x, targets(), LABELS, MEMBERS)
    assert np.flatnonzero(np.isnan(got.importance)).tolist() == [2]
    assert jp.prune(x, targets(), groups=LABELS).order[0] == 2
    options = {"undefined": "zero", "objective": "r2"}
    check_left_out(x, targets(), LABELS, MEMBERS, **options)


def test_missing_pairs_and_several_targets(features, targets):
    x = features("sparse")
    check_pruned(x, targets(missing=MISSING), LABELS, MEMBERS)
    stack = np.stack([targets(), targets(missing=MISSING), targets() ** 2])
    got = check_left_out(x, stack, LABELS, MEMBERS)
    assert got.importance.shape == (3, 7)
    pruned = jp.prune(x, stack, groups=LABELS)
    each = [jp.prune(x, target, groups=LABELS) for target in stack]
    for name in ("importance", "curve", "best_size"):
        alone = np.array([getattr(one, name) for one in each])
        np.testing.assert_allclose(getattr(pruned, name), alone, atol=1e-14)
    for k, one in enumerate(each):
        np.testing.assert_array_equal(pruned.retained_groups[k], one.retained_groups)
    mean = jp.prune(x, stack, groups=LABELS, pool="mean")
    np.testing.assert_allclose(
        mean.importance, pruned.importance.mean(0), rtol=0, atol=1e-14
    )


@pytest.mark.parametrize(
    ("metric", "noise"),
    [
        ("mahalanobis", SHARED),
        ("mahalanobis", np.diag(SHARED)),
        ("crossnobis", SHARED),
        ("crossnobis", None),
        ("poisson", None),
    ],
)
@pytest.mark.slow
def test_noise_folds_and_counts(features, targets, metric, noise):
    x = np.abs(features("dense"))
    if metric == "crossnobis":
        x = x + np.random.default_rng(33).normal(size=(3, *x.shape))
    options = {"metric": metric, "noise": noise}
    got = jp.prune(x, targets(), groups=FEW, **options)
    check_left_out(x, targets(), FEW, SOME, **options)
    check_left_out(x, targets(), OVERLAPPING, OVERLAPPING, **options)
    alone = jp.score(x, targets(), groups=OVERLAPPING, **options)
    scores = ref.score_masks(x, targets(), OVERLAPPING, **options)
    np.testing.assert_allclose(alone, scores, rtol=0, atol=1e-12)
    masks = prefixes(SOME, got.order)
    curve = ref.score_masks(x, targets(), masks, **options)
    np.testing.assert_allclose(got.curve, curve, rtol=0, atol=1e-12)


@pytest.mark.slow
def test_what_memory_does_not_hold_is_summed_again(features, targets):
    x, t = features("sparse"), targets()
    # Sums of a group are 36 pairs and four rows of 9 conditions, in eight bytes each.
    memory = 8 * (36 + 4 * 9) * BATCHES * 5
    some = jp.prune(x, t, groups=LABELS, memory=memory, batch_size=2)
    whole = jp.prune(x, t, groups=LABELS)
    np.testing.assert_allclose(some.importance, whole.importance, atol=1e-14)
    np.testing.assert_allclose(some.curve, whole.curve, atol=1e-14)
    values = [
        jp.shapley(x, t, groups=LABELS, max_orders=4, tolerance=9, memory=given).values
        for given in (memory, None)
    ]
    np.testing.assert_allclose(*values, rtol=0, atol=1e-13)
    with pytest.raises(ValueError, match="a search keeps the sums of all 7 groups"):
        jp.prune(x, t, groups=LABELS, memory=memory, search="backward")


@pytest.mark.slow
def test_float32_and_arrays_of_jax(features, targets):
    x, t = features("dense", np.float32), targets()
    got = jp.prune(jnp.asarray(x), t, groups=LABELS, precision="float32")
    exact = jp.prune(x, t, groups=LABELS)
    assert (got.dtype, exact.dtype) == ("float32", "float64")
    np.testing.assert_allclose(got.importance, exact.importance, rtol=0, atol=1e-6)
    np.testing.assert_allclose(got.curve, exact.curve, rtol=0, atol=1e-6)


def test_sizes_are_numbers_of_groups(features, targets):
    x, t, order = features("dense"), targets(), np.array([3, 0, 6, 2, 1, 5, 4])
    every = jp.reintroduce(x, t, order, groups=LABELS)
    some = jp.reintroduce(x, t, order, groups=LABELS, sizes=[2, 5])
    np.testing.assert_array_equal(some.curve, every.curve[[1, 4]])
    np.testing.assert_array_equal(every.sizes, np.arange(1, 8))
    assert every.groups.tolist() == list("abcdefg")
    assert some.best_size in (2, 5)


def test_scores_of_sets_of_groups(features, targets):
    x, t = features("dense"), targets()
    masks = np.random.default_rng(34).random((5, 3)) < 0.5
    got = jp.score_masks(x, t, masks, groups=FEW)
    expected = [(SOME[mask].any(0) | ~SOME.any(0)) for mask in masks]
    np.testing.assert_allclose(got, jp.score_masks(x, t, expected), atol=1e-14)


@pytest.mark.parametrize(
    ("metric", "compare"),
    [
        ("correlation", "pearson"),
        pytest.param("euclidean", "spearman", marks=pytest.mark.slow),
    ],
)
def test_scores_of_groups_alone(features, targets, metric, compare):
    options = {"metric": metric, "compare": compare}
    for kind in ("sparse", "fragile"):
        for groups, members in ((LABELS, MEMBERS), (OVERLAPPING, OVERLAPPING)):
            got = jp.score(features(kind), targets(), groups=groups, **options)
            scores = ref.score_masks(features(kind), targets(), members, **options)
            np.testing.assert_allclose(got, scores, rtol=0, atol=1e-12)
    stack = np.stack([targets(), targets() ** 2])
    got = jp.score(features("dense"), stack, groups=FEW, objective="r2", **options)
    expected = ref.score_masks(features("dense"), stack, SOME, **options) ** 2
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "search", ["backward", pytest.param("forward", marks=pytest.mark.slow)]
)
def test_searches(features, targets, search):
    x, t = features("sparse"), targets()
    for groups, members in ((LABELS, MEMBERS), (FEW, SOME)):
        got = jp.prune(x, t, groups=groups, search=search)
        rest = ~members.any(0)
        for size in range(1, len(members)):
            chosen = got.order[: size + 1]
            if search == "backward":
                tried = [np.delete(chosen, k) for k in range(len(chosen))]
                place = size
            else:
                tried = [[*got.order[: size - 1], g] for g in got.order[size - 1 :]]
                place = 0
            masks = np.array([members[one].any(0) | rest for one in tried])
            scores = np.nan_to_num(ref.score_masks(x, t, masks), nan=-np.inf)
            assert scores.max() <= scores[place] + 1e-12
        curve = ref.score_masks(x, t, prefixes(members, got.order))
        np.testing.assert_allclose(got.curve, curve, rtol=0, atol=1e-12)


def test_shapley_values_of_groups(features, targets):
    x, t = features("dense"), targets()
    found = jp.shapley(x, t, groups=LABELS, tolerance=0.01)
    n = len(MEMBERS)
    subsets = (np.arange(2**n)[:, None] >> np.arange(n)) & 1 == 1
    masks = np.array([MEMBERS[subset].any(0) for subset in subsets])
    scores = np.nan_to_num(ref.score_masks(x, t, masks))
    values = np.zeros(n)
    for group in range(n):
        without = np.flatnonzero(~subsets[:, group])
        sizes = subsets[without].sum(1)
        weights = np.array(
            [
                1 / (n * np.prod([(n - 1 - i) / (i + 1) for i in range(s)]))
                for s in sizes
            ]
        )
        gains = scores[without + 2**group] - scores[without]
        values[group] = weights @ gains
    assert found.groups.tolist() == list("abcdefg")
    off = np.abs(found.values - values)
    assert (off <= 4 * found.standard_errors + 1e-12).all()
    np.testing.assert_allclose(found.values.sum(), found.full_score, atol=1e-12)
    pruned = jp.prune(x, t, groups=LABELS, importance="shapley")
    assert pruned.order[0] == values.argmax()


def test_groups_of_a_layer():
    channel = jp.groups_of((3, 2, 4))
    position = jp.groups_of((3, 2, 4), by="position")
    x = np.arange(24).reshape(3, 2, 4)
    assert x.ravel()[channel == 1].tolist() == x[1].ravel().tolist()
    assert x.ravel()[position == 5].tolist() == x[:, 1, 1].tolist()
    for shape in ((24,), (3, 8), (3, 2, 0), (3.0, 2, 4)):
        with pytest.raises(ValueError, match=r"expected \(channels, height, width\)"):
            jp.groups_of(shape)
    with pytest.raises(ValueError, match=r"by='row'.*channel.*position"):
        jp.groups_of((3, 2, 4), by="row")


BAD = {
    "short": (LABELS[:-1], r"groups has shape \(23,\); expected \(24,\)"),
    "no unit": ([[0, 1], []], "groups: 1 has no unit"),
    "empty mask": (np.zeros((2, 24), bool), "groups: 0 has no unit"),
    "all": (np.zeros(24), "groups: 0.0 has all 24 units"),
    "repeated": ([[0, 1], [2, 2]], r"groups\[1\] names a unit twice"),
    "out of range": ([[0, 24]], r"groups\[0\] runs from 0 to 24; expected .* to 23"),
    "negative": ([[-1, 3]], r"groups\[0\] runs from -1 to 3"),
    "masks of integers": (MEMBERS.astype(int), "mask of zeros and ones has to be bool"),
    "floats": ([[0.5, 1.0]], r"groups\[0\] has .* float64; expected indices"),
    "word": ("channel", r"groups=jaxprune.groups_of\(.*by='channel'"),
    "number": (3, "groups=3: expected one label for each of 24 units"),
    "nothing": ([], "expected one label for each of 24 units"),
    "missing": ([None] * 24, "24 missing values"),
    "masked": (np.ma.masked_equal(np.arange(24), 3), "groups is a masked array"),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_groups(features, targets, bad):
    groups, message = BAD[bad]
    for function in (jp.prune, jp.leave_one_out):
        with pytest.raises(ValueError, match=message):
            function(features("dense"), targets(), groups=groups)


def test_groups_that_share_units_cannot_be_ranked(features, targets):
    x, t = features("dense"), targets()
    with pytest.raises(ValueError, match="unit 1 is in groups 0 and 2 .* one group at"):
        jp.prune(x, t, groups=[[0, 1], [2], [1, 3]])
    with pytest.raises(ValueError, match="one group at most"):
        jp.reintroduce(x, t, np.arange(7), groups=OVERLAPPING)


def test_options_that_groups_do_not_allow(features, targets):
    x, t = features("dense"), targets()
    with pytest.raises(ValueError, match="groups of units; it can be computed by"):
        jp.prune(x, t, groups=LABELS, method="closed_form")
    with pytest.raises(ValueError, match=r"order has shape \(24,\)"):
        jp.reintroduce(x, t, np.arange(24), groups=LABELS)
    with pytest.raises(ValueError, match="from 1 to 7"):
        jp.prune(x, t, groups=LABELS, sizes=[8])
