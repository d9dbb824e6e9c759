import numpy as np
import pytest

from jaxprune.stimuli import karami32, sample_dots
from jaxprune.stimuli.designs.karami32 import DEGREES_ACROSS, GAP, PIXEL, SPREAD


@pytest.fixture(scope="module")
def stimuli():
    return karami32(n_instances=3, seed=0)


def test_order_of_conditions(stimuli):
    assert stimuli.images.shape == (96, 224, 224)
    assert stimuli.condition.tolist() == [c for c in range(32) for _ in range(3)]
    for number, n in enumerate([6, 10, 17, 29]):
        for area, a in enumerate([0.04, 0.07, 0.12, 0.20]):
            for field, f in enumerate([5.0, 7.5]):
                c = (number * 4 + area) * 2 + field
                assert stimuli.labels[c] == f"n{n:02d}_a{a:.2f}_f{f:.1f}"
                assert stimuli.factors["numerosity"][c] == n
                assert stimuli.factors["item_area"][c] == a
                assert stimuli.factors["field_area"][c] == np.pi * (f / 2) ** 2


def test_table_says_what_was_achieved(stimuli):
    table, factors = stimuli.table, stimuli.factors
    for name in ("numerosity", "item_area", "field_area"):
        wanted = factors[name][stimuli.condition]
        np.testing.assert_allclose(table[name], wanted, rtol=1e-14)
    total = table["numerosity"] * table["item_area"]
    np.testing.assert_allclose(table["total_area"], total)
    density = table["numerosity"] / table["field_area"]
    np.testing.assert_allclose(table["density"], density)
    np.testing.assert_allclose(
        table["rendered_item_area"], table["item_area"], rtol=3e-3
    )
    assert np.abs(2 * table["n_white"] - table["numerosity"]).max() <= 1


def test_dots_are_as_many_as_asked_for_and_apart(stimuli):
    for image, numerosity in zip(
        stimuli.images, stimuli.table["numerosity"], strict=True
    ):
        # Pixels that are at least half covered lie on one side of a gap of 2 pixels.
        covered = np.abs(image.astype(int) - 128) >= 64
        assert count_islands(covered) == numerosity


def test_field_is_respected(stimuli):
    offsets = np.arange(224) - 223 / 2
    degrees = np.hypot(offsets, offsets[:, None]) * DEGREES_ACROSS / 224
    for image, area in zip(stimuli.images, stimuli.table["field_area"], strict=True):
        # A pixel is inked up to its far corner.
        assert degrees[image != 128].max() <= np.sqrt(area / np.pi) + PIXEL


def test_geometry_of_every_condition(stimuli):
    for c in range(32):
        n, a, area = (
            stimuli.factors[name][c]
            for name in ("numerosity", "item_area", "field_area")
        )
        dots = sample_dots(
            n,
            a,
            2 * np.sqrt(area / np.pi),
            np.random.default_rng(c),
            spread=SPREAD,
            gap=GAP,
            step=PIXEL,
        )
        i, j = np.triu_indices(n, 1)
        apart = np.hypot(*(dots.centres[i] - dots.centres[j]).T)
        edges = apart - (dots.diameters[i] + dots.diameters[j]) / 2
        assert edges.min() >= GAP - 1e-9


def test_deterministic_and_seeded(stimuli):
    again = karami32(n_instances=3, seed=0)
    np.testing.assert_array_equal(again.images, stimuli.images)
    np.testing.assert_array_equal(again.table, stimuli.table)
    other = karami32(n_instances=1, seed=1)
    assert (other.images != stimuli.images[::3]).any(axis=(1, 2)).all()


def test_instances_do_not_depend_on_how_many_there_are(stimuli):
    fewer = karami32(n_instances=2, seed=0)
    kept = stimuli.table["instance"] < 2
    np.testing.assert_array_equal(fewer.images, stimuli.images[kept])
    instances = stimuli.images.reshape(32, 3, -1)
    assert (instances[:, 0] != instances[:, 1]).any(axis=1).all()


def test_another_size_shows_the_same_displays(stimuli):
    double = karami32(n_instances=1, seed=0, size=448).images.astype(float)
    halved = double.reshape(32, 224, 2, 224, 2).mean((2, 4))
    difference = np.abs(halved - stimuli.images[::3])
    assert difference.mean() < 1
    assert difference.max() < 64


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"n_instances": 0}, "n_instances"),
        ({"seed": -1}, "seed"),
        ({"size": 32}, "size"),
    ],
)
def test_options_are_checked(options, match):
    with pytest.raises(ValueError, match=match):
        karami32(**{"n_instances": 1, **options})


def count_islands(inked):
    """Connected components, by flooding each from one of its pixels."""
    inked, count = inked.copy(), 0
    while inked.any():
        count += 1
        todo = [np.unravel_index(np.argmax(inked), inked.shape)]
        while todo:
            row, column = todo.pop()
            near = slice(row - 1, row + 2), slice(column - 1, column + 2)
            found = np.argwhere(inked[near])
            inked[near] = False
            todo += [(row - 1 + r, column - 1 + c) for r, c in found]
    return count
