"""What is missing, masked or of another kind, in the functions beside the engine."""

import re
import warnings

import numpy as np
import pytest

import jaxprune as jp
import jaxprune.inference as inf
import jaxprune.numerosity as nu
from jaxprune.stimuli.designs import karami32

RNG = np.random.default_rng(1)
NUMBER = np.repeat([1, 2, 3, 4], 6)
SIZE = np.tile([1.0, 2.0], 12)
RESPONSES = RNG.normal(size=(24, 5)) + NUMBER[:, None]
X, TARGET = RNG.normal(size=(12, 20)), RNG.random(66)
FEW = {"n_draws": 1, "n_pairs": 3}
OF_RESPONSES = {
    "anova": lambda r, n: nu.anova(r, {"numerosity": n, "size": SIZE}),
    "detectors": lambda r, n: nu.detectors(r, {"numerosity": n, "size": SIZE}),
    "comparison_task": lambda r, n: nu.comparison_task(r, n, n_units=3, **FEW),
    "match_to_sample": lambda r, n: nu.match_to_sample(r, n, n_pairs=3, n_repeats=1),
    "monotonic_units": lambda r, n: nu.monotonic_units(r, n, SIZE),
}
BAD_RESPONSES = {
    "NaN": np.where(RESPONSES.max() == RESPONSES, np.nan, RESPONSES),
    "masked": np.ma.masked_less(RESPONSES, 1),
    "text": RESPONSES.astype(str),
    "one axis": RESPONSES[:, 0],
    "too few": RESPONSES[:5],
    "ragged": [[1.0, 2.0], [1.0]],
}
BAD_NUMBERS = {
    "NaN": np.where(NUMBER == 1, np.nan, NUMBER),
    "None": np.where(NUMBER == 1, None, NUMBER),
    "infinite": np.where(NUMBER == 1, np.inf, NUMBER),
    "masked": np.ma.masked_equal(NUMBER, 1),
    "too few": NUMBER[:5],
}


def refused(names, function, *args, **options):
    """A ValueError that names one of these, in words of ours; and no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=names) as caught:
            function(*args, **options)
    assert not re.search("could not convert|inhomogeneous|ufunc|<'", str(caught.value))


@pytest.mark.parametrize("name", OF_RESPONSES)
@pytest.mark.parametrize("bad", BAD_RESPONSES)
def test_responses(name, bad):
    function = OF_RESPONSES[name]
    refused("responses|numerosity", function, BAD_RESPONSES[bad], NUMBER)


@pytest.mark.parametrize("name", OF_RESPONSES)
@pytest.mark.parametrize("bad", BAD_NUMBERS)
def test_numbers(name, bad):
    refused("numerosity", OF_RESPONSES[name], RESPONSES, BAD_NUMBERS[bad])


GROUPS = np.repeat([1, 2, 3], 4)
MASKED = np.ma.masked_equal(np.arange(20), 3)
CALLS = {
    "groups with None": (
        "condition_groups",
        inf.cross_validate,
        {"condition_groups": [None, *GROUPS[1:]]},
    ),
    "groups with NaN": (
        "condition_groups",
        inf.cross_validate,
        {"condition_groups": [np.nan] * 12},
    ),
    "masked groups": (
        "condition_groups",
        inf.cross_validate,
        {"condition_groups": np.ma.masked_equal(GROUPS, 1)},
    ),
    "NaN subjects": ("subjects", inf.cross_validate, {"subjects": [np.nan]}),
    "NaN folds": ("n_folds", inf.cross_validate, {"n_folds": np.nan}),
    "negative seed": ("seed", inf.cross_validate, {"seed": -1}),
    "half a seed": ("seed", inf.permutation_test, {"n_permutations": 2, "seed": 2.5}),
    "masked by": ("by", jp.keep_lowest, {"by": MASKED}),
    "NaN by": ("by", jp.keep_lowest, {"by": np.full(20, np.nan)}),
    "masked order": ("order", jp.reintroduce, {"order": MASKED}),
    "masked masks": ("masks", jp.score_masks, {"masks": MASKED[None] > 0}),
    "NaN masks": ("masks", jp.score_masks, {"masks": np.full((1, 20), np.nan)}),
    "masked sizes": ("sizes", jp.keep_lowest, {"sizes": MASKED}),
}


@pytest.mark.parametrize("name", CALLS)
def test_other_arguments(name):
    names, function, options = CALLS[name]
    refused(names, function, X, TARGET, **options)


@pytest.mark.parametrize(
    ("name", "value"),
    [("size", np.nan), ("size", 0), ("seed", -1), ("seed", 2.5), ("n_instances", 0)],
)
def test_stimuli(name, value):
    refused(name, karami32, **{"n_instances": 1, name: value})


def test_rest():
    mask = np.ma.masked_equal(np.ones((12, 20)), 0)
    refused("features", jp.percentage_of_zeros, np.ma.masked_greater(X, 1))
    refused("noise", jp.rdm, X, "mahalanobis", noise=mask[0] + 1)
    refused("rdms", inf.bootstrap, {"a": np.ma.masked_greater(TARGET, 0.9)}, TARGET)
    refused("rdms", inf.bootstrap, {"a": "rdm.npy"}, TARGET)
    refused("first", inf.overlap, [0, np.nan], [1, 2], 20)
    refused("confidence", inf.bootstrap, {"a": TARGET}, TARGET, confidence=np.nan)
    refused("chose_right", nu.weber_fraction, NUMBER, NUMBER + 1, NUMBER)
