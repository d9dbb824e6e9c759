"""
Words and ratings
=================

Judgements of words come as pairs, most of which were never judged: a target with holes.
Features are word vectors, as in the files of GloVe. Here both are made up; the study
`words` takes real ones.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import jaxprune as jp
from jaxprune.io import align, load_features, load_target

kinds = {
    "animal": ["cat", "dog", "cow", "hen", "fox", "owl", "bee", "ant"],
    "tool": ["axe", "saw", "drill", "file", "plane", "hammer", "rake", "hoe"],
    "food": ["rice", "bread", "soup", "pie", "plum", "fig", "leek", "corn"],
}
words = [word for some in kinds.values() for word in some]
kind = np.repeat(np.arange(3), 8)

# 100 dimensions, 15 of which tell the kinds apart.
rng = np.random.default_rng(0)
vectors = rng.normal(size=(24, 100))
vectors[:, :15] += 1.2 * rng.normal(size=(3, 15))[kind]

# %%
# **Files as they are kept.** A word and its numbers on every line; two words and a
# score from 0 to 10 on every line. A third of the pairs was judged.

folder = tempfile.TemporaryDirectory()
vectors_file, pairs_file = (
    Path(folder.name, "vectors.txt"),
    Path(folder.name, "pairs.csv"),
)
lines = (
    " ".join([w, *map(str, v)]) for w, v in zip(words, vectors.round(4), strict=True)
)
vectors_file.write_text("\n".join(lines))
judged = [(i, j) for i in range(24) for j in range(i) if rng.random() < 1 / 3]
scores = [7 * (kind[i] == kind[j]) + 3 * rng.random() for i, j in judged]
rows = (
    f"{words[i]},{words[j]},{s:.1f}" for (i, j), s in zip(judged, scores, strict=True)
)
pairs_file.write_text("\n".join(rows))

# %%
# Nothing in the numbers says that they are similarities; you do.

features, target = align(load_features(vectors_file), load_target(pairs_file))
folder.cleanup()
result = jp.prune(features.values, target.values, target_kind="similarity")
print(f"{len(judged)} of 276 pairs were judged")
print(f"all 100 dimensions: {result.full_score:.2f}")
print(f"the {result.best_size} kept: {result.best_score:.2f}")
print(f"of the 15 that tell kinds apart, {np.sum(result.retained < 15)} are kept")

# %%
# The RDM of the dimensions kept has all pairs, judged or not.

shown = {"judged": result.target_rdm, "all dimensions": result.full_rdm}
shown["dimensions kept"] = result.pruned_rdm
figure, axes = plt.subplots(1, 3, figsize=(10, 3.9), layout="constrained")
i, j = np.triu_indices(24, 1)
for ax, (title, rdm) in zip(axes, shown.items(), strict=True):
    square = np.full((24, 24), np.nan)
    square[i, j] = square[j, i] = rdm
    ax.imshow(square, cmap="viridis")
    ax.set_title(title, fontsize=11)
    ax.set_xticks([3.5, 11.5, 19.5], kinds)
    ax.set_yticks([])
