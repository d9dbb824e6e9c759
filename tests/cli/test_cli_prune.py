"""`jaxprune prune`, run in this process."""

import csv
import inspect
import json
from pathlib import Path

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli.main import main, make_parser

FILES = {
    "units.csv",
    "curve.csv",
    "conditions.csv",
    "result.npz",
    "summary.json",
    "figure.png",
    "report.html",
}


@pytest.fixture
def files(tmp_path, monkeypatch, features, targets):
    """Function writing features and target, in the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(labels=None, target_labels=None, k=None, kind="dense", **target):
        x, t = features(kind), targets(k, **target)
        labelled = {} if labels is None else {"labels": labels}
        np.savez("x.npz", x=x, **labelled)
        labelled = {} if target_labels is None else {"labels": target_labels}
        np.savez("t.npz", rdm=t, **labelled)
        return x, t

    return write


def prune(*options, out="out"):
    return main(["prune", "x.npz", "t.npz", "--out", out, *options])


def summary(out="out"):
    with open(f"{out}/summary.json", encoding="utf-8") as file:
        return json.load(file)


def column(name, file, out="out"):
    with open(f"{out}/{file}", encoding="utf-8", newline="") as opened:
        return [row[name] for row in csv.DictReader(opened)]


def test_same_as_python(files, tmp_path, capsys):
    x, t = files()
    assert prune() == 0
    expected, saved = jp.prune(x, t), jp.Pruning.load("out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    for name in ("full_score", "best_score", "best_size", "retained", "curve"):
        np.testing.assert_array_equal(getattr(saved, name), getattr(expected, name))
    kept = [int(v) for v in column("retained", "units.csv")]
    np.testing.assert_array_equal(np.flatnonzero(kept), expected.retained)
    out, err = capsys.readouterr()
    assert err == ""
    assert f"{expected.full_score:.3f}" in out
    assert f"{expected.best_score:.3f}" in out
    assert "closed_form, float64 on cpu" in out


def test_unlabelled_says_so(files, capsys):
    files()
    assert prune("--no-figure") == 0
    assert summary()["conditions_matched"] == "assumed to be in the same order"
    assert "assumed to be in the same order" in capsys.readouterr().out
    assert column("label", "conditions.csv") == [""] * 9


def test_shuffled_labelled_target_gives_the_same_result(files, capsys):
    labels = np.array([f"picture {i}" for i in range(9)])
    _, t = files(labels, labels)
    assert prune("--no-figure", out="straight") == 0
    mixed = np.random.default_rng(0).permutation(9)
    np.savez("t.npz", rdm=t[np.ix_(mixed, mixed)], labels=labels[mixed])
    assert prune("--no-figure", out="shuffled") == 0
    one, other = (jp.Pruning.load(name) for name in ("straight", "shuffled"))
    np.testing.assert_array_equal(one.importance, other.importance)
    np.testing.assert_array_equal(one.retained, other.retained)
    assert other.conditions == tuple(labels)
    assert column("label", "conditions.csv", "shuffled") == list(labels)
    assert summary("shuffled")["conditions_matched"] == "by label"
    assert "matched by label" in capsys.readouterr().out


def test_labels_of_the_target_alone_are_kept(files):
    labels = [f"c{i}" for i in range(9)]
    files(target_labels=labels)
    assert prune("--no-figure") == 0
    assert column("label", "conditions.csv") == labels
    assert summary()["conditions_matched"] == "assumed to be in the same order"


def test_options_reach_the_engine(files, capsys):
    x, t = files()
    chosen = {
        "metric": "cosine",
        "compare": "spearman",
        "objective": "r2",
        "method": "masked",
        "precision": "float32",
        "undefined": "zero",
        "batch_size": 5,
    }
    flags = [f"--{k.replace('_', '-')}={v}" for k, v in chosen.items()]
    assert prune(*flags, "--no-figure") == 0
    saved = jp.Pruning.load("out")
    assert saved.paths["importance"] == "masked"
    assert saved.dtype == "float32"
    assert (saved.settings.metric, saved.settings.objective) == ("cosine", "r2")
    assert "spearman, squared" in capsys.readouterr().out
    assert summary()["inputs"]["command"][:2] == ["jaxprune", "prune"]


def test_choices_and_defaults_are_those_of_the_function():
    given = vars(make_parser().parse_args(["prune", "x", "t", "--out", "o"]))
    for name, parameter in inspect.signature(jp.prune).parameters.items():
        if name not in ("features", "target", "devices", "checkpoint", "progress"):
            assert given[name] == parameter.default, name


@pytest.mark.slow
def test_devices_and_memory_change_nothing(files, capsys):
    x, t = files()
    assert prune("--devices", "all", "--memory", "0.5", "--no-figure") == 0
    found, once = jp.Pruning.load("out"), jp.prune(x, t)
    np.testing.assert_allclose(found.importance, once.importance, atol=1e-12)
    np.testing.assert_array_equal(found.retained, once.retained)
    capsys.readouterr()
    assert prune("--memory", "4XB") == 2
    assert "--memory 4XB: expected bytes" in capsys.readouterr().err


def test_target_of_similarities(files):
    x, t = files()
    np.savez("t.npz", rdm=1 - t)
    assert prune("--target-kind", "similarity", "--no-figure") == 0
    expected = jp.prune(x, t).importance
    np.testing.assert_allclose(jp.Pruning.load("out").importance, expected, atol=1e-12)


@pytest.mark.parametrize(("k", "rows"), [(3, 3), (12, 3)])
def test_one_row_a_target_or_their_spread(files, capsys, k, rows):
    x, t = files(k=k)
    assert prune("--no-figure") == 0
    lines = capsys.readouterr().out.splitlines()
    first = next(i for i, line in enumerate(lines) if "full score" in line) + 1
    names = [line.split("  ")[0] for line in lines[first : first + rows]]
    assert lines[first + rows] == ""
    expected = [f"target {i}" for i in range(3)]
    assert names == (expected if k == 3 else ["lowest", "median", "highest"])
    full = jp.prune(x, t).full_score
    shown = full[0] if k == 3 else full.min()
    assert f"{shown:.3f}" in lines[first]
    assert f"{k} RDMs of 9 x 9" in "\n".join(lines)


def test_condensed_stack_and_pool(files, capsys):
    x, t = files(k=3)
    i, j = np.triu_indices(9, 1)
    np.savez("t.npz", rdm=t[:, i, j])
    assert prune("--pool", "mean", "--no-figure") == 0
    assert "mean of 3 targets" in capsys.readouterr().out
    expected = jp.prune(x, t, pool="mean")
    assert jp.Pruning.load("out").best_size == expected.best_size


def test_undefined_units_and_missing_pairs_are_counted(files, capsys):
    files(kind="fragile", missing=[(0, 1)])
    assert prune("--no-figure") == 0
    out = capsys.readouterr().out
    assert "2 units, ranked first" in out
    assert "1 pairs missing" in out
    assert summary()["n_undefined"] == 2


@pytest.mark.parametrize("k", [None, 3, 12])
def test_summary_fits_a_screen(files, capsys, k):
    files(kind="fragile", k=k, missing=[(0, 1)])
    flags = ["--metric=correlation", "--compare=spearman", "--objective=r2"]
    assert prune("--no-figure", "--target-kind=similarity", *flags) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 24
    assert all(line.isascii() for line in lines)


def test_long_names_are_shortened(files, capsys, tmp_path):
    files()
    name = "a" * 120 + ".npz"
    (tmp_path / "x.npz").rename(tmp_path / name)
    assert main(["prune", name, "t.npz", "--out", "out", "--no-figure"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "9 conditions x 24 units" in lines[0]


def test_keys(files, features, targets):
    files()
    np.savez("x.npz", one=features(), two=features("heavy"))
    assert prune("--no-figure", "--features-key", "two") == 0
    expected = jp.prune(features("heavy"), targets())
    assert jp.Pruning.load("out").best_size == expected.best_size


def test_quiet(files, capsys):
    files()
    assert prune("--quiet", "--no-figure") == 0
    assert capsys.readouterr() == ("", "")


def test_progress_on_a_terminal_only(files, capsys, monkeypatch):
    files()
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert prune("--no-figure") == 0
    assert "units" in capsys.readouterr().err
    assert prune("--no-figure", "--no-progress") == 0
    assert capsys.readouterr().err == ""


def test_warning_is_one_line(files, capsys):
    _, t = files()
    np.savez("t.npz", rdm=t.max() - t + np.diag(np.diag(t) - t.max()))
    x = np.random.default_rng(0).normal(size=(9, 2))
    np.savez("x.npz", x=x)
    d = np.linalg.norm(x[:, None] - x, axis=-1)
    flipped = d.max() - d
    np.fill_diagonal(flipped, 0)
    np.savez("t.npz", rdm=flipped)
    flags = ["--metric", "euclidean", "--objective", "r2", "--no-figure"]
    assert prune(*flags) == 0
    err = capsys.readouterr().err
    assert err.startswith("jaxprune: warning: The best prefix is anti-correlated")
    assert err.count("\n") == 1
    assert "--target-kind similarity" in err


def test_real_data(data_dir, tmp_path, capsys, monkeypatch):
    folder = data_dir / "objects92"
    if not folder.is_dir():
        pytest.skip(f"needs {folder}")
    monkeypatch.chdir(tmp_path)
    files = [str(folder / name) for name in ("vgg16_pool5.npz", "rdm_human_it.npy")]
    assert main(["prune", *files, "--out", "out"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "92 conditions x 25,088 units" in out
    assert max(map(len, out.splitlines())) <= 80
    saved = jp.Pruning.load("out")
    assert saved.best_score > saved.full_score == pytest.approx(0.375, abs=1e-3)
    assert (tmp_path / "out" / "figure.png").stat().st_size > 50_000


def test_noise_from_a_file(files):
    x, t = files()
    variances = np.random.default_rng(0).random(24) + 0.5
    np.savez("noise.npz", precision=1 / variances, variances=variances)
    noise = ("--metric", "mahalanobis", "--noise", "noise.npz", "--no-figure")
    assert prune(*noise) == 2
    assert prune(*noise, "--noise-key", "precision") == 0
    saved = jp.Pruning.load("out")
    expected = jp.prune(x, t, "mahalanobis", noise=1 / variances)
    np.testing.assert_array_equal(saved.importance, expected.importance)
    assert saved.settings.noise == "diagonal"
    assert summary()["inputs"]["noise"] == "noise.npz [precision]"
    full = np.linalg.inv(np.diag(variances) + 0.2)
    np.savetxt("noise.csv", full, delimiter=",")
    assert prune(*noise[:2], "--noise", "noise.csv", "--no-figure", out="full") == 0
    saved, expected = jp.Pruning.load("full"), jp.prune(x, t, "mahalanobis", noise=full)
    np.testing.assert_allclose(saved.importance, expected.importance, atol=1e-12)
    assert saved.settings.noise == "full"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--metric", "mahalanobis"], "noise=None with --metric mahalanobis"),
        (["--noise", "x.npz"], "noise was given with --metric correlation"),
        (["--metric", "mahalanobis", "--noise", "x.npz"], "shape (9, 24)"),
        (["--metric", "mahalanobis", "--noise", "no.npz"], "does not exist"),
        (["--noise-key", "x"], "--noise-key was given without --noise"),
        (["--metric", "crossnobis"], "expected (folds, conditions, units)"),
        (["--metric", "poisson"], "features is negative"),
    ],
)
def test_wrong_noise_folds_and_counts(files, capsys, options, message):
    files()
    assert prune(*options) == 2
    assert message in capsys.readouterr().err


def test_groups_from_a_file(files, capsys):
    x, t = files()
    labels = np.array(list("cab") * 8)
    Path("groups.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    assert prune("--groups", "groups.txt", "--no-figure") == 0
    assert "9 conditions x 24 units in 3 groups" in capsys.readouterr().out
    saved, expected = jp.Pruning.load("out"), jp.prune(x, t, groups=labels)
    np.testing.assert_array_equal(saved.importance, expected.importance)
    np.testing.assert_array_equal(saved.retained, expected.retained)
    assert column("group", "groups.csv") == ["a", "b", "c"]
    assert column("group", "units.csv") == labels.tolist()
    assert summary()["inputs"]["groups"] == "groups.txt"
    # The column of a table, such as the one just written; an array.
    assert prune("--groups", "out/units.csv", "--no-figure", out="again") == 0
    np.savez("groups.npz", a=np.arange(24) % 3, b=np.arange(24) % 4)
    options = ("--groups", "groups.npz", "--groups-key", "b", "--no-figure")
    assert prune(*options, out="again") == 0
    assert column("units", "groups.csv", "again") == ["6"] * 4
    assert prune("--no-figure", out="again") == 0
    assert not Path("again/groups.csv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--groups", "channel"], "the shape of the layer is not known from x.npz"),
        (["--groups", "no.txt"], "no.txt does not exist; expected a file with one"),
        (["--groups", "short.txt"], "groups has shape (2,); expected (24,)"),
        (["--groups", "gap.txt"], "the label of unit 1 (counted from 0) is empty"),
        (["--groups", "table.csv"], "expected one called 'group'"),
        (["--groups-key", "x"], "--groups-key was given, and no file of groups"),
    ],
)
def test_wrong_groups(files, capsys, options, message):
    files()
    for name, text in (
        ("short.txt", "a\nb\n"),
        ("gap.txt", "a\n\nb\n"),
        ("table.csv", "unit,label\n0,a\n"),
    ):
        Path(name).write_text(text, encoding="utf-8")
    assert prune(*options) == 2
    assert message in capsys.readouterr().err


def test_folds_from_a_file(files):
    x, t = files(target_labels=[f"c{i}" for i in range(9)])
    folds = np.stack([x, x + 0.3 * np.random.default_rng(0).normal(size=x.shape)])
    order = [3, 1, 0, 2, 8, 7, 6, 5, 4]
    labels = [f"c{i}" for i in order]
    np.savez("x.npz", x=folds[:, order], labels=labels)
    assert prune("--metric", "crossnobis", "--no-figure") == 0
    saved = jp.Pruning.load("out")
    assert saved.conditions == tuple(labels)
    expected = jp.prune(folds, t, "crossnobis").importance
    np.testing.assert_allclose(saved.importance, expected, atol=1e-12)


def test_a_network_measures_every_condition_once(files, capsys):
    files()
    options = ("--network", "cornet_z", "--target", "t.npz", "--metric", "crossnobis")
    assert main(["prune", *options, "--out", "out"]) == 2
    assert "expected FEATURES in place of --network" in capsys.readouterr().err


def test_controls_by_label(files, capsys):
    labels = [f"c{i}" for i in range(9)]
    x, t = files(labels=labels)
    controls = np.sqrt(np.random.default_rng(0).random((2, *t.shape)))
    controls = (controls + controls.swapaxes(1, 2)) * (1 - np.eye(len(t)))
    mixed = np.random.default_rng(1).permutation(9)
    names = np.array(labels)[mixed]
    np.savez("one.npz", rdm=controls[0][np.ix_(mixed, mixed)], labels=names)
    np.savez("two.npz", other=t, wanted=controls[1])
    assert prune("--control", "one.npz", "--control", "two.npz:wanted") == 0
    expected, saved = jp.prune(x, t, controls=controls), jp.Pruning.load("out")
    np.testing.assert_allclose(saved.importance, expected.importance, atol=1e-14)
    assert summary()["plain_full_score"] == expected.plain_full_score
    assert summary()["inputs"]["controls"] == [
        "one.npz [rdm]",
        "two.npz [wanted]",
    ]
    printed = capsys.readouterr().out
    assert "2 RDMs, taken out of target and layer" in printed
    assert f"{expected.plain_full_score:.3f}" in printed
    # Squares hide the sign, and what is left beside controls may have another one.
    assert prune("--control", "one.npz", "--objective", "r2", "--no-report") == 0
    assert "\nsign " not in capsys.readouterr().out
    assert prune("--semi") == 2
    assert "--control" in capsys.readouterr().err
    assert prune("--control", "t.npz") == 2
    assert "explain all of target" in capsys.readouterr().err
