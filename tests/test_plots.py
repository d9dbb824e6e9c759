import dataclasses
import re
import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist
from scipy.stats import rankdata

from jaxprune.results import Pruning, Settings
from jaxprune.results.figures import PARTS, overlay, pruning_figure
from jaxprune.results.figures.common import percentiles
from jaxprune.results.figures.importance import bars
from jaxprune.results.figures.map import shares_by_position
from jaxprune.results.figures.mds import aligned, scaled


def make(n_units=30, k=None, pool="each", n=6, **settings):
    rng = np.random.default_rng(0)
    shape = (n_units,) if k is None or pool == "mean" else (k, n_units)
    importance = rng.normal(size=shape) * 10.0 ** rng.integers(-9, -2, shape)
    importance[..., 0] = np.nan
    importance[..., 1:3] = 0
    order = np.argsort(-np.where(np.isnan(importance), np.inf, importance), axis=-1)
    curve = np.sin(np.linspace(0.1, 2.5, n_units)) * rng.uniform(
        0.5, 1, shape[:-1] + (1,)
    )
    curve[..., :2] = np.nan
    best = np.nanargmax(curve, -1) + 1
    pairs = n * (n - 1) // 2
    several = len(shape) > 1
    retained = [
        np.sort(o[:b])
        for o, b in zip(np.atleast_2d(order), np.atleast_1d(best), strict=True)
    ]
    target = rng.random(pairs if k is None else (k, pairs))
    target[..., 4] = np.nan
    return Pruning(
        full_score=curve[..., -1] if several else float(curve[-1]),
        importance=importance,
        order=order,
        curve=curve,
        sizes=np.arange(1, curve.shape[-1] + 1),
        best_size=best if several else int(best),
        best_score=np.nanmax(curve, -1) if several else float(np.nanmax(curve)),
        retained=retained if several else retained[0],
        target_rdm=target,
        full_rdm=rng.random(pairs),
        pruned_rdm=rng.random((*shape[:-1], pairs)),
        paths={"importance": "closed_form", "reintroduction": "prefix"},
        dtype="float64",
        device="cpu",
        settings=Settings(pool=pool, **settings),
    )


def panels(figure):
    """Panels in reading order, without the colour bar."""
    curve, importance, rdms = figure.axes
    return [curve, importance, *rdms.child_axes[:3]]


def titles(figure):
    return [axes.get_title(loc="left") for axes in panels(figure)]


def test_panels_and_words():
    result = make()
    figure = pruning_figure(result)
    a, b, c, d, e = panels(figure)
    assert a.get_xscale() == "log"
    assert b.get_yscale() == "symlog"
    title = figure.get_suptitle()
    assert title.startswith(f"{result.best_size} of 30 units kept, 6 conditions")
    assert "correlation RDMs compared by pearson" in title
    words = [text.get_text() for text in a.texts]
    assert f"best: {result.best_size} units, {result.best_score:.3f}" in words
    assert f"all units:\n{result.full_score:.3f}" in words
    assert "grey: undefined, 2 sizes" in a.get_xlabel()
    assert "grey: undefined, 1 unit)" in b.get_xlabel()
    assert "zero: 2 units" in b.get_xlabel()
    legend = [text.get_text() for text in b.get_legend().get_texts()]
    kept = result.best_size
    assert legend == [f"retained ({kept})", f"not retained ({30 - kept})"]
    for axes in (c, d, e):
        assert axes.get_aspect() == 1
        assert axes.images[0].get_clim() == (0, 100)
    assert [axes.get_xlabel() for axes in (c, d)] == ["grey: missing", ""]


def test_squares_are_symmetric_ranks_with_missing_pairs_masked():
    result = make()
    image = panels(pruning_figure(result))[2].images[0].get_array()
    values = np.ma.filled(image, np.nan)
    np.testing.assert_array_equal(values, values.T)
    upper = values[np.triu_indices(6, 1)]
    np.testing.assert_array_equal(np.isnan(upper), np.isnan(result.target_rdm))
    seen = ~np.isnan(upper)
    order = np.argsort(result.target_rdm[seen])
    np.testing.assert_allclose(upper[seen][order], np.linspace(0, 100, seen.sum()))


def test_percentiles_share_ties():
    given = np.array([3.0, np.nan, 1.0, 1.0, 2.0])
    np.testing.assert_allclose(percentiles(given), [1, np.nan, 1 / 6, 1 / 6, 2 / 3])
    assert np.isnan(percentiles(np.full(3, np.nan))).all()


