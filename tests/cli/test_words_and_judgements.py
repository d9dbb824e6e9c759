"""The commands of the page "Words and ratings", as written."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "start" / "words.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("\n## Your own\n")[2]
N, UNITS = 9, 24  # as everywhere: kernels are compiled once
NAMES = [f"word{k}" for k in range(N)]


def commands():
    (block,) = re.findall(r"^```bash\n(.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
    return [shlex.split(line) for line in block.replace("\\\n", " ").splitlines()]


@pytest.fixture
def files(tmp_path, monkeypatch, features, targets):
    """What a user has, under the names in the text."""
    monkeypatch.chdir(tmp_path)
    x, rdm = features(), targets()
    rows = [
        f"{name} {' '.join(map(repr, row))}"
        for name, row in zip(NAMES, x.tolist(), strict=True)
    ]
    Path("vectors.txt").write_text("\n".join(rows) + "\n")
    pairs = [(i, j) for i in range(N) for j in range(i)]
    lines = [f"{NAMES[i]},{NAMES[j]},{9 - rdm[i, j]}" for i, j in pairs]
    Path("pairs.csv").write_text("\n".join(lines) + "\n")
    Path("some.txt").write_text("\n".join([*map(str.upper, NAMES[:6]), "unheard-of"]))
    Path("triplets.csv").write_text("a,b,odd\nword0,word1,word2\nword3,word5,word8\n")
    Path("thingsvision").mkdir()
    np.save("thingsvision/features.npy", x)
    images = "\n".join(f"pictures/{name}.jpg" for name in NAMES)
    Path("thingsvision/file_names.txt").write_text(images)
    table = [
        ",".join([name, *map(str, row)])
        for name, row in zip(NAMES, rdm.tolist(), strict=True)
    ]
    Path("rdm.csv").write_text(",".join(["", *NAMES]) + "\n" + "\n".join(table) + "\n")
    return x, rdm


def test_commands_of_the_page(files):
    lines = commands()
    assert len(lines) == 4
    for line in lines:
        assert line[0] == "jaxprune"
        assert main([*line[1:], "--no-figure"]) == 0
    expected = jp.prune(*files)
    for folder in ("words", "images"):
        found = jp.Pruning.load(folder)
        assert found.conditions == tuple(NAMES)
        np.testing.assert_allclose(found.importance, expected.importance, atol=1e-12)
    assert jp.Pruning.load("some").conditions == tuple(NAMES[:6])
    choices = jp.prune_triplets(files[0], [[0, 1, 2], [3, 5, 8]], "log_loss")
    found = jp.Pruning.load("choices")
    np.testing.assert_array_equal(found.importance, choices.importance)
