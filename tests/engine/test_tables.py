"""All that is registered is tried in every run: a new metric cannot go untested.

Most pairs of a metric and a comparison are slow. What the marks of the tests say of
every run is held here against the registries of the package.
"""

import pytest
import test_greedy
import test_leave_one_out
import test_noise_folds_counts as noise
import test_reintroduction
import test_score_masks

import jaxprune as jp
from jaxprune.comparisons import COMPARISONS
from jaxprune.engine.select import PATHS
from jaxprune.metrics import METRICS

# Each family of masks, and the tests that hold it against the slow reference.
ONE_LEFT_OUT = (
    test_leave_one_out.test_equals_column_deletion,
    noise.test_leave_one_out,
)
PREFIXES = (test_reintroduction.test_equals_reference, noise.test_prefixes)
SOME_PREFIXES = (
    test_reintroduction.test_sizes_equal_the_full_curve,
    noise.test_prefixes,
)
ANY_MASKS = (test_score_masks.test_equals_reference, noise.test_masks)
SEARCHES = (test_greedy.test_closed_form, test_greedy.test_any_metric_and_comparison)

families = pytest.mark.parametrize(
    "tests",
    [ONE_LEFT_OUT, PREFIXES, SOME_PREFIXES, ANY_MASKS],
    ids=["one left out", "prefixes", "some prefixes", "any masks"],
)


def tried(name, tests):
    """The values that a parameter of tests takes in every run."""
    found = set()
    for mark in (mark for test in tests for mark in test.pytestmark):
        names, values = mark.args
        names = names.split(", ") if isinstance(names, str) else names
        for value in values if name in names else ():
            if not any(one.name == "slow" for one in getattr(value, "marks", ())):
                of_value = getattr(value, "values", value)
                found.add(of_value[names.index(name)] if len(names) > 1 else of_value)
    return found


def metrics_tried(tests):
    with_noise = {noise.CASES[case][0] for case in tried("case", tests)}
    return tried("metric", tests) | with_noise


@families
def test_every_metric(tests):
    assert metrics_tried(tests) == set(METRICS)


@families
def test_every_comparison(tests):
    if tests is SOME_PREFIXES:  # their RDMs are compared as those of all prefixes are
        tests = PREFIXES
    assert tried("compare", tests) == set(COMPARISONS)


def test_every_path():
    assert tried("method", ONE_LEFT_OUT) == set(PATHS)
    assert set(noise.methods("mahalanobis", "pearson")) == set(PATHS)


def test_every_search():
    assert tried("search", SEARCHES) == {"backward", "forward"}
    closed = {m for m in METRICS if jp.select_path(m, "pearson") == "closed_form"}
    every = {case[1] for case in test_greedy.ALL} | {"mahalanobis"}
    assert every == closed