@pytest.mark.parametrize("k", [2, 6, 9])
def test_several_targets(k):
    figure = pruning_figure(make(k=k))
    a = panels(figure)[0]
    assert (a.get_legend() is not None) == (k <= 6)
    found = titles(figure)
    assert f"{k} targets" in found[0]
    assert "target 0" in found[1]
    assert "target 0" in found[2]


def test_mean_of_targets():
    assert "mean of 3 targets" in titles(pruning_figure(make(k=3, pool="mean")))[2]


def test_title_names_the_objective():
    title = pruning_figure(make(objective="r2", compare="spearman")).get_suptitle()
    assert title.endswith("compared by spearman²")


@pytest.mark.parametrize("n_units", [3, 12, 3000])
@pytest.mark.parametrize("k", [None, 2])
def test_draws_without_warning_or_pyplot(tmp_path, n_units, k, monkeypatch):
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    pruning_figure(make(n_units, k)).savefig(tmp_path / "x.png", dpi=40)
    assert "matplotlib.pyplot" not in sys.modules


def test_nothing_defined(tmp_path):
    result = make()
    nothing = dataclasses.replace(
        result,
        full_score=np.nan,
        best_score=np.nan,
        importance=result.importance * np.nan,
        curve=result.curve * np.nan,
        full_rdm=result.full_rdm * np.nan,
    )
    figure = pruning_figure(nothing)
    figure.savefig(tmp_path / "x.png", dpi=40)
    assert "all units: undefined" in titles(figure)[3]


def test_texts_do_not_overlap():
    figure = pruning_figure(make(3000))
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    for axes in panels(figure):
        words = [
            *axes.texts,
            axes.xaxis.label,
            axes.yaxis.label,
            *axes.get_xticklabels(),
        ]
        boxes = [t.get_window_extent(renderer) for t in words if t.get_text()]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])


# --- Parts by name -------------------------------------------------------------------


def with_positions(**options):
    result = make(n_units=24, **options)
    places = np.indices((2, 3, 4)).reshape(3, -1)
    names = ("channel", "y", "x")
    return dataclasses.replace(result, units=dict(zip(names, places, strict=True)))


@pytest.mark.parametrize("part", PARTS)
def test_texts_of_a_part_in_print(part):
    result = with_positions()
    # Without missing pairs, which leave target panels empty.
    result = dataclasses.replace(result, target_rdm=np.nan_to_num(result.target_rdm))
    known = {"categories": np.array(list("aabbcc"))} if PARTS[part].shows else {}
    figure = result.plot(part, style="column", **known)
    figure.draw_without_rendering()
    sizes = {round(t.get_fontsize(), 1) for t in figure.findobj(Text) if t.get_text()}
    assert max(sizes) == 7
    assert min(sizes) >= 4.9  # exponents; all else is 5.8


def test_print_is_a_column_wide_with_fonts_that_stay_text(tmp_path):
    make().plot("rdms", style="column").savefig(tmp_path / "x.pdf")
    pdf = (tmp_path / "x.pdf").read_bytes()
    width = re.search(rb"/MediaBox \[ 0 0 ([\d.]+)", pdf)
    assert round(float(width[1]) / 72 * 25.4) == 89
    assert b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf


@pytest.mark.parametrize("part", PARTS)
def test_a_part_in_axes_that_are_given(part):
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert with_positions().plot(part, left) is figure
    assert left.has_data() or left.child_axes
    assert not right.has_data()


def test_widths_and_styles():
    result = make()
    assert round(result.plot(style="page").get_figwidth() * 25.4) == 183
    assert round(result.plot("rdms", width=120).get_figwidth() * 25.4) == 120
    with pytest.raises(ValueError, match="style='nature' is not known"):
        result.plot("curve", style="nature")
    with pytest.raises(ValueError, match="width=3: expected a width in mm"):
        result.plot("curve", width=3)
    with pytest.raises(ValueError, match="with axes: these have a width"):
        result.plot("curve", Figure().subplots(), width=89)


