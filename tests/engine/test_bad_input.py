"""Every wrong input: an error that says what arrived, before anything is computed."""

import numpy as np
import pytest
import reference as ref
from cases import CLOSED_FORM, PAIRS

import jaxprune as jp

FUNCTIONS = {
    "score": jp.score,
    "score_masks": lambda x, t, **o: jp.score_masks(x, t, np.ones((1, 24)), **o),
    "leave_one_out": jp.leave_one_out,
    "reintroduce": lambda x, t, **o: jp.reintroduce(x, t, np.arange(24), **o),
    "prune": jp.prune,
}
over_functions = pytest.mark.parametrize(
    "function", FUNCTIONS.values(), ids=FUNCTIONS.keys()
)


def changed(array, index, value):
    out = np.array(array)
    out[index] = value
    return out


# --- features -----------------------------------------------------------------------


@over_functions
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_non_finite_features_are_located(features, targets, function, value):
    x = changed(features(), (3, 17), value)
    with pytest.raises(ValueError, match=r"(?s)\b3\b.*\b17\b"):
        function(x, targets())


@over_functions
def test_constant_condition_is_named(features, targets, function):
    x = changed(features(), 4, 0.1)
    with pytest.raises(ValueError, match=r"\b4\b"):
        function(x, targets())


@pytest.mark.parametrize(
    "bad",
    [
        np.ones(24),
        np.ones((9, 4, 6)),
        np.ones((9, 0)),
        np.ones((9, 24)) * 1j,
        np.full((9, 24), "a"),
        np.full((9, 24), None),
        None,
    ],
    ids=["1-D", "3-D", "no units", "complex", "text", "objects", "None"],
)
@over_functions
def test_features_of_the_wrong_kind(targets, function, bad):
    with pytest.raises((ValueError, TypeError), match="(?i)features"):
        function(bad, targets())


@pytest.mark.parametrize("n", [1, 2])
@over_functions
def test_too_few_conditions(features, function, n):
    with pytest.raises(ValueError, match="(?i)condition"):
        function(features()[:n], np.zeros((n, n)))


@pytest.mark.parametrize("function", [jp.leave_one_out, jp.prune])
@pytest.mark.parametrize("metric", ["correlation", "sqeuclidean"])
def test_one_unit_cannot_be_left_out(features, targets, function, metric):
    with pytest.raises(ValueError, match="(?i)unit"):
        function(features()[:, :1], targets(), metric=metric)


# --- target -------------------------------------------------------------------------


def _asymmetric(t):
    return changed(t, (2, 3), 9.0)


BAD_TARGETS = {
    "not square": (lambda t: t[:, :-1], "(?i)square|shape"),
    "asymmetric": (_asymmetric, "(?i)symmetric"),
    "asymmetric in a stack": (lambda t: np.array([t, _asymmetric(t)]), "(?i)symmetric"),
    "non-zero diagonal": (lambda t: t + np.eye(9), "(?i)diagonal"),
    "not triangular": (lambda t: np.ones(35), "35"),
    "square of another size": (lambda t: t[:8, :8], r"(?s)\b8\b.*\b9\b|\b9\b.*\b8\b"),
    "vector of another size": (lambda t: np.arange(28.0), r"\b8\b|\b28\b"),
    "stack of another size": (lambda t: np.array([t[:8, :8]] * 2), r"\b8\b"),
    "4-D": (lambda t: t[None, None], "(?i)target"),
    "empty stack": (lambda t: t[None][:0], "(?i)target"),
    "scalar": (lambda t: 1.0, "(?i)target"),
    "constant": (lambda t: 1 - np.eye(9), "(?i)constant"),
    "constant where kept": (
        lambda t: np.where((t > 0) & (t != t[0, 1]), np.nan, t),
        "(?i)constant",
    ),
    "all missing": (
        lambda t: np.where(np.eye(9) == 1, 0, np.nan),
        "(?i)nan|missing",
    ),
    "infinite": (lambda t: np.where(t == t[0, 1], np.inf, t), "(?i)inf"),
    "complex": (lambda t: t * 1j, "(?i)target"),
    "text": (lambda t: t.astype(str), "(?i)target"),
}


