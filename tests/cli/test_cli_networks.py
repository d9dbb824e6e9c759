"""`jaxprune networks`: the list, and everything about one of them."""

import pytest

import jaxprune_ports as jpp
from jaxprune.cli import main


def show(capsys, *argv):
    assert main(["networks", *argv]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.isascii() for line in lines)
    return lines


def test_all(capsys):
    header, *rows = show(capsys)
    assert header.split() == ["network", "input", "layers", "checkpoint", "licence"]
    listed = [row.split()[0] for row in rows[: rows.index("")]]
    assert listed == list(jpp.available())
    assert rows[0].split() == ["cornet_z", "224", "x", "224", "5", "yes", "GPL-3.0"]


def test_one(capsys):
    text = "\n".join(show(capsys, "cornet_z"))
    assert "paper         Kubilius et al. (2018)" in text
    assert "licence       GPL-3.0" in text
    assert "cornet-models/cornet_z-5c427c9c.pth" in text
    assert "shorter side 256, centre 224 x 224, 0..1, mean and std of ImageNet" in text
    assert "V1       64 x 56 x 56  200,704" in text
    assert "untrained     Xavier-uniform, biases 0" in text


@pytest.mark.parametrize("name", ["vgg16", "alexnet_kim", "cornet_rt"])
def test_fits_a_screen(capsys, name):
    show(capsys, name)


def test_unknown(capsys):
    assert main(["networks", "vgg"]) == 2
    assert "network: 'vgg' is not known; expected one of" in capsys.readouterr().err
