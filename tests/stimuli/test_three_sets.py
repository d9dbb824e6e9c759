"""The sets of Nasr et al. and Kim et al.: what every set holds constant."""

import itertools
import math

import numpy as np
import pytest

from jaxprune.stimuli import WHITE_ON_BLACK, hull, kim, nasr, square
from jaxprune.stimuli.designs import _three_sets

NUMEROSITIES = [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30]


@pytest.fixture(scope="module", params=[nasr, kim])
def stimuli(request):
    return request.param(n_instances=3, seed=1)


def of(stimuli, kind):
    return stimuli.table[stimuli.levels("set") == kind]


def test_conditions(stimuli):
    assert stimuli.factors["numerosity"].tolist() == 3 * NUMEROSITIES
    kinds = ["standard", "control1", "control2"]
    assert stimuli.factors["set"].tolist() == [k for k in kinds for _ in NUMEROSITIES]
    assert stimuli.labels[17] == "control1_n02"
    assert stimuli.across == stimuli.images.shape[1] == stimuli.images.shape[2]


def test_standard_dots_have_about_one_size(stimuli):
    table = of(stimuli, "standard")
    # E r^2 = 7^2 + .7^2; its SD is 2 * 7 * .7 for one dot, here of 3 * 226 dots.
    expected, error = np.pi * (49 + 0.49), np.pi * 9.8 / np.sqrt(3 * 226)
    mean = table["total_area"].sum() / table["numerosity"].sum()
    assert abs(mean - expected) < 4 * error


def test_control1_has_constant_area_and_distance(stimuli):
    table = of(stimuli, "control1")
    np.testing.assert_allclose(table["total_area"], 1200, rtol=1e-12)
    drawn = table["numerosity"] * table["rendered_item_area"]
    np.testing.assert_allclose(drawn, 1200, rtol=5e-3)
    distance = table["mean_distance"][table["numerosity"] > 1]
    assert distance.min() >= 90
    assert distance.max() <= 100
    # Drawn uniformly: not at the edges of the range only, nor in its middle.
    assert 2 < distance.std() < 4
    assert np.ptp(table["mean_luminance"]) < 0.05


def test_control2_of_nasr_has_one_hull():
    table = of(nasr(n_instances=2, seed=2), "control2")
    perimeter = table["hull_perimeter"]
    # A regular pentagon of radius 110: five sides of 2 * 110 * sin(36 degrees).
    expected = 5 * 2 * 110 * math.sin(math.radians(36))
    assert round(expected) == 647
    many = table["numerosity"] > 4
    np.testing.assert_allclose(perimeter[many], expected, rtol=1e-6)
    assert perimeter[~many].max() < expected


def test_corners_of_nasrs_hull_are_a_regular_pentagon(monkeypatch):
    displays = spied(monkeypatch, nasr)
    for dots in displays[2 * 16 + 3 :]:
        corners = dots.centres[:5]
        sides = np.hypot(*(corners - np.roll(corners, 1, axis=0)).T)
        diagonals = np.hypot(*(corners - np.roll(corners, 2, axis=0)).T)
        np.testing.assert_allclose(sides, sides[0])
        # The golden ratio.
        np.testing.assert_allclose(diagonals / sides, (1 + math.sqrt(5)) / 2)
        # The other items do not change the hull.
        kept = [
            a[:5] for a in (dots.diameters, dots.polarity, dots.shapes, dots.angles)
        ]
        np.testing.assert_allclose(hull(type(dots)(corners, *kept)), hull(dots))


def test_control2_of_kim_keeps_the_diagonals_of_squares_apart(monkeypatch):
    for dots in spied(monkeypatch, kim)[2 * 16 :]:
        for (a, r), (b, s) in itertools.combinations(
            zip(dots.centres, dots.diameters / 2, strict=True), 2
        ):
            assert math.dist(a, b) >= math.sqrt(2) * (r + s) - 1e-9
        assert np.hypot(*dots.centres.T).max() <= 110


@pytest.mark.parametrize("design", [nasr, kim])
def test_shapes_have_equal_chances_and_only_triangles_are_turned(monkeypatch, design):
    displays = spied(monkeypatch, design)
    assert all(dots.shapes is None for dots in displays[: 2 * 16])
    shapes = [shape for dots in displays[2 * 16 :] for shape in dots.shapes]
    angles = np.concatenate([dots.angles for dots in displays[2 * 16 :]])
    names, counts = np.unique(shapes, return_counts=True)
    assert names.tolist() == ["circle", "ellipse", "rectangle", "triangle"]
    # 241 items a set, each shape with a chance of 1/4.
    assert np.abs(counts - 241 / 4).max() < 4 * np.sqrt(241 * 3 / 16)
    assert ((angles != 0) == (np.array(shapes) == "triangle")).all()


def test_backgrounds(stimuli):
    background = {224: 50, 227: 0}[stimuli.images.shape[1]]
    values, counts = np.unique(stimuli.images, return_counts=True)
    assert values[counts.argmax()] == background == values.min()
    assert (stimuli.table["n_white"] == stimuli.table["numerosity"]).all()


def test_colours_can_be_chosen():
    assert nasr(1, colours=WHITE_ON_BLACK).images.min() == 0


def test_dots_that_cannot_be_that_close_are_an_error():
    # 30 dots of 3.6 pixels and gaps of 20 cannot be 100 apart on average.
    with pytest.raises(ValueError, match="distance 90 to 100: no room for 30 dots"):
        _three_sets.constant_area(
            30, square(214.0), 20.0, np.random.default_rng(0), WHITE_ON_BLACK
        )


def spied(monkeypatch, design):
    """Displays of a design, one for every condition."""
    from jaxprune.stimuli import stimulus_set

    displays, measure = [], stimulus_set.measure

    def spy(dots, *rest):
        displays.append(dots)
        return measure(dots, *rest)

    monkeypatch.setattr(stimulus_set, "measure", spy)
    design(n_instances=1, seed=3)
    return displays
