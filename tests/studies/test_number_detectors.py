"""The study of number detectors: its numbers, files, and how it goes on."""

import csv
import json
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy.stats import pearsonr

import jaxprune as jp
import jaxprune_ports as jpp
from jaxprune.cli import options as _options
from jaxprune.cli.commands import study as study_command
from jaxprune.inference import cross_validate, overlap
from jaxprune.numerosity import (
    RULES,
    cell_moments,
    distance_rdm,
    noise_corrected_rdm,
)
from jaxprune.stimuli import karami32
from jaxprune.studies.framework import Study
from jaxprune.studies.framework.running import PARTS
from jaxprune.studies.number_detectors import STUDY, Options, study, tables
from jaxprune.studies.number_detectors.measure import Row
from jaxprune.studies.number_detectors.pure_units import share_found

# Two folds: they compile what the two field sizes compile.
OPTIONS = Options(layers=("IT",), n_instances=2, size=112, n_random=5, n_folds=2)
FIRST = "network,version,normalise,layer,seed,ranking,n_units,full,full_corrected"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def found(folder):
    return STUDY.run(OPTIONS, folder)


@pytest.fixture(scope="module")
def saved(found, folder):
    return STUDY.save(found, folder)


@pytest.fixture(scope="module")
def responses():
    """IT's responses to single images, and the stimuli."""
    stimuli = karami32(2, 0, 112)
    steps = jpp.Preprocessing(None, None, mean=(0, 0, 0), std=(1, 1, 1))
    net = jpp.create("cornet_z", 0)
    every = jpp.activations(net, steps(stimuli.images), ["IT"])["IT"]
    return np.asarray(every, np.float64).reshape(len(stimuli.images), -1), stimuli


def row(found, ranking="correct", rule="factorial"):
    rows = [Row(**row) for row in tables.rows(found)]
    (one,) = [r for r in rows if (r.ranking, r.rule) == (ranking, rule)]
    return one


def test_one_row_for_each_ranking_and_rule(found):
    rows = list(tables.rows(found))
    names = [(r["ranking"], r["rule"]) for r in rows]
    assert len(names) == len(set(names)) == 4
    for one in rows:
        place = one["network"], one["version"], one["layer"]
        assert place == ("cornet_z", "untrained", "IT")
        assert one["n_units"] == 8192


def test_equal_to_the_public_functions(found, responses):
    every, stimuli = responses
    means = every.reshape(32, 2, -1).mean(1)
    target = distance_rdm(stimuli.factors["numerosity"])
    pruning = jp.prune(means, target)
    factors = {name: stimuli.levels(name) for name in stimuli.factors}
    cells = cell_moments(every, factors)
    for rule in ("factorial", "one_way_cells"):
        one, detectors = row(found, rule=rule), RULES[rule](cells).mask
        assert one.full == pytest.approx(pruning.full_score, abs=1e-9)
        assert one.pruned == pytest.approx(pruning.best_score, abs=1e-9)
        assert one.n_retained == pruning.best_size
        assert one.n_anova == detectors.sum()
        expected = jp.score_masks(means, target, detectors[None])[0]
        assert one.anova == pytest.approx(expected, abs=1e-9, nan_ok=True)
        shared = overlap(pruning.mask, detectors)
        numbers = one.overlap, one.overlap_chance, one.overlap_p
        wanted = shared.coefficient, shared.chance, shared.p
        assert numbers == pytest.approx(wanted, nan_ok=True)
    corrected = noise_corrected_rdm(cells)[np.triu_indices(32, 1)]
    pairs = target[np.triu_indices(32, 1)]
    wanted = pearsonr(corrected, pairs).statistic
    assert one.full_corrected == pytest.approx(wanted, abs=1e-9)
    held_out = cross_validate(means, target, 2, seed=0)
    assert one.heldout_full == pytest.approx(held_out.full.mean(), abs=1e-9)
    assert one.heldout_pruned == pytest.approx(held_out.pruned.mean(), abs=1e-9)
    fields = cross_validate(
        means, target, condition_groups=stimuli.factors["field_area"]
    )
    assert one.field_pruned == pytest.approx(fields.pruned.mean(), abs=1e-9)
    assert one.field_train == pytest.approx(fields.train_pruned.mean(), abs=1e-9)


