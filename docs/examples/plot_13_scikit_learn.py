"""
A step of a scikit-learn pipeline
=================================

``Pruner`` selects features like any selector of scikit-learn. ``y`` is an RDM, or one
value per sample, whose absolute differences are the RDM. Within a pipeline, units are
chosen on training samples only, so cross-validation stays honest.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from jaxprune import Pruner

# Ten measurements of 90 people, and 60 columns of noise beside them.
data = load_diabetes()
rng = np.random.default_rng(0)
x = np.hstack([data.data[:90] / data.data.std(), rng.normal(size=(90, 60))])
y = data.target[:90]

# %%
# The progress of diabetes is predicted by ridge regression: from all columns, from
# those that pruning keeps, and from ten chosen one by one.

selectors = {
    "all columns": "passthrough",
    "Pruner": Pruner(metric="sqeuclidean"),
    "SelectKBest, 10": SelectKBest(f_regression, k=10),
}
folds = KFold(5, shuffle=True, random_state=0)
scores = {
    name: cross_val_score(
        make_pipeline(StandardScaler(), selector, Ridge(10.0)), x, y, cv=folds
    )
    for name, selector in selectors.items()
}

figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
for k, values in enumerate(scores.values()):
    axes.plot(values, np.full(5, k), "o", color="C0", alpha=0.5)
    axes.plot(values.mean(), k, "|", color="C1", ms=26, mew=3)
axes.axvline(0, color="0.6", lw=0.8)
axes.set_yticks(range(3), scores)
axes.set(xlabel="explained variance on held-out people (R²)", ylim=(-0.6, 2.6))
axes.invert_yaxis()

# %%
# The pruner knows which columns it kept.

pruner = Pruner(metric="sqeuclidean").fit(StandardScaler().fit_transform(x), y)
kept = pruner.get_support(indices=True)
names = [data.feature_names[k] for k in kept if k < 10]
print(f"{len(kept)} columns kept; of the measurements: {', '.join(names)}")
