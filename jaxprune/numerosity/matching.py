"""Match-to-sample: whether two images show the same number of dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

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
class MatchTrials(Record):
    """Every test trial of :func:`match_to_sample`, and what was answered.

    Attributes
    ----------
    levels : ndarray (k,)
        The numbers shown, ascending.
    sample, test : ndarray (n_repeats, n_trials)
        Numbers of the two images.
    said_same : ndarray of bool (n_repeats, n_trials)
    """

    levels: np.ndarray
    sample: np.ndarray
    test: np.ndarray
    said_same: np.ndarray

    @property
    def correct(self) -> np.ndarray:
        """Whether an answer is right, ``(n_repeats, n_trials)``."""
        return self.said_same == (self.sample == self.test)

    @property
    def accuracy(self) -> np.ndarray:
        """Share of right answers, ``(n_repeats,)``; .5 is chance."""
        return self.correct.mean(1)

    @property
    def performance(self) -> np.ndarray:
        """Share of "same" by sample and test number, ``(k, k)``, over all repetitions.

        A row is a performance curve: it peaks at its own number, and by Weber's law
        it is wider for larger numbers. NaN without trials.
        """
        k = len(self.levels)
        sides = (self.sample.ravel(), self.test.ravel())
        cell = np.ravel_multi_index(
            tuple(np.searchsorted(self.levels, side) for side in sides), (k, k)
        )
        same = np.bincount(cell, self.said_same.ravel(), k * k)
        of = np.bincount(cell, minlength=k * k)
        shares = np.divide(same, of, out=np.full(k * k, np.nan), where=of > 0)
        return shares.reshape(k, k)


@dataclass(frozen=True, eq=False, repr=False)
class Silencing(Record):
    """Match-to-sample with all units, and without some.

    Attributes
    ----------
    intact, silenced, control : MatchTrials
        With all units; with the selective ones silent; with as many others silent.
    control_units : ndarray of int
        Those others.
    """

    intact: MatchTrials
    silenced: MatchTrials
    control: MatchTrials
    control_units: np.ndarray


def match_to_sample(
    responses: Any,
    numerosity: Any,
    units: Any = None,
    *,
    silenced: Any = (),
    train: Any = None,
    n_pairs: int = 100,
    n_repeats: int = 50,
    seed: int = 0,
) -> MatchTrials:
    r"""Tell whether two images show the same number, from a difference of responses.

    A pair is described by :math:`d = r(\text{sample}) - r(\text{test})`, and a support
    vector machine (C = 1) with the kernel

    .. math:: K(d, d') = \exp(-\gamma \lVert d - d' \rVert^2), \quad
              \gamma = 1 / \langle \lVert d \rVert^2 \rangle

    learns from pairs of some images to tell pairs of others. Half of all pairs match:
    one number in two different images. (This is the ``"scale"`` of scikit-learn, with
    differences that are zero on average, as those of pairs in random order are.)

    Parameters
    ----------
    responses : array_like (n_images, N)
        One row per image.
    numerosity : array_like (n_images,)
        Number of dots of each image.
    units : array_like, optional
        Indices or mask of the units to read from; all by default.
    silenced : array_like, optional
        Indices or mask of units whose responses are 0 in the test, after training
        with them intact.
    train : array_like of bool (n_images,), optional
        Images to train with; the others are for the test. By default a random half of
        the images of each number, a new one in every repetition.
    n_pairs : int, default=100
        Pairs for each number shown as the sample, both to train and to test. In pairs
        that do not match, the other number is drawn uniformly.
    n_repeats : int, default=50
        Repetitions, each with new pairs.
    seed : int, default=0
        Of images and pairs.

    Returns
    -------
    MatchTrials

    Raises
    ------
    ValueError
        Bad shapes, no units, or a number with fewer than 2 images to train or to test.
    ImportError
        If scikit-learn is not installed.

    References
    ----------
    .. [1] Nasr, Viswanathan, Nieder (2019). Number detectors spontaneously emerge in
       a deep neural network trained for visual object recognition. Science Advances 5,
       eaav7903.
    .. [2] Nasr, Nieder (2021). Spontaneous representation of numerosity zero in a
       deep neural network for visual object recognition. iScience 24, 103301.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> number = np.repeat([1, 2, 4, 8], 10)
    >>> responses = np.log(number)[:, None] + 0.01 * rng.normal(size=(40, 5))
    >>> trials = match_to_sample(responses, number, n_repeats=2)
    >>> trials.accuracy
    array([1., 1.])
    >>> trials.performance.shape
    (4, 4)
    """
    x, levels, level = as_task(responses, numerosity)
    read = unit_indices(units, x.shape[1])
    if not len(read):
        raise ValueError("units names no unit; expected at least one to read from.")
    given = as_split(train, level, 2)
    whole("n_pairs", n_pairs, 2)
    whole("n_repeats", n_repeats)
    heard = np.setdiff1d(read, unit_indices(silenced, x.shape[1]))
    products = gram(x, read)
    left = products if len(heard) == len(read) else gram(x, heard)
    repeats = []
    for repeat in range(n_repeats):
        rng = np.random.default_rng([seed, repeat])
        split = halves(level, rng) if given is None else given
        taught = image_pairs(split, level, n_pairs, 0.5, rng)
        asked = image_pairs(~split, level, n_pairs, 0.5, rng)
        said_same = _answers(products, left, taught, asked, level)
        repeats.append((*(levels[level[side]] for side in asked), said_same))
    return MatchTrials(levels, *map(np.stack, zip(*repeats, strict=True)))


def silencing_test(
    responses: Any,
    numerosity: Any,
    selective: Any,
    units: Any = None,
    *,
    train: Any = None,
    n_pairs: int = 100,
    n_repeats: int = 50,
    seed: int = 0,
) -> Silencing:
    """Match-to-sample after silencing selective units, and after as many others.

    All three runs are trained on the same pairs with all units, and tested on the same
    pairs.

    Parameters
    ----------
    responses, numerosity, units, train, n_pairs, n_repeats, seed
        As in :func:`match_to_sample`; `seed` also draws the others.
    selective : array_like
        Indices or mask of the units to silence; those not in `units` have no part.

    Returns
    -------
    Silencing

    Raises
    ------
    ValueError
        If there are fewer others than selective units, or as in
        :func:`match_to_sample`.
    ImportError
        If scikit-learn is not installed.

    References
    ----------
    .. [1] Nasr, Nieder (2021). Spontaneous representation of numerosity zero in a
       deep neural network for visual object recognition. iScience 24, 103301.
    """
    n_units = as_task(responses, numerosity)[0].shape[1]
    read = unit_indices(units, n_units)
    silent = np.intersect1d(read, unit_indices(selective, n_units))
    others = np.setdiff1d(read, silent)
    if not 0 < len(silent) <= len(others):
        raise ValueError(
            f"selective names {len(silent)} of the {len(read)} units, which leaves "
            f"{len(others)} others; expected at least one, and as many others to "
            "silence in their place."
        )
    control = np.random.default_rng(seed).choice(others, len(silent), replace=False)
    intact, silenced, controlled = (
        match_to_sample(
            responses,
            numerosity,
            read,
            silenced=without,
            train=train,
            n_pairs=n_pairs,
            n_repeats=n_repeats,
            seed=seed,
        )
        for without in ((), silent, control)
    )
    return Silencing(intact, silenced, controlled, np.sort(control))


def _answers(
    products: np.ndarray,
    left: np.ndarray,
    taught: Pair,
    asked: Pair,
    level: np.ndarray,
) -> np.ndarray:
    """Answers to the pairs asked, of which only some units are left."""
    lengths = _lengths(products, taught)
    # All differences are zero where no unit responds: then any scale will do.
    gamma = 1 / max(lengths.mean(), np.finfo(float).tiny)

    def kernel(own: np.ndarray, dots: np.ndarray) -> np.ndarray:
        distances = np.maximum(own[:, None] + lengths - 2 * dots, 0)
        return rounded(np.exp(-gamma * distances))

    learned = kernel(lengths, _dots(products, taught, taught))
    machine = classifier().fit(learned, level[taught[0]] == level[taught[1]])
    return machine.predict(kernel(_lengths(left, asked), _dots(left, asked, taught)))


def _dots(products: np.ndarray, pairs: Pair, others: Pair) -> np.ndarray:
    """Inner products of the differences of pairs and of other pairs."""
    differences = products[pairs[0]] - products[pairs[1]]
    return differences[:, others[0]] - differences[:, others[1]]


def _lengths(products: np.ndarray, pairs: Pair) -> np.ndarray:
    """Squared lengths of the differences of pairs."""
    first, second = pairs
    own = np.diagonal(products)
    return own[first] + own[second] - 2 * products[first, second]
