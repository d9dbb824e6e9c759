import numpy as np
import pytest

from jaxprune.stimuli import (
    SHAPES,
    WHITE_ON_BLACK,
    Colours,
    Dots,
    covered_area,
    dot_diameters,
    render,
    sample_dots,
)


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
    with pytest.raises(ValueError, match="across: a dot reaches"):
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


# Areas and smallest surrounding circles for a radius of 1, from school geometry.
AREAS = {
    "circle": np.pi,
    "rectangle": 4.0,
    "ellipse": np.pi / 2,
    "triangle": 3 * np.sqrt(3) / 4,
}


def one_item(shape, diameter, x=0.0, y=0.0, angle=0.0):
    return Dots(
        np.array([[x, y]]), np.array([diameter]), np.ones(1), [shape], np.array([angle])
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_have_their_area_on_paper_and_in_pixels(shape):
    rng = np.random.default_rng(0)
    assert SHAPES[shape].area == pytest.approx(AREAS[shape])
    assert one_item(shape, 14.0).item_area == pytest.approx(49 * AREAS[shape])
    drawn = [
        covered_area(render(one_item(shape, 14.0, *place, angle), 40, 40.0), 40.0)
        for *place, angle in rng.uniform(-5, 5, (200, 3))
    ]
    np.testing.assert_allclose(np.mean(drawn), 49 * AREAS[shape], rtol=3e-3)
    np.testing.assert_allclose(drawn, 49 * AREAS[shape], rtol=3e-2)


def test_every_shape_has_an_area_here():
    assert list(AREAS) == list(SHAPES)


def test_shapes_are_turned_from_x_to_y():
    upright = render(one_item("ellipse", 20.0), 40, 40.0)
    turned = render(one_item("ellipse", 20.0, angle=np.pi / 2), 40, 40.0)
    np.testing.assert_array_equal(turned, upright.T)
    rows, columns = np.nonzero(upright != 128)
    assert (np.ptp(columns) + 1, np.ptp(rows) + 1) == (20, 10)
    # A triangle points to the right, and downwards (y) after a quarter turn.
    assert corner(render(one_item("triangle", 20.0), 40, 40.0)) == (20, 29)
    down = one_item("triangle", 20.0, angle=np.pi / 2)
    assert corner(render(down, 40, 40.0)) == (29, 20)


def corner(image):
    """Inked pixel that is furthest from the middle of 40 x 40, to the right or down."""
    rows, columns = np.nonzero(image > 150)
    furthest = np.maximum(rows, columns).argmax()
    place = rows[furthest], columns[furthest]
    return tuple(20 if abs(at - 19.5) < 1 else int(at) for at in place)


def test_squares_are_sharp_where_they_meet_the_pixel_grid():
    image = render(one_item("rectangle", 10.0), 20, 20.0)
    expected = np.full((20, 20), 128)
    expected[5:15, 5:15] = 255
    np.testing.assert_array_equal(image, expected)


@pytest.mark.parametrize("background", [0, 50, 128])
def test_area_can_be_read_on_any_background(background):
    image = render(one_dot(0.3, 0.7, 9.0), 32, 32.0, background)
    assert image[0, 0] == background
    assert covered_area(image, 32.0, background) == pytest.approx(63.6, rel=0.01)
    black = render(one_dot(0.3, 0.7, 9.0, -1), 32, 32.0, 255)
    assert covered_area(black, 32.0, 255) == pytest.approx(63.6, rel=0.01)


@pytest.mark.parametrize(
    ("background", "dots", "match"),
    [
        (256, "white", "grey value of 0 to 255, got 256"),
        (128, "blue", "expected one of 'mixed', 'white', 'black', got 'blue'"),
        (255, "white", "white dots do not show on 255; .* dots='black'"),
        (255, "mixed", "white dots do not show on 255"),
        (0, "mixed", "black dots do not show on 0; .* dots='white'"),
    ],
)
def test_dots_must_show(background, dots, match):
    with pytest.raises(ValueError, match=match):
        Colours(background, dots)


def test_all_dots_can_be_white_or_black():
    rng = np.random.default_rng(0)
    assert WHITE_ON_BLACK.polarity(5, rng).tolist() == [1] * 5
    assert Colours(255, "black").polarity(5, rng).tolist() == [-1] * 5
