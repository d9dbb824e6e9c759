"""Converted networks on disk: an orbax checkpoint, and a manifest beside it."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from jaxprune.base.paths import expanded
from jaxprune.io.labelled import some

from ..networks.network import Network, Source
from ..networks.registry import find
from .convert import fill, torch_name
from .files import sha256

MANIFEST, WEIGHTS, DRAFT = "manifest.json", "weights", ".draft"
# Of the files below; raised when they change in a way that old readers would misread.
FORMAT = 1


def save(net: Network, directory: str | PathLike[str]) -> Path:
    """Save a network.

    Parameters
    ----------
    net : Network
        Made by :func:`create`, :func:`from_torch` or :func:`load`.
    directory : path
        Made if it does not exist. A network saved there earlier is replaced.

    Returns
    -------
    Path
        The folder: ``weights/`` (orbax) and ``manifest.json`` (network, layers, where
        the weights come from with their sha256, versions).

    Raises
    ------
    FileExistsError
        If the folder holds something else than a saved network.
    TypeError, ValueError
        If `net` is no network of the registry.

    Examples
    --------
    >>> import tempfile, jaxprune_ports as jpp
    >>> net = jpp.create("cornet_z", seed=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     again = load(save(net, folder))
    >>> bool((again.V1.conv.kernel[...] == net.V1.conv.kernel[...]).all())
    True
    """
    import orbax.checkpoint as ocp

    if not isinstance(net, Network):
        raise TypeError(
            f"net: expected a Network of create, from_torch or load, got a "
            f"{type(net).__name__}"
        )
    spec = find(net.name)
    if net.masks is not None:
        raise ValueError(
            "net: units of it were pruned, which is not saved; save the network that "
            "was given to pruned, and the units"
        )
    folder = checked(directory)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / DRAFT, ignore_errors=True)
    weights = _weights(net)
    with ocp.StandardCheckpointer() as checkpointer:
        checkpointer.save(folder / DRAFT, weights)
    # Without its manifest a folder is no checkpoint: it goes first and comes last.
    (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder / WEIGHTS, ignore_errors=True)
    (folder / DRAFT).rename(folder / WEIGHTS)
    head = weights.get(f"{spec.head}.bias", range(spec.n_classes))
    manifest = {
        "format": FORMAT,
        "network": net.name,
        "n_classes": len(head),
        "layers": list(net.layers),
        "missing": list(net.missing),
        "source": asdict(net.source),
        "versions": _versions(),
        "files": _sizes(folder),
        "weights_sha256": _hash(folder),
    }
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return folder


def checked(directory: str | PathLike[str]) -> Path:
    """Absolute path of a folder that a network can be saved in, as far as is known.

    Raises
    ------
    FileExistsError
        As for :func:`save`.
    """
    folder = expanded(directory).absolute()
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder} is a file; expected the name of a folder.")
    inside = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
    # Of a save that was interrupted.
    if inside - {DRAFT, WEIGHTS} and not is_checkpoint(folder):
        raise FileExistsError(
            f"{folder} is not empty, and holds no network; choose another folder."
        )
    return folder


def load(directory: str | PathLike[str]) -> Network:
    """Load a network that :func:`save` or ``jaxprune convert`` saved.

    Parameters
    ----------
    directory : path

    Returns
    -------
    Network
        Bit-equal to the one saved.

    Raises
    ------
    FileNotFoundError
        If the folder is none, or holds no network.
    ValueError
        If it is damaged, or was written by a newer version.
    """
    folder = expanded(directory).absolute()
    if not is_checkpoint(folder):
        what = "holds no network" if folder.is_dir() else "is not a folder"
        raise FileNotFoundError(
            f"{folder} {what}; expected what `jaxprune convert` or save() wrote"
        )
    manifest = _manifest(folder)
    spec = find(manifest["network"])
    # Orbax reads on when a file is cut, and leaves half-done tasks behind. Earlier
    # versions saved no hash.
    if manifest["files"] != _sizes(folder) or (
        manifest.get("weights_sha256") not in (None, _hash(folder))
    ):
        raise ValueError(_damaged(folder))
    try:
        source = Source(**manifest["source"])
        weights = _restore(folder, manifest)
    except MemoryError:
        raise
    # Whatever orbax says of a manifest that was edited, or of damage that has no hash.
    except Exception as error:
        raise ValueError(_damaged(folder)) from error
    spoilt = [k for k, value in weights.items() if not jnp.isfinite(value).all()]
    if spoilt:
        raise ValueError(
            f"{folder}: {some(spoilt)} hold NaN or infinite values; convert or train "
            "the network again"
        )
    n_classes = manifest["n_classes"]
    return fill(spec, n_classes, lambda path: weights.get(_name(path)), source)


def _damaged(folder: Path) -> str:
    return (
        f"{folder} is damaged or incomplete: {MANIFEST} and {WEIGHTS}/ are not as they "
        "were saved; copy it again, or convert the network again"
    )


def is_checkpoint(folder: Path) -> bool:
    """Whether a folder holds a network, judging by its manifest."""
    return (folder / MANIFEST).is_file()


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        newer = manifest["format"] > FORMAT
        # A damaged file may be JSON all the same.
        for entry in ("network", "n_classes", "missing", "source", "files"):
            manifest[entry]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{folder / MANIFEST} is damaged; convert the network again"
        ) from error
    if newer:
        raise ValueError(
            f"{folder} was written by a newer version of jaxprune; update it, or "
            "convert the network again"
        )
    return manifest


def _restore(folder: Path, manifest: Mapping[str, Any]) -> dict[str, jax.Array]:
    """Read the weights, as they are declared by the network itself."""
    import orbax.checkpoint as ocp

    spec = find(manifest["network"])
    missing = set(manifest["missing"])
    device = jax.sharding.SingleDeviceSharding(jax.devices()[0])
    flat = nnx.to_flat_state(nnx.split(spec.abstract(manifest["n_classes"]))[1])
    shapes = {
        _name(path): jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=device)
        for path, leaf in flat
        if torch_name(path) not in missing
    }
    with ocp.StandardCheckpointer() as checkpointer:
        return checkpointer.restore(folder / WEIGHTS, shapes)


def _files(folder: Path) -> dict[str, Path]:
    """Every file of the weights, by its path in the folder."""
    found = (file for file in (folder / WEIGHTS).rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file for file in sorted(found)}


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes of every file of the weights."""
    return {name: file.stat().st_size for name, file in _files(folder).items()}


def _hash(folder: Path) -> str:
    """SHA-256 of names and contents of all files of the weights."""
    hashes = {name: sha256(file) for name, file in _files(folder).items()}
    return hashlib.sha256(json.dumps(hashes, sort_keys=True).encode()).hexdigest()


def _weights(net: Network) -> dict[str, Any]:
    """All weights that are there, by their paths."""
    flat = nnx.to_flat_state(nnx.split(net)[1])
    return {
        _name(path): leaf[...]
        for path, leaf in flat
        if torch_name(path) not in net.missing
    }


def _name(path: Sequence[Any]) -> str:
    """Name of a weight in the checkpoint, the path in the Flax network."""
    return ".".join(map(str, path))


def _versions() -> dict[str, str]:
    names = ("jaxprune", "jax", "flax", "orbax-checkpoint", "numpy")
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
