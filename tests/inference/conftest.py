"""A layer that follows number in part, and four subjects who agree in part."""

import numpy as np
import pytest

N, M = 12, 15


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    number = np.log(np.tile([6, 10, 17, 29], 3))
    features = rng.random((N, M))
    features[:, :5] += number[:, None] * rng.normal(size=5)
    return features, np.abs(number[:, None] - number)


@pytest.fixture(scope="module")
def subjects(data):
    rng = np.random.default_rng(4)
    noise = rng.normal(0, 0.2, (4, N, N))
    return np.abs(data[1] + (noise + noise.transpose(0, 2, 1)) * (1 - np.eye(N)))
