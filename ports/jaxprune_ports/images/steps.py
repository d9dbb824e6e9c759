"""What is done with an image before a network sees it, as torchvision does it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
# What `normalise` stands for: nothing but values of 0..1, or ImageNet's mean and
# deviation.
AS_THEY_ARE: dict[str, Any] = {"scale": 1 / 255, "mean": (0, 0, 0), "std": (1, 1, 1)}
IMAGENET: dict[str, Any] = {
    "scale": 1 / 255,
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
}

# Pillow's names, in lower case.
INTERPOLATIONS = ("bilinear", "bicubic", "lanczos", "box", "hamming", "nearest")

LARGEST = sys.float_info.max

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class Preprocessing:
    """Resize, crop the centre, scale, subtract the mean, divide by the deviation.

    Pillow resizes 8-bit images with antialiasing, as torchvision's transforms of PIL
    images do; the rest is bit-identical to ``ToTensor`` and ``Normalize`` too.

    Attributes
    ----------
    size : int or None
        Of the shorter side in pixels; None leaves the size alone.
    crop : int or None
        Side of the square cut from the centre. None cuts nothing, and resizes to
        ``(size, size)`` whatever the proportions.
    scale : float
        Factor of the 8-bit values.
    mean, std : tuple of 3 float
        Of red, green and blue, in units of the scaled values.
    interpolation : {"bilinear", "bicubic", "lanczos", "box", "hamming", "nearest"}
        How images are resized.
    """

    size: int | None = 256
    crop: int | None = 224
    scale: float = 1 / 255
    mean: Channels = IMAGENET_MEAN
    std: Channels = IMAGENET_STD
    interpolation: str = "bilinear"

    def __post_init__(self) -> None:
        for name in ("size", "crop"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _pixels(name, value))
        for name in ("mean", "std"):
            object.__setattr__(self, name, _channels(name, getattr(self, name)))
        if self.interpolation not in INTERPOLATIONS:
            raise ValueError(
                f"interpolation: expected one of {', '.join(INTERPOLATIONS)}, got "
                f"{self.interpolation!r}"
            )
        if not is_number(self.scale):
            raise ValueError(
                f"scale: expected a number that is finite, got {self.scale!r}"
            )
        if self.scale <= 0 or min(self.std) <= 0:
            raise ValueError(
                "scale and std: expected positive numbers, got "
                f"{self.scale} and {self.std}"
            )
        # Numbers that are finite may be too large or too small for float32.
        levels = self._levels()
        if not np.isfinite(levels).all() or (levels[0] == levels[-1]).any():
            raise ValueError(
                "scale, mean and std: with float32 they make pixels infinite or all "
                f"the same, got {self.scale}, {self.mean} and {self.std}; give numbers "
                "nearer to 1"
            )

    def __call__(self, images: Iterable[Any]) -> np.ndarray:
        """Preprocess images.

        Parameters
        ----------
        images : iterable of PIL image, or of ndarray of uint8 (H, W) or (H, W, 3)

        Returns
        -------
        ndarray of float32 (n, h, w, 3)

        Raises
        ------
        ValueError
            If an image is not 8-bit, or they end up with different sizes.
        """
        pixels = [self.pixels(image) for image in images]
        shapes = {image.shape for image in pixels}
        if len(shapes) > 1:
            sizes = sorted(f"{width} x {height}" for height, width, _ in shapes)
            raise ValueError(
                f"images: they differ in size ({', '.join(sizes[:5])} pixels); give "
                "size, and crop if they differ in proportions"
            )
        return self.normalise(np.stack(pixels))

    def pixels(self, image: Any) -> np.ndarray:
        """Resize and crop one image; uint8 ``(h, w, 3)``, grey ones made RGB."""
        from PIL import Image

        if not isinstance(image, Image.Image):
            array = np.asarray(image)
            grey, colour = array.ndim == 2, array.ndim == 3 and array.shape[-1] == 3
            if array.dtype != np.uint8 or not (grey or colour):
                raise ValueError(
                    "images: expected uint8 of shape (n, height, width) or (n, height, "
                    f"width, 3), got {array.dtype} of shape (n, "
                    f"{', '.join(map(str, array.shape))}); convert to 8-bit, channels "
                    "last"
                )
            if array.size == 0:
                raise ValueError(
                    f"images: expected at least one pixel, got images of "
                    f"{array.shape[1]} x {array.shape[0]}"
                )
            if self._leaves(*array.shape[:2]):
                return array if colour else np.repeat(array[..., None], 3, -1)
            image = Image.fromarray(array)
        image = image.convert("RGB")
        if self.size is not None:
            image = self._resized(image)
        return np.asarray(image if self.crop is None else self._cropped(image))

    def normalise(self, pixels: np.ndarray) -> np.ndarray:
        """Scale and normalise uint8 ``(..., 3)``; float32."""
        levels = self._levels()
        out = np.empty(pixels.shape, np.float32)
        for c in range(3):
            out[..., c] = np.take(levels[:, c], pixels[..., c])
        return out

    def _levels(self) -> np.ndarray:
        """Value of every level of red, green and blue: there are only 256 of them."""
        # What is too large becomes infinite, and an error.
        with np.errstate(all="ignore"):
            scaled = np.arange(256, dtype=np.float32)[:, None]
            scaled = scaled / np.float32(1 / self.scale)
            return (scaled - _float32(self.mean)) / _float32(self.std)

    def _leaves(self, height: int, width: int) -> bool:
        """Whether an image of this size needs neither resizing nor cropping."""
        if self.crop is None:
            return self.size is None or height == width == self.size
        return (self.size is None or min(height, width) == self.size) and (
            height == width == self.crop
        )

    def _resized(self, image: Any) -> Any:
        from PIL import Image

        assert self.size is not None
        width, height = image.size
        if self.crop is None:
            new = (self.size, self.size)
        elif width <= height:
            new = (self.size, int(self.size * height / width))
        else:
            new = (int(self.size * width / height), self.size)
        if new == image.size:
            return image
        return image.resize(new, Image.Resampling[self.interpolation.upper()])

    def _cropped(self, image: Any) -> Any:
        assert self.crop is not None
        width, height = image.size
        # Pillow fills what lies outside of the image with zeros, as torchvision does.
        left, top = _offset(width, self.crop), _offset(height, self.crop)
        return image.crop((left, top, left + self.crop, top + self.crop))


def is_number(value: Any) -> bool:
    """Whether it is a finite real number, and no text or truth value.

    >>> is_number(0.5), is_number(float("nan")), is_number("0.5"), is_number(True)
    (True, False, False, False)
    """
    real = isinstance(value, int | float | np.integer | np.floating)
    # NaN is not below it, either.
    return real and not isinstance(value, bool) and bool(abs(value) <= LARGEST)


def _pixels(name: str, value: Any) -> int:
    if not is_number(value) or value != int(value) or value < 1:
        raise ValueError(
            f"{name}: expected a positive number of pixels or None, got {value!r}"
        )
    return int(value)


def _channels(name: str, values: Any) -> Channels:
    given = np.asarray(values, object).ravel().tolist()
    if len(given) != 3 or not all(map(is_number, given)):
        raise ValueError(
            f"{name}: expected 3 numbers (red, green, blue), none of them NaN or "
            f"infinite, got {values!r}"
        )
    red, green, blue = map(float, given)
    return red, green, blue


def _float32(values: Channels) -> np.ndarray:
    return np.asarray(values, np.float32)


def _offset(length: int, crop: int) -> int:
    """Where along a side the cut begins; negative outside of the image."""
    if crop <= length:
        return round((length - crop) / 2)
    # torchvision pads a small image, the odd pixel at the end, and then cuts nothing.
    return -((crop - length) // 2)


# RGB in 0..255 less the mean colour, without division: the VGG networks as they were
# published, for Caffe.
CAFFE = Preprocessing(224, None, 1.0, (123.68, 116.779, 103.939), (1.0, 1.0, 1.0))
