import numpy as np
import pytest

from jaxprune.stimuli import Dots, covered_area, dot_diameters, render, sample_dots


def one_dot(x, y, diameter, polarity=1):
    return Dots(np.array([[x, y]]), np.array([diameter]), np.array([polarity]))


@pytest.mark.parametrize("numerosity", [1, 2, 6, 29])
@pytest.mark.parametrize("item_area", [0.04, 0.2])
def test_mean_area_is_exact(numerosity, item_area):
    diameters = dot_diameters(numerosity, item_area, 0.2)
    np.testing.assert_allclose(np.mean(np.pi / 4 * diameters**2), item_area, rtol=1e-14)
    if numerosity > 1:
        np.testing.assert_allclose(diameters[-1] / diameters[0], 1.2 / 0.8)
        np.testing.assert_allclose(np.diff(diameters, 2), 0, atol=1e-14)


@pytest.mark.parametrize(
    ("numerosity", "item_area", "spread"), [(0, 1.0, 0.2), (3, 0.0, 0.2), (3, 1.0, 1.0)]
)
def test_impossible_sizes_are_refused(numerosity, item_area, spread):
    with pytest.raises(ValueError, match="numerosity >= 1"):
        dot_diameters(numerosity, item_area, spread)


@pytest.mark.parametrize("polarity", [1, -1])
@pytest.mark.parametrize("diameter", [3.0, 5.5, 16.0])
def test_rendered_area_is_the_area_of_the_dot(diameter, polarity):
    rng = np.random.default_rng(0)
    areas = [
        covered_area(render(one_dot(x, y, diameter, polarity), 32, 32.0), 32.0)
        for x, y in rng.uniform(-3, 3, (200, 2))
    ]
    # Exact on average over positions of the pixel grid, up to 8-bit rounding.
    np.testing.assert_allclose(np.mean(areas), np.pi / 4 * diameter**2, rtol=2e-3)
    np.testing.assert_allclose(areas, np.pi / 4 * diameter**2, rtol=3e-2)


def test_position_and_orientation():
    image = render(one_dot(4.0, -2.0, 3.0), 16, 16.0).astype(float)
    weight = image - 128
    rows, columns = np.indices(image.shape)
    # The middle of 16 pixels is at 7.5; x to the right, y down.
    np.testing.assert_allclose((weight * columns).sum() / weight.sum(), 11.5)
    np.testing.assert_allclose((weight * rows).sum() / weight.sum(), 5.5)


def test_edge_of_the_image_is_drawn_whole():
    image = render(one_dot(-6.0, 6.0, 4.0, -1), 16, 16.0)
    np.testing.assert_allclose(covered_area(image, 16.0), np.pi * 4, rtol=2e-2)


def test_grey_black_and_white():
    image = render(
        Dots(np.array([[-4.0, 0], [4.0, 0]]), np.full(2, 4.0), np.array([1, -1])),
        16,
        16.0,
    )
    assert image.dtype == np.uint8
    assert (image[8, 4], image[8, 12], image[0, 0]) == (255, 0, 128)


def test_too_few_pixels_is_an_error_that_names_the_size_needed():
    with pytest.raises(ValueError, match="use size=20 or more"):
        render(one_dot(0, 0, 1.0), 10, 10.0)


def test_a_dot_beyond_the_image_is_an_error():
    with pytest.raises(ValueError, match="degrees_across"):
        render(one_dot(7.0, 0, 4.0), 64, 16.0)


def test_half_of_the_dots_are_white():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        dots = sample_dots(10, 0.1, 8.0, rng, spread=0.2, gap=0.1, step=0.1)
        assert dots.polarity.sum() == 0
    odd, large_white = [], []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        dots = sample_dots(5, 0.1, 8.0, rng, spread=0.2, gap=0.1, step=0.1)
        odd.append(dots.polarity.sum())
        large_white.append(dots.polarity[-1])
    assert set(odd) == {-1, 1}
    # Fair coins: 200 draws of +-1 have a mean of SD 1 / sqrt(200).
    assert abs(np.mean(odd)) < 4 / np.sqrt(200)
    assert abs(np.mean(large_white)) < 4 / np.sqrt(200)
