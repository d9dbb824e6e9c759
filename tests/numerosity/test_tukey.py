"""Tukey's test against SciPy, and units without noise."""

import numpy as np
import pytest
from crossing import LEVELS, crossed, rectified, unbalanced
from scipy.stats import tukey_hsd

from jaxprune.numerosity import cell_moments, tukey

FACTORS = crossed(LEVELS, 6)
NUMBER = FACTORS["numerosity"]


@pytest.mark.parametrize(
    "keep", [np.ones(144, bool), unbalanced(FACTORS, 6)], ids=["equal", "unequal"]
)
def test_against_scipy(keep):
    number, x = NUMBER[keep], rectified(144, 3)[keep].astype(float)
    x[:, 0] += np.log2(number)
    x[:, 1] += number == 29
    cells = cell_moments(x, {name: levels[keep] for name, levels in FACTORS.items()})
    table = tukey(cells, alpha=0.05)
    p = table.p([0, 1, 2])
    i, j = table.pairs.T
    for unit, y in enumerate(x.T):
        expected = tukey_hsd(*(y[number == n] for n in table.levels))
        np.testing.assert_allclose(p[:, unit], expected.pvalue[i, j], rtol=1e-8)
        np.testing.assert_allclose(-table.difference[:, unit], expected.statistic[i, j])
        significant = expected.pvalue[i, j] < 0.05
        np.testing.assert_array_equal(table.significant[:, unit], significant)
    assert table.significant[:, 0].any()
    np.testing.assert_array_equal(table.significant[:, 1], table.levels[j] == 29)


def test_p_only_of_units_asked_for():
    table = tukey(cell_moments(rectified(144, 5), {"numerosity": NUMBER}))
    mask = np.array([False, True, False, False, True])
    np.testing.assert_array_equal(table.p(mask), table.p([1, 4]))
    assert table.p([]).shape == (6, 0)
    with pytest.raises(ValueError, match="units runs from 5 to 5; expected"):
        table.p([5])
    with pytest.raises(ValueError, match="expected indices"):
        table.p([0.5])


def test_units_without_noise():
    x = np.stack([0.1 * (NUMBER > 10), np.full(144, 0.1)], 1)
    table = tukey(cell_moments(x, FACTORS))
    apart = (table.levels[table.pairs] > 10).sum(1) == 1
    np.testing.assert_array_equal(table.q[:, 0], np.where(apart, np.inf, 0))
    np.testing.assert_array_equal(table.significant[:, 0], apart)
    np.testing.assert_array_equal(table.p([0])[:, 0], np.where(apart, 0, 1))
    assert np.isnan(table.q[:, 1]).all()
    assert not table.significant[:, 1].any()


@pytest.mark.parametrize(
    ("factors", "options", "message"),
    [
        (FACTORS, {"factor": "size"}, "'size' is not a factor"),
        (FACTORS, {"alpha": 0}, "alpha=0: expected a number between"),
        ({"numerosity": np.ones(144)}, {}, "has 1 level"),
        ({"numerosity": np.arange(144)}, {}, "more images than levels"),
    ],
)
def test_errors(factors, options, message):
    cells = cell_moments(rectified(144, 2), factors)
    with pytest.raises(ValueError, match=message):
        tukey(cells, **options)
