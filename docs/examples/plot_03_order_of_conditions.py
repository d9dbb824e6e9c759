"""
The order of the conditions: a trap
===================================

Nothing in an RDM shows that its rows are in another order than the images. No error,
no warning: scores are just low. This is the most frequent mistake, and labels end it.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import jaxprune as jp
from jaxprune.io import align, how_matched, load_features, load_target

# Six animals and six tools; files of images are sorted by name, the target is not.
animals = ["bear", "cat", "dog", "fox", "hen", "owl"]
tools = ["axe", "drill", "file", "hammer", "plane", "saw"]
asked = np.array(animals + tools)
animate = np.isin(asked, animals)
target = 1.0 * (animate[:, None] != animate)

rng = np.random.default_rng(0)
by_name = np.argsort(asked)
features = rng.normal(size=(12, 200))
features += np.where(animate[by_name], 1, -1)[:, None] * rng.normal(size=200) * 0.6

# %%
# As they lie in the files, the two do not belong together.

wrong = jp.prune(features, target)
right = jp.prune(features, target[np.ix_(by_name, by_name)])
print(f"in the wrong order: {wrong.full_score:.2f}, pruned {wrong.best_score:.2f}")
print(f"in the right order: {right.full_score:.2f}, pruned {right.best_score:.2f}")

# %%
# Note the second number of the first line: pruning makes a respectable score of
# nonsense. A good pruned score does not show that the order is right.

rdms = jp.rdm(features), target, target[np.ix_(by_name, by_name)]
titles = "layer", "target, as collected", "target, in the layer's order"
figure, axes = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
for ax, rdm, title in zip(axes, rdms, titles, strict=True):
    square = np.zeros((12, 12))
    square[np.triu_indices(12, 1)] = rdm if rdm.ndim == 1 else 0
    ax.imshow(rdm if rdm.ndim == 2 else square + square.T, cmap="viridis")
    names = asked if title.endswith("collected") else asked[by_name]
    ax.set_yticks(range(12), names, fontsize=8)
    ax.set_xticks([])
    ax.set_title(title, fontsize=11)

# %%
# **With labels** on both sides, the order does not matter. Every file can have them:
# an array called ``labels``, the edges of a table, or names of folders.

with tempfile.TemporaryDirectory() as folder:
    np.savez(Path(folder, "layer.npz"), x=features, labels=asked[by_name])
    np.savez(Path(folder, "target.npz"), rdm=target, labels=asked)
    layer = load_features(Path(folder, "layer.npz"))
    people = load_target(Path(folder, "target.npz"))
layer, people = align(layer, people)
print("conditions are matched", how_matched(layer, people))
print(f"score: {jp.score(layer.values, people.values):.2f}")