def test_what_does_not_fit_a_part():
    result = make(k=2)
    with pytest.raises(ValueError, match="part='tree' is not known"):
        result.plot("tree")
    with pytest.raises(ValueError, match="images: 3 given; expected 6, one for each"):
        result.plot("mds", images=[0, 0, 0])
    with pytest.raises(ValueError, match="with part='curve', which shows none"):
        result.plot("curve", images=list("abcdef"))
    with pytest.raises(ValueError, match="target=2: the result has 2 rankings"):
        result.plot("curve", target=2)
    with pytest.raises(ValueError, match="known of them: nothing"):
        result.plot("map")
    with pytest.raises(ValueError, match="target was given without part"):
        result.plot(target=1)


def test_bars_of_a_wide_layer_reach_as_far_as_their_units():
    values = np.random.default_rng(0).normal(size=5001)
    values[7] = np.nan
    edges, low, high = bars(values)
    assert len(edges) == 2001
    assert (edges[0], edges[-1]) == (0, 5001)
    for bar in range(2000):
        inside = values[edges[bar] : edges[bar + 1]]
        inside = inside[~np.isnan(inside)]
        assert high[bar] == max([*inside, 0])
        assert low[bar] == min([*inside, 0])


def test_one_of_several_targets():
    result = make(k=3)
    axes = result.plot("curve", target=1).axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), result.curve[1])
    rdms = result.plot("rdms", target=2).axes[0].child_axes
    assert rdms[0].get_title(loc="left").startswith("target 2")
    assert f"{result.best_score[2]:.3f}" in rdms[2].get_title(loc="left")


def test_scaling_finds_points_in_a_plane():
    points = np.random.default_rng(0).normal(size=(7, 2))
    found, share = scaled(pdist(points))
    np.testing.assert_allclose(pdist(found), pdist(points), rtol=0, atol=1e-12)
    assert share == pytest.approx(1)
    centred = points - points.mean(0)
    np.testing.assert_allclose(aligned(found, centred), centred, rtol=0, atol=1e-12)


def test_maps_of_conditions_show_thumbnails():
    images = np.random.default_rng(0).integers(0, 255, (6, 8, 4, 3), np.uint8)
    panels = make().plot("mds", images=images).axes[0].child_axes
    # A pair of the target is missing: it has no map, and says so.
    assert "1 pair\nmissing" in panels[0].texts[0].get_text()
    assert [len(panel.images) for panel in panels] == [0, 6, 6]
    first, *_ = panels[1].images
    np.testing.assert_array_equal(first.get_array(), images[0])
    left, right, low, high = first.get_extent()
    assert (high - low) == pytest.approx(2 * (right - left))


def test_trees_are_those_of_scipy():
    result = make()
    panel = result.plot("dendrogram").axes[0].child_axes[1]
    joints = panel.collections[0].get_segments()
    drawn = sorted(joint[:, 0].max() for joint in joints)
    ranks = 100 * (rankdata(result.full_rdm) - 1) / (len(result.full_rdm) - 1)
    np.testing.assert_allclose(drawn, linkage(ranks, "average")[:, 2])


def test_map_of_positions():
    result = with_positions()
    shares = shares_by_position(result)
    for y, x in np.ndindex(3, 4):
        units = [u for u in range(24) if u % 12 == 4 * y + x]
        assert shares[y, x] == np.mean(np.isin(units, result.retained))


def test_overlaid_results():
    one, other = make(30), make(12)
    seeds = [dataclasses.replace(one, curve=one.curve * c) for c in (0.5, 0.7, 1.2)]
    axes = overlay({"V1": other, "IT": seeds}).axes[0]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts[0] == f"V1: {other.full_score:.3f} to {other.best_score:.3f}"
    assert texts[1].endswith("(n = 3)")
    mean = np.mean([seed.curve for seed in seeds], 0)
    np.testing.assert_allclose(axes.lines[2].get_ydata(), mean)
    (band,) = axes.collections
    deviation = np.std([seed.curve for seed in seeds], 0, ddof=1)
    top = np.nanmax(mean + deviation)
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(top)
    share = overlay({"V1": other, "IT": make(30, k=2)}, share=True, band="se").axes[0]
    assert share.lines[0].get_xdata()[-1] == share.lines[-1].get_xdata()[-1] == 100
    with pytest.raises(ValueError, match=r"have \[12, 30\] units or groups"):
        overlay({"IT": [one, other]})
    with pytest.raises(ValueError, match="results is empty"):
        overlay({})


def test_notebooks_show_figures_without_pyplot():
    assert make().plot("curve")._repr_png_().startswith(b"\x89PNG")
