"""Out of memory on a device: half of the chunk, announced once."""

import warnings

import jax
import numpy as np
import pytest

import jaxprune as jp
from jaxprune.kernels import closed_form, masked

FULL = "RESOURCE_EXHAUSTED: Out of memory while trying to allocate 123 bytes."


@pytest.fixture
def layer():
    rng = np.random.default_rng(0)
    return rng.random((12, 3000), np.float32), rng.random(66)


def limited(kernel, size_of, limit, sizes):
    """A kernel for a device that takes no more than so many columns at a time."""

    def call(*args, **options):
        sizes.append(size_of(args, options))
        if sizes[-1] > limit:
            raise jax.errors.JaxRuntimeError(FULL)
        return kernel(*args, **options)

    return call


def test_a_full_device_gets_half_until_it_fits(layer, monkeypatch):
    x, t = layer
    expected = jp.leave_one_out(x, t)
    sizes = []
    monkeypatch.setattr(
        closed_form,
        "piece_sums",
        limited(closed_form.piece_sums, lambda a, o: a[0].shape[1], 1500, sizes),
    )
    with pytest.warns(RuntimeWarning, match="Out of memory on cpu") as caught:
        found = jp.leave_one_out(x, t, memory="512KiB")
    assert len(caught) == 1
    assert "memory=512 KiB" in str(caught[0].message)
    assert sizes[0] > 1500 >= max(sizes[-3:])
    np.testing.assert_allclose(
        found.importance, expected.importance, rtol=0, atol=1e-14
    )


def test_a_batch_size_is_halved_too(layer, monkeypatch):
    x, t = layer
    chosen = np.random.default_rng(1).random((40, 3000)) < 0.5
    expected = jp.score_masks(x, t, chosen)
    sizes = []
    monkeypatch.setattr(
        masked, "sums", limited(masked.sums, lambda a, o: len(a[3]), 10, sizes)
    )
    with pytest.warns(RuntimeWarning, match="trying again with half"):
        found = jp.score_masks(x, t, chosen, batch_size=40)
    assert sizes[:3] == [40, 20, 10]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


def test_a_device_that_others_fill_is_an_error(layer, monkeypatch):
    monkeypatch.setattr(
        closed_form,
        "piece_sums",
        limited(closed_form.piece_sums, lambda a, o: 1, 0, []),
    )
    with (
        pytest.warns(RuntimeWarning),
        pytest.raises(MemoryError, match="other programs may hold the rest"),
    ):
        jp.prune(*layer)


def test_any_other_failure_is_not_retried(layer, monkeypatch):
    def broken(*args, **options):
        raise jax.errors.JaxRuntimeError("INTERNAL: something else")

    monkeypatch.setattr(closed_form, "piece_sums", broken)
    with warnings.catch_warnings(), pytest.raises(RuntimeError, match="something else"):
        jp.prune(*layer)
