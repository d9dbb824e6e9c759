"""The page of a result: what its script is given, its size, and what it may load."""

import base64
import hashlib
import json
import re
import tempfile
from dataclasses import replace

import numpy as np
import pytest

from jaxprune.engine.layer import make_layer
from jaxprune.engine.rdms import layer_rdms, nested_rdms
from jaxprune.explain import Conditions, prefix_rdms, pruning_page, thumbnail
from jaxprune.explain.conditions import block_means, by_cluster
from jaxprune.explain.exploring import explored
from jaxprune.explain.prefixes import chosen_sizes
from jaxprune.metrics import metric_named
from jaxprune.results import Pruning, Settings
from tests import reference
from tests.explain.results import UNITS, result_of

ORDER = np.random.default_rng(5).permutation(UNITS)
HOSTILE = '</script><script>alert("1")</script>'


@pytest.fixture
def result(features, targets):
    places = dict(zip("xy", np.indices((6, 2, 2)).reshape(3, -1)[1:], strict=True))
    units = {"channel": np.arange(UNITS) // 4, **places}
    return result_of(features(), targets(), ORDER, 7, units=units)


def decoded(data):
    side = data["side"]
    rows = np.frombuffer(base64.b64decode(data["cells"]), "<f4")
    rows = rows.reshape(-1, side * (side + 1) // 2)
    squares = np.full((len(rows), side, side), np.nan)
    squares[:, *np.triu_indices(side)] = rows
    return squares


def data_of(html):
    found = re.search(r'id="explorer-data">\n(.*)\n</script>', html)
    return json.loads(found[1])


def test_rdms_of_the_first_units(result, features):
    sizes = chosen_sizes(result, 10)
    assert {7, UNITS} <= set(sizes.tolist())
    found = prefix_rdms(result, features(), sizes)
    for size, rdm in zip(sizes, found, strict=True):
        expected = reference.rdm(features()[:, ORDER[:size]])
        np.testing.assert_allclose(rdm, expected, atol=1e-12)
    with pytest.raises(ValueError, match="Expected the features that were pruned"):
        prefix_rdms(result, features()[:, :-1], sizes)


def test_rdms_of_nested_sets_in_one_pass():
    """Of a layer of several blocks: each unit is summed once."""
    rng = np.random.default_rng(0)
    x = np.maximum(rng.normal(size=(9, 2200)), 0).astype(np.float32)
    x[4, :700] = 0
    order = np.r_[rng.permutation(700), 700 + rng.permutation(1500)]
    layer = make_layer(x, metric_named("correlation"))
    masks = np.zeros((4, 2200), bool)
    for mask, size in zip(masks, (3, 700, 1900, 2200), strict=True):
        mask[order[:size]] = True
    found = nested_rdms(layer, masks)
    np.testing.assert_allclose(found, layer_rdms(layer, masks), atol=1e-13)
    assert np.isnan(found[1]).sum() == 8


def test_what_the_script_shows_is_what_was_found(result, features):
    html = pruning_page(result, features=features()).html()
    data = data_of(html)
    assert data["sizes"] == result.sizes.tolist()
    assert [np.nan if v is None else v for v in data["curve"]] == pytest.approx(
        result.curve.tolist(), abs=0, nan_ok=True
    )
    squares = decoded(data)
    upper = squares[:, *np.triu_indices(9, 1)]
    np.testing.assert_allclose(upper[0], result.target_rdm, rtol=1e-6)
    np.testing.assert_allclose(upper[1], result.full_rdm, rtol=1e-6)
    chosen = upper[2 + data["steps"].index(7)]
    np.testing.assert_allclose(chosen, result.pruned_rdm, rtol=1e-6)
    assert sum(data["histogram"]["retained"]) == 7
    assert sum(data["histogram"]["dropped"]) == UNITS - 7
    assert np.sum(data["map"]["retained"]) == 7
    assert sum(data["shares"][0]["retained"]) == 7


def test_without_features_the_rdms_of_all_and_of_the_retained_units(result):
    data = explored(result, Conditions.named(None, 9))
    assert data["steps"] == [7, UNITS]
    assert len(decoded(data)) == 4


def test_only_its_own_script_runs_and_nothing_is_loaded(result):
    labels = (HOSTILE, *result.conditions[1:])
    page = pruning_page(replace(result, conditions=labels), facts={"target": HOSTILE})
    html = page.html()
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 1
    assert html.count("<script") == 2  # and the data
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        "style-src 'unsafe-inline'",
        f"script-src 'sha256-{digest}'",
    ]
    assert data_of(html)["names"][0] == HOSTILE
    for address in re.findall(r'(?:src|href)="([^"]*)"', html):
        assert re.match("#|data:|https://(doi.org|openreview.net)/", address)


def test_several_targets_show_one(features, targets):
    one, two = (result_of(features(), t, ORDER, 7) for t in targets(2))
    stacked = {
        name: np.stack([getattr(one, name), getattr(two, name)])
        for name in ("importance", "order", "curve", "target_rdm", "pruned_rdm")
    }
    both = replace(
        one,
        **stacked,
        full_score=np.array([one.full_score, two.full_score]),
        best_score=np.array([one.best_score, two.best_score]),
        best_size=np.array([7, 7]),
        retained=[one.retained, two.retained],
    )
    data = explored(both, Conditions.named(None, 9), target=1)
    assert data["curve"][2:] == two.curve.tolist()[2:]
    assert len(data["others"]) == 1
    upper = decoded(data)[:, *np.triu_indices(9, 1)]
    np.testing.assert_allclose(upper[0], two.target_rdm, rtol=1e-6)


def wide(n, n_units, seed=0):
    """A result of random numbers, of a size that users have."""
    rng = np.random.default_rng(seed)
    importance = rng.normal(size=n_units) ** 3 / n_units
    order = np.argsort(-importance)
    curve = np.linspace(0.1, 0.5, n_units)
    pairs = n * (n - 1) // 2
    size = n_units // 8
    return Pruning(
        full_score=0.1,
        importance=importance,
        order=order,
        curve=curve,
        sizes=np.arange(1, n_units + 1),
        best_size=size,
        best_score=float(curve[size - 1]),
        retained=np.sort(order[:size]),
        target_rdm=rng.random(pairs),
        full_rdm=rng.random(pairs),
        pruned_rdm=rng.random(pairs),
        paths={},
        dtype="float64",
        device="cpu",
        settings=Settings(),
        units={
            name: values
            for name, values in zip(
                ("channel", "y", "x"),
                np.indices((64, 56, 56)).reshape(3, -1)[:, :n_units],
                strict=True,
            )
        },
    )


@pytest.mark.parametrize("n", [92, 200, 600])
def test_no_page_is_larger_than_6_mb(n, monkeypatch):
    result = wide(n, 200_704)
    rng = np.random.default_rng(0)

    def random_rdms(result, features, sizes, **options):
        return rng.random((len(sizes), n * (n - 1) // 2))

    monkeypatch.setattr("jaxprune.explain.exploring.prefix_rdms", random_rdms)
    noise = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    pictures = dict.fromkeys(range(min(n, 200)), thumbnail(noise))
    conditions = Conditions.named(None, n, pictures)
    html = pruning_page(result, features=0, conditions=conditions).html()
    assert 1e6 < len(html) < 6e6
    data = data_of(html)
    most = {92: 40, 200: 25, 600: 8}[n]
    assert 0.75 * most <= len(data["steps"]) <= most
    assert ("Each cell is the mean over a block" in html) == (n > 200)


def test_of_very_many_conditions_those_named_have_thumbnails():
    n = 300
    result = replace(wide(n, 500), units=None)
    features = np.random.default_rng(0).random((n, 500))
    images = np.zeros((n, 8, 8), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        # Rounding aside, its RDMs are others: only the parts are looked at.
        page = result.explain(folder, features=features, images=images)
        html = page.read_text("utf-8")
    named = set(re.findall(r'data-condition="(\d+)"', html))
    assert 20 < len(named) < n
    assert set(data_of(html)["pictures"]) == named


def test_blocks_of_conditions_are_means_of_their_pairs():
    n, side = 7, 3
    rdm = np.random.default_rng(0).random(21)
    rdm[4] = np.nan
    order = np.random.default_rng(1).permutation(n)
    square = reference.square(rdm)
    np.fill_diagonal(square, np.nan)
    found = block_means(rdm[None], order, side)[0]
    parts = [order[[k * side // n == b for k in range(n)]] for b in range(side)]
    for a, b in np.ndindex(side, side):
        expected = np.nanmean(square[np.ix_(parts[a], parts[b])])
        assert found[a, b] == pytest.approx(expected)


def test_similar_conditions_are_neighbours():
    group = np.array([0, 1, 0, 1, 2, 2, 0])
    rdm = reference.condensed((group[:, None] != group).astype(float))
    ordered = group[by_cluster(rdm)]
    assert (np.diff(ordered) != 0).sum() == 2


def test_categories_are_an_order(result):
    categories = {"number": np.arange(9.0), "kind": np.array(list("babcacbca"))}
    conditions = Conditions.named(None, 9, None, categories)
    orders = explored(result, conditions)["orders"]
    assert orders[2]["name"] == "by category"
    assert [categories["kind"][k] for k in orders[2]["order"]] == sorted("babcacbca")
