"""The study rarely-firing: LeNet-5 and its own RDM, and sets of images, to files."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.studies.framework import Measured
from jaxprune.studies.rarely_firing import (
    STUDY,
    ImageSet,
    Options,
    images,
    networks,
    predicting,
    results,
    study,
    tracking,
)
from tests import scripts_semantics as script
from tests.studies.test_number_sense import links_of

N_UNITS, N_ORDERS = 90, 19
EPOCHS = 2


def _relu(seed, n=8):
    rng = np.random.default_rng(seed)
    return np.maximum(rng.normal(size=(n, N_UNITS)) - rng.uniform(-1, 1.5, N_UNITS), 0)


def _square(seed, n=8):
    values = np.random.default_rng(seed).random((n, n))
    return (values + values.T) / 2


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Folder with images of ten classes that differ in colour, and two sets."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(10, dtype=np.uint8), 8)
    x = rng.integers(0, 120, (80, 32, 32, 3)) + 13 * labels[:, None, None, None]
    x = x.astype(np.uint8)
    arrays = {"x_train": x[:60], "y_train": labels[:60]}
    arrays |= {"x_test": x[60:], "y_test": labels[60:]}
    np.savez(folder / "cifar.npz", **arrays)
    for i, name in enumerate(("animals", "tools")):
        np.save(folder / f"{name}.npy", _relu(i))
        np.save(folder / f"{name}_people.npy", _square(10 + i) + np.eye(8))
    return folder


@pytest.fixture(scope="module")
def options(data):
    sets = [
        ImageSet.parse(f"{name}={data}/{name}.npy,{data}/{name}_people.npy")
        for name in ("animals", "tools")
    ]
    return Options(
        str(data / "cifar.npz"),
        seeds=(0, 1),
        epochs=EPOCHS,
        sets=tuple(sets),
        n_orders=N_ORDERS,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rarely") / "out"


@pytest.fixture(scope="module")
def found(options, folder):
    found = STUDY.run(options, folder)
    STUDY.save(found, folder)
    return found


def _rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_curve_is_that_of_the_published_script():
    rng = np.random.default_rng(3)
    labels = np.repeat(np.arange(10), 9)
    units = np.maximum(rng.normal(size=(90, 84)) - rng.uniform(-1, 1.5, 84), 0)
    curve = tracking.track(units, labels)
    poz = script.poz_get_apoz(units)
    means = np.array([units[labels == one].mean(0) for one in range(10)])
    target = np.corrcoef(means) ** 2
    for i, share in enumerate(np.arange(1.0, 0, -0.1)):
        n = int(84 * share)
        kept = np.argsort(poz, kind="stable")[:n]
        expected = script.poz_fit(means[:, kept], target)
        assert curve["r2"][i] == pytest.approx(expected, abs=1e-10)
        assert curve["max_poz"][i] == pytest.approx(100 * poz[kept].max())
    assert curve["r2"][0] == pytest.approx(1)


def test_set_is_that_of_the_published_script():
    x, people = _relu(5), _square(6)
    record = predicting.predict(x, people, N_ORDERS)
    sizes, fits = script.poz_compute_2oi(x, people, script.poz_get_apoz(x), step=1)
    assert record["full"] == pytest.approx(fits[0], abs=1e-10)
    expected = dict(zip(sizes.tolist(), fits, strict=True))
    for size, fit in zip(record["sizes"].tolist(), record["curve"], strict=True):
        known = expected.get(size, np.nan)
        # Two units correlate perfectly, or not at all: fits differ by round-off.
        if size > 2:
            np.testing.assert_allclose(fit, known, atol=1e-10)
    assert record["best"] == np.nanmax(record["curve"])
    assert record["sizes"][np.nanargmax(record["curve"])] == record["best_size"]
    assert 1 / (N_ORDERS + 1) <= record["p_value"] <= 1
    low, mean, high = (record[f"null_{name}"] for name in ("low", "mean", "high"))
    some = np.isfinite(low)
    assert (low <= mean)[some].all()
    options = {"metric": "squared_correlation", "objective": "r2"}
    options["target_kind"] = "similarity"
    for name, of in record["criteria"].items():
        alone = jp.keep_lowest(x, people, record["sizes"], by=name, **options)
        np.testing.assert_array_equal(record[f"curve_{name}"], alone.curve)
        assert (of["best"], of["best_size"]) == (alone.best_score, alone.best_size)
        assert 1 / (N_ORDERS + 1) <= of["p_value"] <= 1
    assert (mean <= high)[some].all()


def test_squares_hide_whether_people_gave_similarities():
    x, people = _relu(7), _square(8)
    np.fill_diagonal(people, 1)
    record = predicting.predict(x, people, N_ORDERS)
    other = predicting.predict(x, 1 - people, N_ORDERS)
    np.testing.assert_allclose(record["curve"], other["curve"], atol=1e-10)
    assert other["p_value"] == record["p_value"]


def test_published_sizes():
    sizes = predicting.sizes_of(4096)
    assert sizes[::-1].tolist() == list(range(4076, 0, -20))
    wide = predicting.sizes_of(25_088)
    assert set(np.diff(wide)) == {122}
    assert (wide[-1], wide[0] > 0) == (25_088 - 122, True)


def test_vgg19_against_a_target_made_of_it(data_dir):
    # The units that fire most often make the target, which they then fit best.
    x = np.load(data_dir / "vgg19_fc7_144x4096.npy").astype(np.float64)
    poz = script.poz_get_apoz(x)
    few = np.argsort(poz, kind="stable")[:416]
    target = 1 - np.corrcoef(x[:, few]) ** 2
    record = predicting.predict(x, target, 9)
    assert record["best_size"] == 416
    assert record["best"] == pytest.approx(1)
    assert record["p_value"] == record["p_standardized"] == 0.1
    one = Measured({"set": "made"}, record)
    kept = results.kept(one)
    assert kept.sum() == 410
    assert set(np.flatnonzero(kept)) <= set(few)
    assert results.below(one, 80) == pytest.approx(100 * (poz <= 0.8).mean())


@pytest.mark.slow
def test_stages_of_training(found):
    assert networks.stages(12) == (0, 1, 3, 6, 12)
    record = found.measured[0].record
    assert list(record["accuracy"]) == ["0", "1", "2"]
    assert list(record["curves"]) == [
        "untrained",
        "after 1 epoch",
        tracking.PUBLISHED,
        tracking.RANDOM,
        tracking.SIGNED,
        tracking.HALF,
        tracking.LEARNED,
        tracking.OTHER_LAYER,
    ]
    assert results.varied(found)[0] == tracking.PUBLISHED
    # Other initialisations, other networks.
    first, second = results.curves(found, "max_poz")
    assert (first != second).any()


def test_units_are_those_of_fc2_after_its_relu(found, data):
    import jaxprune_ports as jpp

    with np.load(data / "cifar.npz") as arrays:
        x, labels = arrays["x_test"], arrays["y_test"]
    units = jpp.activations(jpp.create("lenet5", 0), x, ["relu4"])["relu4"]
    curve = tracking.track(units, labels)
    r2, poz = (
        results.curve(found.measured[0], which, "untrained")
        for which in ("r2", "max_poz")
    )
    np.testing.assert_allclose(r2, curve["r2"], atol=1e-6)
    np.testing.assert_array_equal(poz, curve["max_poz"])


def test_files(found, folder):
    for name in STUDY.files:
        assert (folder / name).stat().st_size > 0, name
    assert len(_rows(folder, "networks")) == 2 * 8 * 10
    assert len(_rows(folder, "sets")) == 2 * (N_UNITS - 1)
    assert len(_rows(folder, "units")) == 2 * N_UNITS
    (pair,) = _rows(folder, "overlaps")
    common = int(pair["n_common"])
    assert float(pair["jaccard_kept"]) == pytest.approx(common / (18 - common))
    content = json.loads((folder / "summary.json").read_text("utf-8"))
    row = content["published"][4]
    mean = results.curves(found).mean(0)[4]
    assert (row["name"], row["quantity"]) == ("60 % kept", "r2")
    assert row["ours"] == pytest.approx(mean)
    assert row["difference"] == pytest.approx(mean - 0.953)
    links = links_of(folder / "report.html")
    assert links
    assert all(link.startswith(("#", "data:image/")) for link in links)
    assert not list((folder / "parts").glob("*/"))


def test_only_published_categories_are_compared(found):
    animals, tools = found.having("set")
    rows = results.of_set(animals)
    of_animals = [".442", ".411", ".420", ".430", ".429", ".417"]
    assert [row.published for row in rows] == of_animals
    assert rows[0].ours == animals["full"]
    assert results.of_set(tools) == []
    # 50 % of 90 units are 45.
    size = animals["sizes"].tolist().index(45)
    assert rows[1].ours == animals["curve"][size]


def test_summary(found):
    text = STUDY.screen(found)
    assert "animals" in text
    assert max(map(len, text.splitlines())) <= 80


def test_command(data, tmp_path, capsys):
    from jaxprune.cli import main

    sets = f"mine={data}/tools.npy,{data}/tools_people.npy"
    args = ("--seeds", "0", "--sets", sets, "--orders", str(N_ORDERS))
    assert main(["study", "rarely-firing", *args, "--out", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert "mine: 8 images, 90 units" in err
    # Files of an experiment that was not done are not listed.
    assert "sets.png" in out
    assert "networks.png" not in out


def not_again(*args, **kwargs):
    raise AssertionError("not again")


def test_a_repeated_run_takes_what_is_done(found, folder, options, monkeypatch):
    monkeypatch.setattr(study, "measure", not_again)
    monkeypatch.setattr(study, "predict", not_again)
    again = STUDY.run(options, folder)
    np.testing.assert_array_equal(results.curves(again), results.curves(found))
    last, before = again.measured[-1], found.measured[-1]
    np.testing.assert_array_equal(last["curve"], before["curve"])
    with pytest.raises(AssertionError, match="not again"):
        STUDY.run(replace(options, n_orders=20), folder)


@pytest.mark.usefixtures("found")
def test_an_experiment_alone(options, folder, tmp_path):
    again = STUDY.run(replace(options, seeds=(), images=None), folder)
    assert [one.about["set"] for one in again] == ["animals", "tools"]
    assert "R2" not in STUDY.screen(again)
    alone = STUDY.run(replace(options, sets=()), folder)
    (tmp_path / "sets.csv").touch()  # of an earlier run
    STUDY.save(alone, tmp_path)
    assert (tmp_path / "networks.png").exists()
    assert not (tmp_path / "sets.csv").exists()
    assert "--sets" in (tmp_path / "report.html").read_text("utf-8")


def test_dot_arrays_in_place_of_images():
    seen = images.images_of(Options(n_instances=5))
    assert seen.train[0].shape == (50, 32, 32)
    assert np.bincount(seen.train[1]).tolist() == [5] * 10
    assert np.bincount(seen.test[1]).tolist() == [1] * 10


def test_images_are_found_in_folders(data, tmp_path):
    with np.load(data / "cifar.npz") as arrays:
        known = dict(arrays)
    for name, array in known.items():
        np.save(tmp_path / f"{name}.npy", array)
    options = Options(str(tmp_path))
    seen = images.images_of(options)
    np.testing.assert_array_equal(seen.train[0], known["x_train"])
    # Keras keeps labels in a column; a few images of each class are taken.
    np.save(tmp_path / "y_train.npy", known["y_train"][:, None])
    few = images.images_of(replace(options, n_instances=5))
    assert np.bincount(few.train[1]).tolist() == [5] * 10
    binary = tmp_path / "binary"
    binary.mkdir()
    for file, part in (("data_batch_1", "train"), ("test_batch", "test")):
        x, y = known[f"x_{part}"], known[f"y_{part}"]
        flat = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
        np.concatenate([y[:, None], flat], 1).tofile(binary / f"{file}.bin")
    again = images.images_of(replace(options, images=str(binary)))
    np.testing.assert_array_equal(again.test[0], known["x_test"])
    np.testing.assert_array_equal(again.train[1], known["y_train"])


def test_a_network_that_was_given(data, data_dir, monkeypatch):
    weights = str(data_dir / "lenet5_cifar10.pt")
    pytest.importorskip("torch")
    cifar = str(data_dir / "cifar10_6102.npz")
    only = Options(cifar, seeds=(), weights=(weights,))
    found = STUDY.run(only)
    (network,) = results.networks(found)
    assert results.accuracy(network) == pytest.approx(0.595, abs=5e-4)
    # At 60 % as published, though not the value.
    assert results.curves(found)[0, 4] == pytest.approx(0.868, abs=2e-3)
    assert tracking.LEARNED not in network["curves"]
    assert results.levels(found, "r2")[4].sd is None


def test_files_that_will_not_do(data, tmp_path):
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        STUDY.run(Options(str(tmp_path / "none.npz")))
    with np.load(data / "cifar.npz") as arrays:
        part = {name: arrays[name] for name in ("x_train", "y_train")}
    np.savez(tmp_path / "part.npz", **part)
    with pytest.raises(ValueError, match="holds x_train, y_train; expected"):
        STUDY.run(Options(str(tmp_path / "part.npz")))
    np.save(tmp_path / "x.npy", part["x_train"])
    with pytest.raises(ValueError, match=r"x.npy holds one array, .*expected an .npz"):
        STUDY.run(Options(str(tmp_path / "x.npy")))
    np.savez(tmp_path / "grey.npz", **{**part, "x_test": np.zeros(3), "y_test": [1]})
    with pytest.raises(ValueError, match=r"holds x_test, float64 \(3,\)"):
        STUDY.run(Options(str(tmp_path / "grey.npz")))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": ()}, "all empty"),
        ({"seeds": (-1,)}, "seeds="),
        ({"n_instances": 4}, "n_instances=4: expected a whole number of at least 5"),
        ({"epochs": 0}, "epochs=0"),
        ({"sets": [ImageSet("a", "x", "y")] * 2}, "a name of its own"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        Options(**options)


@pytest.mark.parametrize("text", ["animals", "a=b", "=b,c", "a=b,c,d"])
def test_bad_sets(text):
    with pytest.raises(ValueError, match="NAME=FEATURES,TARGET"):
        ImageSet.parse(text)
