"""`jaxprune test`, run in this process: files, numbers, interruption, messages."""

import csv
import json
import re
from html import unescape

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli import main
from jaxprune.report.numbers import cell, number
from jaxprune.studies.test import TEST

N, M = 18, 40  # as in tests/inference/test_methods.py: kernels compile once for both
FEW = ("--permutations", "19", "--bootstrap", "20", "--folds", "3", "--random", "5")
LABELS = np.array([f"picture {i}" for i in range(N)])
FILES = {*TEST.files, "parts"}


def layer():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(N, 3))
    x = np.maximum(rng.normal(size=(N, M)) + 0.3, 0)
    x[:, :12] += np.maximum(points @ rng.normal(size=(3, 12)), 0)
    return x, np.linalg.norm(points[:, None] - points, axis=-1)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Folder with x.npz, t.npz, s.npz: four RDMs, two sessions of two subjects, whose
    conditions are in another order."""
    folder = tmp_path_factory.mktemp("data")
    x, t = layer()
    rng = np.random.default_rng(1)
    noise = rng.random((4, N, N))
    subjects = t + (noise + noise.swapaxes(1, 2)) * (1 - np.eye(N))
    order = rng.permutation(N)
    np.savez(folder / "x.npz", x=x, labels=LABELS)
    np.savez(folder / "t.npz", rdm=t, labels=LABELS)
    shuffled = subjects[:, order][:, :, order]
    np.savez(folder / "s.npz", rdms=shuffled, labels=LABELS[order])
    np.save(folder / "bare.npy", x)
    np.save(folder / "in_order.npy", subjects)
    return folder


@pytest.fixture
def here(data, tmp_path, monkeypatch):
    for path in data.iterdir():
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*options, features="x.npz", target="t.npz", out="out"):
    return main(["test", features, target, "--out", str(out), *FEW, *options])


def read(folder, name):
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary(folder):
    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    text = (folder / "summary.json").read_text(encoding="utf-8")
    return json.loads(text, parse_constant=refuse)


def page(folder):
    html = (folder / "report.html").read_text(encoding="utf-8")
    return unescape(re.sub(r"<[^>]+>", " ", html))


def line(capsys):
    out, err = capsys.readouterr()
    assert out == ""
    (said,) = [x for x in err.splitlines() if x.startswith("jaxprune: error: ")]
    assert "\n" not in said
    return said


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """Everything, with subjects and sessions."""
    out = tmp_path_factory.mktemp("whole") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(data)
        assert run("--subjects", "s.npz", "--sessions", "2", "--quiet", out=out) == 0
    return out


def test_files(whole):
    assert {path.name for path in whole.iterdir()} == FILES
    rows = read(whole, "methods")
    names = ["full", "pruned", "zeros", "random", "reweighted"]
    assert [row["method"] for row in rows] == names
    assert (rows[3]["in_sample_low"], rows[2]["p"], rows[0]["gain"]) == ("", "", "")
    folds = read(whole, "folds")
    assert len(folds) == 3 + 2
    held_out = np.mean([float(row["reweighted"]) for row in folds[:3]])
    assert held_out == pytest.approx(float(rows[4]["held_out"]))
    assert folds[4]["subject"] == "1"
    assert folds[4]["random"] == ""
    permutations = read(whole, "permutations")
    assert len(permutations) == 19
    reached = sum(
        float(row["pruned"]) >= float(rows[1]["in_sample"]) for row in permutations
    )
    assert float(rows[1]["p"]) == (reached + 1) / 20


def test_report_has_the_numbers_of_the_tables(whole):
    text = page(whole)
    for row in read(whole, "methods"):
        for name in ("units", "in_sample", "p", "held_out", "gain", "gain_p"):
            if row[name]:
                value = int(row[name]) if name == "units" else float(row[name])
                assert cell(value) in text, (row["method"], name)
        for name in ("in_sample", "held_out", "gain"):
            if row[f"{name}_low"]:
                ends = (number(float(row[f"{name}_{end}"])) for end in ("low", "high"))
                assert " to ".join(ends) in text
    found = summary(whole)["subjects"]
    for value in (found["ceiling_lower"], found["ceiling_upper"]):
        assert number(value) in text
    assert "The p of the gain is a strict one" in text
    assert "matched by label" in text


def test_summary(whole):
    found = summary(whole)
    assert [row["method"] for row in found["methods"]][:2] == ["full", "pruned"]
    permutation = found["permutation"]
    assert permutation["n_permutations"] == 19
    assert permutation["p_value"] == float(read(whole, "methods")[1]["p"])
    assert found["settings"]["sessions"] == 2
    assert found["settings"]["prune"]["metric"] == "correlation"
    assert found["inputs"]["command"].startswith("jaxprune test x.npz t.npz")
    assert "jaxprune" in found["versions"]


def test_an_interrupted_run_goes_on(here, whole, monkeypatch, capsys):
    from jaxprune.io.checkpoints import Checkpoints

    rest = ("--methods", "full,pruned", "--quiet")
    keep = Checkpoints.save

    def interrupted(self, *given, **about):
        keep(self, *given, **about)
        if self.folder is not None:
            raise KeyboardInterrupt

    monkeypatch.setattr(Checkpoints, "save", interrupted)
    assert run(*rest) == 130
    assert {path.name for path in (here / "out").iterdir()} == {"parts"}
    kept = {path: path.stat().st_mtime_ns for path in (here / "out/parts").iterdir()}
    assert kept
    monkeypatch.setattr(Checkpoints, "save", keep)
    assert run(*rest) == 0
    for path, time in kept.items():
        assert path.stat().st_mtime_ns == time
    assert (here / "out/permutations.csv").read_bytes() == (
        whole / "permutations.csv"
    ).read_bytes()
    assert [row["method"] for row in read(here / "out", "methods")] == [
        "full",
        "pruned",
    ]
    assert capsys.readouterr().out == ""


def test_subjects_go_by_the_labels_of_the_target(here, whole):
    """Where features have none: the target's order is that of the features."""
    assert (
        run("--subjects", "s.npz", "--sessions", "2", "--quiet", features="bare.npy")
        == 0
    )
    assert summary(here / "out")["subjects"] == summary(whole)["subjects"]


