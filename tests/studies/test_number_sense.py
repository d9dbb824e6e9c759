"""The study number-sense: a small network from stimuli to files, and its parts."""

import csv
import json
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import jax
import numpy as np
import pytest

import jaxprune_ports as jpp
from jaxprune.numerosity import cell_moments, nasr, preferred
from jaxprune.studies.framework import Found, Measured
from jaxprune.studies.number_sense import (
    STUDY,
    Options,
    networks,
    origin,
    results,
    study,
    tasks,
)
from jaxprune_ports.weights import fingerprint

pytest.importorskip("sklearn")

SIZE = 150
TINY = Options(
    networks=("alexnet",),
    kim_images=2,
    area_images=1,
    n_draws=2,
    n_repeats=2,
    n_pairs=6,
    n_runs=3,
)
CASE = networks.Case("alexnet", networks.UNTRAINED, 0)


@pytest.fixture(scope="module", autouse=True)
def small_images():
    """AlexNet of torchvision takes any size; the others take one."""
    with pytest.MonkeyPatch.context() as patch:
        smaller = replace(networks.SUBJECTS["alexnet"], size=SIZE)
        patch.setitem(networks.SUBJECTS, "alexnet", smaller)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sense") / "out"


@pytest.fixture(scope="module")
def said():
    return []


@pytest.fixture(scope="module")
def found(folder, said):
    found = STUDY.run(TINY, folder, report=said.append)
    STUDY.save(found, folder)
    return found


@pytest.fixture(scope="module")
def one(found):
    (one,) = found.having("network")
    return one


def _rows(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_units_are_those_of_direct_calls(one):
    stimuli = CASE.stimuli(2)
    steps = jpp.Preprocessing(None, None)
    responses = jpp.activations(
        jpp.create("alexnet", 0), stimuli.images, ["features.11"], preprocessing=steps
    )["features.11"]
    factors = {name: stimuli.levels(name) for name in ("numerosity", "set")}
    cells = cell_moments(responses, factors)
    mask = nasr(cells).mask
    # Single units may fall on the other side of a limit: moments are summed otherwise.
    assert one["n_nasr"] == pytest.approx(mask.sum(), abs=2)
    assert one["n_units"] == responses.shape[1]
    prefer = np.bincount(preferred(cells)[mask], minlength=16)
    assert np.abs(one["preferring"] - prefer).sum() <= 4


def test_every_file_is_written(found, folder):
    for name in STUDY.files:
        assert (folder / name).stat().st_size > 0, name


def test_tables(found, one, folder):
    (units,) = _rows(folder, "units")
    assert units["network"] == "alexnet"
    share = one["n_nasr"] / one["n_units"]
    assert float(units["share_nasr"]) == pytest.approx(share)
    assert len(_rows(folder, "tuning")) == len(_rows(folder, "performance")) == 256
    assert [row["axis"] for row in _rows(folder, "fits")][:4] == [
        *("linear", "sqrt", "cube_root", "log2")
    ]
    everything = {
        (row["images"], row["units"]): float(row["accuracy"])
        for row in _rows(folder, "comparison")
        if row["pairs"] == "all"
    }
    assert len(everything) == 6
    accuracy = one["compare_selective"].mean()
    assert everything["three sets", "selective units"] == pytest.approx(accuracy)
    pairs = {row["pairs"] for row in _rows(folder, "comparison")}
    assert {"within control1", "incongruent with total area", "distance 2"} <= pairs
    assert len(_rows(folder, "matching")) == 4
    model = results.model(found)["share"].mean(0)
    first = _rows(folder, "origin")[0]
    assert float(first["share_model"]) == pytest.approx(model[0])


def test_summary_file_and_text(found, one, folder):
    content = json.loads((folder / "summary.json").read_text("utf-8"))
    assert content["settings"]["kim_images"] == 2
    assert content["networks"][0]["n_nasr"] == one["n_nasr"]
    assert "jaxprune" in content["versions"]
    text = STUDY.screen(found)
    assert "AlexNet of torchvision" in text
    assert max(map(len, text.splitlines())) <= 80


def links_of(page):
    """Everything that a page would load or lead to."""
    links = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            assert tag not in ("script", "link", "iframe")
            links.extend(value for name, value in attrs if name in ("src", "href"))

    Reader().feed(page.read_text("utf-8"))
    return links


def test_report_loads_nothing(found, folder):
    links = links_of(folder / "report.html")
    assert links
    assert all(link.startswith(("#", "data:image/")) for link in links)
    text = (folder / "report.html").read_text("utf-8")
    assert all(f"Figure {number}." in text for number in (1, 2, 3))


def test_a_repeated_run_takes_what_is_done(found, folder, monkeypatch, said):
    assert any("AlexNet" in text for text in said)
    monkeypatch.setattr(study, "measure", None)
    again = STUDY.run(TINY, folder, report=said.append)
    assert all(text.endswith("done before") for text in said[-len(found) :])
    for first, second in zip(found, again, strict=True):
        assert second.record == first.record
        assert second.arrays.keys() == first.arrays.keys()
        for name, array in first.arrays.items():
            np.testing.assert_array_equal(second[name], array)
    with pytest.raises(TypeError):
        STUDY.run(replace(TINY, n_pairs=7), folder)


def test_interrupted_between_networks(tmp_path, one, monkeypatch):
    # Seed 0 is done when seed 1 fails; only seed 1 is measured again.
    asked = []

    def once(case, options, *rest):
        asked.append(case.seed)
        if asked == [0, 1]:
            raise KeyboardInterrupt
        return one.content

    monkeypatch.setattr(study, "measure", once)
    two = replace(TINY, seeds=(0, 1))
    with pytest.raises(KeyboardInterrupt):
        STUDY.run(two, tmp_path)
    done = STUDY.run(two, tmp_path)
    assert asked == [0, 1, 1]
    (version,) = results.versions(done)
    assert len(version) == 2
    assert results.stacked(version, "match").shape == (2, 2)


def test_published_numbers_beside_ours(found):
    record = {"n_units": 1000, "n_nasr": 90}
    (small,) = results.comparisons(_fake("alexnet_kim", record, STUDY.small))
    assert small.difference == pytest.approx(0.49)
    assert small.close is None
    (full,) = results.comparisons(_fake("alexnet_kim", record, STUDY.full))
    assert full.close is True
    version = _fake("nasr", {**record, "n_nasr": 50}, STUDY.full)
    first, match, *_ = results.comparisons(version)
    assert first.difference == pytest.approx(-4.6)
    assert match.ours is None
    (version,) = results.versions(found)
    assert results.comparisons(version) == results.emulated(version) == []


def _fake(network, record, options):
    case = networks.Case(network, networks.UNTRAINED, 0)
    return Found(options, (Measured({"case": case}, record),), 0.0)


def test_summed_weights_are_those_of_the_convolution():
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(3, 3, 2, 6))  # 4 channels in 2 groups
    chosen = rng.random((4, 5, 5)) < 0.4
    total, count = origin.summed_weights(kernel, chosen)

    def convolved(weights):
        return jax.lax.conv_general_dilated(
            chosen.astype(np.float32)[None],
            np.asarray(weights, np.float32),
            (1, 1),
            "SAME",
            dimension_numbers=("NCHW", "HWIO", "NCHW"),
            feature_group_count=2,
        )

    np.testing.assert_allclose(total, np.ravel(convolved(kernel)), atol=1e-5)
    np.testing.assert_allclose(count, np.ravel(convolved(np.ones_like(kernel))))


