"""Files of weights as PyTorch and safetensors write them, and what is taken for one."""

from __future__ import annotations

import hashlib
import pickle
import re
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

# Beginnings, in lower case, of files that were taken for weights, and what to do.
OTHERS = {
    b"version https://git-lfs": "is a pointer of git-lfs, in place of the weights; "
    "fetch them with `git lfs pull`",
    **dict.fromkeys(
        (b"<!doctype", b"<html", b"<?xml"),
        "is a web page, maybe of an error or a login, in place of the weights; "
        "download them again",
    ),
    b"\x1f\x8b\x08": "is compressed (gzip); unpack it first",
    b"\x89hdf": "is an HDF5 file, of Keras perhaps; expected weights of PyTorch",
}
ZIP = b"PK\x03\x04"


def read(path: Path) -> Mapping[str, Any]:
    """Content of a checkpoint file; errors as for :func:`from_torch`."""
    if not path.is_file():
        found = "is a folder" if path.is_dir() else "does not exist"
        raise FileNotFoundError(
            f"weights: {path} {found}; expected a .pth, .pt or .safetensors file"
        )
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            f"weights: {path} ends in {path.suffix or 'nothing'!r}; expected "
            f"{', '.join(READERS)}; rename it if that is what it holds (.pth.tar, say)"
        )
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise type(error)(
            f"weights: {path} cannot be read ({error.strerror})"
        ) from error
    if (other := _other(head, reader)) is not None:
        raise ValueError(f"weights: {path} {other}")
    content = reader(path)
    if not isinstance(content, Mapping):
        raise ValueError(
            f"weights: {path} holds a {type(content).__name__}, expected weights by "
            "name; save network.state_dict()"
        )
    return content


def _other(head: bytes, reader: Any) -> str | None:
    """What a file is that cannot hold weights, judging by its beginning."""
    for begin, what in OTHERS.items():
        if head.lstrip().lower().startswith(begin):
            return what
    # Eight bytes say how long the JSON is that comes first.
    if reader is _read_torch and head[8:9] == b"{" and head[6:8] == b"\0\0":
        return "is a safetensors file by its content; rename it to .safetensors"
    if reader is _read_safetensors and head.startswith(ZIP):
        return "is a file of PyTorch by its content; rename it to .pth"
    return None


def _read_torch(path: Path) -> Any:
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            f"weights: reading {path} needs PyTorch; install jaxprune[torch], convert "
            "it to .safetensors, or pass a mapping of names to arrays"
        ) from error
    if _is_torchscript(path):
        raise ValueError(
            f"weights: {path} is a TorchScript program, expected weights; in Python, "
            "save torch.jit.load(FILE).state_dict() with torch.save"
        )
    try:
        with (
            warnings.catch_warnings(),
            torch.serialization.safe_globals(SCALARS),
            # A damaged sparse tensor would end the process when it is made dense.
            torch.sparse.check_sparse_tensor_invariants(),
        ):
            # It warns of its own plans, and of pickles that others wrote.
            warnings.simplefilter("ignore")
            return torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    # Damaged pickles make it raise whatever there is.
    except Exception as error:
        raise ValueError(f"weights: {path} {_reason(error, path)}") from error


def _is_torchscript(path: Path) -> bool:
    # What is damaged is said by whoever reads it.
    with suppress(Exception), ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())
    return False


class _Kind:
    """What a pickle takes for ``numpy.dtype``, which may crash on a damaged one."""

    def __init__(self, name: str, *flags: bool):
        del flags  # of alignment and copying
        self.dtype = np.dtype(name)

    def __setstate__(self, state: tuple[Any, ...]):
        self.dtype = self.dtype.newbyteorder(state[1])


def _scalar(kind: _Kind, content: bytes) -> Any:
    """What a pickle takes for the function that makes NumPy's scalars."""
    return np.frombuffer(content, kind.dtype)[0]


# Trainings save scores and the like with the weights. The names are NumPy 1's and 2's.
SCALARS = [
    (_Kind, "numpy.dtype"),
    (_scalar, "numpy.core.multiarray.scalar"),
    (_scalar, "numpy._core.multiarray.scalar"),
]


def _reason(error: Exception, path: Path) -> str:
    """Why PyTorch could not read a file; its own words are about its own options."""
    found = re.search(r"GLOBAL ([\w.]+)|but got <class '([\w.]+)'>", str(error))
    if isinstance(error, pickle.UnpicklingError) and found:
        name = found[1] or found[2]
        if name.startswith("numpy."):
            name = "arrays of NumPy"
        return (
            f"holds Python objects ({name}) with the weights, or a "
            "whole network, which would run code when they are read; save its "
            "state_dict() alone with torch.save"
        )
    return _unread(path, "file of torch.save")


def _unread(path: Path, kind: str) -> str:
    what = f"is damaged, or no {kind}" if path.stat().st_size else "is empty"
    return f"could not be read; is it complete? It {what}; copy or download it again"


def _read_safetensors(path: Path) -> Any:
    from safetensors import SafetensorError, safe_open

    content = {}
    try:
        with safe_open(path, framework="flax") as file:
            for key in file.keys():  # noqa: SIM118 - it is no mapping
                try:
                    content[key] = file.get_tensor(key)
                # A type that NumPy has not got, of 8 bits say.
                except (AttributeError, TypeError) as error:
                    kind = file.get_slice(key).get_dtype()
                    raise ValueError(
                        f"weights: {key} of {path} has values of type {kind}, which "
                        "cannot be read; save it as float32"
                    ) from error
    except SafetensorError as error:
        raise ValueError(
            f"weights: {path} {_unread(path, 'safetensors file')}"
        ) from error
    return content


READERS = {
    ".pth": _read_torch,
    ".pt": _read_torch,
    ".safetensors": _read_safetensors,
}


def sha256(path: Path) -> str:
    """Hash of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