def test_subjects_as_the_target_and_squared_scores(here, capsys):
    options = ("--objective", "r2", "--methods", "full,pruned")
    assert run(*options, target="in_order.npy") == 0
    out, err = capsys.readouterr()
    assert "4, each left out once" in out.replace("\n", " ")
    assert "jaxprune: subjects, each left out once" in err
    assert "95%" in out
    found = summary(here / "out")["subjects"]
    scores = [row["score"] for row in found["methods"]]
    assert 0 < min(scores) <= max(scores) < found["ceiling_upper"]
    # The ceiling is squared as the scores are.
    rows = [row for row in read(here / "out", "folds") if row["subject"]]
    lower = np.mean([float(row["ceiling_lower"]) for row in rows])
    assert found["ceiling_lower"] == pytest.approx(lower)


@pytest.mark.slow
def test_groups_of_units(here, capsys):
    labels = np.repeat(np.arange(10), 4)
    np.save("groups.npy", labels)
    few = ("--methods", "full,pruned,random")
    assert run(*few, "--groups", "groups.npy") == 0
    capsys.readouterr()
    pruned = next(r for r in read(here / "out", "methods") if r["method"] == "pruned")
    x, t = layer()
    expected = jp.prune(x, t, groups=labels)
    assert float(pruned["in_sample"]) == pytest.approx(expected.best_score)
    assert int(pruned["units"]) == 4 * expected.best_size
    found = summary(here / "out")
    assert found["permutation"]["best_size"] == expected.best_size
    assert found["inputs"]["groups"] == "groups.npy"
    kept = f"keeps {expected.best_size} of 10 groups ({pruned['units']} of 40 units)"
    assert kept in page(here / "out")
    assert run(*few, "--groups", "channel") == 2
    assert "the shape of the layer is not known from" in line(capsys)


def test_a_layer_without_zeros(here, capsys):
    x, _ = layer()
    np.save("positive.npy", x + 1)
    options = ("--methods", "full,pruned,zeros")
    assert run(*options, features="positive.npy", target="t.npz") == 0
    out, _ = capsys.readouterr()
    assert "not compared" in out
    assert "every unit is zero equally often" in out.replace("\n", " ")
    assert "zeros" in summary(here / "out")["left_out"]
    assert "Not compared: rarely firing left out" in page(here / "out")


def test_a_fold_without_a_score(here, capsys):
    x, _ = layer()
    x[4, :30] = 0
    np.save("silent.npy", x)
    assert run("--methods", "full,pruned", features="silent.npy") == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "pruned: 1 of 3 folds have no score" in out
    assert "nan" not in out
    full, pruned = read(here / "out", "methods")
    assert (full["undefined_folds"], pruned["undefined_folds"]) == ("0", "1")
    assert np.isfinite([float(pruned[name]) for name in ("held_out", "gain_p")]).all()
    assert [row["pruned"] for row in read(here / "out", "folds")].count("NaN") == 1
    assert "Pruned: 1 of 3 folds have no score" in page(here / "out")
    assert summary(here / "out")["methods"][1]["undefined_folds"] == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--methods", "full,pruned,best"], "methods='best' is not known"),
        (["--methods", "full,zeros"], "expected full and pruned among them"),
        (["--folds", "7"], "n_folds=7: expected 2 to 6 for 18 conditions"),
        (["--permutations", "0"], "n_permutations=0: expected a whole number"),
        (["--subjects", "s.npz", "--sessions", "3"], "sessions=3 and 4 RDMs"),
        (["--subjects", "t.npz"], "sessions=1 and 1 RDMs"),
        (["--subjects", "absent.npz"], "absent.npz does not exist"),
    ],
)
def test_bad_input_is_one_line(here, capsys, given, said):
    assert run(*given) == 2
    assert said in line(capsys)
    assert not (here / "out").exists()


def test_several_targets_and_subjects(here, capsys):
    assert run("--subjects", "s.npz", target="in_order.npy") == 2
    assert "target holds 4 RDMs, and subjects were given too" in line(capsys)
