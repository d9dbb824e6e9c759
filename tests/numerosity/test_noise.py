"""Noise of condition means, taken out of an RDM: against simulated units."""

import numpy as np
import pytest

from jaxprune.numerosity import CellMoments, cell_moments, noise_corrected_rdm

N_CONDITIONS, N_UNITS = 8, 4000
PAIRS = np.triu_indices(N_CONDITIONS, 1)
RNG = np.random.default_rng(5)
# Two dimensions of conditions and a common pattern; noise differs between units.
WEIGHTS = RNG.normal(size=(N_CONDITIONS, 2))
PATTERNS = WEIGHTS @ RNG.normal(size=(2, N_UNITS)) + RNG.normal(size=N_UNITS)
SPREAD = RNG.uniform(0.5, 3, size=N_UNITS)
CONDITIONS = np.arange(N_CONDITIONS)


def simulated(n_images, seed):
    """Moments of images that are patterns and independent noise."""
    rng = np.random.default_rng(seed)
    noise = SPREAD * rng.normal(size=(n_images, N_CONDITIONS, N_UNITS))
    images = (PATTERNS + noise).reshape(-1, N_UNITS)
    return cell_moments(images, {"condition": np.tile(CONDITIONS, n_images)})


def plain(cells):
    return 1 - np.corrcoef(cells.mean)


@pytest.mark.parametrize("n_images", [2, 4])
def test_unbiased_where_the_plain_rdm_is_not(n_images):
    """Means of 60 experiments, within four of their standard errors."""
    truth = (1 - np.corrcoef(PATTERNS))[PAIRS]
    cells = [simulated(n_images, seed) for seed in range(60)]
    corrected, biased = (
        np.array([rdm(one)[PAIRS] for one in cells])
        for rdm in (noise_corrected_rdm, plain)
    )
    error = corrected.mean(0) - truth
    allowed = 4 * corrected.std(0) / np.sqrt(len(cells))
    assert (np.abs(error) < allowed).all()
    assert np.abs(biased.mean(0) - truth).mean() > 8 * np.abs(error).mean()


def test_scores_of_few_images_are_those_of_many():
    # One of the two dimensions, which patterns follow in part.
    target = np.abs(WEIGHTS[:, None, 0] - WEIGHTS[:, 0])[PAIRS]
    best = np.corrcoef((1 - np.corrcoef(PATTERNS))[PAIRS], target)[0, 1]
    cells = [simulated(3, seed) for seed in range(60)]
    corrected, biased = (
        np.mean([np.corrcoef(rdm(one)[PAIRS], target)[0, 1] for one in cells])
        for rdm in (noise_corrected_rdm, plain)
    )
    assert abs(corrected - best) < 0.2 * abs(biased - best)


def test_without_noise_it_is_the_plain_rdm():
    counts = np.full(N_CONDITIONS, 3)
    factors = {"condition": CONDITIONS}
    cells = CellMoments(counts, PATTERNS, np.zeros_like(PATTERNS), factors)
    found = noise_corrected_rdm(cells)
    np.testing.assert_allclose(found, plain(cells), atol=1e-14)
    assert (np.diag(found) == 0).all()


def test_a_pattern_within_its_noise_is_undefined():
    counts = np.full(N_CONDITIONS, 3)
    squares = np.zeros_like(PATTERNS)
    squares[2] = 1e6
    found = noise_corrected_rdm(
        CellMoments(counts, PATTERNS, squares, {"condition": CONDITIONS})
    )
    undefined = np.isnan(found)
    others = CONDITIONS[CONDITIONS != 2]
    assert undefined[2, others].all()
    assert not undefined[np.ix_(others, others)].any()


def test_one_image_says_nothing_of_noise():
    cells = CellMoments([2, 1], np.ones((2, 3)), np.ones((2, 3)), {"condition": [0, 1]})
    with pytest.raises(ValueError, match=r"cell 1 .* has 1 image; expected at least"):
        noise_corrected_rdm(cells)
