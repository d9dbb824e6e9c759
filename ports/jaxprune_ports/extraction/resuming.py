"""What an interrupted run has done, in a file from which the next one goes on."""

from __future__ import annotations

import hashlib
import json
import os
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from flax import nnx

from ..images.conditions import Conditions
from ..images.images import Images
from ..networks.network import Network
from ..weights.convert import torch_name
from .extracted import draft_of, hdf5
from .moments import Moments
from .streaming import Batch

# Seconds of work that a kill may lose; more if saving takes more than a tenth of it.
EVERY = 60.0


@dataclass(eq=False)
class State:
    """Sums over the images so far.

    Attributes
    ----------
    done : int
        Images read, skipped ones included.
    skipped : dict of int to str
        Number of an image, and the reason.
    moments : dict of Moments
        By layer, all for the same images unless `torn`.
    torn : bool
        Whether layers were being updated when something came in between.
    """

    done: int = 0
    skipped: dict[int, str] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)
    torn: bool = False

    def add(
        self, batch: Batch, values: dict[str, np.ndarray], condition: np.ndarray
    ) -> None:
        """Add a batch; `condition` is that of its rows."""
        self.torn = True
        for layer, rows in values.items():
            self.moments[layer].add(condition, rows)
        self.skipped |= batch.failed
        self.done = batch.stop
        self.torn = False


class Part:
    """The file beside a result in which its sums wait while it is not complete.

    Parameters
    ----------
    target : Path
        Of the result.
    images : Images
    conditions : Conditions
    settings : dict
        Everything else that the sums depend on, ready for JSON.
    """

    def __init__(
        self,
        target: Path,
        images: Images,
        conditions: Conditions,
        settings: dict[str, Any],
    ):
        self.target = target
        self.path = target.with_name(f"{target.name}.part")
        self.draft = draft_of(target)
        self._images, self._index = images, conditions.index
        # As they come back from JSON, without tuples.
        self._settings = json.loads(json.dumps(settings))
        self._hash, self._hashed = hashlib.sha256(), 0
        self._due = time.monotonic() + EVERY

    def load(self) -> State:
        """State of an interrupted run of the same settings, or an empty one.

        Files of another run are moved aside, with a warning.
        """
        if not self.path.exists():
            self.draft.unlink(missing_ok=True)
            return State()
        try:
            with hdf5(self.path, "r") as file:
                reason = self._mismatch(file)
                if reason is None:
                    return self._state(file)
        except (OSError, KeyError, ValueError) as error:
            reason = f"is damaged ({error})"
        self._hash, self._hashed = hashlib.sha256(), 0
        for path in (self.path, self.draft):
            with suppress(FileNotFoundError):
                os.replace(path, f"{path}.old")
        warnings.warn(
            f"out: {self.path}, left by an interrupted run, {reason}; starting from "
            f"the first image. To go on with it after all, rename {self.path}.old back "
            "and give the same settings",
            stacklevel=3,
        )
        return State()

    def save(self, state: State) -> None:
        """Write the state, in place of the one before in one step."""
        begin = time.monotonic()
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            with hdf5(new, "w") as file:
                file.attrs["settings"] = json.dumps(self._settings)
                file.attrs["done"] = state.done
                file.attrs["images"] = self._fingerprint(state.done)
                file.attrs["skipped"] = json.dumps([*state.skipped.items()])
                for layer, moments in state.moments.items():
                    file[f"mean/{layer}"] = moments.mean
                    file[f"count/{layer}"] = moments.count
                    if moments.m2 is not None:
                        file[f"m2/{layer}"] = moments.m2
            os.replace(new, self.path)
        finally:
            new.unlink(missing_ok=True)
        now = time.monotonic()
        self._due = now + max(EVERY, 10 * (now - begin))

    def save_if_due(self, state: State) -> None:
        """Write the state if the last time is a while ago."""
        if time.monotonic() >= self._due:
            self.save(state)

    def rescue(self, state: State) -> None:
        """Write the state after an error or Ctrl-C, if that is possible."""
        # What matters is the error that is on its way.
        if state.done and not state.torn:
            with suppress(OSError):
                self.save(state)

    def remove(self) -> None:
        """Remove the file, when the result is there."""
        self.path.unlink(missing_ok=True)

    def _mismatch(self, file: Any) -> str | None:
        """Why the file is of no use; None if it is."""
        settings = json.loads(file.attrs["settings"])
        mine = self._settings
        other = [name for name in mine if settings.get(name) != mine[name]]
        if other:
            return f"was made with other settings ({', '.join(other)})"
        done = int(file.attrs["done"])
        if done > len(self._images) or self._fingerprint(done) != file.attrs["images"]:
            return "was made with other images or conditions"
        if mine["whole"]:
            with hdf5(self.draft, "r"):
                pass
        return None

    def _state(self, file: Any) -> State:
        moments = {
            layer: Moments(
                file[f"count/{layer}"][()],
                file[f"mean/{layer}"][()],
                file[f"m2/{layer}"][()] if "m2" in file else None,
            )
            for layer in (self._settings["layers"] if "mean" in file else ())
        }
        skipped = dict(json.loads(file.attrs["skipped"]))
        return State(int(file.attrs["done"]), skipped, moments)

    def _fingerprint(self, done: int) -> str:
        """Hash of names, files and conditions of the first images.

        Those to come may change: a broken one that stopped a run can be repaired.
        """
        for i in range(self._hashed, done):
            entry = self._images.names[i], self._images.stamp(i), int(self._index[i])
            self._hash.update(repr(entry).encode())
        self._hashed = done
        return self._hash.hexdigest()


def weights_hash(net: Network) -> str:
    """SHA-256 of all weights that are there."""
    total = hashlib.sha256()
    for path, leaf in nnx.to_flat_state(nnx.split(net)[1]):
        name = torch_name(path)
        if name not in net.missing:
            total.update(name.encode())
            total.update(np.asarray(leaf[...]).tobytes())
    return total.hexdigest()
