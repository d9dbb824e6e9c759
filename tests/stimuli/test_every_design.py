"""What holds for every design, found through the registry."""

import math
from dataclasses import dataclass

import numpy as np
import pytest

from jaxprune.stimuli import DESIGNS, StimulusSet, stimulus_set

# Smallest distance between two outlines, in the unit of the design.
GAPS = {
    "karami32": 2 * 8.6 / 224,
    "nasr": 5.0,
    "kim": 0.0,
    "dewind_train": 2.0,
    "park35": 4.5,
    "one_to_ten": 1.0,
    "one_to_ten_constant_area": 1.0,
    "dot_arrays": 2.0,
}
ROUND_FIELDS = ("karami32", "dewind_train", "park35", "dot_arrays")
CROSSED = [name for name in DESIGNS if name != "park35"]
# Furthest that a shape of radius 1 extends.
REACH = {"circle": 1, "rectangle": math.sqrt(2), "ellipse": 1, "triangle": 1}


@dataclass(frozen=True)
class Made:
    """A design's images, and the geometry that they were drawn from."""

    name: str
    stimuli: StimulusSet
    displays: list


@pytest.fixture(scope="module", params=DESIGNS)
def made(request):
    displays, measure = [], stimulus_set.measure

    def spy(dots, *rest):
        displays.append(dots)
        return measure(dots, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stimulus_set, "measure", spy)
        stimuli = DESIGNS[request.param](n_instances=1, seed=5)
    return Made(request.param, stimuli, displays)


def reaches(dots):
    shapes = dots.shapes or ["circle"] * len(dots)
    return [REACH[s] * d / 2 for s, d in zip(shapes, dots.diameters, strict=True)]


def test_items_are_apart(made):
    for dots in made.displays:
        radii = reaches(dots)
        for i in range(len(dots)):
            for j in range(i):
                apart = math.dist(dots.centres[i], dots.centres[j])
                assert apart - radii[i] - radii[j] >= GAPS[made.name] - 1e-9


def test_items_are_inside_the_image(made):
    half = made.stimuli.across / 2
    for dots in made.displays:
        for centre, radius in zip(dots.centres, reaches(dots), strict=True):
            assert np.abs(centre).max() + radius <= half


@pytest.mark.parametrize("made", ROUND_FIELDS, indirect=True)
def test_dots_are_inside_a_round_field(made):
    for dots, area in zip(made.displays, made.stimuli.table["field_area"], strict=True):
        for centre, diameter in zip(dots.centres, dots.diameters, strict=True):
            assert math.hypot(*centre) + diameter / 2 <= math.sqrt(area / math.pi)


def test_number_of_items(made):
    wanted = made.stimuli.levels("numerosity")
    assert [len(dots) for dots in made.displays] == wanted.tolist()
    assert made.stimuli.table["numerosity"].tolist() == wanted.tolist()


def test_what_is_drawn_is_what_was_placed(made):
    table = made.stimuli.table
    # Edges of few pixels: the area of a single small item is known to 2 to 3 per cent.
    small = made.name.startswith("one_to_ten")
    np.testing.assert_allclose(
        table["rendered_item_area"],
        table["item_area"],
        rtol=0.03 if small or made.name in ("kim", "nasr") else 0.01,
    )
    ratio = table["rendered_item_area"] / table["item_area"]
    assert abs(ratio.mean() - 1) < 2e-3
    luminance = made.stimuli.images.mean((1, 2))
    np.testing.assert_allclose(table["mean_luminance"], luminance)


def test_columns_agree_with_each_other(made):
    table = made.stimuli.table
    np.testing.assert_allclose(
        table["total_area"], table["numerosity"] * table["item_area"]
    )
    np.testing.assert_allclose(
        table["density"], table["numerosity"] / table["field_area"]
    )
    assert (table["hull_area"] >= table["item_area"] * (1 - 1e-4)).all()
    # Of all outlines of a given area the circle is the shortest.
    circles = 2 * np.sqrt(np.pi * table["hull_area"])
    assert (table["hull_perimeter"] >= circles * (1 - 1e-4)).all()
    assert (
        np.isnan(table["mean_distance"]).tolist() == (table["numerosity"] == 1).tolist()
    )


def test_conditions_are_distinct_and_in_order(made):
    stimuli = made.stimuli
    assert len(set(stimuli.labels)) == len(stimuli.labels)
    assert stimuli.condition.tolist() == list(range(len(stimuli.labels)))
    assert stimuli.images.dtype == np.uint8
    for levels in stimuli.factors.values():
        assert levels.shape == (len(stimuli.labels),)
    assert (stimuli.unit == "degrees") == (stimuli.degrees_across is not None)


@pytest.mark.parametrize("made", CROSSED, indirect=True)
def test_factors_are_crossed(made):
    factors = list(made.stimuli.factors.values())
    n_cells = math.prod(len(np.unique(levels)) for levels in factors)
    cells = set(zip(*(levels.tolist() for levels in factors), strict=True))
    assert len(cells) == n_cells == len(made.stimuli.labels)


def test_more_instances_only_append_and_seeds_differ(made):
    # Fewer pixels draw the same displays and are faster; small dots need all of theirs.
    size = {"size": 128} if made.name != "karami32" else {"size": 112}
    if made.name.startswith("one_to_ten"):
        size = {}
    one = DESIGNS[made.name](1, 5, **size)
    two = DESIGNS[made.name](2, 5, **size)
    np.testing.assert_array_equal(two.images[::2], one.images)
    np.testing.assert_array_equal(two.table[::2]["hull_area"], one.table["hull_area"])
    placed = made.stimuli.table["hull_area"]
    np.testing.assert_array_equal(one.table["hull_area"], placed)
    assert (two.images[::2] != two.images[1::2]).any((1, 2)).all()
    other = DESIGNS[made.name](1, 6, **size)
    assert (other.images != one.images).any((1, 2)).all()


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"n_instances": 0}, "n_instances=0: expected a whole number of at least 1"),
        ({"seed": -1}, "seed=-1: expected a whole number of at least 0"),
        ({"size": 0}, "size=0: expected a whole number of at least 1"),
        ({"size": 9}, "size: with 9 pixels .* use size="),
    ],
)
def test_options_are_checked(name, options, match):
    with pytest.raises(ValueError, match=match):
        DESIGNS[name](**{"n_instances": 1, **options})


def test_every_design_has_its_gap_here():
    assert list(GAPS) == list(DESIGNS)
