"""Pruner and ZeroPruner: the scikit-learn selectors."""

import numpy as np
import pytest
import reference as ref

import jaxprune as jp

pytest.importorskip("sklearn", reason="needs scikit-learn")
from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

# The checks' integer data have a constant row: an error for a correlation under "nan".
PRUNERS = [
    jp.Pruner(undefined="zero"),
    jp.Pruner(metric="sqeuclidean", compare="spearman"),
    jp.ZeroPruner(metric="sqeuclidean", compare="spearman"),
]


def prune_slowly(X, target, metric, compare, *, method, precision, groups, **options):
    result = ref.prune(X, target, metric=metric, compare=compare, **options)
    assert groups is None
    result.groups = groups
    result.mask = np.isin(np.arange(X.shape[1]), result.retained)
    return result


@parametrize_with_checks([PRUNERS[0]])
def test_estimator_checks_of_pruner(monkeypatch, estimator, check):
    # The checks have 20 shapes of data: with the engine they compile for a minute.
    monkeypatch.setattr("jaxprune.selectors.pruner.prune", prune_slowly)
    check(estimator)


@parametrize_with_checks([jp.ZeroPruner(n_units=1), jp.ZeroPruner(max_zeros=0.9)])
def test_estimator_checks_of_zero_pruner(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(PRUNERS)
def test_estimator_checks(estimator, check):
    check(estimator)


def test_fit_equals_prune(features, targets):
    x, t = features("sparse"), targets()
    options = {"metric": "cosine", "compare": "spearman"}
    pruner = jp.Pruner(**options).fit(x, t)
    expected = jp.prune(x, t, **options)
    np.testing.assert_array_equal(pruner.importance_, expected.importance)
    np.testing.assert_array_equal(pruner.ranking_, expected.order)
    np.testing.assert_array_equal(pruner.curve_, expected.curve)
    assert pruner.n_units_selected_ == expected.best_size
    np.testing.assert_array_equal(pruner.get_support(), expected.mask)
    np.testing.assert_array_equal(pruner.get_support(indices=True), expected.retained)
    np.testing.assert_array_equal(pruner.transform(x), x[:, expected.retained])
    assert pruner.n_features_in_ == 24


def test_y_square_condensed_or_one_value_per_condition(features):
    x = features("dense")
    y = np.array([1.0, 2, 4, 8, 16, 3, 5, 7, 9])
    square = np.abs(y[:, None] - y)
    expected = jp.prune(x, square).retained
    for given in (y, square, ref.condensed(square), y.tolist()):
        pruner = jp.Pruner().fit(x, given)
        np.testing.assert_array_equal(pruner.get_support(indices=True), expected)


def test_three_values_are_one_per_condition(features):
    # With three conditions a condensed RDM has three values too: say which it is.
    x, y = features("dense")[:3], np.array([1.0, 2.0, 4.0])
    support = jp.Pruner().fit(x, y).get_support(indices=True)
    expected = jp.prune(x, np.abs(y[:, None] - y)).retained
    np.testing.assert_array_equal(support, expected)


def test_fit_transform_clone_and_parameters(features, targets):
    pruner = jp.Pruner(metric="sqeuclidean", objective="r2", undefined="zero")
    copy = clone(pruner)
    assert copy.get_params() == pruner.get_params()
    assert {"metric", "compare", "objective", "undefined"} <= set(copy.get_params())
    x, t = features("dense"), ref.square(ref.rdm(features("dense"), "sqeuclidean"))
    out = copy.fit_transform(x, t)
    assert out.shape == (9, copy.n_units_selected_)


def test_not_fitted(features):
    with pytest.raises(NotFittedError):
        jp.Pruner().transform(features())


def test_wrong_number_of_features(features, targets):
    pruner = jp.Pruner().fit(features(), targets())
    with pytest.raises(ValueError, match="24"):
        pruner.transform(features()[:, :20])


def test_y_is_needed(features):
    with pytest.raises((ValueError, TypeError), match=r"\by\b"):
        jp.Pruner().fit(features(), None)


def test_docstring_warns_of_cross_val_score():
    assert "cross_val_score" in jp.Pruner.__doc__


def test_values_are_distances_whatever_the_kind(features):
    value = np.arange(9.0)
    one = jp.Pruner(metric="cosine").fit(features(), value)
    two = jp.Pruner(metric="cosine", target_kind="similarity").fit(features(), value)
    np.testing.assert_array_equal(one.importance_, two.importance_)


def test_several_targets_are_refused(features, targets):
    with pytest.raises(ValueError, match="y holds 2 RDMs"):
        jp.Pruner().fit(features(), np.array([targets(), targets()]))


@pytest.fixture
def zeros(features):
    """Features, their zeros, and the units from the fewest zeros to the most."""
    x = features("sparse")
    count = (x == 0).sum(0)
    return x, count / 9, np.argsort(count, kind="stable")


def test_zero_pruner_keeps_a_number_of_units(zeros):
    x, share, order = zeros
    pruner = jp.ZeroPruner(n_units=7).fit(x)
    np.testing.assert_array_equal(pruner.zeros_, share)
    np.testing.assert_array_equal(pruner.ranking_, order)
    np.testing.assert_array_equal(pruner.get_support(True), np.sort(order[:7]))
    np.testing.assert_array_equal(pruner.transform(x), x[:, np.sort(order[:7])])
    assert pruner.n_units_selected_ == 7
    assert not hasattr(pruner, "curve_")


@pytest.mark.parametrize("largest", [6 / 9, 0.7, 1, 1.0])
def test_zero_pruner_keeps_a_share_of_zeros(zeros, largest):
    x, share, _ = zeros
    pruner = jp.ZeroPruner(max_zeros=largest).fit(x)
    np.testing.assert_array_equal(pruner.get_support(), share <= largest)
    assert pruner.n_units_selected_ == (share <= largest).sum()


def test_zero_pruner_fits_y(zeros, targets):
    x, _, order = zeros
    options = {"metric": "cosine", "compare": "spearman"}
    pruner = jp.ZeroPruner(**options).fit(x, targets())
    expected = jp.keep_lowest(x, targets(), **options)
    np.testing.assert_array_equal(pruner.curve_, expected.curve)
    assert pruner.n_units_selected_ == expected.best_size
    assert pruner.best_score_ == expected.best_score
    assert pruner.full_score_ == expected.curve[-1]
    chosen = np.sort(order[: expected.best_size])
    np.testing.assert_array_equal(pruner.get_support(indices=True), chosen)


def test_zero_pruner_takes_the_same_y_as_pruner(zeros):
    x, y = zeros[0], np.array([1.0, 2, 4, 8, 16, 3, 5, 7, 9])
    square = np.abs(y[:, None] - y)
    expected = jp.ZeroPruner().fit(x, square).curve_
    for given in (y, ref.condensed(square), y.tolist()):
        np.testing.assert_array_equal(jp.ZeroPruner().fit(x, given).curve_, expected)
    with pytest.raises(ValueError, match=r"y holds 2 RDMs.*one ZeroPruner"):
        jp.ZeroPruner().fit(x, np.array([square, square]))


def test_zero_pruner_needs_y_if_nothing_else_is_given(zeros):
    with pytest.raises(ValueError, match=r"\by\b"):
        jp.ZeroPruner().fit(zeros[0])
    assert jp.ZeroPruner().__sklearn_tags__().target_tags.required
    assert not jp.ZeroPruner(n_units=3).__sklearn_tags__().target_tags.required


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_units": 3, "max_zeros": 0.5}, "n_units=3 and max_zeros=0.5"),
        ({"n_units": 0}, "n_units=0"),
        ({"n_units": 25}, "n_units=25"),
        ({"n_units": 2.0}, "n_units=2.0"),
        ({"max_zeros": 1.1}, "max_zeros=1.1"),
        ({"max_zeros": "a"}, "max_zeros='a'"),
        ({"max_zeros": 0.01}, "keeps no unit"),
    ],
)
def test_zero_pruner_bad_parameters(zeros, options, message):
    with pytest.raises(ValueError, match=message):
        jp.ZeroPruner(**options).fit(zeros[0])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.arange(9) * (1 + 2j), "y has dtype complex128"),
        (np.arange(9).astype("M8[D]"), "y has dtype datetime64"),
        (list("abcdefghi"), "y has dtype <U1"),
        (np.r_[np.inf, np.arange(8.0)], r"y is NaN or infinite for 1 condition"),
        (np.array([None, *range(8)], object), r"y is NaN or infinite for 1 condition"),
        (np.ma.masked_equal(np.arange(9.0), 3), "y is a masked array"),
    ],
)
def test_y_that_is_no_number(features, bad, message):
    with pytest.raises(ValueError, match=message):
        jp.Pruner().fit(features("dense"), bad)


