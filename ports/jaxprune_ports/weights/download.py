"""Official checkpoints from where they are published, checked by their hash."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from jaxprune.base.progress import progress_bar

from ..networks.network import Spec
from ..networks.registry import find
from .files import sha256

# Of silence on the connection; the download as a whole takes as long as it takes.
TIMEOUT_S = 30
# Bytes that are read at a time.
BLOCK = 2**16


@contextmanager
def download(name: str, progress: bool = False) -> Iterator[Path]:
    """Fetch the official checkpoint of a network for the length of a block.

    Parameters
    ----------
    name : str
        One of :func:`jaxprune_ports.available`.
    progress : bool
        Show a progress bar.

    Yields
    ------
    Path
        The file, under its official name, removed after the block.

    Raises
    ------
    ValueError
        If there is no official checkpoint, or the file that came has another hash.
    ConnectionError
        If it could not be fetched; the message says why, and what to do instead.
    """
    spec = find(name)
    if spec.url is None:
        raise ValueError(
            f"pretrained: no checkpoint of {name} is published; train one, or use an "
            "untrained network"
        )
    with tempfile.TemporaryDirectory(prefix="jaxprune-") as folder:
        path = Path(folder) / spec.url.rpartition("/")[2]
        _fetch(spec, path, progress)
        _check(spec, path)
        yield path


def _fetch(spec: Spec, path: Path, progress: bool) -> None:
    assert spec.url is not None
    try:
        with urlopen(spec.url, timeout=TIMEOUT_S) as response, path.open("wb") as file:
            total = int(response.headers.get("Content-Length") or 0)
            options = {"total": total, "unit": "B", "unit_scale": True}
            with progress_bar(**options, disable=not progress) as bar:
                while block := response.read(BLOCK):
                    file.write(block)
                    bar.update(len(block))
    except HTTPError as error:
        error.close()
        answer = f"the server answered HTTP {error.code} {error.reason}"
        raise ConnectionError(_failed(spec, answer)) from error
    except URLError as error:
        reason = f"no connection ({_reason(error)})"
        raise ConnectionError(_failed(spec, reason)) from error
    except (OSError, HTTPException) as error:
        reason = f"it broke off ({_reason(error)})"
        raise ConnectionError(_failed(spec, reason)) from error
    if (size := path.stat().st_size) < total:
        broke = f"the connection broke after {size:,} of {total:,} bytes"
        raise ConnectionError(_failed(spec, broke))


def _check(spec: Spec, path: Path) -> None:
    found = sha256(path)
    if spec.sha256 is not None and not found.startswith(spec.sha256):
        wrong = f"the file that came has sha256 {found}, expected {spec.sha256}"
        if len(spec.sha256) < len(found):
            wrong += "..."
        raise ValueError(_failed(spec, wrong))


def _failed(spec: Spec, reason: str) -> str:
    return (
        f"pretrained: downloading {spec.name} failed: {reason}. Download {spec.url} by "
        f"hand, and then: jaxprune convert {spec.name} FILE --out DIR"
    )


def _reason(error: Any) -> str:
    """Say what is behind an error of urllib, which wraps that of the socket."""
    inner = getattr(error, "reason", error)
    return str(getattr(inner, "strerror", None) or inner) or type(inner).__name__
