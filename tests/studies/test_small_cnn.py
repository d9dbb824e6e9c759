"""The study small-cnn: untrained and trained, from stimuli to files."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import f_oneway, tukey_hsd

from jaxprune.stimuli import one_to_ten
from jaxprune.studies.small_cnn import STUDY, Options, measure, study
from tests.studies.test_number_sense import links_of

N_IMAGES = 6


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    """Ten random images of each of ten classes in place of CIFAR-10."""
    rng = np.random.default_rng(0)
    file = tmp_path_factory.mktemp("cifar") / "cifar.npz"
    images = rng.integers(0, 256, (20, 32, 32, 3), dtype=np.uint8)
    labels = np.repeat(np.arange(10, dtype=np.uint8), 2)
    np.savez(file, x_train=images, y_train=labels, x_test=images, y_test=labels)
    return Options(str(file), n_instances=N_IMAGES, epochs=1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cnn") / "out"


@pytest.fixture(scope="module")
def found(options, folder):
    found = STUDY.run(options, folder)
    STUDY.save(found, folder)
    return found


def _rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_units_are_those_of_scipy(found):
    import jaxprune_ports as jpp

    stimuli = one_to_ten(N_IMAGES, 0)
    x = jpp.activations(jpp.create("student108", 0), stimuli.images, ["avgpool"])
    groups = x["avgpool"].astype(float).reshape(10, N_IMAGES, 108)
    one = found.measured[0]
    varies = np.ptp(groups, (0, 1)) > 0
    f, p = f_oneway(*groups[:, :, varies])
    np.testing.assert_allclose(one.arrays["f"][varies], f, rtol=1e-6)
    assert one.record["n_selective"] == (p < 0.01).sum()
    assert one.record["n_constant"] == (~varies).sum()
    best = groups[:, :, varies].mean(1).argmax(0)
    assert one.arrays["prefer"][varies].tolist() == best.tolist()
    chosen = np.flatnonzero(varies)[p < 0.01][:4]
    tables = [tukey_hsd(*groups[:, :, unit]).pvalue < 0.01 for unit in chosen]
    mask = np.isin(np.arange(108), chosen)
    cells = measure.cell_moments(
        x["avgpool"], {"numerosity": np.repeat(np.arange(10), N_IMAGES)}
    )
    shares = measure.told_apart(measure.tukey(cells), mask)
    np.testing.assert_allclose(shares, np.mean(tables, 0) * (1 - np.eye(10)))


def test_published_design():
    # 800 images of ten numbers.
    cells = measure.cell_moments(
        np.random.default_rng(0).normal(size=(800, 2)),
        {"numerosity": np.repeat(np.arange(10), 80)},
    )
    table = measure.anova_from_cells(cells)
    assert (int(table.df[0]), table.residual_df) == (9, 790)
    assert measure.f_distribution.ppf(0.99, 9, 790) == pytest.approx(2.43, abs=0.01)


def test_versions_and_variants(found):
    assert list(found.groups("version", "variant")) == [
        ("untrained", "fixed_size"),
        ("untrained", "constant_area"),
        ("trained", "fixed_size"),
        ("trained", "constant_area"),
    ]
    assert "test_accuracy" not in found.measured[0].record
    assert 0 <= found.measured[-1].record["test_accuracy"] <= 1


def test_files(found, folder):
    for name in STUDY.files:
        assert (folder / name).stat().st_size > 0, name
    assert len(_rows(folder, "networks")) == 4
    assert len(_rows(folder, "units")) == 4 * 108
    assert len(_rows(folder, "pairs")) == 4 * 45
    assert len(_rows(folder, "tuning")) == 4 * 100
    content = json.loads((folder / "summary.json").read_text("utf-8"))
    first = content["published"][0]
    share = 100 * int(_rows(folder, "networks")[0]["n_selective"]) / 108
    assert first["ours"] == pytest.approx(share)
    assert first["difference"] == pytest.approx(share - 82.4)
    links = links_of(folder / "report.html")
    assert links
    assert all(link.startswith(("#", "data:image/")) for link in links)


def test_summary(found):
    text = STUDY.screen(found)
    assert "trained, constant area" in text
    assert max(map(len, text.splitlines())) <= 80


def test_preferences_are_counted(found):
    of = found.where(version="untrained", variant="fixed_size")
    assert study.prefer(of, 0, 10) == pytest.approx(100)
    middle = [one["prefer"][one["mask"]] for one in of]
    expected = 100 * np.isin(np.concatenate(middle), [4, 5]).mean()
    assert study.prefer(of, 4, 6) == pytest.approx(expected)


def test_a_repeated_run_takes_what_is_done(found, folder, options, monkeypatch):
    monkeypatch.setattr(study, "measure", None)
    said = []
    again = STUDY.run(options, folder, report=said.append)
    assert said[0] == "[1/4] untrained network, seed 0, dots of one size: done before"
    for one, other in zip(found, again, strict=True):
        # From JSON, where tuples are lists.
        assert json.loads(json.dumps(one.record)) == other.record
        np.testing.assert_array_equal(one["rdm"], other["rdm"])
    with pytest.raises(TypeError):
        STUDY.run(replace(options, n_instances=7), folder)


def test_without_images_only_untrained_ones(found, options, folder):
    again = STUDY.run(replace(options, cifar=None), folder)
    assert [one.about["version"] for one in again] == ["untrained"] * 2
    assert again.measured[0].record == found.measured[0].record | {"df": [9, 50]}
    assert "\ntrained, dots" not in STUDY.screen(again)


def test_files_that_will_not_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        STUDY.run(Options(str(tmp_path / "none.npz")))
    np.savez(tmp_path / "other.npz", images=np.zeros(3))
    with pytest.raises(ValueError, match="holds images; expected x_train"):
        STUDY.run(Options(str(tmp_path / "other.npz")))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": ()}, "seeds="),
        ({"n_instances": 1}, "n_instances=1: expected a whole number of at least 2"),
        ({"epochs": 0}, "epochs=0"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        Options(**options)
