"""Designs and responses that several tests share."""

import numpy as np

LEVELS = {"numerosity": [6, 10, 17, 29], "item_area": [1, 2, 3], "field": ["S", "L"]}


def crossed(levels, n_instances):
    """Factors of every image, all levels crossed."""
    sizes = [len(values) for values in levels.values()]
    index = np.indices((*sizes, n_instances)).reshape(len(sizes) + 1, -1)
    return {
        name: np.array(values)[row]
        for (name, values), row in zip(levels.items(), index[:-1], strict=True)
    }


def unbalanced(factors, n_instances, seed=0):
    """Rows kept of a crossed design: one to all instances of every cell."""
    n = len(next(iter(factors.values())))
    first = np.arange(n) % n_instances == 0
    return first | (np.random.default_rng(seed).random(n) < 0.6)


def rectified(n, n_units, seed=0):
    """Responses as after a ReLU, float32."""
    x = np.random.default_rng(seed).normal(size=(n, n_units)) + 0.3
    return np.maximum(x, 0).astype(np.float32)


def pure_number_unit(factors, eta2):
    """Response of which number explains exactly `eta2`, and nothing else anything."""
    cells = np.unique(
        [np.unique(f, return_inverse=True)[1] for f in factors.values()],
        axis=1,
        return_inverse=True,
    )[1].reshape(-1)
    noise = np.random.default_rng(5).normal(size=len(cells))
    for cell in np.unique(cells):
        noise[cells == cell] -= noise[cells == cell].mean()
    signal = np.log(factors["numerosity"])
    signal = (signal - signal.mean()) / signal.std()
    return np.sqrt(1 - eta2) * noise / noise.std() + np.sqrt(eta2) * signal
