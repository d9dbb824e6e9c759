"""The official checkpoint of CORnet-Z as facts, and random weights in its form."""

import numpy as np
import pytest

# Names and shapes of the official checkpoint.
SHAPES = {
    "V1.conv.weight": (64, 3, 7, 7),
    "V1.conv.bias": (64,),
    "V2.conv.weight": (128, 64, 3, 3),
    "V2.conv.bias": (128,),
    "V4.conv.weight": (256, 128, 3, 3),
    "V4.conv.bias": (256,),
    "IT.conv.weight": (512, 256, 3, 3),
    "IT.conv.bias": (512,),
    "decoder.linear.weight": (1000, 512),
    "decoder.linear.bias": (1000,),
}


@pytest.fixture
def shapes():
    return dict(SHAPES)


@pytest.fixture
def weights():
    """Biases are not zero; activations keep their size from layer to layer."""
    rng = np.random.default_rng(0)
    return {
        key: (rng.standard_normal(shape) / np.sqrt(max(np.prod(shape[1:]), 4))).astype(
            np.float32
        )
        for key, shape in SHAPES.items()
    }