@over_functions
@pytest.mark.parametrize("case", BAD_TARGETS)
def test_bad_targets(features, targets, function, case):
    make, message = BAD_TARGETS[case]
    with pytest.raises((ValueError, TypeError), match=message):
        function(features(), make(targets()))


def test_zero_target_has_no_cosine(features):
    with pytest.raises(ValueError, match="(?i)zero|constant"):
        jp.leave_one_out(features(), np.zeros(36), compare="cosine")


def test_diagonal_of_similarities_is_ignored(features, targets):
    similarity = 1 - targets()
    expected = jp.score(features(), similarity, target_kind="similarity")
    for value in (0.0, 0.7, np.nan):
        given = changed(similarity, np.diag_indices(9), value)
        assert jp.score(features(), given, target_kind="similarity") == expected


def test_rounding_is_not_asymmetry(features, targets):
    t = targets()
    t[3, 1] *= 1 + 1e-12
    assert jp.score(features(), t) == pytest.approx(jp.score(features(), targets()))


# --- options ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "exists"),
    [
        ("metric", "sqeuclidean"),
        ("compare", "spearman"),
        ("objective", "r2"),
        ("method", "closed_form"),
        ("precision", "float32"),
        ("undefined", "zero"),
        ("target_kind", "similarity"),
        ("pool", "mean"),
    ],
)
@pytest.mark.parametrize("value", ["nonsense", 3])
def test_unknown_options_list_what_exists(features, targets, option, exists, value):
    with pytest.raises((ValueError, TypeError), match=rf"(?s){option}.*{exists}"):
        jp.leave_one_out(features(), targets(), **{option: value})


@pytest.mark.parametrize(
    ("metric", "compare"), [pair for pair in PAIRS if pair not in CLOSED_FORM]
)
def test_no_closed_form(features, targets, metric, compare):
    options = {"metric": metric, "compare": compare}
    with pytest.raises(ValueError, match="closed_form"):
        jp.leave_one_out(features(), targets(), method="closed_form", **options)


@pytest.mark.parametrize("metric", ["nonsense", "Correlation", ""])
def test_unknown_metric(features, metric):
    with pytest.raises(ValueError, match="correlation"):
        jp.rdm(features(), metric=metric)
    with pytest.raises(ValueError, match="correlation"):
        jp.select_path(metric, "pearson")


@over_functions
def test_devices_wait_for_the_scale_issue(features, targets, function):
    with pytest.raises((ValueError, NotImplementedError), match="devices"):
        function(features(), targets(), devices=2)


@pytest.mark.parametrize("batch_size", [0, -1, 1.5, "all"])
def test_batch_size(features, targets, batch_size):
    with pytest.raises((ValueError, TypeError), match="batch_size"):
        jp.leave_one_out(features(), targets(), batch_size=batch_size)


# --- masks and percentage of zeros --------------------------------------------------


@pytest.mark.parametrize(
    "masks",
    [
        np.ones((2, 23)),
        np.ones((2, 2, 24)),
        np.full((2, 24), 0.5),
        np.full((2, 24), 2),
        np.full((2, 24), -1),
        np.full((2, 24), np.nan),
        np.full((2, 24), "x"),
    ],
    ids=["width", "3-D", "fractions", "twos", "negative", "nan", "text"],
)
def test_masks(features, targets, masks):
    with pytest.raises((ValueError, TypeError), match="masks"):
        jp.score_masks(features(), targets(), masks)


def test_percentage_of_zeros(features):
    with pytest.raises(ValueError, match=r"(?s)\b3\b.*\b17\b"):
        jp.percentage_of_zeros(changed(features(), (3, 17), np.nan))
    with pytest.raises((ValueError, TypeError), match="(?i)features"):
        jp.percentage_of_zeros(np.ones(24))


def test_dropped_condition_may_be_constant(features, targets):
    # No pair of condition 4 is kept, so nothing about it is undefined.
    t = targets(missing=[(4, j) for j in range(9) if j != 4])
    x = changed(features(), 4, 0.1)
    rest = np.delete(np.arange(9), 4)
    expected = ref.score(x[rest], t[np.ix_(rest, rest)])
    assert jp.score(x, t) == pytest.approx(expected, abs=1e-13)
    got = jp.leave_one_out(x, t)
    slow = ref.leave_one_out(x, t)
    np.testing.assert_allclose(got.importance, slow.importance, rtol=0, atol=1e-12)
