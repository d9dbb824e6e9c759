"""The commands of the page "Images and a checkpoint", on small files of their names."""

import csv
import importlib.util
import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import jaxprune as jp
from jaxprune.cli import main
from jaxprune_ports import Preprocessing
from jaxprune_ports.networks.registry import NETWORKS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "start" / "images.md"
SECTION = PAGE.read_text("utf-8").partition("\n## Your own\n")[2]
BLOCKS = re.findall(r"^```bash\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
COMMANDS = "".join(BLOCKS).replace("\\\n", "").splitlines()


def run(command):
    program, *argv = shlex.split(command)
    assert program == "jaxprune"
    return main(argv)


@pytest.fixture
def user(data, tmp_path, monkeypatch):
    """A folder with what the page starts from."""
    for name in ("pictures", "subjects.mat"):
        (tmp_path / name).symlink_to(data / name)
    monkeypatch.chdir(tmp_path)
    # The pictures are small, and so are the layers: this takes seconds.
    small = replace(NETWORKS["cornet_z"], preprocessing=Preprocessing(64, None))
    monkeypatch.setitem(NETWORKS, "cornet_z", small)
    if importlib.util.find_spec("torch"):
        import torch

        weights = load_file(data / "cornet_z.safetensors")
        tensors = {f"module.{k}": torch.from_numpy(v) for k, v in weights.items()}
        torch.save({"state_dict": tensors}, "cornet_z.pth")
        return COMMANDS
    (tmp_path / "cornet_z.safetensors").symlink_to(data / "cornet_z.safetensors")
    return [command.replace(".pth", ".safetensors") for command in COMMANDS]


def test_every_command(user, data, capsys):
    assert len(user) == 4
    for command in user:
        assert run(command) == 0
        assert capsys.readouterr().err == ""
    with open("pruned/layers.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    areas = ("V4", "IT")
    assert [row["layer"] for row in rows] == [a for a in areas for _ in range(2)]
    assert [int(row["units"]) for row in rows[::2]] == [4_096, 2_048]
    for area in areas:
        assert Path("pruned", area, "figure.png").stat().st_size > 10_000
    # The target was put into the order of the folders.
    saved = jp.Pruning.load("pruned/IT")
    in_order = np.load(data / "in_order.npy")
    i, j = np.triu_indices(4, 1)
    np.testing.assert_allclose(saved.target_rdm, in_order[:, i, j])
    assert jp.Pruning.load("spearman").settings.compare == "spearman"


def test_table_of_conditions(user, capsys):
    (table,) = re.findall(r"^```text\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
    Path("table.csv").write_text(table)
    options = "--images pictures --layers IT --out out.h5 --conditions table.csv"
    assert run(f"jaxprune extract cornet_z --untrained {options}") == 2
    said = capsys.readouterr().err
    # The page shows the first lines of a table, and there are 8 images.
    assert "no condition for 5 images: 'bear/2.png'" in said
