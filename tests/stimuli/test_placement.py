import numpy as np
import pytest

from jaxprune.stimuli import disc, inside, place, regular, smallest_gap, square

# Distances are recomputed from rounded centres.
ROUNDING = 1e-9


def distances_between_edges(centres, diameters):
    i, j = np.triu_indices(len(diameters), 1)
    apart = np.hypot(*(centres[i] - centres[j]).T)
    return apart - (diameters[i] + diameters[j]) / 2


@pytest.mark.parametrize("gap", [0.0, 0.1, 0.4])
@pytest.mark.parametrize("seed", range(5))
def test_gap_and_field_hold(gap, seed):
    diameters = np.linspace(0.3, 1.2, 25)
    centres = place(diameters, disc(9.0), gap, 0.05, np.random.default_rng(seed))
    assert distances_between_edges(centres, diameters).min() >= gap - ROUNDING
    reach = np.hypot(*centres.T) + diameters / 2
    assert reach.max() <= 4.5 + ROUNDING


def test_order_of_diameters_is_kept():
    # Only the middle is free for the large dot, wherever it stands in the list.
    centres = place([0.1, 3.9, 0.1], disc(4.2), 0.0, 0.01, np.random.default_rng(0))
    assert np.hypot(*centres[1]) < 0.16
    assert np.hypot(*centres[[0, 2]].T).min() > 1.9


def test_positions_are_uniform_over_the_field():
    rng, field = np.random.default_rng(0), disc(2.2)
    centres = np.concatenate([place([0.2], field, 0.0, 0.05, rng) for _ in range(4000)])
    radius = np.hypot(*centres.T)
    # Uniform over a disc of radius 1: E r**2 = 1/2 (SD 1/sqrt(12)), E x = 0 (SD 1/2).
    assert abs(np.mean(radius**2) - 1 / 2) < 4 / np.sqrt(12 * 4000)
    assert np.abs(centres.mean(0)).max() < 4 / (2 * np.sqrt(4000))


def test_positions_are_not_tied_to_a_lattice():
    rng, field = np.random.default_rng(0), disc(4.0)
    phases = (
        np.concatenate([place([0.2], field, 0.0, 0.5, rng) for _ in range(50)]) % 0.5
    )
    assert len(np.unique(phases.round(6))) == phases.size


def test_a_full_field_is_an_error_with_the_numbers():
    with pytest.raises(ValueError, match="no room for 29 dots") as error:
        place(np.full(29, 1.5), disc(5.0), 0.1, 0.05, np.random.default_rng(0))
    for number in ("1.5", "5", "0.1", "261%", "smaller gap"):
        assert number in str(error.value)


@pytest.mark.parametrize(
    ("diameters", "gap", "step", "match"),
    [
        ([1.0, 0.0], 0.1, 0.1, "diameters"),
        ([], 0.1, 0.1, "diameters"),
        ([1.0], -0.1, 0.1, "gap"),
        ([1.0], 0.1, 0.0, "step"),
    ],
)
def test_lengths_are_checked(diameters, gap, step, match):
    with pytest.raises(ValueError, match=match):
        place(diameters, disc(5.0), gap, step, np.random.default_rng(0))


@pytest.mark.parametrize("field", [disc, square])
@pytest.mark.parametrize("length", [0.0, -1.0, np.nan, np.inf])
def test_fields_have_a_size(field, length):
    with pytest.raises(ValueError, match=f"positive, finite length, got {length}"):
        field(length)


@pytest.mark.parametrize("seed", range(5))
def test_dots_keep_inside_a_square_and_a_polygon(seed):
    rng = np.random.default_rng(seed)
    diameters = rng.uniform(0.5, 1.5, 15)
    radii = diameters / 2
    centres = place(diameters, square(9.0), 0.1, 0.05, rng)
    assert (np.abs(centres).max(1) + radii).max() <= 4.5 + ROUNDING
    pentagon = regular(5, 6.0, angle=0.3)
    centres = place(diameters, inside(pentagon), 0.1, 0.05, rng)
    for k in range(5):
        # An edge is 6 cos(36 degrees) away from the middle, halfway between corners.
        normal = 0.3 + (2 * k + 1) * np.pi / 5
        reach = centres @ [np.cos(normal), np.sin(normal)] + radii
        assert reach.max() <= 6 * np.cos(np.pi / 5) + ROUNDING
    assert smallest_gap(centres, diameters) >= 0.1 - ROUNDING


def test_dots_keep_away_from_those_that_are_there():
    there, radii = np.array([[0.0, 1.0], [2.0, -2.0]]), np.array([0.5, 1.0])
    field = disc(10.0).without(there, radii, 0.3, "the rest of the circle")
    assert field.area == pytest.approx(np.pi * (25 - 1.25))
    centres = place(np.ones(20), field, 0.3, 0.05, np.random.default_rng(0))
    for centre, radius in zip(there, radii, strict=True):
        assert np.hypot(*(centres - centre).T).min() >= 0.5 + radius + 0.3 - ROUNDING
    with pytest.raises(ValueError, match="99 dots.*the rest of the circle"):
        place(np.ones(99), field, 0.3, 0.2, np.random.default_rng(0))


def test_smallest_gap_is_that_of_the_closest_pair():
    centres = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 4.0]])
    assert smallest_gap(centres, [1.0, 2.0, 3.0]) == 1.5
    assert smallest_gap(centres, [1.0, 8.0, 8.0]) == -4.0
    assert smallest_gap(centres[:1], [1.0]) == np.inf
