"""dot_arrays, dewind_train, park35 and one_to_ten: achieved against requested."""

import numpy as np
import pytest

from jaxprune.stimuli import (
    WHITE_ON_BLACK,
    DotParameters,
    dewind_train,
    dot_arrays,
    one_to_ten,
    park35,
)


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_arrays_have_the_size_and_spacing_asked_for(spread):
    stimuli = dot_arrays(2, spread=spread)
    table = stimuli.table
    size = table["numerosity"] * table["item_area"] ** 2
    spacing = table["field_area"] ** 2 / table["numerosity"]
    np.testing.assert_allclose(size, stimuli.levels("size"))
    np.testing.assert_allclose(spacing, stimuli.levels("spacing"))
    drawn = table["numerosity"] * table["rendered_item_area"] ** 2
    # One per cent of the area, which is squared here.
    np.testing.assert_allclose(drawn, stimuli.levels("size"), rtol=0.02)


def test_order_and_labels():
    stimuli = dot_arrays(1, numerosities=[4, 8], sizes=[2**14, 2**15], spacings=[2**22])
    assert stimuli.labels == (
        "n04_sz14.00_sp22.00",
        "n04_sz15.00_sp22.00",
        "n08_sz14.00_sp22.00",
        "n08_sz15.00_sp22.00",
    )
    assert stimuli.levels("size").tolist() == [2**14, 2**15] * 2


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"sizes": []}, r"sizes: expected one or more different levels, got \[\]"),
        ({"numerosities": [5, 5]}, r"numerosities: .* different levels, got \[5, 5\]"),
        ({"numerosities": [5.5]}, r"numerosities: expected whole numbers, got \[5.5\]"),
        ({"spacings": [-1]}, "spacing: expected a positive, finite number, got -1"),
        ({"spacings": [2**27]}, "spacings: 32 dots .* diameter 288.9.* 224 across"),
        (
            {"sizes": [2**21]},
            r"no room for 8 dots of diameter 25.53 to 25.53 in a circle of diameter "
            r"85.88 with a gap of 2: the dots alone would cover 71% of the field",
        ),
    ],
)
def test_impossible_requests_say_so_with_the_numbers(options, match):
    with pytest.raises(ValueError, match=match):
        dot_arrays(1, **options)


def test_classes_of_the_training_set_are_balanced():
    stimuli = dewind_train(n_instances=2)
    classes, counts = np.unique(stimuli.levels("numerosity"), return_counts=True)
    expected = np.round(6 * (29 / 6) ** (np.arange(10) / 9))
    np.testing.assert_array_equal(classes, expected)
    assert counts.tolist() == [2 * 5 * 5] * 10
    # Number is not correlated with size and spacing, and so cannot be told from them.
    logs = np.log(list(stimuli.factors.values()))
    np.testing.assert_allclose(np.corrcoef(logs), np.eye(3), atol=1e-12)
    assert stimuli.images.shape == (500, 200, 200)
    levels = np.unique(stimuli.factors["size"])
    np.testing.assert_allclose(levels[1:] / levels[:-1], 4 ** (1 / 4))
    assert levels[[0, -1]] == pytest.approx([2.6e5, 10.4e5])
    with pytest.raises(ValueError, match="n_levels: expected at least 1, got 0"):
        dewind_train(1, n_levels=0)


def test_park35_is_a_balanced_cube():
    stimuli = park35(n_instances=2)
    factors = stimuli.factors
    assert len(stimuli.labels) == 35
    numbers, counts = np.unique(factors["numerosity"], return_counts=True)
    assert numbers.tolist() == [5, 7, 10, 14, 20]
    assert counts.tolist() == [9, 4, 9, 4, 9]
    # Every axis spans two octaves, up to the rounding of 7 and 14.
    for name in ("numerosity", "size", "spacing"):
        octaves = np.ptp(np.log2(factors[name]))
        assert octaves == pytest.approx(2, abs=0.05), name
    assert factors["item_radius"].min() == pytest.approx(4.5)
    assert factors["item_radius"].max() == pytest.approx(9.0)
    assert factors["field_radius"].min() == pytest.approx(45.0)
    assert factors["field_radius"].max() == pytest.approx(90.0)
    # Balanced: the three axes do not correlate.
    logs = np.log([factors[name] for name in ("numerosity", "size", "spacing")])
    np.testing.assert_allclose(np.corrcoef(logs), np.eye(3), atol=0.02)
    item_area = np.pi * stimuli.levels("item_radius") ** 2
    np.testing.assert_allclose(stimuli.table["item_area"], item_area)
    assert set(np.unique(stimuli.images)) >= {0, 255}


def test_points_of_park35_agree_with_their_axes():
    factors = park35(n_instances=1).factors
    for values in zip(*factors.values(), strict=True):
        n, item_radius, field_radius, size, spacing = values
        point = DotParameters.from_radii(n, item_radius, field_radius)
        assert (point.size, point.spacing) == pytest.approx((size, spacing))


def test_one_to_ten_has_a_variant_with_constant_area():
    fixed = one_to_ten()
    assert fixed.images.shape == (800, 32, 32)
    assert fixed.factors["numerosity"].tolist() == list(range(1, 11))
    # Diameters of 3 to 5: the area of a dot does not depend on the number.
    mean = fixed.condition_means("item_area")
    expected = np.pi / 4 * (5**3 - 3**3) / (3 * 2)
    np.testing.assert_allclose(mean, expected, rtol=0.1)
    constant = one_to_ten(variant="constant_area").table
    np.testing.assert_allclose(constant["total_area"], 75, rtol=1e-12)
    drawn = constant["numerosity"] * constant["rendered_item_area"]
    np.testing.assert_allclose(drawn, 75, rtol=0.03)
    with pytest.raises(
        ValueError, match="variant: expected one of 'fixed_size', .*'x'"
    ):
        one_to_ten(1, variant="x")


def test_colours_can_be_chosen():
    assert dot_arrays(1, sizes=[2**15], colours=WHITE_ON_BLACK).images.min() == 0
