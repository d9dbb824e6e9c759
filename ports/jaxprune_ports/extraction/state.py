"""What an extraction has done so far, kept so that an interrupted one goes on.

Sums over the images read, by layer, are all there is to it. They are written from time
to time, and when something comes in between, beside the result that they are for.
"""

from __future__ import annotations

import hashlib
import time
import warnings
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from jaxprune.base.paths import absent, unmake
from jaxprune.io.checkpoints import Checkpoints

from ..images.conditions import Conditions
from ..images.images import Images
from .moments import Moments
from .record import is_readable
from .streaming import Batch

# Seconds of work that a kill may lose; more if saving takes more than a tenth of it.
EVERY = 60.0
# Of the checkpoints.
SUMS, ROWS = "sums", "rows"


@dataclass(eq=False)
class State:
    """Sums over the images so far.

    Attributes
    ----------
    done : int
        Images read, skipped ones included.
    skipped : dict of int to str
        Number of an image, and the reason.
    shapes : dict of tuple
        Of what the layers put out for an image.
    moments : dict of Moments
        By layer, all for the same images unless `torn`; none of conditions that have
        one image each, whose features are in the draft of the result.
    torn : bool
        Whether layers were being updated when something came in between.
    """

    done: int = 0
    skipped: dict[int, str] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)
    torn: bool = False

    def add(
        self, batch: Batch, values: dict[str, np.ndarray], condition: np.ndarray
    ) -> None:
        """Add a batch; `condition` is that of its rows."""
        self.torn = True
        for layer, moments in self.moments.items():
            if layer in values:
                moments.add(condition, values[layer])
        self.skipped |= batch.failed
        self.done = batch.stop
        self.torn = False

    def content(self) -> dict[str, Any]:
        """By name, to be kept."""
        content: dict[str, Any] = {
            "done": self.done,
            "skipped": [*self.skipped.items()],
            "shapes": self.shapes,
        }
        for layer, moments in self.moments.items():
            found = {"mean": moments.mean, "count": moments.count, "m2": moments.m2}
            content |= {f"{k}/{layer}": v for k, v in found.items() if v is not None}
        return content

    @staticmethod
    def of(content: dict[str, Any]) -> State:
        """State that was kept."""
        shapes = {layer: tuple(shape) for layer, shape in content["shapes"].items()}
        moments = {
            layer: Moments(
                content[f"count/{layer}"],
                content[f"mean/{layer}"],
                content.get(f"m2/{layer}"),
            )
            for layer in shapes
            if f"mean/{layer}" in content
        }
        return State(content["done"], dict(content["skipped"]), shapes, moments)


class KeptState:
    """The folder ``<out>.part``, in which sums wait while a result is not complete.

    Parameters
    ----------
    target : Path
        Of the result.
    images : Images
    conditions : Conditions
    settings : dict
        Everything else that the sums depend on, ready for JSON.
    drafted : bool
        Whether a draft of the result waits beside the sums.

    Attributes
    ----------
    rows : Path
        Where the activations of every image wait, or features of one image each.
    """

    def __init__(
        self,
        target: Path,
        images: Images,
        conditions: Conditions,
        settings: dict[str, Any],
        drafted: bool,
    ):
        self._folder = target.with_name(f"{target.name}.part")
        self._checkpoints = Checkpoints(self._folder, settings)
        self._made = absent(self._folder)
        self._images, self._index = images, conditions.index
        self._drafted = drafted
        self._hash, self._hashed = hashlib.sha256(), 0
        self._due = time.monotonic() + EVERY

    @property
    def rows(self) -> Path:
        """Draft of a result that holds rows of images."""
        return self._checkpoints.waiting(ROWS, ".h5") or Path()

    def load(self) -> State:
        """State of an interrupted run of the same settings, or an empty one.

        What another run left stays where it is, with a warning.
        """
        content = self._checkpoints.load(SUMS)
        if content is None:
            other = self._checkpoints.differing(SUMS)
            reason = f"was made with other settings ({', '.join(other or [])})"
            if not other:
                reason = None if other is None else "is damaged"
        elif self._fingerprint(content["done"]) != content["images"]:
            reason = "was made with other images or conditions"
        elif self._drafted and not is_readable(self.rows):
            reason = "is damaged"
        else:
            return State.of(content)
        self._hash, self._hashed = hashlib.sha256(), 0
        if reason is not None:
            warnings.warn(
                f"out: {self._folder}, left by an interrupted run, {reason}; starting "
                "from the first image",
                stacklevel=3,
            )
        return State()

    def save(self, state: State) -> None:
        """Write the state, in place of the one before in one step."""
        begin = time.monotonic()
        known = {"images": self._fingerprint(state.done)}
        self._checkpoints.save(SUMS, state.content() | known)
        now = time.monotonic()
        self._due = now + max(EVERY, 10 * (now - begin))

    def save_if_due(self, state: State) -> None:
        """Write the state if the last time is a while ago."""
        if time.monotonic() >= self._due:
            self.save(state)

    def rescue(self, state: State) -> None:
        """Write the state after an error or Ctrl-C, if that is possible.

        If there is nothing to go on with, nothing is left.
        """
        # What matters is the error that is on its way.
        with suppress(OSError):
            if state.done and not state.torn:
                self.save(state)
            elif self._drafted and self._checkpoints.load(SUMS) is None:
                self.rows.unlink(missing_ok=True)
        unmake(self._made)

    def remove(self) -> None:
        """Remove the state, when the result is there."""
        self._checkpoints.remove(SUMS)

    def _fingerprint(self, done: int) -> str | None:
        """Hash of names, files and conditions of the first images; None of too many.

        Those to come may change: a broken one that stopped a run can be repaired.
        """
        if done > len(self._images):
            return None
        for i in range(self._hashed, done):
            entry = self._images.names[i], self._images.stamp(i), int(self._index[i])
            self._hash.update(repr(entry).encode())
        self._hashed = done
        return self._hash.hexdigest()
