"""Every error is one line, a status, and no traceback; nothing foreign is touched."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli import main


@pytest.fixture
def here(tmp_path, monkeypatch, features, targets):
    """A folder with `x.npy` and `t.npy`, made the current one."""
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", features())
    np.save("t.npy", targets())
    return tmp_path


def prune(features="x.npy", target="t.npy", *options, out="out"):
    return main(["prune", features, target, "--out", out, "--no-figure", *options])


def line(capsys):
    """The only line on stderr."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1, err
    assert err.startswith("jaxprune: error: ")
    return err


def test_missing_file(here, capsys):
    assert prune("absent.npy") == 2
    assert "absent.npy does not exist" in line(capsys)
    assert not (here / "out").exists()


@pytest.mark.parametrize(
    ("name", "said"), [("x.xyz", "'.xyz'"), ("x.pkl", "pickle"), ("x", "suffix")]
)
def test_wrong_suffix(here, capsys, name, said):
    (here / name).write_text("1")
    assert prune(name) == 2
    assert said in line(capsys)


def test_damaged_file(here, capsys):
    (here / "x.npz").write_bytes(b"PK\x03\x04 and then nothing")
    assert prune("x.npz") == 2
    assert "could not be read" in line(capsys)


def test_features_with_nan(here, capsys, features):
    x = features()
    x[3, 5] = np.nan
    np.save("x.npy", x)
    assert prune() == 2
    assert "condition 3, unit 5" in line(capsys)
    assert not (here / "out").exists()


def test_different_numbers_of_conditions(here, capsys, targets):
    np.save("t.npy", targets(n=8))
    assert prune() == 2
    said = line(capsys)
    assert "9 conditions" in said
    assert "8" in said


def test_target_of_no_known_shape(here, capsys):
    np.save("t.npy", np.ones(7))
    assert prune() == 2
    assert "shape (7,)" in line(capsys)


def test_labels_that_differ(here, capsys, features, targets):
    labels = [f"c{i}" for i in range(9)]
    np.savez("x.npz", x=features(), labels=labels)
    np.savez("t.npz", t=targets(), labels=["other", *labels[1:]])
    assert prune("x.npz", "t.npz") == 2
    said = line(capsys)
    assert "'c0'" in said
    assert "'other'" in said


def test_several_arrays_are_listed_with_the_option(here, capsys, features):
    np.savez("x.npz", one=features(), two=features())
    assert prune("x.npz") == 2
    said = line(capsys)
    assert "one: (9, 24) float64; two: (9, 24) float64" in said
    assert "--features-key" in said


def test_unknown_key(here, capsys, features):
    np.savez("x.npz", one=features())
    assert prune("x.npz", "t.npy", "--features-key", "none") == 2
    assert "'none'" in line(capsys)


def test_options_are_spelled_as_on_this_side(here, capsys, features):
    x = features()
    x[4] = 0.5
    np.save("x.npy", x)
    assert prune() == 2
    assert "--undefined zero" in line(capsys)


@pytest.mark.parametrize(
    "options",
    [
        ["--metric", "manhattan"],
        ["--compare", "r"],
        ["--batch-size", "many"],
        ["--nonsense"],
    ],
)
def test_bad_options(here, capsys, options):
    with pytest.raises(SystemExit) as stop:
        prune("x.npy", "t.npy", *options)
    assert stop.value.code == 2
    assert options[0] in line(capsys)


def test_batch_size_out_of_range(here, capsys):
    assert prune("x.npy", "t.npy", "--batch-size", "0") == 2
    assert "--batch-size 0" in line(capsys)


def test_method_that_cannot(here, capsys):
    options = ["--compare", "spearman", "--method", "closed_form"]
    assert prune("x.npy", "t.npy", *options) == 2
    assert "--method closed_form cannot compute" in line(capsys)


@pytest.fixture
def computing(monkeypatch):
    """Fails if anything is computed."""

    def never(*_, **__):
        raise AssertionError("computed before the folder was checked")

    monkeypatch.setattr("jaxprune.prune", never)


def test_out_is_a_file(here, capsys, computing):
    assert prune(out="x.npy") == 2
    assert "x.npy is a file" in line(capsys)


def test_out_cannot_be_made(here, capsys, computing):
    assert prune(out="x.npy/deeper") == 2
    assert "cannot be written" in line(capsys)


