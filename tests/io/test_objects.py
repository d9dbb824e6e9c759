"""Objects that bring labels, of pandas, xarray and rsatoolbox: loaded or given."""

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.io import load_features, load_target
from jaxprune.io.objects import matched, plain

pd = pytest.importorskip("pandas")

RNG = np.random.default_rng(0)
N, UNITS = 9, 24  # as everywhere: kernels are compiled once
NAMES = [f"c{i}" for i in range(N)]
X = RNG.normal(size=(N, UNITS))
TARGET = np.abs(np.subtract.outer(X[:, 0], X[:, 0]))
ORDER = RNG.permutation(N)
THERE = [NAMES[i] for i in ORDER]
MOVED = TARGET[np.ix_(ORDER, ORDER)]
RIGHT = jp.score(X, TARGET)


def frames():
    return (
        pd.DataFrame(X, index=NAMES),
        pd.DataFrame(MOVED, index=THERE, columns=THERE),
    )


def arrays():
    xr = pytest.importorskip("xarray")
    return (
        xr.DataArray(X, dims=("stimulus", "unit"), coords={"stimulus": NAMES}),
        xr.DataArray(MOVED, dims=("a", "b"), coords={"a": THERE, "b": THERE}),
    )


def rdms():
    rsatoolbox = pytest.importorskip("rsatoolbox")
    vectors = MOVED[np.triu_indices(N, 1)][None]
    descriptors = {"conds": THERE}
    return (
        frames()[0],
        rsatoolbox.rdm.RDMs(vectors, pattern_descriptors=descriptors),
    )


KINDS = pytest.mark.parametrize("kind", [frames, arrays, rdms])


@KINDS
def test_labels_are_aligned(kind):
    features, target = kind()
    assert jp.score(features, target) == pytest.approx(RIGHT, abs=1e-12)
    assert jp.score(features.iloc[:, :] if kind is frames else features, target) == (
        pytest.approx(RIGHT, abs=1e-12)
    )
    assert load_features(features).labels == tuple(NAMES)
    assert load_target(target).labels == tuple(THERE)
    # One side without labels: the order is that of the rows.
    assert jp.score(X, target) == pytest.approx(jp.score(X, MOVED), abs=1e-12)


@KINDS
def test_every_function_aligns(kind):
    from jaxprune.inference import compare_methods, cross_validate
    from jaxprune.reweighting import reweight

    features, target = kind()
    ours, theirs = (jp.prune(*pair) for pair in ((features, target), (X, TARGET)))
    np.testing.assert_allclose(ours.importance, theirs.importance, atol=1e-12)
    for function, options, numbers in (
        (cross_validate, {"n_folds": 2}, lambda found: found.pruned),
        (
            compare_methods,
            {"n_folds": 2, "methods": ("full",)},
            lambda found: found.in_sample["full"],
        ),
        (reweight, {"n_folds": 2}, lambda found: found.weights),
    ):
        a, b = (function(*x, **options) for x in ((features, target), (X, TARGET)))
        np.testing.assert_allclose(numbers(a), numbers(b), atol=1e-10)


@KINDS
def test_other_labels_are_refused(kind):
    features, target = kind()
    other = pd.DataFrame(X, index=[f"d{i}" for i in range(N)])
    with pytest.raises(ValueError, match="labels of the 9 conditions .* differ"):
        jp.prune(other, target)
    del features


def test_labels_of_columns_and_rows_have_to_agree():
    target = pd.DataFrame(MOVED, index=THERE, columns=NAMES)
    with pytest.raises(ValueError, match="columns are labelled 'c0'"):
        load_target(target)


def test_default_index_is_no_label():
    assert load_target(pd.DataFrame(TARGET)).labels is None
    assert load_features(pd.DataFrame(X)).labels is None
    # An index that was asked for is one.
    assert load_features(pd.DataFrame(X, index=[*range(N - 1), 99])).labels[-1] == "99"


def test_text_columns_are_named():
    frame = pd.DataFrame(X).assign(what=NAMES)
    with pytest.raises(ValueError, match=r"columns 'what' hold no numbers"):
        jp.score(frame, pd.DataFrame(MOVED, index=THERE, columns=THERE))
    with pytest.raises(ValueError, match=r"set_index\('what'\)"):
        load_features(frame)
    found = load_features(frame, labels="what")
    assert found.labels == tuple(NAMES)
    assert found.values.shape == X.shape
    with pytest.raises(ValueError, match="no column 'who'"):
        load_features(frame, labels="who")
    joined = pd.DataFrame(X, index=pd.MultiIndex.from_product([["a"], NAMES]))
    with pytest.raises(ValueError, match="index of 2 levels"):
        load_features(joined)


def test_coordinates_under_another_name():
    xr = pytest.importorskip("xarray")
    given = xr.DataArray(
        X, dims=("presentation", "neuroid"), coords={"what": ("presentation", NAMES)}
    )
    found = load_features(given)
    assert found.labels is None
    assert found.texts == {"what": N}
    assert load_features(given, labels="what").labels == tuple(NAMES)
    with pytest.raises(ValueError, match="no coordinate 'who' along 'presentation'"):
        load_features(given, labels="who")


