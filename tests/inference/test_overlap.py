"""Overlap of unit sets, against counting and against random draws."""

import numpy as np
import pytest

from jaxprune.inference import overlap


def test_against_sets():
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 60)) < [[0.5], [0.2]]
    first, second = set(np.flatnonzero(a)), set(np.flatnonzero(b))
    found = overlap(a, b)
    common, smaller = len(first & second), min(len(first), len(second))
    assert (found.n_first, found.n_second) == (len(first), len(second))
    assert (found.n_common, found.n_units) == (common, 60)
    assert found.coefficient == common / smaller
    assert found.jaccard == common / len(first | second)
    assert found.chance == max(len(first), len(second)) / 60
    swapped = overlap(b, a)
    assert (swapped.coefficient, swapped.p) == (
        found.coefficient,
        pytest.approx(found.p),
    )


def test_indices_and_masks_agree():
    a, b = np.arange(20) < 8, np.arange(20) % 3 == 0
    assert overlap(a, b) == overlap(np.flatnonzero(a), np.flatnonzero(b)[::-1], 20)


def test_chance_against_random_draws():
    rng = np.random.default_rng(1)
    a = np.arange(40) < 15
    draws = [overlap(a, rng.permutation(a & (np.arange(40) < 9))) for _ in range(2000)]
    coefficients = np.array([draw.coefficient for draw in draws])
    common = np.array([draw.n_common for draw in draws])
    # 2,000 draws: standard errors .004 and .03.
    assert coefficients.mean() == pytest.approx(draws[0].chance, abs=0.015)
    assert common.mean() == pytest.approx(draws[0].expected_common, abs=0.12)
    for draw in draws[:20]:
        share = (common >= draw.n_common).mean()
        assert draw.p == pytest.approx(share, abs=0.04)


def test_full_overlap_with_half_a_layer_is_weak_evidence():
    half = np.arange(100) < 50
    one = np.arange(100) == 3
    found = overlap(half, one)
    assert (found.coefficient, found.chance) == (1, 0.5)
    assert found.p == pytest.approx(0.5)


def test_empty_sets():
    none, some = np.zeros(9, bool), np.arange(9) < 4
    found = overlap(none, some)
    assert np.isnan([found.coefficient, found.chance]).all()
    assert (found.jaccard, found.expected_common, found.p) == (0, 0, 1)
    assert np.isnan(overlap([], [], 9).jaccard)


@pytest.mark.parametrize(
    ("first", "second", "n_units", "message"),
    [
        (np.ones(3, bool), np.ones(4, bool), None, "3 units and second one of 4"),
        (np.ones(3, bool), np.ones(3, bool), 4, "first has shape .*n_units"),
        ([0, 1], [1], None, "first holds indices, and n_units is None"),
        ([0, 9], [1], 9, "first runs from 0 to 9; expected indices from 0 to 8"),
        ([0], [-1], 9, "second runs from -1"),
        ([0, 0], [1], 9, "first names a unit twice"),
        ([0.5], [1], 9, "dtype float64; expected"),
        ([[0]], [1], 9, r"shape \(1, 1\)"),
    ],
)
def test_errors(first, second, n_units, message):
    with pytest.raises(ValueError, match=message):
        overlap(first, second, n_units)