def test_as_many_detectors_as_retained_units(found, responses):
    """One fold of item areas, chosen and scored by the public functions."""
    (layer,) = found
    rows = layer["equal_numbers"]
    folds = [(row["split"], row["fold"]) for row in rows]
    areas = [("item areas", fold) for fold in range(6)]
    fields = [("field sizes", fold) for fold in range(2)]
    assert folds == [("same conditions", 0), *areas, *fields]
    every, stimuli = responses
    area = stimuli.levels("item_area")
    inside = np.isin(area, np.unique(area)[:2])
    factors = {name: stimuli.levels(name) for name in stimuli.factors}
    half, other = (
        cell_moments(every[chosen], {k: v[chosen] for k, v in factors.items()})
        for chosen in (inside, ~inside)
    )
    targets = [distance_rdm(cells.factors["numerosity"]) for cells in (half, other)]
    pruning = jp.prune(half.mean, targets[0])
    detectors = RULES["factorial"](half)
    n = min(pruning.best_size, detectors.mask.sum())
    f = detectors.f[detectors.tests.index("numerosity")]
    strongest = sorted(detectors.units, key=lambda unit: -f[unit])[:n]
    masks = [np.ones(8192), *np.zeros((2, 8192))]
    masks[1][pruning.order[:n]] = masks[2][strongest] = 1
    scores = jp.score_masks(other.mean, targets[1], np.array(masks))
    one = rows[1]
    assert one["n"] == n > 1
    assert (one["n_retained"], one["n_detectors"]) == (
        pruning.best_size,
        detectors.mask.sum(),
    )
    found_there = one["full"], one["retained"], one["detectors"]
    assert found_there == pytest.approx(scores, abs=1e-9)


def test_reversed_ranking_takes_the_least_important_units(found, responses):
    every, stimuli = responses
    means = every.reshape(32, 2, -1).mean(1)
    target = distance_rdm(stimuli.factors["numerosity"])
    pruning = jp.prune(means, target)
    last = np.isin(np.arange(8192), pruning.order[-int(pruning.best_size) :])
    one = row(found, "reversed")
    assert one.n_retained == pruning.best_size
    assert one.pruned == pytest.approx(
        jp.score_masks(means, target, last[None])[0], abs=1e-9, nan_ok=True
    )
    assert np.isnan(one.heldout_pruned)


def test_curve_and_sets(found):
    (layer,) = found
    assert layer["sizes"][0] == 1
    assert layer["sizes"][-1] == 8192
    best = layer["sizes"] == row(found).n_retained
    assert layer["curve"][best] == row(found).pruned
    assert layer["retained"].sum() == row(found).n_retained
    assert layer["factorial"].sum() == row(found).n_anova


