"""
From thingsvision
=================

thingsvision writes a folder: an array of features, and the names of the images beside
it. jaxprune reads both, so that the order of the images does not matter.
"""

import tempfile
from pathlib import Path

import numpy as np

import jaxprune as jp
from jaxprune.io import align, how_matched, load_features, load_target

# %%
# **What thingsvision leaves.** A folder with ``features.npy`` and ``file_names.txt``.

rng = np.random.default_rng(0)
names = [f"{word}_{k}" for word in ("cup", "dog", "tree") for k in range(6)]
kind = np.repeat(np.arange(3), 6)
features = np.maximum(rng.normal(size=(18, 256)), 0)
features[:, :50] += np.maximum(rng.normal(size=(3, 50)), 0)[kind]
folder = Path(tempfile.mkdtemp())
np.save(folder / "features.npy", features)
paths = "\n".join(f"pictures/{name}.jpg" for name in names)
(folder / "file_names.txt").write_text(paths)

# %%
# **What people said**, in the order of the experiment: similarities of all pairs, as a
# table with labels on its edges.

shown = rng.permutation(18)
alike = 1.0 * (kind[shown][:, None] == kind[shown]) + 0.3 * rng.random((18, 18))
alike = (alike + alike.T) / 2
rows = [
    ",".join([names[i], *(f"{value:.3f}" for value in row)])
    for i, row in zip(shown, alike, strict=True)
]
header = ",".join(["", *(names[i] for i in shown)])
(folder / "people.csv").write_text("\n".join([header, *rows]))

# %%
# Names of files are matched with labels; folders and suffixes are left out of account.
# On the command line: ``jaxprune prune FOLDER people.csv --target-kind similarity``.

layer, people = align(load_features(folder), load_target(folder / "people.csv"))
print("conditions are matched", how_matched(layer, people))
result = jp.prune(layer.values, people.values, target_kind="similarity")
figure = result.plot()

# %%
# As a table of pandas:

result.to_frame().head()