def test_numeric_descriptors_are_named():
    rsatoolbox = pytest.importorskip("rsatoolbox")
    vectors = MOVED[np.triu_indices(N, 1)][None]
    given = rsatoolbox.rdm.RDMs(vectors, pattern_descriptors={"trial": list(ORDER)})
    found = load_target(given)
    assert found.labels is None
    assert found.texts == {"trial": N}
    assert load_target(given, labels="trial").labels == tuple(map(str, ORDER))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("x.npy", r"is text; .*load_features\('x.npy'\)"),
        ([[1.0, 2.0], [1.0]], "rows differ in length"),
        (np.ma.masked_less(X, 0), "masked array"),
    ],
)
def test_what_is_no_array(given, message):
    with pytest.raises(ValueError, match=f"features.*{message}"):
        jp.prune(given, TARGET)


def test_sparse_labelled_and_traced():
    import jax
    from scipy import sparse

    with pytest.raises(ValueError, match=r"sparse matrix .*features.toarray\(\)"):
        plain("features", sparse.csr_matrix(X))
    with pytest.raises(ValueError, match=r"Labelled; .*features.values"):
        plain("features", load_target(TARGET))
    with pytest.raises(ValueError, match="features is traced by jax"):
        jax.jit(lambda x: jp.score(x, TARGET))(X)


def test_arrays_pass_untouched():
    assert all(a is b for a, b in zip(matched(X, TARGET), (X, TARGET), strict=True))


# --- Results as objects, with what the input said of conditions and units -------------


def assembly(**more):
    """As Brain-Score has activations: presentation x neuroid, several levels each."""
    xr = pytest.importorskip("xarray")
    coords = {
        "stimulus_id": ("presentation", NAMES),
        "object_name": ("presentation", ["face"] * N),
        "layer": ("neuroid", ["IT"] * UNITS),
        "neuroid_num": ("neuroid", np.arange(UNITS) + 7),
        "channel_x": ("neuroid", np.arange(UNITS) % 5),
    }
    return xr.DataArray(X, dims=("presentation", "neuroid"), coords=coords | more)


def test_assemblies_of_brain_score():
    expected = {"layer", "neuroid_num", "channel_x"}
    given = assembly()
    levels = {"presentation": ["stimulus_id", "object_name"], "neuroid": list(expected)}
    for form in (
        given,
        given.T,
        given.expand_dims("time_bin", 2),
        given.set_index(levels),
    ):
        found = load_features(form)
        assert found.labels == tuple(NAMES)
        assert set(found.units) == expected
        np.testing.assert_array_equal(found.values, X)
        assert jp.score(form, frames()[1]) == pytest.approx(RIGHT, abs=1e-12)
    np.testing.assert_array_equal(found.units["neuroid_num"], np.arange(UNITS) + 7)
    twice = assembly(stimulus_id=("presentation", ["a", *NAMES[:-2], "a"]))
    assert load_features(twice).labels is None


def test_other_dimensions_are_refused():
    xr = pytest.importorskip("xarray")
    two = xr.concat([assembly(), assembly()], "time_bin")
    with pytest.raises(
        ValueError, match=r"'presentation' .* features.mean\('time_bin'\)"
    ):
        jp.prune(two, TARGET)
    other = xr.DataArray(X, dims=("presentation", "unit"))
    with pytest.raises(ValueError, match="dimensions 'presentation', 'unit'; expected"):
        load_features(other)


def test_result_as_frames(tmp_path):
    result = jp.prune(assembly(), frames()[1])
    assert result.conditions == tuple(NAMES)
    frame, curve = result.to_frame(), result.curve_frame()
    columns = ["layer", "neuroid_num", "channel_x", "importance", "rank", "retained"]
    assert list(frame.columns) == columns
    np.testing.assert_array_equal(frame["importance"], result.importance)
    np.testing.assert_array_equal(frame.index[frame["retained"] == 1], result.retained)
    np.testing.assert_array_equal(curve["score"], result.curve)
    assert curve.index[curve["score"].argmax()] == result.best_size
    # Saved and loaded, names of conditions and units are still there.
    again = jp.Pruning.load(result.save(tmp_path, figure=False))
    pd.testing.assert_frame_equal(again.to_frame(), frame)
    written = pd.read_csv(tmp_path / "units.csv", index_col="unit")
    assert list(written.columns) == columns
    several = jp.prune(
        frames()[0],
        np.stack([TARGET, X[:9, :9] @ X[:9, :9].T]),
        **{"target_kind": "similarity"},
    )
    assert "rank_1" in several.to_frame()
    assert list(several.curve_frame().columns) == ["score_0", "score_1"]


def test_units_are_named_by_columns():
    named = pd.DataFrame(X, index=NAMES, columns=[f"u{k}" for k in range(UNITS)])
    result = jp.prune(named, TARGET)
    assert list(result.to_frame()["name"][:2]) == ["u0", "u1"]
    assert jp.prune(X, TARGET).units is None
    assert jp.prune(X, frames()[1]).conditions == tuple(THERE)


def test_result_for_rsatoolbox():
    rsatoolbox = pytest.importorskip("rsatoolbox")
    result = jp.prune(frames()[0], TARGET)
    rdms, model = result.to_rsatoolbox()
    assert rdms.rdm_descriptors["units"] == ["all", "retained"]
    assert list(rdms.pattern_descriptors["conds"]) == NAMES
    target = rsatoolbox.rdm.RDMs(TARGET[np.triu_indices(N, 1)][None])
    scores = rsatoolbox.rdm.compare(rdms, target, "corr").ravel()
    np.testing.assert_allclose(scores, [result.full_score, result.best_score])
    assert isinstance(model, rsatoolbox.model.ModelFixed)
    np.testing.assert_array_equal(model.predict(), result.pruned_rdm)
    _, models = jp.prune(X, np.stack([TARGET, TARGET**2])).to_rsatoolbox()
    assert [model.name for model in models] == ["retained_0", "retained_1"]