def test_out_cannot_be_written(here, capsys, computing, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    assert prune() == 2
    assert "out cannot be written (Permission denied)" in line(capsys)


def test_files_of_others_are_never_replaced(here, capsys, computing):
    out = here / "out"
    out.mkdir()
    (out / "figure.png").write_text("mine")
    (out / "summary.json").write_text('{"mine": true}')
    assert prune() == 2
    assert "summary.json, figure.png" in line(capsys)
    assert (out / "figure.png").read_text() == "mine"


def test_an_earlier_result_is_replaced_and_the_rest_left(here, capsys):
    assert prune() == 0
    (here / "out" / "notes.txt").write_text("mine")
    assert "replaced" not in capsys.readouterr().out
    assert prune("x.npy", "t.npy", "--metric", "cosine") == 0
    assert "an earlier result was replaced" in capsys.readouterr().out
    assert (here / "out" / "notes.txt").read_text() == "mine"
    assert jp.Pruning.load("out").settings.metric == "cosine"


def test_a_figure_that_fails_costs_only_the_figure(here, capsys, monkeypatch):
    def broken(_):
        raise RuntimeError("no fonts")

    monkeypatch.setattr("jaxprune.results.figures.pruning_figure", broken)
    assert main(["prune", "x.npy", "t.npy", "--out", "out"]) == 1
    out, err = capsys.readouterr()
    assert "RuntimeError: no fonts" in err
    assert "Traceback" not in err
    assert "full score" in out
    assert "figure.png" not in out
    assert jp.Pruning.load("out").n_units == 24


def test_a_result_that_cannot_be_saved_is_kept_elsewhere(here, capsys, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(here))
    monkeypatch.setattr("tempfile.tempdir", None)
    replace = os.replace

    def full(source, target):
        if Path(target).parent.name == "out":
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr("os.replace", full)
    assert prune() == 1
    out, err = capsys.readouterr()
    assert "No space left on device" in err
    (kept,) = here.glob("jaxprune-*")
    assert kept.name in out
    assert jp.Pruning.load(kept).n_units == 24


def failing(monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("jaxprune.prune", fail)


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (MemoryError("Unable to allocate 9 GiB"), 1, "not enough memory"),
        (RuntimeError("RESOURCE_EXHAUSTED: out of memory"), 1, "not enough memory"),
        (ZeroDivisionError("oops"), 1, "ZeroDivisionError: oops"),
        (KeyError("no such\n thing"), 2, "error: no such; thing"),
        (ImportError("needs h5py"), 2, "needs h5py"),
        (ValueError(), 2, "error: ValueError"),
    ],
)
def test_whatever_happens_is_one_line(here, capsys, monkeypatch, error, status, said):
    failing(monkeypatch, error)
    assert prune() == status
    assert said in line(capsys)
    assert not (here / "out").exists()


def test_traceback_on_request(here, monkeypatch):
    failing(monkeypatch, ZeroDivisionError("oops"))
    monkeypatch.setenv("JAXPRUNE_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        prune()


def test_interrupt(here, capsys, monkeypatch):
    failing(monkeypatch, KeyboardInterrupt())
    assert prune() == 130
    assert capsys.readouterr() == ("", "jaxprune: interrupted\n")
    assert not (here / "out").exists()


def test_summary_names_the_versions(here):
    assert prune() == 0
    versions = json.loads((here / "out" / "summary.json").read_text())["versions"]
    assert versions["jaxprune"] == jp.__version__


def test_sessions_without_subjects(here, capsys):
    argv = ["test", "x.npy", "t.npy", "--out", "tested"]
    for option in (["--sessions", "3"], ["--subjects-key", "rdm"]):
        assert main([*argv, *option]) == 2
        said = capsys.readouterr().err
        assert f"{option[0]} was given without --subjects" in said
    assert not (here / "tested").exists()


def test_out_is_empty(here, capsys):
    # An unset variable of the shell: files in the current folder surprise.
    assert main(["prune", "x.npy", "t.npy", "--out", ""]) == 2
    assert "a path is empty ('')" in capsys.readouterr().err


def test_a_failed_run_leaves_no_folder(here, capsys):
    argv = ["prune", "x.npy", "t.npy", "--out", "a/b", "--metric", "poisson"]
    assert main(argv) == 2
    assert not (here / "a").exists()


def test_labels_under_another_name(here, capsys, features, targets):
    n = len(features())
    order, names = np.arange(n)[::-1], np.array([f"c{k}" for k in range(n)])
    np.savez("f.npz", x=features(), labels=names)
    np.savez("r.npz", rdm=targets()[np.ix_(order, order)], stimuli=names[order])
    argv = ["prune", "f.npz", "r.npz", "--no-figure"]
    assert main([*argv, "--out", "assumed"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "assumed to be in the same order; r.npz [rdm] holds" in said
    assert "'stimuli', which may be labels: name them by --target-labels" in said
    assert main([*argv, "--target-labels", "stimuli", "--out", "matched"]) == 0
    assert "matched by label" in capsys.readouterr().out
    summary = json.loads((here / "matched" / "summary.json").read_text())
    right = jp.score(features(), targets())
    assert summary["full_score"] == pytest.approx(right, abs=1e-12)
