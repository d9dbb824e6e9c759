"""
Percentage of zeros
===================

After a ReLU most units are silent for most conditions. Do the rarely firing ones
matter? Units are put back from the most to the least active one, without a look at the
target, and, for comparison, by importance and in random order.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import jaxprune as jp
from jaxprune.inference import random_orders

# Handwritten digits, four of each, and a random layer with a ReLU.
digits = load_digits()
chosen = np.concatenate([np.flatnonzero(digits.target == d)[:4] for d in range(10)])
pixels = digits.data[chosen] / 16
rng = np.random.default_rng(0)
weights = rng.normal(size=(64, 400))
features = np.maximum(pixels @ weights - rng.gamma(2, 1.2, size=400), 0)
same = digits.target[chosen][:, None] == digits.target[chosen]
target = 1.0 - same

poz = jp.percentage_of_zeros(features)
print(f"half of the units are silent for {np.median(poz):.0%} of the images or more")

# %%
# The two curves, and random orders.

often = jp.keep_lowest(features, target)
ranked = jp.prune(features, target)
chance = random_orders(features, target, 40)

figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
left.hist(poz, np.linspace(0, 1, 21), color="C0")
left.set(xlabel="percentage of zeros", ylabel="units")
right.plot(ranked.sizes, ranked.curve, "C1", label="by importance")
right.plot(often.sizes, often.curve, "C0", label="fewest zeros first")
some = ~np.isnan(chance.curves).all(0)  # small sets have no score
sizes, curves = chance.sizes[some], chance.curves[:, some]
low, high = np.nanquantile(curves, [0.025, 0.975], axis=0)
right.fill_between(sizes, low, high, color="0.8", label="random orders, 95 %")
right.set(xlabel="units put back", ylabel="score (r)", ylim=(0, None))
right.legend(frameon=False)

# %%
# How many units does it take to come within .01 of the score of all?

near = often.sizes[np.nanargmax(often.curve > ranked.full_score - 0.01)]
print(f"{near} of 400 units, those with the fewest zeros")