def test_y_with_labels(features):
    pd = pytest.importorskip("pandas")
    x, names = features("dense"), list("abcdefghi")
    y = pd.Series(np.arange(9.0) ** 1.5, index=names)
    expected = jp.Pruner().fit(x, y).importance_
    frame, moved = pd.DataFrame(x, index=names), y[::-1]
    frame.columns = [f"u{k}" for k in range(x.shape[1])]
    found = jp.Pruner().fit(frame, y).importance_
    np.testing.assert_allclose(found, expected, atol=1e-12)
    with pytest.raises(ValueError, match=r"y.loc\[X.index\]"):
        jp.Pruner().fit(frame, moved)
    rdm = np.abs(np.subtract.outer(moved.to_numpy(), moved.to_numpy()))
    rdm = pd.DataFrame(rdm, index=moved.index, columns=moved.index)
    found = jp.Pruner().fit(frame, rdm).importance_
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.slow
def test_groups_of_columns(features, targets):
    x, t, labels = features("dense"), targets(), np.arange(24) % 7
    pruner = jp.Pruner(groups=labels).fit(x, t)
    expected = jp.prune(x, t, groups=labels)
    np.testing.assert_array_equal(pruner.get_support(), expected.mask)
    np.testing.assert_array_equal(pruner.ranking_, expected.order)
    assert pruner.groups_.tolist() == list(range(7))
    assert pruner.n_units_selected_ == len(expected.retained)
    assert pruner.transform(x).shape == (9, len(expected.retained))