def test_weights_of_this_network(one):
    # Conv5 of torchvision is one group of 256 channels.
    assert one["n_below"] == 256 * 8 * 8
    assert np.abs(one["increasing_weight"]).max() < 1


def test_area_varying_images():
    stimuli = origin.area_varying(1, seed=0, size=SIZE)
    assert len(stimuli.images) == 128
    area, number = stimuli.table["total_area"], stimuli.table["numerosity"]
    np.testing.assert_allclose(area, stimuli.levels("total_area"))
    assert np.unique(area.round(6)).tolist() == pytest.approx(origin.AREAS)
    assert np.corrcoef(area, number)[0, 1] == pytest.approx(0, abs=1e-12)


def test_groups_without_units_are_left_out():
    images = np.zeros((4, 5, 5), np.uint8)
    none, some = np.zeros((4, 0)), np.zeros((4, 9))
    assert list(tasks.groups_of(none, some, images)) == ["pixels"]
    groups = tasks.groups_of(np.zeros((4, 300)), some, images)
    assert [n for _, n in groups.values()] == [9, 9, None]
    assert groups["pixels"][0].shape == (4, 25)
    assert tasks.matching(none, some, np.arange(4), TINY, 0) == {}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"networks": ("vgg16",)}, "networks=.*alexnet_kim, nasr"),
        ({"networks": ()}, "both empty"),
        ({"seeds": (-1,)}, "seeds="),
        ({"kim_images": 1}, "kim_images=1: expected a whole number of at least 2"),
        ({"n_runs": 0}, "n_runs=0"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        Options(**options)


def _net(name, weights):
    return SimpleNamespace(
        name=name,
        layers=("relu5",),
        aliases={},
        unfed=(),
        weights=weights,
        source="a file",
    )


def test_weights_of_another_network(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError):
        STUDY.run(replace(TINY, weights=(tmp_path / "none",)))
    monkeypatch.setattr(jpp, "load", lambda folder: _net("lenet5", "a"))
    with pytest.raises(ValueError, match="holds lenet5 with layers relu5"):
        STUDY.run(replace(TINY, weights=(tmp_path / "net",)))


def test_weights_decide_on_what_is_kept(monkeypatch):
    monkeypatch.setattr(jpp, "load", lambda folder: _net("alexnet_kim", folder.name))
    monkeypatch.setattr(fingerprint, "weights_hash", lambda net: net.weights)
    first, again, second = (
        networks.cases_of((), (3,), (name,))[0] for name in ("x/a", "y/a", "x/b")
    )
    assert (first.network, first.version) == ("alexnet_kim", networks.TRAINED)
    assert first.seed == 3
    assert first.weights == again.weights != second.weights
    assert second.make().weights == "b"
    with pytest.raises(ValueError, match="more than once"):
        networks.cases_of((), (0,), ("x/a", "x/b"))


def test_a_network_whose_origin_is_not_looked_for(found, one, tmp_path):
    # Nasr's network has no units below in this study, nor images of several areas.
    left_out = "area_", "n_below", "decreasing", "increasing"
    content = {k: v for k, v in one.content.items() if not k.startswith(left_out)}
    case = networks.Case("nasr", networks.UNTRAINED, 0)
    about = {"network": "nasr", "version": "untrained", "seed": 0, "case": case}
    model = results.model(found)
    STUDY.save(Found(TINY, (Measured(about, content), model), 0.0), tmp_path)
    assert not {"origin.csv", "origin.png"} & {path.name for path in tmp_path.iterdir()}
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Origin of tuning" not in page
    assert "area varied" not in page
    assert "its weights are PyTorch" in page
    assert "match-to-sample, % right, study of 2021" in page
