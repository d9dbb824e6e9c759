"""F and p against statsmodels, SciPy and fits of every image; units without noise."""

import tracemalloc

import numpy as np
import pytest
import reference
from crossing import LEVELS, crossed, rectified, unbalanced
from scipy.stats import f_oneway

from jaxprune.numerosity import CellMoments, anova, anova_from_moments, cell_moments

FACTORS = crossed(LEVELS, 6)  # 144 images, as many as in the real data
SUBSET = unbalanced(FACTORS, 6)
RTOL = 1e-10


@pytest.fixture(scope="module")
def real(data_dir):
    """200 real units that respond to at least a tenth of 144 images."""
    x = np.load(data_dir / "vgg19_fc7_144x4096.npy")
    return x[:, np.flatnonzero((x > 0).mean(0) > 0.1)[:200]]


@pytest.fixture(params=["real", "synthetic"])
def units(request):
    if request.param == "real":
        return request.getfixturevalue("real")
    return rectified(144, 20)


def statsmodels_table(x, factors):
    """F and p of every term and unit by ``anova_lm(typ=2)``."""
    pandas = pytest.importorskip("pandas")
    formula_api = pytest.importorskip("statsmodels.formula.api")
    from statsmodels.stats.anova import anova_lm

    data = pandas.DataFrame({**factors, "y": 0.0})
    formula = "y ~ " + " * ".join(f"C({name})" for name in factors)
    f, p = [], []
    for unit in x.T:
        data["y"] = unit.astype(float)
        table = anova_lm(formula_api.ols(formula, data).fit(), typ=2)
        f.append(table["F"].to_numpy()[:-1])
        p.append(table["PR(>F)"].to_numpy()[:-1])
    return np.transpose(f), np.transpose(p)


def test_one_way_against_scipy(units):
    number = FACTORS["numerosity"]
    expected = f_oneway(*(units[number == n].astype(float) for n in np.unique(number)))
    table = anova(units, {"numerosity": number})
    np.testing.assert_allclose(table.f[0], expected.statistic, rtol=RTOL)
    np.testing.assert_allclose(table.p[0], expected.pvalue, rtol=RTOL)


def test_balanced_three_way_against_statsmodels(units):
    f, p = statsmodels_table(units, FACTORS)
    table = anova(units, FACTORS)
    # An F of 1e-9 is a difference that cancelled, here and there.
    np.testing.assert_allclose(table.f, f, rtol=RTOL, atol=1e-16)
    np.testing.assert_allclose(table.p, p, rtol=RTOL)


def test_unbalanced_against_statsmodels(units):
    factors = {name: FACTORS[name][SUBSET] for name in ("numerosity", "field")}
    f, p = statsmodels_table(units[SUBSET], factors)
    table = anova(units[SUBSET], factors)
    # An F of 1e-9 is a difference that cancelled, here and there.
    np.testing.assert_allclose(table.f, f, rtol=RTOL, atol=1e-16)
    np.testing.assert_allclose(table.p, p, rtol=RTOL)


EMPTY = SUBSET & ~((FACTORS["numerosity"] == 6) & (FACTORS["item_area"] == 2))


@pytest.mark.parametrize("keep", [SUBSET, EMPTY], ids=["unbalanced", "empty cells"])
@pytest.mark.parametrize(
    "terms",
    [
        ["numerosity", "item_area", "numerosity:item_area"],
        ["numerosity", "item_area", "field", "item_area:field"],
    ],
    ids=["a factor ignored", "not all interactions"],
)
def test_against_fits_of_every_image(terms, keep):
    factors = {name: levels[keep] for name, levels in FACTORS.items()}
    x = rectified(keep.sum(), 5).astype(float)
    table = anova(x, factors, terms)
    for unit, y in enumerate(x.T):
        expected = reference.anova(y, factors, terms)
        for row, term in enumerate(terms):
            sum_sq, df, f = expected[term]
            assert table.df[row] == df
            np.testing.assert_allclose(table.sum_sq[row, unit], sum_sq, rtol=1e-9)
            np.testing.assert_allclose(table.f[row, unit], f, rtol=1e-9)


def test_effect_sizes_add_up():
    table = anova(rectified(144, 8), FACTORS)
    explained = table.sum_sq.sum(0) + table.residual_sum_sq
    np.testing.assert_allclose(explained, table.total_sum_sq)
    np.testing.assert_allclose(
        table.eta2.sum(0), 1 - table.residual_sum_sq / table.total_sum_sq
    )
    ratio = table.f * (table.df / table.residual_df)[:, None]
    np.testing.assert_allclose(table.partial_eta2, ratio / (1 + ratio))


def test_a_large_offset_costs_nothing():
    # Multiples of 1/1024, so that the sums are exact.
    x = np.round(rectified(144, 8) * 1024).astype(float) / 1024
    np.testing.assert_allclose(
        anova(x + 4096, FACTORS).f, anova(x, FACTORS).f, rtol=1e-9
    )


def test_streamed_moments():
    Moments = pytest.importorskip("jaxprune_ports.extraction.moments").Moments
    x = rectified(144, 8)
    cells = {name: levels[::6] for name, levels in FACTORS.items()}
    condition = np.arange(144) // 6
    moments = Moments.zeros(24, (8,), squares=True)
    for rows in np.array_split(np.random.default_rng(0).permutation(144), 7):
        moments.add(condition[rows], x[rows])
    streamed = anova_from_moments(moments.count, moments.mean, moments.m2, cells)
    np.testing.assert_allclose(streamed.p, anova(x, FACTORS).p, rtol=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e30], ids=["dead", "0.1", "large"])
