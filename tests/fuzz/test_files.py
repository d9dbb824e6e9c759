"""No label of a file is dropped: matched by it, or refused; and the command line's end.

Where features and target have labels in another order, the score of the order in the
files is wrong: it must never come out.
"""

import json
import re

import numpy as np
import pytest

from jaxprune.cli import main
from tests.fuzz.inputs import NAMES, N, bad_labels, clean, right, write

SUFFIXES = (".npz", ".mat", ".h5", ".csv")
NAMES_OF_LABELS = ("labels", "conditions", "condition_labels", "Labels", "names")
# Names of Python's exceptions are for us; a user gets a sentence.
EXCEPTION = re.compile(r"\b[A-Z]\w+(Error|Exception)\b|Traceback")
MORE = (
    [],
    [],
    [],
    ["--metric", "poisson"],
    ["--compare", "spearman"],
    ["--target-labels", "none"],
    ["--target-labels", "who"],
    ["--features-labels", "labels"],
    ["--memory", "nan"],
    ["--noise", "missing.npy"],
    ["--target-key", "zzz"],
    ["--search", "forward"],
    ["--objective", "r2"],
)


def try_seed(seed, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng([17, seed])
    x, target = clean(rng)
    order = rng.permutation(N)
    moved = target[np.ix_(order, order)]
    features = {"x": x}
    if rng.random() < 0.85:
        features["labels"] = np.array(NAMES)
    suffix = SUFFIXES[int(rng.integers(3))]
    there = SUFFIXES[int(rng.integers(len(SUFFIXES)))]
    called = NAMES_OF_LABELS[int(rng.integers(len(NAMES_OF_LABELS)))]
    choices = bad_labels(rng, order)
    labels = choices[int(rng.integers(len(choices)))]
    if there == ".mat":
        labels = np.array(labels, object) if np.ndim(labels) == 1 else labels
    rdm = {"RDM": moved, called: labels}
    write(tmp_path / f"x{suffix}", features)
    path = write(tmp_path / f"t{there}", rdm, ";" if rng.random() < 0.5 else ",")
    if there == ".csv":
        # An RDM has the same labels above: those of the file of features would be u0...
        lines = path.read_text("utf-8").splitlines()
        path.write_text("\n".join(lines[1:]) + "\n", encoding="utf-8")
    if rng.random() < 0.15:
        path.write_bytes(path.read_bytes()[: int(rng.integers(1, 400))])
    more = MORE[int(rng.integers(len(MORE)))]
    out = tmp_path / "a" / "b"
    argv = ["prune", f"x{suffix}", path.name, "--out", str(out), "--no-figure", *more]
    status = main(argv)
    said, complaint = capsys.readouterr()
    assert status in (0, 2), complaint
    if status == 2:
        assert complaint.startswith("jaxprune: error: "), complaint
        assert complaint.count("\n") == 1, complaint
        assert not EXCEPTION.search(complaint), complaint
        assert not (tmp_path / "a").exists(), complaint
        return
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    if summary["settings"]["compare"] != "pearson" or "r2" in more:
        return
    score, matched = summary["full_score"], right(x, target)
    if abs(score - matched) < 1e-9:
        return
    # In the order of the files, and said to be: only where a side has no labels, or
    # they are called by another name, which is then mentioned.
    assert abs(score - right(x, moved)) < 1e-9
    assert "assumed to be in the same order" in said
    unlabelled = "labels" not in features or "none" in more
    named = called in said or there == ".csv" or np.shape(labels) != (N,)
    assert unlabelled or (called == "names" and named), said


@pytest.mark.parametrize("seed", range(40))
def test_files(seed, tmp_path, capsys, monkeypatch):
    try_seed(seed, tmp_path, capsys, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40, 340))
def test_more_files(seed, tmp_path, capsys, monkeypatch):
    try_seed(seed, tmp_path, capsys, monkeypatch)
