import numpy as np
import pytest

from jaxprune.stimuli import place

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
    centres = place(diameters, 9.0, gap, 0.05, np.random.default_rng(seed))
    assert distances_between_edges(centres, diameters).min() >= gap - ROUNDING
    reach = np.hypot(*centres.T) + diameters / 2
    assert reach.max() <= 4.5 + ROUNDING


def test_order_of_diameters_is_kept():
    # Only the middle is free for the large dot, wherever it stands in the list.
    centres = place([0.1, 3.9, 0.1], 4.2, 0.0, 0.01, np.random.default_rng(0))
    assert np.hypot(*centres[1]) < 0.16
    assert np.hypot(*centres[[0, 2]].T).min() > 1.9


def test_positions_are_uniform_over_the_field():
    rng = np.random.default_rng(0)
    centres = np.concatenate([place([0.2], 2.2, 0.0, 0.05, rng) for _ in range(4000)])
    radius = np.hypot(*centres.T)
    # Uniform over a disc of radius 1: E r**2 = 1/2 (SD 1/sqrt(12)), E x = 0 (SD 1/2).
    assert abs(np.mean(radius**2) - 1 / 2) < 4 / np.sqrt(12 * 4000)
    assert np.abs(centres.mean(0)).max() < 4 / (2 * np.sqrt(4000))


def test_positions_are_not_tied_to_a_lattice():
    rng = np.random.default_rng(0)
    phases = np.concatenate([place([0.2], 4.0, 0.0, 0.5, rng) for _ in range(50)]) % 0.5
    assert len(np.unique(phases.round(6))) == phases.size


def test_a_full_field_is_an_error_with_the_numbers():
    with pytest.raises(ValueError, match="no room for 29 dots") as error:
        place(np.full(29, 1.5), 5.0, 0.1, 0.05, np.random.default_rng(0))
    for number in ("1.5", "5", "0.1", "261%", "smaller gap"):
        assert number in str(error.value)


@pytest.mark.parametrize(
    ("diameters", "field", "gap", "step", "match"),
    [
        ([1.0, 0.0], 5.0, 0.1, 0.1, "diameters"),
        ([1.0], -5.0, 0.1, 0.1, "field_diameter"),
        ([1.0], 5.0, -0.1, 0.1, "gap"),
        ([1.0], 5.0, 0.1, 0.0, "step"),
    ],
)
def test_lengths_are_checked(diameters, field, gap, step, match):
    with pytest.raises(ValueError, match=match):
        place(diameters, field, gap, step, np.random.default_rng(0))
