import sys

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from jaxprune.results import Pruning, Settings
from jaxprune.results.figure import _percentiles, pruning_figure


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
    found = [axes for part in figure.subfigs for axes in part.axes]
    return [axes for axes in found if axes.get_label() != "<colorbar>"]


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
    assert "missing" in titles(figure)[2]


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
    np.testing.assert_allclose(_percentiles(given), [1, np.nan, 1 / 6, 1 / 6, 2 / 3])
    assert np.isnan(_percentiles(np.full(3, np.nan))).all()


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
    import dataclasses

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
    assert "all units: undefined  (grey: missing)" in titles(figure)[3]


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
