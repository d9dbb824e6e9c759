"""Which units every rule selects, and the defect of the published one."""

import numpy as np
import pytest
from crossing import LEVELS, crossed, pure_number_unit, rectified
from scipy.stats import f_oneway

from jaxprune.numerosity import (
    RULES,
    adjusted,
    anova,
    cell_moments,
    detectors,
    factorial,
    kim_strict,
    nasr,
    non_selective,
    one_way,
    one_way_cells,
)

KARAMI = crossed(
    {"numerosity": [6, 10, 17, 29], "item_area": [1, 2, 3, 4], "field_area": [20, 44]},
    100,
)
TWO_WAY = crossed({"numerosity": [1, 2, 4, 8], "set": ["s", "c1", "c2"]}, 20)


def test_pure_number_unit_is_found_by_the_factorial_rule_and_missed_as_published():
    unit = pure_number_unit(KARAMI, 0.05)[:, None]
    cells = cell_moments(unit, KARAMI)
    assert anova(unit, KARAMI).eta2[0, 0] == pytest.approx(0.05)
    assert factorial(cells).mask.tolist() == [True]
    published = one_way_cells(cells)
    assert published.mask.tolist() == [False]
    # The cells of number x anything differ as number does.
    significant = published.p[:, 0] < 0.01
    assert significant.tolist() == ["numerosity" in name for name in published.tests]


def test_shares_of_noisy_pure_number_units():
    rng = np.random.default_rng(0)
    signal = pure_number_unit(KARAMI, 1.0)
    effect = np.sqrt(0.05 / 0.95) * signal[:, None]
    cells = cell_moments(rng.normal(size=(3200, 400)) + effect, KARAMI)
    # Six independent tests at .01 let 94 % through: 377 of 400, SD 4.7.
    assert factorial(cells).share == pytest.approx(0.99**6, abs=0.05)
    assert one_way_cells(cells).share == 0


def test_published_rule_is_seven_one_way_tests():
    x = rectified(3200, 6)
    found = one_way_cells(cell_moments(x, KARAMI))
    assert found.tests[3] == "numerosity:item_area"
    cell = KARAMI["numerosity"] * 100 + KARAMI["item_area"]
    expected = f_oneway(*(x[cell == c].astype(float) for c in np.unique(cell)))
    np.testing.assert_allclose(found.f[3], expected.statistic, rtol=1e-10)
    np.testing.assert_allclose(found.p[3], expected.pvalue, rtol=1e-10)
    assert len(found.tests) == 7


def two_way_units():
    """Unit 0 follows number, 1 the set, 2 number in one set only; 3, 4 are constant."""
    rng = np.random.default_rng(0)
    number = np.log2(TWO_WAY["numerosity"])
    first = TWO_WAY["set"] == "s"
    x = 0.5 * rng.normal(size=(240, 5))
    x[:, 0] += number
    x[:, 1] += first
    x[:, 2] += number * first
    x[:, 3], x[:, 4] = 0, 0.1
    return cell_moments(x, TWO_WAY)


def test_two_way_rules():
    cells = two_way_units()
    assert nasr(cells).units.tolist() == [0]
    assert kim_strict(cells).units.tolist() == [0]
    assert non_selective(cells).units.tolist() == [1]
    assert one_way(cells).units.tolist() == [0, 2]
    assert nasr(cells).n_undefined == 2
    assert nasr(cells).share == 0.2


def test_strict_rule_needs_every_set():
    # Weak number effect, by chance not significant in the second set alone.
    x = pure_number_unit(TWO_WAY, 0.15)
    second = TWO_WAY["set"] == "c1"
    x[second] = 3 * x[second]
    cells = cell_moments(x[:, None], TWO_WAY)
    found = kim_strict(cells)
    assert found.tests[3:] == tuple(f"numerosity in set={s}" for s in ("c1", "c2", "s"))
    for name, p in zip(found.tests[3:], found.p[3:, 0], strict=True):
        rows = TWO_WAY["set"] == name.rpartition("=")[2]
        alone = anova(x[rows, None], {"numerosity": TWO_WAY["numerosity"][rows]})
        assert p == pytest.approx(alone.p[0, 0], rel=1e-9)
    assert found.mask[0] == (nasr(cells).mask[0] and (found.p[3:, 0] < 0.01).all())


def test_unit_that_is_silent_in_one_set_is_not_strictly_selective():
    x = np.stack([pure_number_unit(TWO_WAY, 0.5)] * 2, 1)
    x[TWO_WAY["set"] == "c2", 1] = 0
    found = kim_strict(cell_moments(x, TWO_WAY))
    assert found.mask.tolist() == [True, False]
    assert found.n_undefined == 0


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_selects_constant_units(rule):
    x = np.stack([np.zeros(240), np.full(240, 0.1), np.arange(240.0)], 1)
    found = detectors(x, TWO_WAY, rule)
    assert found.rule == rule
    assert found.n_undefined == 2
    assert not found.mask[:2].any()


@pytest.mark.parametrize("correction", ["bonferroni", "benjamini-hochberg"])
def test_corrections_against_statsmodels(correction):
    multipletests = pytest.importorskip("statsmodels.stats.multitest").multipletests
    p = np.random.default_rng(0).random(50) ** 4
    method = {"bonferroni": "bonferroni", "benjamini-hochberg": "fdr_bh"}[correction]
    with_nan = np.insert(p, [3, 20], np.nan)
    result = adjusted(with_nan, correction)
    assert np.isnan(result[np.isnan(with_nan)]).all()
    defined = result[~np.isnan(with_nan)]
    np.testing.assert_allclose(defined, multipletests(p, method=method)[1])


def test_corrections_are_for_the_tests_required():
    number = np.array([0.001, 0.02, 0.04, np.nan])
    x = rectified(240, 40)
    plain = detectors(x, TWO_WAY, "nasr", alpha=0.05)
    strict = detectors(x, TWO_WAY, "nasr", alpha=0.05, correction="bonferroni")
    np.testing.assert_array_equal(plain.p, strict.p)
    expected = (40 * plain.p[0] < 0.05) & (plain.p[1:] >= 0.05).all(0)
    np.testing.assert_array_equal(strict.mask, expected)
    np.testing.assert_array_equal(adjusted(number), number)
    assert np.isnan(adjusted(np.full(2, np.nan), "benjamini-hochberg")).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rule": "anova"}, "rule='anova' is not known; choose from"),
        ({"alpha": 5}, "alpha=5: expected a number between 0 and 1"),
        ({"correction": "fdr"}, "correction='fdr' is not known"),
        ({"numerosity": "number"}, "'number' is not a factor; choose from"),
        ({"rule": "one_way", "numerosity": "number"}, "'number' is not a factor"),
        ({"rule": "one_way_cells", "numerosity": "number"}, "'number' is not a factor"),
        ({"rule": "nasr", "numerosity": "number"}, "a two-way rule needs 'number'"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        detectors(rectified(240, 3), TWO_WAY, **options)


def test_two_way_rules_need_two_factors():
    with pytest.raises(ValueError, match="a two-way rule needs"):
        detectors(rectified(144, 3), crossed(LEVELS, 6), "nasr")


@pytest.mark.slow
def test_the_largest_area():
    rng = np.random.default_rng(0)
    x = np.empty((3200, 200_704), np.float32)  # V1 of CORnet-Z, 100 images a condition
    for row in x:
        rng.standard_normal(dtype=np.float32, out=row)
    found = detectors(x, KARAMI)
    # 1 % by chance, of which 94 % pass.
    assert found.share == pytest.approx(0.01 * 0.99**6, abs=0.001)
