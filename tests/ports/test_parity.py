"""Every layer of every network is PyTorch's."""

import pytest

import jaxprune_ports as jpp
from jaxprune_ports.networks.registry import find
from jaxprune_ports.weights.convert import IGNORED, _slots
from tests.ports.parity import errors
from tests.ports.torch_networks import MODULES

# Their linear layers take a map of one size.
FIXED = ("alexnet_kim", "lenet5", "nasr", "student108")
# They differ in how often a block repeats, and take seconds each.
SIMILAR = {name for name in jpp.available() if name.startswith("vgg")}
SIMILAR -= {"vgg11"}


def cases():
    for name in jpp.available():
        size = find(name).input_size
        slow = pytest.mark.slow
        if name in FIXED:
            yield pytest.param(name, size)
            continue
        yield pytest.param(name, size, marks=slow)
        # Odd sizes tell apart paddings that agree on even ones.
        yield pytest.param(name, 99, marks=slow if name in SIMILAR else ())


@pytest.mark.parametrize(("name", "size"), [*cases()])
def test_every_layer_is_that_of_pytorch(name, size):
    found = errors(name, size)
    assert tuple(found) == find(name).abstract().layers
    assert max(found.values()) <= 1e-5, found


@pytest.mark.parametrize("name", jpp.available())
def test_names_and_shapes_of_weights_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch", reason="parity is checked against PyTorch")
    with torch.device("meta"):
        state = MODULES[name]().state_dict()
    theirs = {
        key.removeprefix("module."): tuple(value.shape)
        for key, value in state.items()
        if not key.endswith(IGNORED)
    }
    assert _slots(find(name).abstract()) == theirs
