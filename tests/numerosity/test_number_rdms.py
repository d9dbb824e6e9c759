"""Model RDMs of number and other dimensions."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform
from scipy.stats import zscore

import jaxprune as jp
from jaxprune.numerosity import dimension_rdms, distance_rdm, zscored

NUMBER = np.array([6, 6, 10, 17, 29])


def test_distances():
    expected = squareform(pdist(np.log(NUMBER)[:, None], "cityblock"))
    np.testing.assert_allclose(distance_rdm(NUMBER), expected)
    expected = squareform(pdist(NUMBER[:, None].astype(float), "cityblock"))
    np.testing.assert_array_equal(distance_rdm(NUMBER, "linear"), expected)


def test_dimensions_and_regressors():
    rdms = dimension_rdms({"numerosity": NUMBER, "density": NUMBER / 20.0})
    np.testing.assert_allclose(rdms["density"], rdms["numerosity"], atol=1e-15)
    pairs = squareform(rdms["numerosity"], checks=False)
    np.testing.assert_allclose(zscored(rdms["numerosity"]), zscore(pairs))


def test_a_target_of_prune():
    features = np.random.default_rng(0).normal(size=(5, 12))
    square = distance_rdm(NUMBER)
    assert jp.score(features, square) == pytest.approx(
        np.corrcoef(pdist(features, "correlation"), squareform(square))[0, 1]
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: distance_rdm(NUMBER, "log10"), "scale='log10' is not known"),
        (lambda: distance_rdm([0, 1, 2]), "holds 0, which has no logarithm"),
        (lambda: distance_rdm([1, np.nan]), "1 of them are NaN"),
        (lambda: distance_rdm(np.ones((2, 2))), r"values has shape \(2, 2\)"),
        (lambda: dimension_rdms({"density": [0, 1]}), r"factors\['density'\]: values"),
        (lambda: zscored(np.ones(3)), r"rdm has shape \(3,\)"),
        (lambda: zscored(distance_rdm([0.1] * 4)), "rdm is 0 in every pair"),
        (lambda: zscored(np.full((3, 3), np.nan)), "or NaN"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()
