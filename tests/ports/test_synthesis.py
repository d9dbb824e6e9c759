"""Images made by gradient ascent: deterministic, and their units respond to them."""

import numpy as np
import pytest

import jaxprune_ports as jpp
from jaxprune_ports.synthesis import synthesise

SMALL = jpp.Preprocessing(64, None)


@pytest.fixture(scope="module")
def made():
    net = jpp.create("cornet_z", seed=0)
    sets = {"few": [3, 500, 1200], "many": np.arange(0, 2048, 2)}
    options = {"preprocessing": SMALL, "iterations": 12}
    return net, sets, synthesise(net, "IT", sets, **options), options


def test_units_respond_more_to_their_own_image(made):
    net, sets, images, _ = made
    grey = np.full((1, 64, 64, 3), 128, np.uint8)
    pixels = np.concatenate([np.stack([*images.values()]), grey])
    responses = jpp.activations(net, pixels, ["IT"], preprocessing=SMALL)["IT"]
    for own, units in enumerate(sets.values()):
        mean = responses[:, units].mean(1)
        assert mean[own] > 1.2 * mean[2]
        assert mean.argmax() == own


def test_the_same_seed_makes_the_same_image(made):
    net, sets, images, options = made
    again = synthesise(net, "IT", sets, **options)
    for name, image in images.items():
        assert image.shape == (64, 64, 3)
        np.testing.assert_array_equal(image, again[name])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"sets": {"none": []}},
            r"sets\['none'\]: expected some of the units 0 to 2,047",
        ),
        ({"sets": {"far": [5000]}}, r"sets\['far'\].*up to 5,000"),
        ({"iterations": 0}, "iterations=0"),
        ({"preprocessing": jpp.Preprocessing(None, None)}, "it fixes no size"),
        ({"layer": "V9"}, "no layer 'V9'"),
    ],
)
def test_bad_input(made, changed, message):
    net, sets, _, options = made
    given = {"layer": "IT", "sets": sets, **options, **changed}
    with pytest.raises(ValueError, match=message):
        synthesise(net, given.pop("layer"), given.pop("sets"), **given)
