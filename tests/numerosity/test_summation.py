"""The summation model against its formula, and what the study found with it."""

import numpy as np
import pytest

from jaxprune.numerosity.summation import summation_model

LEVELS = [1, 2, 4, 8, 16]


def test_shapes_and_counts():
    model = summation_model(LEVELS, n_runs=3, n_inputs=4, n_outputs=500)
    assert model.n_preferring.shape == (3, 5)
    assert model.curves.shape == (3, 5, 5)
    assert (model.n_preferring.sum(1) + model.n_silent == 500).all()
    np.testing.assert_allclose(model.share.sum(1), 1)
    # A curve peaks at the number that its outputs prefer.
    assert (np.nanargmax(model.curves[0], 1) == np.arange(5)).all()


def test_one_run_is_the_formula():
    model = summation_model(LEVELS, n_runs=2, n_inputs=3, n_outputs=50, seed=4)
    rng = np.random.default_rng([4, 1])
    log = np.log2(LEVELS)
    widths = [rng.normal(mean, 1.5, size=3) for mean in (1.94, 2.19)]
    weights = rng.normal(size=(2, 3, 50))
    response = np.zeros((5, 50))
    for kind, peak in enumerate((0, 4)):
        for i in range(3):
            curve = np.exp(-((log - peak) ** 2) / (2 * widths[kind][i] ** 2))
            response += curve[:, None] * weights[kind, i]
    response = np.maximum(response, 0)
    best = np.where(response.any(0), response.argmax(0), -1)
    assert model.n_preferring[1].tolist() == [int((best == g).sum()) for g in range(5)]
    of_first = weights[0][:, best == 0].mean()
    assert model.decreasing[1, 0] == pytest.approx(of_first)


def test_what_the_study_found():
    model = summation_model(n_runs=5, n_outputs=2000)
    share = model.share.mean(0)
    assert min(share[0], share[-1]) > 5 * share[6:9].max()
    bias = np.nanmean(model.decreasing - model.increasing, 0)
    assert bias[0] > 0.1 > 0 > -0.1 > bias[-1]


def test_seed():
    a, b = (summation_model(LEVELS, n_runs=2, n_outputs=50, seed=1) for _ in range(2))
    c = summation_model(LEVELS, n_runs=1, n_outputs=50, seed=2)
    np.testing.assert_array_equal(a.curves, b.curves)
    assert not np.array_equal(a.n_preferring[:1], c.n_preferring)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"levels": [0, 1, 2]}, "above 0"),
        ({"levels": [3]}, "two or more"),
        ({"n_runs": 0}, "n_runs=0"),
        ({"n_inputs": 0.5}, "n_inputs=0.5"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        summation_model(**{"n_runs": 1, **options})
