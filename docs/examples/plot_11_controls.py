"""
Controls: what else do the conditions differ in?
================================================

Images with more dots also have more white pixels. Does a layer carry number, or area?
A control RDM is taken out of target and layer, and what is left is compared.
"""

import matplotlib.pyplot as plt
import numpy as np

import jaxprune as jp

# 36 images: number and area are correlated, as in natural scenes.
rng = np.random.default_rng(0)
number = np.repeat(np.log([2, 4, 8, 16, 32, 64]), 6)
area = 0.7 * (number - number.mean()) / number.std() + rng.normal(size=36) * 0.7


def layer(follows, n_following):
    """Make 300 units, some of which follow a variable."""
    units = rng.normal(size=(36, 300))
    z = (follows - follows.mean()) / follows.std()
    units[:, :n_following] += 1.5 * np.outer(z, rng.normal(size=n_following))
    return units


layers = {"follows number": layer(number, 60), "follows area": layer(area, 60)}
of_number, of_area = (np.abs(v[:, None] - v) for v in (number, area))

# %%
# Without the control, both layers seem to carry number.

found = {
    name: (jp.prune(x, of_number), jp.prune(x, of_number, controls=[of_area]))
    for name, x in layers.items()
}
figure, axes = plt.subplots(figsize=(6.5, 3.8), layout="constrained")
for k, (plain, controlled) in enumerate(found.values()):
    bars = {
        "all units": (plain.full_score, "C5"),
        "all units, area taken out": (controlled.full_score, "C0"),
    }
    for j, (label, (score, colour)) in enumerate(bars.items()):
        x = k + 0.36 * (j - 0.5)
        axes.bar(x, score, 0.32, color=colour, label=None if k else label)
        axes.text(x, max(score, 0) + 0.01, f"{score:.2f}", ha="center")
axes.axhline(0, color="0.3", lw=0.8)
axes.set_xticks([0, 1], list(found))
axes.set(ylabel="score with number (r)", ylim=(0, 1))
axes.legend(frameon=False)

# %%
# Units kept are chosen for what number explains beside area. The result says what the
# same units score without the control.

for name, (_, controlled) in found.items():
    kept, plain = controlled.best_score, controlled.plain_best_score
    print(f"{name}: kept units {kept:.2f}, without the control {plain:.2f}")
