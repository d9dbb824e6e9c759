"""Images by path."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Any


def open_image(path: str | PathLike[str]) -> Any:
    """Decode one image file with Pillow, as RGB; ValueError names a broken one."""
    from PIL import Image

    file = Path(path).expanduser()
    try:
        with Image.open(file) as image:
            return image.convert("RGB")
    except FileNotFoundError:
        raise
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"images: {file} could not be read: {error}") from error