def test_table(found, saved):
    with (saved / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert ",".join(rows[0]).startswith(FIRST)
    assert {"n_anova", "rule", "overlap", "overlap_chance", "random"} <= set(rows[0])
    assert len(rows) == 4
    assert float(rows[0]["full"]) == row(found).full
    assert rows[-1]["heldout_full"] == "NaN"


def test_summary_file(found, saved):
    summary = json.loads((saved / "summary.json").read_text())
    assert summary["settings"]["n_instances"] == 2
    assert summary["versions"]["jaxprune"] == jp.__version__
    full = summary["published"][0]
    assert (full["layer"], full["quantity"], full["published"]) == (
        "IT",
        "all units",
        ".31",
    )
    assert full["ours"] == row(found).full
    assert full["difference"] == pytest.approx(row(found).full - 0.31)


class Page(HTMLParser):
    """Addresses and text of a page."""

    def __init__(self):
        super().__init__()
        self.links, self.text = [], []

    def handle_starttag(self, tag, attributes):
        self.links += [v for k, v in attributes if k in ("src", "href", "xlink:href")]

    def handle_data(self, data):
        self.text.append(data)


def test_report(saved):
    page = Page()
    page.feed((saved / "report.html").read_text("utf-8"))
    assert page.links
    assert all(link.startswith(("data:image/", "#")) for link in page.links)
    text = " ".join(page.text)
    for words in ("IT, all units", "0.31", "0.50", "within", "one-way tests", "eta²"):
        assert words in text
    for name in ("scores", "curves", "overlap", "heldout"):
        assert (saved / f"{name}.png").stat().st_size > 20_000
    assert {path.name for path in saved.iterdir()} == {*STUDY.files, PARTS}


def test_summary_on_the_screen(found):
    lines = STUDY.screen(found).splitlines()
    assert max(map(len, lines)) <= 80
    (line,) = [line for line in lines if line.startswith("IT")]
    assert line.split()[2] == ".31"
    # Two images of a condition are few.
    assert any(line.startswith("noise ") for line in lines)
    assert "too few images" in " ".join(" ".join(lines).split())


def test_what_is_done_is_not_done_again(found, folder, monkeypatch):
    def never(*_, **__):
        raise AssertionError

    monkeypatch.setattr(study, "analyse", never)
    monkeypatch.setattr(study, "karami32", never)
    said = []
    again = STUDY.run(OPTIONS, folder, report=said.append)
    assert said == ["[1/1] CORnet-Z, untrained, seed 0, IT: done before"]
    np.testing.assert_equal(list(tables.rows(again)), list(tables.rows(found)))
    with pytest.raises(AssertionError):
        STUDY.run(replace(OPTIONS, n_random=6), folder)


def test_interrupted_between_layers(found, tmp_path, monkeypatch):
    """The layer that was done is kept, the other one is all that is shown again."""
    options = replace(OPTIONS, layers=("V4", "IT"))
    shown, looked_at, real = [], [], study.responses

    def responses(case, layers, *rest):
        shown.append(layers)
        return real(case, layers, *rest)

    def analyse(cells, *, layer, **given):
        looked_at.append((layer, cells.n_units))
        if len(looked_at) == 2:
            raise KeyboardInterrupt
        # What is found is taken from the other layer.
        return found.measured[0].content

    monkeypatch.setattr(study, "responses", responses)
    monkeypatch.setattr(study, "analyse", analyse)
    with pytest.raises(KeyboardInterrupt):
        STUDY.run(options, tmp_path)
    again = STUDY.run(options, tmp_path)
    assert looked_at == [("V4", 12_544), ("IT", 8_192), ("IT", 8_192)]
    assert shown == [["V4", "IT"], ["IT"]]
    assert [one.about["layer"] for one in again] == ["V4", "IT"]
    # The sums do not outlast the responses.
    kept = [path.suffix for path in (tmp_path / PARTS).iterdir()]
    assert kept == [".npz"] * 2


def test_pure_number_units_are_missed_by_the_published_rule():
    shares = share_found(0.05, n_units=300)
    assert shares["one_way_cells"] == 0
    assert shares["factorial"] > 0.9
    assert 0 < share_found(0.004, n_units=300)["one_way_cells"] < 0.3


def test_published_values():
    known = STUDY.published
    # Four are there twice: with a tolerance for images as they are, and without.
    assert len(known.rows) == 6 * 4 * 4 + 4
    by_quantity = {
        quantity: [row["value"] for row in known.rows if row["quantity"] == quantity]
        for quantity in (*tables.SCORES, "overlap")
    }
    table = by_quantity["overlap"]
    assert (table.count("0"), table.count("1"), table.count("")) == (8, 3, 1)
    _, pruned, anova = (by_quantity[quantity] for quantity in tables.SCORES)
    assert anova.count("") == 2
    better = [float(p) > float(a) for p, a in zip(pruned, anova, strict=True) if a]
    assert (sum(better), len(better)) == (20, 22)
    place = {"network": "cornet_z", "layer": "V2"}
    assert known.value("all units", version="untrained", **place) == ".33"
    assert known.value("all units", version="numerosity_scratch", **place) is None


def test_values_take_one_row_a_layer(found):
    assert len(tables.values(found, "full")) == 1
    assert tables.values(found, "anova", rule="factorial")[0] == pytest.approx(
        row(found).anova, nan_ok=True
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"normalise": ("caffe",)}, "normalise=.*expected some of none, imagenet"),
        ({"normalise": ()}, "normalise=.*expected at least one"),
        ({"seeds": ()}, "seeds=.*expected at least one"),
        ({"networks": ("cornet_z", "cornet_z")}, "networks=.*each once"),
        ({"networks": ()}, "networks and weights are both empty"),
        ({"n_instances": 1}, "n_instances=1: expected a whole number of at least 2"),
    ],
)
def test_options(given, message):
    with pytest.raises(ValueError, match=message):
        Options(**given)


@pytest.fixture
def command():
    """Function that runs ``jaxprune study``."""

    def run(*argv):
        parser = _options.Parser(prog="jaxprune")
        study_command.add(parser.add_subparsers(dest="command"))
        args = parser.parse_args(["study", *argv])
        return args.run(args)

    return run


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], STUDY.small),
        (["--full"], STUDY.full),
        (
            ["--full", "--networks", "cornet_s", "--seeds", "2", "--instances", "7"],
            replace(STUDY.full, networks=("cornet_s",), seeds=(0, 1), n_instances=7),
        ),
        (
            ["--networks", "none", "--weights", "a", "--weights", "b", "--size", "112"],
            Options(networks=(), weights=("a", "b"), size=112),
        ),
        (
            ["--normalise", "none, imagenet", "--layers", "V4,IT"],
            Options(normalise=("none", "imagenet"), layers=("V4", "IT")),
        ),
    ],
)
def test_command(command, argv, expected, found, tmp_path, monkeypatch, capsys):
    given = []

    def run(self, options, folder, *, progress, report):
        report("a step")
        given.append((options, folder, progress))
        return found

    def save(self, found, folder):
        given.append((found, folder))
        (folder / "report.html").touch()

    monkeypatch.setattr(Study, "run", run)
    monkeypatch.setattr(Study, "save", save)
    assert command("number-detectors", "--out", str(tmp_path), *argv) == 0
    assert given == [(expected, tmp_path, False), (found, tmp_path)]
    out, err = capsys.readouterr()
    assert STUDY.screen(found) in out
    assert "report.html" in out
    assert max(map(len, out.splitlines())) <= 80 + len(str(tmp_path))
    assert err == "jaxprune: a step\n"


def test_command_without_a_study(command, capsys):
    with pytest.raises(SystemExit):
        command()
    assert "NAME" in capsys.readouterr().err