def test_constant_unit(value):
    x = rectified(144, 3).astype(float)
    x[:, 1] = value
    table = anova(x, FACTORS)
    assert table.n_undefined == 1
    for values in (table.f, table.p, table.eta2, table.partial_eta2):
        assert np.isnan(values[:, 1]).all()
        assert np.isfinite(values[:, [0, 2]]).all()


def test_unit_without_noise():
    x = np.stack([np.sqrt(FACTORS["numerosity"]), 0.1 * FACTORS["item_area"]], 1)
    table = anova(x, FACTORS)
    number = np.array(table.terms) == "numerosity"
    area = np.array(table.terms) == "item_area"
    for unit, explains in enumerate([number, area]):
        assert (table.f[:, unit] == np.where(explains, np.inf, 0)).all()
        assert (table.p[:, unit] == np.where(explains, 0, 1)).all()
        np.testing.assert_allclose(table.eta2[:, unit], explains, atol=1e-12)
        np.testing.assert_allclose(table.partial_eta2[:, unit], explains, atol=1e-12)


def test_order_of_images_and_names_of_levels_do_not_matter():
    x = rectified(144, 4)
    shuffled = np.random.default_rng(3).permutation(144)
    renamed = {
        "numerosity": np.array([f"n{n:02d}" for n in FACTORS["numerosity"]]),
        "item_area": -FACTORS["item_area"],
        "field": FACTORS["field"],
    }
    rows = {name: levels[shuffled] for name, levels in renamed.items()}
    np.testing.assert_allclose(
        anova(x[shuffled], rows).p, anova(x, FACTORS).p, rtol=1e-10
    )


def test_pooled_cells_are_those_of_fewer_factors():
    x = rectified(144, 4)[SUBSET]
    factors = {name: levels[SUBSET] for name, levels in FACTORS.items()}
    pooled = cell_moments(x, factors).over("field", "numerosity")
    direct = cell_moments(x, {name: factors[name] for name in ("field", "numerosity")})
    np.testing.assert_array_equal(pooled.count, direct.count)
    np.testing.assert_allclose(pooled.mean, direct.mean)
    np.testing.assert_allclose(pooled.m2, direct.m2)
    for name, levels in direct.factors.items():
        np.testing.assert_array_equal(pooled.factors[name], levels)


def test_rows_of_terms():
    table = anova(rectified(144, 2), FACTORS)
    assert table.terms[table.row("field:numerosity")] == "numerosity:field"
    with pytest.raises(ValueError, match="'size' was not tested"):
        table.row("size")


def test_responses_are_never_copied_as_a_whole():
    factors = crossed(LEVELS, 100)
    x = np.zeros((2400, 2000), np.float32)
    tracemalloc.start()
    cell_moments(x, factors)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < x.nbytes / 4


def changed(**values):
    return {**FACTORS, **values}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: anova(x[0], FACTORS), r"responses has shape \(4,\); expected"),
        (lambda x: anova(x.astype(str), FACTORS), "responses has dtype"),
        (lambda x: anova(x[:9], FACTORS), r"'numerosity'\] has shape \(144,\); .*\(9,"),
        (lambda x: anova(x, {}), "expected a dict of at least one factor"),
        (lambda x: anova(x, {"a:b": np.ones(144)}), "holds a colon"),
        (lambda x: anova(x, changed(field=np.ones(144))), "'field'.* has one level"),
        (lambda x: anova(x, changed(field=np.full(144, np.nan))), "holds NaN"),
        (lambda x: anova(x, changed(field=[None] * 144)), "dtype object"),
        (lambda x: anova(np.where(x == x[3, 2], np.nan, x), FACTORS), "unit 2 .*nan"),
        (lambda x: anova(np.where(x == x[3, 2], np.inf, x), FACTORS), "unit 2 .*inf"),
        (lambda x: anova(x * 1e200, FACTORS), "rescale"),
        (lambda x: anova(x, FACTORS, ["size"]), "terms='size' is not a factor"),
        (lambda x: anova(x, FACTORS, []), "terms is empty"),
        (lambda x: anova(x, FACTORS, ["field", "field"]), "twice"),
        (lambda x: anova(x, FACTORS, ["field:field"]), "twice"),
        (lambda x: anova(x, FACTORS, ["field", "field:item_area"]), "'item_area'"),
        (
            lambda x: anova(x[::6], {k: v[::6] for k, v in FACTORS.items()}),
            "no degrees",
        ),
        (lambda x: anova(x, changed(copy=FACTORS["field"])), "cannot be told"),
    ],
)
def test_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0).normal(size=(144, 4)))


@pytest.mark.parametrize(
    ("moments", "message"),
    [
        (([2, 2], [[1.0]], [[1.0]]), "shapes"),
        (([2, 2], [[1.0], [2.0]], [[1.0, 1.0], [1.0, 1.0]]), "shapes"),
        (([2, 0], [[1.0], [0.0]], [[1.0], [0.0]]), "count is 0 in cell 1"),
        (([2, 2], [[1.0], [0.0]], [[1.0], [-1.0]]), "m2 >= 0"),
    ],
)
def test_errors_of_moments(moments, message):
    with pytest.raises(ValueError, match=message):
        anova_from_moments(*moments, {"numerosity": [6, 10]})


def test_errors_of_cells():
    cells = CellMoments([2, 2], [[1.0], [2.0]], [[1.0], [1.0]], {"set": ["a", "b"]})
    with pytest.raises(ValueError, match="'size' is not a factor"):
        cells.over("size")
    with pytest.raises(ValueError, match="'c' is not a level of 'set'"):
        cells.where("set", "c")
