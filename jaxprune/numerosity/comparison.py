"""Number comparison: whether the second image shows more dots than the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base import checks
from ..plots.record import Record
from ._tasks import (
    Pair,
    as_split,
    as_task,
    classifier,
    gram,
    halves,
    image_pairs,
    rounded,
    whole,
)
from ._units import unit_indices


@dataclass(frozen=True, eq=False, repr=False)
class Congruency(Record):
    """Accuracy where number goes with another quantity, and where it goes against it.

    Attributes
    ----------
    congruent, incongruent : ndarray (n_draws,)
        Share of correct trials; NaN without such trials.
    """

    congruent: np.ndarray
    incongruent: np.ndarray


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonTrials(Record):
    """Every test trial of :func:`comparison_task`, and what was answered.

    Attributes
    ----------
    sample_image, test_image : ndarray of int (n_draws, n_trials)
        Rows of `responses`.
    sample, test : ndarray (n_draws, n_trials)
        Their numbers.
    chose_test : ndarray of bool (n_draws, n_trials)
        Whether the test image was taken to show more dots.
    units : ndarray of int (n_draws, n_units)
        Columns of `responses` that the answers were read from.
    """

    sample_image: np.ndarray
    test_image: np.ndarray
    sample: np.ndarray
    test: np.ndarray
    chose_test: np.ndarray
    units: np.ndarray

    @property
    def correct(self) -> np.ndarray:
        """Whether an answer is right, ``(n_draws, n_trials)``."""
        return self.chose_test == (self.test > self.sample)

    @property
    def accuracy(self) -> np.ndarray:
        """Share of right answers, ``(n_draws,)``; .5 is chance."""
        return self.correct.mean(1)

    def by_distance(self) -> tuple[np.ndarray, np.ndarray]:
        """Accuracy by numerical distance.

        Returns
        -------
        distance : ndarray (d,)
            ``|test - sample|``, ascending.
        accuracy : ndarray (n_draws, d)
            NaN where a draw has no trial at a distance.
        """
        between = np.abs(np.subtract(self.test, self.sample, dtype=np.float64))
        distance = np.unique(between)
        columns = [self._share(between == value) for value in distance]
        return distance, np.stack(columns, 1)

    def congruency(self, quantity: Any) -> Congruency:
        """Accuracy of pairs congruent and incongruent with another quantity.

        A pair is congruent if the image with more dots has more of the quantity too,
        and incongruent if it has less; pairs with equal amounts are neither.

        Parameters
        ----------
        quantity : array_like (n_images,)
            Such as total area, dot size or density. Where less is expected to look
            like more, as Kim et al. held of density, pass its negative.

        Raises
        ------
        ValueError
            If there is not one finite value for each image.
        """
        amount = checks.array_of("quantity", quantity, float)
        needed = 1 + max(self.sample_image.max(), self.test_image.max())
        if amount.ndim != 1 or len(amount) < needed or not np.isfinite(amount).all():
            raise ValueError(
                f"quantity has shape {amount.shape}; expected one finite number for "
                "each row of responses."
            )
        more = np.sign(amount[self.test_image] - amount[self.sample_image])
        agreement = more * np.where(self.test > self.sample, 1, -1)
        return Congruency(self._share(agreement > 0), self._share(agreement < 0))

    def _share(self, chosen: np.ndarray) -> np.ndarray:
        right, of = (self.correct & chosen).sum(1), chosen.sum(1)
        return np.divide(right, of, out=np.full(len(of), np.nan), where=of > 0)


def comparison_task(
    responses: Any,
    numerosity: Any,
    units: Any = None,
    *,
    train: Any = None,
    n_units: int | None = 256,
    n_draws: int = 10,
    n_pairs: int = 100,
    seed: int = 0,
) -> ComparisonTrials:
    r"""Compare the numbers of two images by a linear read-out of units.

    A pair is described by the responses to both images,
    :math:`[r(\text{sample}), r(\text{test})]`, and a linear support vector machine
    (C = 1) learns whether the test image shows more dots. It is trained on pairs of
    some images and tested on pairs of others.

    Parameters
    ----------
    responses : array_like (n_images, N)
        One row per image; pixels are responses too.
    numerosity : array_like (n_images,)
        Number of dots of each image.
    units : array_like, optional
        Indices or mask of the units to draw from, such as number detectors or,
        as a control, non-selective units. All by default.
    train : array_like of bool (n_images,), optional
        Images to train with; the others are for the test. By default a random half of
        the images of each number, the same in all draws.
    n_units : int or None, default=256
        Units drawn, without replacement; None for all of `units`.
    n_draws : int, default=10
        Draws of units, each with new pairs.
    n_pairs : int, default=100
        Pairs for each number shown as the sample, both to train and to test. The
        number of the test image is drawn uniformly from the other ones.
    seed : int, default=0
        Of images, units and pairs.

    Returns
    -------
    ComparisonTrials

    Raises
    ------
    ValueError
        Bad shapes, fewer units than are to be drawn, or a number without images to
        train or to test with.
    ImportError
        If scikit-learn is not installed.

    Notes
    -----
    Units are scaled to a standard deviation of 1 over the images trained with, so that
    C means the same in every layer. The paper used MATLAB's ``fitclinear``, which has
    the same loss and penalty, on responses as they are.

    References
    ----------
    .. [1] Kim, Jang, Baek, Song, Paik (2021). Visual number sense in untrained deep
       neural networks. Science Advances 7, eabd6127.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> number = np.repeat([1, 2, 4, 8], 10)
    >>> responses = np.log(number)[:, None] + 0.1 * rng.normal(size=(40, 5))
    >>> trials = comparison_task(responses, number, n_units=3, n_draws=2)
    >>> trials.accuracy
    array([1., 1.])
    """
    x, levels, level = as_task(responses, numerosity)
    candidates = _enough(unit_indices(units, x.shape[1]), n_units)
    whole("n_draws", n_draws)
    whole("n_pairs", n_pairs)
    split = as_split(train, level, 1)
    if split is None:
        split = halves(level, np.random.default_rng(seed))
    size = len(candidates) if n_units is None else n_units
    draws = []
    products = None
    for draw in range(n_draws):
        rng = np.random.default_rng([seed, draw])
        drawn = rng.choice(candidates, size, replace=False)
        if products is None or size < len(candidates):
            products = gram(x, drawn, scaled_by=split)
        taught = image_pairs(split, level, n_pairs, 0, rng)
        asked = image_pairs(~split, level, n_pairs, 0, rng)
        machine = classifier().fit(
            _kernel(products, taught, taught), level[taught[1]] > level[taught[0]]
        )
        chose_test = machine.predict(_kernel(products, asked, taught))
        numbers = levels[level[asked[0]]], levels[level[asked[1]]]
        draws.append((*asked, *numbers, chose_test, drawn))
    return ComparisonTrials(*map(np.stack, zip(*draws, strict=True)))


def _enough(candidates: np.ndarray, n_units: int | None) -> np.ndarray:
    wanted = 1 if n_units is None else whole("n_units", n_units)
    if len(candidates) < wanted:
        raise ValueError(
            f"units names {len(candidates)} units, but n_units={wanted} are to be "
            "drawn: expected at least as many. Pass a smaller n_units, or None to use "
            "all of them."
        )
    return candidates


def _kernel(products: np.ndarray, pairs: Pair, others: Pair) -> np.ndarray:
    """Inner products of ``[r(sample), r(test)]`` of pairs and other pairs."""
    (sample, test), (sample_2, test_2) = pairs, others
    return rounded(products[np.ix_(sample, sample_2)] + products[np.ix_(test, test_2)])
