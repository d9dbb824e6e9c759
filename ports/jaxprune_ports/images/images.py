"""Images of a folder, a file or an array, decoded one at a time when asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from jaxprune.base.paths import expanded

# Pillow clips these to 0..255 without a word.
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
# Formats whose further frames are previews or layers of the first.
LAYERED = ("MPO", "PSD")


class UnreadableImage(ValueError):
    """One image that cannot be decoded; the message names the file."""


@dataclass(frozen=True, eq=False)
class Images:
    """A sequence of images that are decoded when asked for.

    Attributes
    ----------
    source : str
        Where they are, for messages.
    names : tuple of str
        Path inside the folder, ``"face/a.png"``; ``"0"``, ``"1"``, ... for arrays.
    folders : tuple of str or None
        Top-level folder of every image, empty for those beside the folders; None if
        there are no folders.
    labels : tuple of str or None
        Labels found in the file, meant to be one for each image.
    reader : callable
        From the number of an image to a PIL image or uint8 array.
    files : tuple of Path
        One for each image, or the one that holds them all; empty for arrays in memory.
    left_out : tuple of str
        Files of the folder that are no images.
    empty : tuple of str
        Top-level folders without any image.
    kind : {"image", "text"}
        Texts are read as arrays of one text.
    """

    source: str
    names: tuple[str, ...]
    folders: tuple[str, ...] | None
    labels: tuple[str, ...] | None
    reader: Callable[[int], Any] = field(repr=False)
    files: tuple[Path, ...] = field(default=(), repr=False)
    left_out: tuple[str, ...] = field(default=(), repr=False)
    empty: tuple[str, ...] = field(default=(), repr=False)
    kind: str = "image"

    def __len__(self) -> int:
        return len(self.names)

    def read(self, i: int) -> Any:
        """Decode one image; a PIL image, or an array ``(H, W)`` or ``(H, W, 3)``.

        Raises
        ------
        UnreadableImage
            A ValueError that names the file, if it is broken or has gone.
        """
        try:
            return self.reader(i)
        except OSError as error:
            raise UnreadableImage(
                f"images: {self.names[i]} of {self.source} could not be read: {error}"
            ) from error

    def stamp(self, i: int) -> str:
        """Text that changes with an image: size and time of its file, or its hash."""
        if not self.files:
            return hashlib.sha256(np.asarray(self.read(i)).tobytes()).hexdigest()
        try:
            about = self.files[min(i, len(self.files) - 1)].stat()
        except OSError:
            return "absent"
        return f"{about.st_size} {about.st_mtime_ns}"


def open_image(path: str | PathLike[str]) -> Any:
    """Decode one image file with Pillow, as RGB; ValueError names a broken one.

    Transparency is dropped, as torchvision does.
    """
    from PIL import Image

    file = expanded(path)
    try:
        with Image.open(file) as image:
            if image.mode in DEEP_MODES:
                raise ValueError(
                    f"its pixels (mode {image.mode}) have more than 8 bits; save it "
                    "with 8"
                )
            frames = getattr(image, "n_frames", 1)
            if frames > 1 and image.format not in LAYERED:
                raise ValueError(
                    f"it holds {frames} images; save each as a file, or the "
                    "one that is meant"
                )
            if image.mode == "P" and "transparency" in image.info:
                image = image.convert("RGBA")  # the direct way makes Pillow warn
            return image.convert("RGB")
    except (FileNotFoundError, MemoryError):
        raise
    # Damaged files make Pillow's decoders raise whatever there is.
    except Exception as error:
        raise UnreadableImage(f"images: {file} could not be read: {error}") from error
