"""What torchvision's transforms of PIL images do, without torch."""

import numpy as np
import pytest
from PIL import Image

import jaxprune_ports as jpp

MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(0)


def photograph(rng, height, width):
    """Smooth structure and noise; every level occurs."""
    y, x = np.mgrid[:height, :width] / max(height, width)
    waves = [np.sin(9 * x + k) * np.cos(7 * y - k) for k in range(3)]
    pixels = 127 + 100 * np.stack(waves, -1) + rng.normal(0, 20, (height, width, 3))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def theirs(torchvision, image, size, crop):
    transforms = torchvision.transforms
    resize = (size, size) if crop is None else size
    steps = [] if size is None else [transforms.Resize(resize)]
    steps += [] if crop is None else [transforms.CenterCrop(crop)]
    steps += [transforms.ToTensor(), transforms.Normalize(MEAN.tolist(), STD.tolist())]
    return transforms.Compose(steps)(Image.fromarray(image)).permute(1, 2, 0).numpy()


# Portrait, landscape, square, smaller than the target, odd differences, and a crop
# larger than the image along one side and along both.
@pytest.mark.parametrize("shape", [(175, 175), (333, 250), (250, 401), (31, 40)])
@pytest.mark.parametrize(
    ("size", "crop"),
    [(256, 224), (224, None), (64, 37), (33, 64), (None, 50), (None, 201), (175, 175)],
)
def test_bit_identical_to_torchvision(torchvision, rng, shape, size, crop):
    image = photograph(rng, *shape)
    ours = jpp.preprocess(image[None], size=size, crop=crop)
    np.testing.assert_array_equal(ours[0], theirs(torchvision, image, size, crop))


def test_defaults_are_those_of_imagenet_or_of_the_network(torchvision, rng):
    image = photograph(rng, 300, 260)
    expected = theirs(torchvision, image, 256, 224)
    for network in (None, "cornet_z"):
        ours = jpp.preprocess(image[None], network)
        assert ours.shape == (1, 224, 224, 3)
        assert ours.dtype == np.float32
        np.testing.assert_array_equal(ours[0], expected)


def test_left_alone_and_grey():
    images = np.random.default_rng(0).integers(0, 256, (2, 5, 7), np.uint8)
    grey = jpp.preprocess(images, size=None, crop=None)
    np.testing.assert_array_equal(
        grey, (images[..., None] / np.float32(255) - MEAN) / STD
    )
    colour = np.repeat(images[..., None], 3, -1)
    np.testing.assert_array_equal(grey, jpp.preprocess(colour, size=None, crop=None))
    unnormalised = jpp.preprocess(
        images, size=None, crop=None, mean=(0, 0, 0), std=(1, 1, 1)
    )
    np.testing.assert_array_equal(
        unnormalised[..., 1], (images / np.float32(255)).astype(np.float32)
    )


def test_caffe_style_subtracts_a_mean_and_does_not_divide(rng):
    image = photograph(rng, 175, 175)
    mean = np.float32([123.68, 116.779, 103.939])
    resized = Image.fromarray(image).resize((224, 224), Image.Resampling.BILINEAR)
    expected = np.asarray(resized, np.float32) - mean
    by_hand = jpp.preprocess(
        image[None], size=224, crop=None, scale=1.0, mean=mean, std=(1, 1, 1)
    )
    np.testing.assert_array_equal(by_hand[0], expected)
    np.testing.assert_array_equal(jpp.CAFFE([image])[0], expected)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_files_of_every_mode(tmp_path, rng, mode):
    images = [Image.fromarray(photograph(rng, 40, 50)).convert(mode) for _ in range(2)]
    paths = [tmp_path / f"{i}.png" for i in range(2)]
    for image, path in zip(images, paths, strict=True):
        image.save(path)
    arrays = np.stack([np.asarray(image.convert("RGB")) for image in images])
    expected = jpp.preprocess(arrays, size=32, crop=None)
    np.testing.assert_array_equal(jpp.preprocess(paths, size=32, crop=None), expected)
    np.testing.assert_array_equal(
        jpp.preprocess(str(paths[1]), size=32, crop=None), expected[1:]
    )


def test_files_of_different_sizes(tmp_path, rng):
    paths = []
    for i, shape in enumerate([(40, 50), (50, 40)]):
        paths.append(tmp_path / f"{i}.png")
        Image.fromarray(photograph(rng, *shape)).save(paths[-1])
    assert jpp.preprocess(paths, size=32, crop=32).shape == (2, 32, 32, 3)
    with pytest.raises(ValueError, match=r"differ in size \(40 x 50, 50 x 40 pixels\)"):
        jpp.preprocess(paths, size=None, crop=None)


@pytest.mark.parametrize(
    ("images", "options", "match"),
    [
        (np.zeros((2, 5, 5)), {}, "expected uint8 of shape"),
        (np.zeros((2, 3, 5, 5), np.uint8), {}, "channels last"),
        (np.zeros((5, 5), np.uint8), {}, r"got uint8 of shape \(5, 5\)"),
        (np.zeros((0, 5, 5), np.uint8), {}, "at least one image"),
        ([], {}, "at least one image"),
        (np.zeros((1, 5, 5), np.uint8), {"size": 0}, "size: expected a positive"),
        (np.zeros((1, 5, 5), np.uint8), {"crop": 2.5}, "crop: expected a positive"),
        (np.zeros((1, 5, 5), np.uint8), {"mean": (1, 2)}, "mean: expected 3 numbers"),
        (np.zeros((1, 5, 5), np.uint8), {"std": (1, 0, 1)}, "expected positive"),
        (np.zeros((1, 5, 5), np.uint8), {"scale": -1}, "expected positive"),
        *(
            (np.zeros((1, 5, 5), np.uint8), {name: value}, f"{name}.*: expected")
            for name, value in [
                ("mean", (np.nan, 0, 0)),
                ("mean", 0.5),
                ("std", (1, np.inf, 1)),
                ("std", ("1", "1", "1")),
                ("scale", np.inf),
                ("scale", np.nan),
                ("scale", 10**400),
                ("size", np.nan),
                ("size", "64"),
                ("crop", np.inf),
                ("crop", True),
            ]
        ),
        (np.zeros((1, 5, 5), np.uint8), {"scale": 1e300}, "pixels infinite or all"),
        (np.zeros((1, 5, 5), np.uint8), {"scale": 1e-300}, "pixels infinite or all"),
        (np.zeros((1, 5, 5), np.uint8), {"std": (1, 1, 1e39)}, "infinite or all"),
        (np.zeros((1, 5, 5), np.uint8), {"mean": (1e300, 0, 0)}, "infinite or all"),
        (np.zeros((1, 0, 5), np.uint8), {}, "one pixel, got images of 5 x 0"),
        (np.zeros((1, 5, 5), np.uint8), {"network": "vgg"}, "'vgg' is not known"),
    ],
)
def test_errors(images, options, match):
    with pytest.raises(ValueError, match=match):
        jpp.preprocess(images, **options)
