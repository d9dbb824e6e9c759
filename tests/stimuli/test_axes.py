"""The identities of DeWind et al. (2015), and both directions of the formulas."""

import math

import numpy as np
import pytest

from jaxprune.stimuli import DotParameters

RNG = np.random.default_rng(0)
POINTS = [
    DotParameters(int(n), 2**sz, 2**sp)
    for n, sz, sp in zip(
        RNG.integers(1, 40, 20), RNG.uniform(12, 18, 20), RNG.uniform(20, 26, 20),
        strict=True,
    )
]  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_features_follow_from_the_radii_alone(point):
    n, r_d, r_f = point.numerosity, point.item_radius, point.field_radius
    item, field = math.pi * r_d**2, math.pi * r_f**2
    expected = {
        "item_area": item,
        "total_area": n * item,
        "field_area": field,
        "sparsity": field / n,
        "density": n / field,
        "coverage": n * item / field,
        "item_perimeter": 2 * math.pi * r_d,
        "total_perimeter": n * 2 * math.pi * r_d,
        "size": item * n * item,
        "spacing": field * field / n,
        "closeness": n * item * field / n,
    }
    for name, value in expected.items():
        assert getattr(point, name) == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("point", POINTS)
def test_there_and_back(point):
    for again in (
        DotParameters.from_radii(
            point.numerosity, point.item_radius, point.field_radius
        ),
        DotParameters.from_areas(point.numerosity, point.item_area, point.field_area),
    ):
        assert again.size == pytest.approx(point.size, rel=1e-12)
        assert again.spacing == pytest.approx(point.spacing, rel=1e-12)
        assert again.numerosity == point.numerosity


# Weights of log number, log size and log spacing, and the constant (Park & Huber 2022,
# table 1; of the two perimeters log 2 sqrt(pi)).
PERIMETER = math.log(2 * math.sqrt(math.pi))
LINES = {
    "total_area": (0.5, 0.5, 0, 0),
    "item_area": (-0.5, 0.5, 0, 0),
    "field_area": (0.5, 0, 0.5, 0),
    "sparsity": (-0.5, 0, 0.5, 0),
    "density": (0.5, 0, -0.5, 0),
    "item_perimeter": (-0.25, 0.25, 0, PERIMETER),
    "total_perimeter": (0.75, 0.25, 0, PERIMETER),
    "coverage": (0, 0.5, -0.5, 0),
    "closeness": (0, 0.5, 0.5, 0),
}


@pytest.mark.parametrize("name", LINES)
def test_features_are_lines_in_logarithmic_space(name):
    *weights, constant = LINES[name]
    for point in POINTS:
        axes = np.log([point.numerosity, point.size, point.spacing])
        expected = axes @ weights + constant
        assert math.log(getattr(point, name)) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", ["numerosity", "size", "spacing"])
@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf])
def test_axes_must_be_positive(name, value):
    point = {"numerosity": 5, "size": 1e5, "spacing": 1e7, name: value}
    with pytest.raises(ValueError, match=f"{name}: expected a positive, .* {value}"):
        DotParameters(**point)


@pytest.mark.parametrize("make", ["from_radii", "from_areas"])
@pytest.mark.parametrize("values", [(0, 1, 1), (5, -1, 1), (5, 1, 0)])
def test_radii_and_areas_must_be_positive(make, values):
    with pytest.raises(ValueError, match="positive"):
        getattr(DotParameters, make)(*values)
