"""One scan, or blocks side by side in threads: the same numbers."""

import time

import numpy as np
import pytest

import jaxprune as jp
from jaxprune.engine.closed_form import _block_tasks
from jaxprune.execution.budget import bucket
from jaxprune.execution.devices import ComputeDevice
from jaxprune.execution.run import run


@pytest.fixture
def with_workers(monkeypatch):
    def call(workers, function, *args, **options):
        monkeypatch.setattr(ComputeDevice, "workers", property(lambda self: workers))
        return function(*args, **options)

    return call


@pytest.mark.parametrize(
    ("metric", "compare"),
    [
        ("correlation", "pearson"),
        ("euclidean", "spearman"),
        pytest.param("cosine", "pearson", marks=pytest.mark.slow),
        pytest.param("correlation", "spearman", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_curve_in_blocks_is_that_of_one_scan(
    features, targets, with_workers, kind, metric, compare
):
    x, t = features(kind), targets()
    options = {"metric": metric, "compare": compare, "batch_size": 2}
    order = np.random.default_rng(0).permutation(24)
    one = with_workers(1, jp.reintroduce, x, t, order, **options).curve
    for workers in (2, 5, 100):
        blocks = with_workers(workers, jp.reintroduce, x, t, order, **options).curve
        np.testing.assert_allclose(blocks, one, rtol=0, atol=1e-13)


@pytest.mark.parametrize("compare", ["pearson", "spearman"])
def test_importance_in_threads_is_that_of_one(features, targets, with_workers, compare):
    x, t = features("sparse"), targets()
    options = {"compare": compare, "batch_size": 5}
    one = with_workers(1, jp.leave_one_out, x, t, **options).importance
    three = with_workers(3, jp.leave_one_out, x, t, **options).importance
    np.testing.assert_allclose(three, one, rtol=0, atol=1e-15)


@pytest.mark.parametrize("n_units", [1, 7, 64, 65, 129, 4096, 100_000])
@pytest.mark.parametrize("block", [1, 64])
@pytest.mark.parametrize("workers", [1, 2, 7])
def test_tasks_cover_every_unit_in_equal_parts(n_units, block, workers):
    width = bucket(n_units)
    block = min(block, width)
    tasks = _block_tasks(n_units, width, block, workers)
    covered = np.zeros(width, bool)
    for start in np.concatenate(tasks):
        # What begins after the last unit is not computed.
        if start < n_units:
            assert 0 <= start <= width - block
            covered[start : start + block] = True
    assert covered[:n_units].all()
    assert len({len(task) for task in tasks}) == 1
    computed = [(task < n_units).sum() for task in tasks]
    assert np.ptp(computed) <= 1


def test_an_error_stops_the_other_threads():
    begun, ended = set(), set()

    def task(item):
        begun.add(item)
        if item == 0:
            raise RuntimeError("broken")
        # A minute if nobody stops it: the error has to come from item 0, at once.
        for _ in range(60_000):
            time.sleep(0.001)
            yield 1
        ended.add(item)

    with pytest.raises(RuntimeError, match="broken"):
        run(task, range(50), workers=2)
    # Two threads: at most two others had begun, and neither ran to its end.
    assert begun <= {0, 1, 2}
    assert not ended


def test_progress_counts_every_unit_once(features, targets, monkeypatch):
    done = {}

    class Bar:
        def __init__(self, total, desc, **options):
            self.name, done[desc] = desc, [0, total]

        def update(self, units):
            done[self.name][0] += units

        def close(self):
            pass

    monkeypatch.setattr("tqdm.auto.tqdm", Bar)
    x, t = features("dense"), targets()
    jp.prune(x, t, compare="spearman", batch_size=7, progress=True)
    jp.score_masks(x, t, np.eye(24)[:10], metric="cosine", batch_size=4, progress=True)
    assert done == {
        "importance": [24, 24],
        "reintroduction": [24, 24],
        "masks": [10, 10],
    }
