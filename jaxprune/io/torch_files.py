"""Tensors that PyTorch saved, read without running any code of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .entries import Entry, no_labels_in, pick, reading
from .labelled import InputError, Labelled


def read_pt(path: Path, key: str | None, labels: str | None = None) -> Labelled:
    """Read a tensor, or one of a mapping of names to tensors, and its labels.

    Parameters
    ----------
    path : Path
        What ``torch.save`` wrote of tensors and lists of text. Other objects are not
        unpickled: that would run whatever code they hold.
    key, labels : str or None
        See `~.entries.pick`.

    Raises
    ------
    InputError
        If the file is damaged or holds other objects, or the key is missing or unknown.
    ImportError
        If torch is not installed.
    """
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            f"reading {path} needs torch: pip install torch. Or save it as .npy: "
            "np.save('features.npy', tensor.numpy())."
        ) from error
    with reading(path):
        content = torch.load(path, map_location="cpu", weights_only=True)
    if not isinstance(content, dict):
        if key is not None:
            raise InputError(
                f"{path}: key {key!r} was given, but this is one tensor without a "
                "name; leave the key out."
            )
        no_labels_in(path, labels)
        return Labelled(_array(content), None, str(path))
    entries = {str(name): Entry.of(_array(value)) for name, value in content.items()}
    return pick(entries, key, path, labels)


def _array(value: Any) -> np.ndarray:
    """An array of NumPy; bfloat16, which it does not know, as float32."""
    if hasattr(value, "detach"):
        value = value.detach()
        value = (value.float() if "bfloat16" in str(value.dtype) else value).numpy()
    return np.asarray(value) if not isinstance(value, dict) else np.array(value)
