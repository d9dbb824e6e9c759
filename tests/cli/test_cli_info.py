"""`jaxprune info --plan`: what would be done, without doing it."""

import h5py
import jax
import numpy as np
import pytest

from jaxprune.cli import main
from jaxprune.engine.plan import Plan


@pytest.fixture
def wide(tmp_path):
    """1.6 GB of features that take no room on the disk."""
    file = tmp_path / "wide.npy"
    np.lib.format.open_memmap(file, "w+", np.float64, (200, 1_000_000))
    return file


def planned(capsys, *argv):
    assert main(["info", "--plan", *map(str, argv)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 80
    return " ".join(out.split())


def test_plan_of_a_wide_layer(capsys, wide):
    said = planned(capsys, wide)
    assert "200 conditions x 1,000,000 units, 1.5 GiB" in said
    assert "closed_form" in said
    assert "1 (cpu)" in said
    plan = Plan.of(np.load(wide, mmap_mode="r"))
    assert all(" ".join(text.split()) in said for _, text in plan.lines())


def test_options_of_the_plan(capsys, wide):
    said = planned(
        capsys, wide, "--devices", "all", "--memory", "100MB", "--compare", "spearman"
    )
    assert "downdate" in said
    many = len(jax.devices())
    assert f"{many} (cpu), up to {1_000_000 // many:,} units each" in said
    assert "stream from the host" in said
    halved = planned(capsys, wide, "--precision", "float32", "--memory", "0.5")
    assert "in float32" in halved
    plan = Plan.of(np.load(wide, mmap_mode="r"), precision="float32", memory=0.5)
    assert all(" ".join(text.split()) in halved for _, text in plan.lines())


def test_plan_of_folds_in_a_file_of_several(capsys, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as out:
        out["a"], out["b"] = np.zeros((2, 5, 30)), np.zeros((2, 7, 40))
    argv = [tmp_path / "x.h5", "--features-key", "b", "--metric", "crossnobis"]
    assert "2 folds x 7 conditions x 40 units" in planned(capsys, *argv)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--memory", "4XB"], "--memory 4XB: expected bytes"),
        (["--features-key", "x"], "leave the key out"),
        (["--metric", "crossnobis"], "(folds, conditions, units)"),
    ],
)
def test_plans_that_cannot_be_made(capsys, wide, argv, said):
    assert main(["info", "--plan", str(wide), *argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "option", [["--metric", "cosine"], ["--memory", "1GiB"], ["--features-key", "x"]]
)
def test_options_of_a_plan_need_one(capsys, option):
    assert main(["info", *option]) == 2
    assert f"{option[0]} was given without --plan" in capsys.readouterr().err
