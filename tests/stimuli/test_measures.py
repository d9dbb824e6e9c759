"""Hulls against scipy's, on outlines that are drawn point by point."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from jaxprune.stimuli import Dots, hull, mean_distance, place, square

UNIT = np.exp(2j * np.pi * np.arange(720) / 720)
OUTLINES = {
    "circle": UNIT,
    "ellipse": UNIT.real + 0.5j * UNIT.imag,
    "rectangle": np.array([1 + 1j, -1 + 1j, -1 - 1j, 1 - 1j]),
    "triangle": UNIT[::240],
}


@pytest.mark.parametrize("n", [1, 2, 5, 30])
@pytest.mark.parametrize("shaped", [False, True])
def test_hull_of_outlines(n, shaped):
    rng = np.random.default_rng(n)
    diameters = rng.uniform(5, 20, n)
    centres = place(diameters, square(300.0), 1.0, 1.0, rng)
    shapes = rng.choice(list(OUTLINES), n).tolist() if shaped else ["circle"] * n
    angles = rng.uniform(0, 2 * np.pi, n)
    white = np.ones(n, int)
    dots = Dots(centres, diameters, white, *((shapes, angles) if shaped else ()))
    points = [
        complex(*centre) + diameter / 2 * np.exp(1j * angle) * OUTLINES[shape]
        for centre, diameter, shape, angle in zip(
            centres, diameters, shapes, angles, strict=True
        )
    ]
    points = np.concatenate(points)
    expected = ConvexHull(np.stack([points.real, points.imag], 1))
    # In two dimensions scipy calls the area a volume and the perimeter an area.
    np.testing.assert_allclose(hull(dots), (expected.volume, expected.area), rtol=1e-3)


def test_hull_of_two_discs_is_a_stadium():
    dots = Dots(np.array([[-50.0, 0], [50, 0]]), np.full(2, 20.0), np.ones(2, int))
    area, perimeter = hull(dots)
    assert area == pytest.approx(100 * 20 + np.pi * 100, rel=1e-4)
    assert perimeter == pytest.approx(200 + 2 * np.pi * 10, rel=1e-4)


def test_mean_distance_is_over_pairs():
    corners = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    assert mean_distance(corners) == pytest.approx((4 + 2 * np.sqrt(2)) / 6)
    assert np.isnan(mean_distance(corners[:1]))
